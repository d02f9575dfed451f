"""Spans of a text: in runs, in groups, cut, what they say, and whether it is in title case."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..domain import Span

_LONGEST_PARAGRAPH = 10_000  # characters; longer ones are cut, so that no stage holds more than this at once
_CHUNK_WORDS = 90  # the size of a paragraph where the text shows none
BLANK = "\ufeff\u200b\u200c\u200d\u2060"
"""Signs without a width: byte order marks, and what web pages put between words and at the ends of lines."""
WHITE = "".join(filter(str.isspace, map(chr, range(0x3001)))) + BLANK
"""What may stand around a line and says nothing."""
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
"""Letters, with an apostrophe between them or without."""


def in_title_case(line: str, share: float) -> bool:
    """Whether at least this share of a line's words begin with a capital, as in many headlines."""
    words = WORD.findall(line)
    return bool(words) and sum(1 for word in words if word[0].isupper()) >= share * len(words)


def runs_of(text: str, units: list[Span]) -> list[list[Span]]:
    """The units in runs that nothing was taken out of: a caption between two of them is part of neither."""
    runs = [units[:1]]
    for before, unit in pairwise(units):
        if text[before.end : unit.start].strip(WHITE):
            runs.append([])
        runs[-1].append(unit)
    return runs


def cut(text: str, span: Span) -> Iterator[Span]:
    """`span` in parts of at most `_LONGEST_PARAGRAPH` characters: between sentences, else words, else anywhere."""
    start = span.start
    while span.end - start > _LONGEST_PARAGRAPH:
        middle, last = start + _LONGEST_PARAGRAPH // 2, start + _LONGEST_PARAGRAPH
        stop = max(text.rfind(sign, middle, last) + 1 for sign in (". ", "! ", "? ", ".\n"))
        stop = stop or text.rfind(" ", middle, last) + 1 or last
        part = text[start:stop]
        if part.strip():
            yield Span(start + len(part) - len(part.lstrip()), start + len(part.rstrip()))
        start = stop + len(text[stop : span.end]) - len(text[stop : span.end].lstrip())
    if start < span.end:
        yield Span(start, span.end)


def grouped(text: str, pieces: Sequence[Span]) -> list[Span]:
    """Join neighbouring sentences into paragraphs of about `_CHUNK_WORDS` words, none much shorter than the rest."""
    total = count_words(text, pieces)
    target = total / max(1, round(total / _CHUNK_WORDS))
    spans: list[Span] = []
    start, seen = pieces[0].start, 0
    for number, piece in enumerate(pieces):
        seen += count_words(text, [piece])
        if number == len(pieces) - 1 or seen >= target * (len(spans) + 1):
            spans.append(Span(start, piece.end))
            if number + 1 < len(pieces):
                start = pieces[number + 1].start
    return spans


def flat(text: str, span: Span) -> str:
    """The text of `span` on one line."""
    return " ".join(text[span.start : span.end].split())


def count_words(text: str, spans: Sequence[Span]) -> int:
    """How many words the spans have."""
    return sum(len(text[span.start : span.end].split()) for span in spans)
