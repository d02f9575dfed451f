"""Judging blind: what is read has a stand-in for the name of each party, so that no label can rest on who it is.

Pronouns and descriptions ("it", "the ministry") stay, as do the names of those that are not asked about. A reference
with a capital ("the Berg plan") is hidden like a name, which it may be.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from ..domain import Mention, Span
from ..names.lexicon import ORGANIZATION_NOUNS
from ..names.name_spans import spans_in
from ..networks.stretches import TokenizedText

T = TypeVar("T")
STAND_INS = tuple("αβγδεζηθικλμνξοπρστυφχψω")
"""Words of one token each for the encoder, by the order in which an article names its parties; then from the first."""
Mentions = Sequence[Mapping[int, Sequence[Mention | Span]]]
"""Where an article refers to each party: for each party, spans in characters of a paragraph by its index."""
Names = list[dict[int, list[Span]]]
"""Where an article names each party, as `Mentions`; no two names overlap."""


class _Name(NamedTuple):
    """A party's name in a paragraph, past titles and with them, and its last word."""

    paragraph: int
    party: int
    span: Span
    titled: Span
    last: str


def names_of(texts: Sequence[str], mentions: Mentions) -> Names:
    """Which words of the mentions are names; a place that names two parties is the first one's.

    A title stays where the article has the name without it too ("Trump" of "President Trump"); else it may be part of
    the name ("General Motors"). "The Department" is no such name of the State Department.
    """
    found = [
        _Name(paragraph, party, *spans, text[spans[0].start : spans[0].end].split()[-1])
        for paragraph, text in enumerate(texts)
        for party, some in enumerate(mentions)
        for mention in some.get(paragraph, ())
        if (spans := spans_in(text, mention))
    ]
    untitled = {
        (one.party, one.last) for one in found if one.span == one.titled and one.last.lower() not in ORGANIZATION_NOUNS
    }
    names: Names = [{} for _ in mentions]
    end = (0, 0)
    for one in sorted(found, key=lambda one: (one.paragraph, one.span.start, -one.span.end, one.party)):
        if (one.paragraph, one.span.start) < end:
            continue
        past = (one.party, one.last) in untitled or (one.paragraph, one.titled.start) < end
        names[one.party].setdefault(one.paragraph, []).append(one.span if past else one.titled)
        end = (one.paragraph, one.span.end)
    return names


def stand_ins_of(names: Names, stand_ins: Sequence[T]) -> list[T]:
    """A stand-in for each party, by the order in which the article first names them; then from the first again."""
    firsts = [
        min(((paragraph, spans[0].start) for paragraph, spans in some.items()), default=(1 << 30, number))
        for number, some in enumerate(names)
    ]
    order = sorted(range(len(names)), key=firsts.__getitem__)
    return [stand_ins[order.index(number) % len(stand_ins)] for number in range(len(names))]


def masked(texts: Sequence[TokenizedText], names: Names, stand_ins: Sequence[int]) -> list[TokenizedText]:
    """Each paragraph with a party's stand-in for each of its names."""
    return [
        text.replaced(
            [(name, stand_in) for some, stand_in in zip(names, stand_ins, strict=True) for name in some.get(number, ())]
        )
        for number, text in enumerate(texts)
    ]
