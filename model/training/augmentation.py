"""Other names for the parties of an example, to measure that a stance does not depend on whose name is in the text."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ..domain import Span
from ..names.gazetteer import Form, State, state_matches
from .examples import Example, Target

_STATES = (
    ("Varenia", "Varenian", "Tolsk"),
    ("Osmora", "Osmoran", "Belcastra"),
    ("Quillia", "Quillian", "Port Anselm"),
    ("Drovany", "Drovan", "Kestrin"),
    ("Maldeva", "Maldevan", "Sorrat"),
    ("Ithria", "Ithrian", "Calvane"),
    ("Belmaria", "Belmarian", "Ostia Nova"),
    ("Tarkuza", "Tarkuzan", "Imbari"),
    ("Norvald", "Norvaldic", "Skarhavn"),
    ("Peluria", "Pelurian", "Santa Orsa"),
    ("Kharsia", "Kharsian", "Duvaan"),
    ("Loweshia", "Loweshian", "Amble"),
)
_FIRST = (
    "Tomas",
    "Ilva",
    "Renko",
    "Adira",
    "Corwin",
    "Maretta",
    "Joss",
    "Belinda",
    "Oskar",
    "Yemi",
    "Paolo",
    "Sunniva",
    "Dara",
    "Hugo",
    "Lenore",
    "Kofi",
)
_LAST = (
    "Harnell",
    "Okasi",
    "Brandvold",
    "Tirella",
    "Movane",
    "Castigny",
    "Ulmer",
    "Raskova",
    "Delport",
    "Finlow",
    "Azmari",
    "Wexley",
    "Soto",
    "Prewitt",
)
_BODIES = (
    "Corvell Group",
    "Meridian Assembly",
    "Halden Union",
    "Lantra",
    "Northgate Council",
    "Ostrava Trust",
    "Pellam Institute",
    "Quorum Alliance",
    "Sable Works",
    "Tidewell",
    "Arbor League",
    "Vantry Forum",
)
_ACRONYMS = ("KRV", "TLA", "OBN", "MCQ", "DWF", "PJU", "SVL", "HGX")
_ARTICLE = {
    "United States",
    "United Kingdom",
    "United Arab Emirates",
    "Netherlands",
    "Philippines",
    "Bahamas",
    "Gambia",
}
_BODY_KINDS = {"organization", "company", "political party", "court"}
_PLAIN = re.compile(
    r"(?:the )?(?:it|its|he|his|him|she|her|they|their|them|we|our|us|i|my|me|you|your|who|whose|which|itself|both|"
    r"president|minister|prime|government|ministry|party|company|court|union|council|group|state|country|nation|"
    r"republic|administration|parliament|authorities|committee|commission|organization|organisation|assembly|"
    r"delegation|security|general|secretary|police|club|team|city|former|mr|mrs|ms|dr|sir|king|queen|prince|of|and)",
    re.IGNORECASE,
)

_BODY = re.compile(r"[A-Z][\w.&'’-]*(?: (?:of|and|for|the|in|[A-Z][\w.&'’-]*))*")


@dataclass(frozen=True, slots=True)
class _Stock:
    """A stock of other names."""

    states: tuple[tuple[str, str, str], ...]
    first: tuple[str, ...]
    last: tuple[str, ...]
    bodies: tuple[str, ...]
    acronyms: tuple[str, ...]

    def shuffled(self, rng: random.Random) -> "_Stock":
        """The same names in another order."""

        def mix(stock: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(rng.sample(stock, len(stock)))

        return _Stock(mix(self.states), mix(self.first), mix(self.last), mix(self.bodies), mix(self.acronyms))


_NAMES = _Stock(_STATES, _FIRST, _LAST, _BODIES, _ACRONYMS)


def invented(example: Example, rng: random.Random) -> Example | None:
    """`example` with an invented name for every party that is named; None where a name cannot be told apart."""
    stock = _NAMES.shuffled(rng)
    return _rewrite(example, [_invent(target, number, stock) for number, target in enumerate(example.targets)])


def swapped(example: Example, rng: random.Random) -> Example | None:
    """`example` with the names of two of its states exchanged; None without two states that are named."""
    found = [(number, _state(target)) for number, target in enumerate(example.targets)]
    pairs = [(number, state) for number, state in found if state is not None and _forms(example, number, state)]
    if len(pairs) < 2:
        return None
    (a, first), (b, second) = rng.sample(pairs, 2)
    others: list[_Naming | None] = [None] * len(example.targets)
    others[a], others[b] = _as_state(second), _as_state(first)
    return _rewrite(example, others)


@dataclass(frozen=True, slots=True)
class _Naming:
    """New words: for a state's name, adjective and capital; for words of a person's name; for a body."""

    state: tuple[str, str, str] | None = None
    words: tuple[tuple[str, str], ...] = ()
    body: tuple[str, str] | None = None

    def of(self, mention: str) -> str | None:
        """What stands for `mention`; None where it is no name (a pronoun, a description)."""
        if self.state:
            return _state_mention(mention, self.state)
        if self.words:
            words = dict(self.words)
            new = re.sub(r"\w+", lambda match: words.get(match[0], match[0]), mention)
            return new if new != mention else None
        if self.body and _BODY.fullmatch(mention) and not all(map(_PLAIN.fullmatch, mention.split())):
            full, short = self.body
            return short if mention.isupper() and len(mention) < 7 else full
        return None


def _invent(target: Target, number: int, names: _Stock) -> _Naming | None:
    def nth(stock: Sequence[Any]) -> Any:
        return stock[number % len(stock)]

    if _state(target):
        return _Naming(state=nth(names.states))
    words = [word for word in re.findall(r"\w+", target.party) if word[0].isupper() and not _PLAIN.fullmatch(word)]
    if target.kind == "person" and words:
        *given, family = words
        return _Naming(words=(*((word, nth(names.first)) for word in given[:1]), (family, nth(names.last))))
    if target.kind in _BODY_KINDS:
        return _Naming(body=(nth(names.bodies), nth(names.acronyms)))
    return None


def _state(target: Target) -> State | None:
    if target.kind not in ("state", "government"):
        return None
    matches = list(state_matches(target.party))
    return matches[0].state if matches else None


def _as_state(state: State) -> _Naming:
    adjective = state.adjectives[0] if state.adjectives else state.name
    return _Naming(state=(state.name, adjective, state.seats[0] if state.seats else state.name))


def _forms(example: Example, number: int, state: State) -> bool:
    """Whether the party is named by its state's name, adjective or capital at least once."""
    return any(
        match.state is state and match.form is not Form.LEADER
        for span in example.targets[number].spans
        for match in state_matches(example.text[span.start : span.end])
    )


def _state_mention(mention: str, state: tuple[str, str, str]) -> str | None:
    matches = list(state_matches(mention))
    if len(matches) != 1 or matches[0].form is Form.LEADER:
        return None
    match = matches[0]
    name, adjective, capital = state
    rest = mention[match.end :]
    new = {Form.NAME: name, Form.ADJECTIVE: adjective}.get(match.form, capital)
    if match.form is Form.NAME and re.match(r"\s+[a-z]", rest):  # "US officials": the name serves as an adjective
        new = adjective
    before = mention[: match.start]
    if match.form is Form.NAME and not rest.strip("'’s"):
        before = re.sub(r"[Tt]he $", "", before)
        if name in _ARTICLE:
            before += "the "
    return before + new + rest


def _rewrite(example: Example, namings: Sequence[_Naming | None]) -> Example | None:
    """The example with each named mention written anew and every span moved along."""
    edits: dict[Span, str] = {}
    for target, naming in zip(example.targets, namings, strict=True):
        for span in target.spans if naming else ():
            mention = example.text[span.start : span.end]
            new = naming.of(mention) if naming else None
            if new is None:
                continue
            if edits.setdefault(span, new) != new:
                return None  # one place names two parties
    if not edits:
        return None
    ordered = sorted(edits, key=lambda span: span.start)
    if any(left.end > right.start for left, right in pairwise(ordered)):
        return None
    pieces: list[str] = []
    starts, ends = list(range(len(example.text) + 1)), list(range(len(example.text) + 1))  # old position to new
    at = length = 0
    for span in ordered:
        gap, new = example.text[at : span.start], edits[span]
        if span.start == 0:
            new = new[0].upper() + new[1:]
        pieces += [gap, new]
        length += len(gap) + len(new)
        starts[span.start : span.end] = [length - len(new)] * (span.end - span.start)
        ends[span.start + 1 : span.end + 1] = [length] * (span.end - span.start)
        shift = length - span.end
        starts[span.end :] = [old + shift for old in range(span.end, len(example.text) + 1)]
        ends[span.end + 1 :] = [old + shift for old in range(span.end + 1, len(example.text) + 1)]
        at = span.end
    pieces.append(example.text[at:])

    def move(span: Span) -> Span:
        return Span(starts[span.start], ends[span.end])

    targets = tuple(
        replace(
            target,
            spans=tuple(map(move, target.spans)),
            evidence=move(target.evidence) if target.evidence else None,
            holder=None if target.holder is None else tuple(map(move, target.holder)),
        )
        for target in example.targets
    )
    return replace(example, text="".join(pieces), targets=targets)
