"""States by every name that news gives them: names, adjectives, capitals, seats of government, leaders."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from ..article.nlp import vocabulary
from .people import without_endings

_DATA = Path(__file__).with_name("data")

_WORD = re.compile(r"(?:[A-Z]\.){2,}|[^\W_]+")
_GAP = re.compile(r"[ \u00a0\r\n]*+(?:[\-'’.][ \u00a0\r\n]*|(?<=[ \u00a0\r\n]))")
_FAMILY_FIRST = {"CHN", "TWN", "PRK", "KOR", "HKG", "VNM", "MAC"}


class Form(StrEnum):
    """What kind of name stands for the state."""

    NAME = "name"
    ADJECTIVE = "adjective"
    CAPITAL = "capital"
    SEAT = "seat"
    LEADER = "leader"


@dataclass(frozen=True, slots=True)
class State:
    """One line of `data/states.tsv`."""

    name: str
    code: str
    names: tuple[str, ...]
    adjectives: tuple[str, ...]
    seats: tuple[str, ...]
    leaders: tuple[str, ...]

    def surname(self, leader: str) -> str:
        """The word by which news calls `leader` after the first time ("Xi", "Blinken", "von der Leyen" → "Leyen")."""
        words = without_endings(leader)
        return words[0 if self.code in _FAMILY_FIRST and "-" not in words[0] else -1]


@dataclass(frozen=True, slots=True)
class StateMatch:
    """A name of a state in a text, `text[start:end]`; `leader` is the leader's full name where `form` is LEADER."""

    start: int
    end: int
    state: State
    form: Form
    leader: str = ""


@cache
def states() -> tuple[State, ...]:
    """All states of the table."""
    lines = _DATA.joinpath("states.tsv").read_text(encoding="utf-8").splitlines()[1:]

    def cells(line: str) -> State:
        name, code, *lists = line.split("\t")
        return State(name, code, *(tuple(item for item in cell.split("|") if item) for cell in lists))

    return tuple(cells(line) for line in lines)


@dataclass(frozen=True, slots=True)
class Organization:
    """One line of `data/organizations.tsv`: a well-known body and its other names."""

    name: str
    names: tuple[str, ...]


def organization_named(name: str) -> Organization | None:
    """The well-known body of this name."""
    return _organizations().get(re.sub(r"^[Tt]he ", "", name).replace("’", "'"))


@cache
def _organizations() -> dict[str, Organization]:
    lines = _DATA.joinpath("organizations.tsv").read_text(encoding="utf-8").splitlines()[1:]
    found = {}
    for line in lines:
        name, names = line.split("\t")
        body = Organization(name, tuple(names.split("|")))
        found[body.name] = body
        for form in body.names:
            found.setdefault(form, body)
    return found


def state_named(name: str) -> State | None:
    """The state that `name` is a name, adjective or capital of, or None; a leader or a ministry is not a state."""
    plain = re.sub(r"^[Tt]he ", "", name.strip())
    found = list(state_matches(plain)) or list(state_matches(plain.title()))
    if len(found) == 1 and found[0].form in (Form.NAME, Form.ADJECTIVE, Form.CAPITAL) and _covers(plain, found[0]):
        return found[0].state
    return None


def leader_named(name: str) -> tuple[State, str] | None:
    """The state and full name of a leader whose full name or, if no other leader has it, surname is `name`."""
    by_name, by_surname = _leaders()
    if name in by_name:
        return by_name[name][0]
    # Spellings of one leader's first name, and namesakes who serve one state, still name that state.
    found = by_surname.get(name, [])
    return found[0] if len({state.name for state, _ in found}) == 1 else None


@cache
def _leaders() -> tuple[dict[str, list[tuple[State, str]]], dict[str, list[tuple[State, str]]]]:
    """Leaders with their states, by full name and by surname."""
    by_name: dict[str, list[tuple[State, str]]] = {}
    by_surname: dict[str, list[tuple[State, str]]] = {}
    for state in states():
        for leader in state.leaders:
            by_name.setdefault(leader, []).append((state, leader))
            by_surname.setdefault(state.surname(leader), []).append((state, leader))
    return by_name, by_surname


def state_matches(text: str) -> Iterator[StateMatch]:
    """The longest names of states and their leaders in `text`, in order, not overlapping. Case counts ("US", "us")."""
    words = list(_WORD.finditer(text))
    matcher, index = _matcher()
    end = 0  # of the match before, in words
    found = ((start, stop) for _, start, stop in matcher(_doc(match[0] for match in words)))
    for start, stop in sorted(found, key=lambda span: (span[0], -span[1])):
        gaps = (text[left.end() : right.start()] for left, right in pairwise(words[start:stop]))
        if start >= end and all(map(_GAP.fullmatch, gaps)):
            end = stop
            yield StateMatch(words[start].start(), words[stop - 1].end(), *index[_key(words[start:stop])])


def _covers(name: str, match: StateMatch) -> bool:
    """Whether the match is the whole name, but for a closing point."""
    return match.start == 0 and match.end >= len(name) - 1


def _key(words: Iterable[re.Match[str]]) -> str:
    """Words as the index has them: "U.S." is "US"."""
    return " ".join(word[0].replace(".", "") for word in words)


def _doc(words: Iterable[str]) -> Doc:
    return Doc(vocabulary(), [word.replace(".", "") for word in words])


@cache
def _matcher() -> tuple[PhraseMatcher, dict[str, tuple[State, Form, str]]]:
    """A matcher of all forms, and what each stands for; of two that clash, the sort that is first in `Form` wins."""
    index: dict[str, tuple[State, Form, str]] = {}

    def add(text: str, state: State, form: Form, leader: str = "") -> None:
        index.setdefault(_key(_WORD.finditer(text)), (state, form, leader))

    for state in states():
        for text in (state.name, *state.names):
            add(text, state, Form.NAME)
    for state in states():
        for text in state.adjectives:
            add(text, state, Form.ADJECTIVE)
        for number, text in enumerate(state.seats):
            city = number == 0 or text.startswith(state.seats[0])
            add(text, state, Form.CAPITAL if city else Form.SEAT)
        for text in state.leaders:
            if len(text.split()) > 1:
                add(text, state, Form.LEADER, text)
    matcher = PhraseMatcher(vocabulary())
    matcher.add("states", [_doc(form.split()) for form in index])
    return matcher, index
