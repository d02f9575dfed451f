"""A text in which each party has a letter, as the language model reads it: blind, and told whom each phrase means.

A name of a party becomes its letter ("X blamed Y"), other phrases that refer to it are followed by it ("the union
[X]"). Letters that the text has as words of its own are left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..domain import Mention, Span
from ..names.name_spans import Names, name_in, names_in

LETTERS = "XYZWVUQKJNMRSTPLHGFEDCB"
"""No A, I and O, which are words."""


@dataclass(frozen=True, slots=True)
class LetteredText:
    """The new text; each party's letter, and where in the new text it stands."""

    text: str
    letters: tuple[str, ...]
    places: tuple[tuple[Span, ...], ...]


def lettered(
    text: str,
    mentions: Sequence[Sequence[Mention | Span]],
    names: Names | None = None,
    letters: str = LETTERS,
) -> LetteredText:
    """Put letters into `text`, the first of `letters` for the first party of `mentions`.

    Args:
        text: the text.
        mentions: where it refers to each party; at most as many parties as `letters_for(text)` has letters.
        names: where it names them, as `names_in` finds them (None does); () leaves all names as they are.
        letters: the letters, in order.

    Raises:
        ValueError: there are more parties than letters.
    """
    free = letters_for(text, letters)
    if len(mentions) > len(free):
        raise ValueError(f"expected at most {len(free)} parties for this text, got {len(mentions)}")
    named = _owned(text, mentions, names_in(text, mentions) if names is None else names)
    marks: dict[int, list[int]] = {}  # by the place behind which they stand
    for party, some in enumerate(mentions):
        for mention in some:
            if any(s.start < mention.end and mention.start < s.end and owner == party for s, owner in named):
                continue
            end = next((s.end for s, _ in named if s.start < mention.end < s.end), mention.end)
            marks.setdefault(end, [])
            if party not in marks[end]:
                marks[end].append(party)
    return _written(text, named, marks, free[: len(mentions)])


def letters_for(text: str, letters: str = LETTERS) -> str:
    """Those of `letters` that are no words of `text`."""
    taken = set(re.findall(r"(?<!\w)[A-Z](?!\w)", text))
    return "".join(letter for letter in letters if letter not in taken)


def _owned(text: str, mentions: Sequence[Sequence[Mention | Span]], names: Names) -> list[tuple[Span, int]]:
    """Each name with its party, in order; of two that overlap the first."""
    own = [{name_in(text, mention) for mention in some} for some in mentions]
    owned = []
    for some in names:
        owner = next((party for party, found in enumerate(own) if found.issuperset(some)), None)
        owned += [(name, owner) for name in some if owner is not None]
    kept: list[tuple[Span, int]] = []
    for name, owner in sorted(owned, key=lambda pair: (pair[0].start, pair[0].end)):
        if not kept or name.start >= kept[-1][0].end:
            kept.append((name, owner))
    return kept


def _written(text: str, named: Sequence[tuple[Span, int]], marks: dict[int, list[int]], letters: str) -> LetteredText:
    parts: list[str] = []
    places: list[list[Span]] = [[] for _ in letters]
    length = at = 0

    def put(words: str, party: int | None = None) -> None:
        nonlocal length
        parts.append(words)
        if party is not None:
            places[party].append(Span(length, length + len(words)))
        length += len(words)

    events = sorted(
        [(end, 0, end, parties) for end, parties in marks.items()] + [(s.start, 1, s.end, [o]) for s, o in named]
    )
    for start, is_name, end, parties in events:
        put(text[at:start])
        at = end
        if not is_name:
            put(" [")
        for number, party in enumerate(parties):
            put(", " if number else "")
            put(letters[party], party)
        if not is_name:
            put("]")
    put(text[at:])
    return LetteredText("".join(parts), tuple(letters), tuple(map(tuple, places)))
