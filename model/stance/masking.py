"""Judging blind: what is read has a stand-in for the name of each party, so that no label can rest on who it is.

Pronouns and descriptions ("it", "the ministry") stay, as do the names of those that are not asked about. A reference
with a capital ("the Berg plan") is hidden like a name, which it may be.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from ..domain import Mention, Span
from ..names.name_spans import name_in
from ..networks.stretches import TokenizedText

T = TypeVar("T")
STAND_INS = tuple("αβγδεζηθικλμνξοπρστυφχψω")
"""Words of one token each for the encoder, by the order in which an article names its parties; then from the first."""
Mentions = Sequence[Mapping[int, Sequence[Mention | Span]]]
"""Where an article refers to each party: for each party, spans in characters of a paragraph by its index."""
Names = list[dict[int, list[Span]]]
"""Where an article names each party, as `Mentions`; no two names overlap."""


def names_of(texts: Sequence[str], mentions: Mentions) -> Names:
    """Which words of the mentions are names; a place that names two parties is the first one's."""
    names: Names = [{} for _ in mentions]
    for paragraph, text in enumerate(texts):
        found = sorted(
            ((name, party) for party, some in enumerate(mentions) for m in some.get(paragraph, ())
             if (name := name_in(text, m))),
            key=lambda pair: (pair[0].start, -pair[0].end, pair[1]),
        )  # fmt: skip
        end = 0
        for name, party in found:
            if name.start >= end:
                names[party].setdefault(paragraph, []).append(name)
                end = name.end
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
