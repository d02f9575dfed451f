"""States by every name that news gives them: names, adjectives, capitals, seats of government, leaders."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"(?:[A-Z]\.){2,}|[^\W_]+")
_GAP = re.compile(r"[ \u00a0\r\n]*[ \u00a0\n\-'’.][ \u00a0\r\n]*")
_LONGEST = 7  # words in the longest name
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
        return leader.split()[0 if self.code in _FAMILY_FIRST and "-" not in leader.split()[0] else -1]


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
    lines = files("model.data").joinpath("states.tsv").read_text(encoding="utf-8").splitlines()[1:]

    def cells(line: str) -> State:
        name, code, *lists = line.split("\t")
        return State(name, code, *(tuple(item for item in cell.split("|") if item) for cell in lists))

    return tuple(cells(line) for line in lines)


@dataclass(frozen=True, slots=True)
class Organization:
    """One line of `data/organizations.tsv`: a well-known body, its other names, and nouns that may stand for it."""

    name: str
    names: tuple[str, ...]
    nouns: tuple[str, ...]


def organization_named(name: str) -> Organization | None:
    """The well-known body of this name."""
    return _organizations().get(re.sub(r"^[Tt]he ", "", name).replace("’", "'"))


@cache
def _organizations() -> dict[str, Organization]:
    lines = files("model.data").joinpath("organizations.tsv").read_text(encoding="utf-8").splitlines()[1:]
    found = {}
    for line in lines:
        name, names, nouns = line.split("\t")
        body = Organization(name, tuple(names.split("|")), tuple(nouns.split("|")))
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
    full = [(state, leader) for state in states() for leader in state.leaders if leader == name]
    if full:
        return full[0]
    by_surname = [(state, leader) for state in states() for leader in state.leaders if state.surname(leader) == name]
    # Spellings of one leader's first name, and namesakes who serve one state, still name that state.
    return by_surname[0] if by_surname and len({state.name for state, _ in by_surname}) == 1 else None


def state_matches(text: str) -> Iterator[StateMatch]:
    """The longest names of states and their leaders in `text`, in order, not overlapping. Case counts ("US", "us")."""
    words = list(_WORD.finditer(text))
    index = _index()
    at = 0
    while at < len(words):
        best = None
        key: tuple[str, ...] = ()
        for length in range(1, min(_LONGEST, len(words) - at) + 1):
            word = words[at + length - 1]
            if length > 1 and not _GAP.fullmatch(text[words[at + length - 2].end() : word.start()]):
                break
            key = (*key, word[0].replace(".", ""))
            if key in index:
                best = length, index[key]
        if best is None:
            at += 1
            continue
        length, (state, form, leader) = best
        yield StateMatch(words[at].start(), words[at + length - 1].end(), state, form, leader)
        at += length


def _covers(name: str, match: StateMatch) -> bool:
    """Whether the match is the whole name, but for a closing point."""
    return match.start == 0 and match.end >= len(name) - 1


@cache
def _index() -> dict[tuple[str, ...], tuple[State, Form, str]]:
    """From the words of a form to what it stands for; where two forms clash, the sort that is first in `Form` wins."""
    index: dict[tuple[str, ...], tuple[State, Form, str]] = {}

    def add(text: str, state: State, form: Form, leader: str = "") -> None:
        index.setdefault(tuple(match[0].replace(".", "") for match in _WORD.finditer(text)), (state, form, leader))

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
    return index
