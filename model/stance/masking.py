"""Judging blind: the encoder reads a stand-in for the name of each party, so that no label can rest on who it is.

A party's stand-in is one token, the same wherever the paragraph names it; pronouns and descriptions ("it", "the
ministry") stay. Names of those that are not asked about stay too.
"""

from collections.abc import Sequence
from dataclasses import replace

from ..names.name_spans import Names
from ..networks.encoder import Window

STAND_INS = tuple("αβγδεζηθικλμνξοπρστυφχψω")
"""Words of one token each, by the order in which a paragraph names its parties; then from the first again."""


def blinded(window: Window, names: Names, stand_ins: Sequence[int]) -> Window:
    """`window` with one token of `stand_ins` for each of `names`; its offsets are the name's.

    A name that the window cuts stands where its first token here stood.
    """
    places = sorted(
        (place.start, place.stop, stand_ins[number % len(stand_ins)])
        for number, spans in enumerate(names)
        for span in spans
        if (place := window.tokens(span.start, span.end)).start < place.stop
    )
    ids: list[int] = []
    offsets: list[tuple[int, int]] = []
    at = 0
    for start, stop, stand_in in places:
        if start < at:  # two names in one token
            continue
        ids += [*window.ids[at:start], stand_in]
        offsets += [*window.offsets[at:start], (window.offsets[start][0], window.offsets[stop - 1][1])]
        at = stop
    return replace(window, ids=(*ids, *window.ids[at:]), offsets=(*offsets, *window.offsets[at:]))
