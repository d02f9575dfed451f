"""Texts as stretches of tokens that are read at once: consecutive paragraphs, each with some of the text before it."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from transformers import PreTrainedTokenizerBase

from ..domain import Mention, Span

OVERLAP = 64
"""Tokens that two pieces of one long paragraph share."""


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """A text's token ids, and each token's half-open span in characters of the text; the spans ascend."""

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]

    def tokens(self, start: int, end: int) -> slice:
        """Its tokens that overlap characters `start` to `end`."""
        first = bisect_left(self.offsets, start + 1, key=itemgetter(1))
        return slice(first, max(first, bisect_left(self.offsets, end, key=itemgetter(0))))

    def cut(self, start: int, stop: int) -> "TokenizedText":
        """Its tokens from `start` to `stop`."""
        return TokenizedText(self.ids[start:stop], self.offsets[start:stop])

    def replaced(self, spans: Sequence[tuple[Span, int]]) -> "TokenizedText":
        """With one token, given by its id, in place of each of `spans`, which do not overlap."""
        ids: list[int] = []
        offsets: list[tuple[int, int]] = []
        at = 0
        for span, stand_in in sorted(spans, key=lambda pair: pair[0].start):
            place = self.tokens(span.start, span.end)
            if place.start < at or place.start == place.stop:  # two spans in one token, or none of it is here
                continue
            ids += [*self.ids[at : place.start], stand_in]
            offsets += [
                *self.offsets[at : place.start],
                (self.offsets[place.start][0], self.offsets[place.stop - 1][1]),
            ]
            at = place.stop
        return TokenizedText((*ids, *self.ids[at:]), (*offsets, *self.offsets[at:]))


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph of a stretch, or a piece of a long one: its tokens, and where in the stretch they begin.

    What is not `judged` was judged in the stretch before.
    """

    paragraph: int
    text: TokenizedText
    start: int
    judged: bool

    @property
    def tokens(self) -> slice:
        """Where the stretch has the part's tokens."""
        return slice(self.start, self.start + len(self.text.ids))

    def places(self, spans: Sequence[Mention | Span]) -> list[slice]:
        """Where the stretch has these spans of the paragraph; those that the part lacks are left out."""
        found = [self.text.tokens(span.start, span.end) for span in spans]
        return [slice(self.start + s.start, self.start + s.stop) for s in found if s.start < s.stop]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Token ids that are read at once, and the parts that they hold, in order."""

    ids: tuple[int, ...]
    parts: tuple[Part, ...]


def tokenized(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[TokenizedText]:
    """The tokens of each text, without special ones."""
    if not texts:
        return []
    read = tokenizer(list(texts), add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    return [
        TokenizedText(tuple(ids), tuple(map(tuple, offsets)))
        for ids, offsets in zip(read["input_ids"], read["offset_mapping"], strict=True)
    ]


def stretches_of(texts: Sequence[TokenizedText], longest: int, context: int, lead: int, end: int) -> Iterator[Stretch]:
    """Cut an article's paragraphs into stretches; nothing is dropped.

    Args:
        texts: the paragraphs.
        longest: most tokens in a stretch.
        context: most tokens of it that were read before.
        lead: the id of the token that goes before each part.
        end: the id of the stretch's last token.
    """
    room = longest - context - 2
    pieces = [
        (number, text.cut(start, start + room))
        for number, text in enumerate(texts)
        for start in range(0, max(1, len(text.ids) - OVERLAP), room - OVERLAP)
    ]
    before: list[tuple[int, TokenizedText]] = []
    new: list[tuple[int, TokenizedText]] = []
    for piece in pieces:
        full = sum(len(text.ids) + 1 for _, text in (*before, *new, piece)) + 1 > longest
        if new and full:
            yield _stretch(before, new, lead, end)
            before, new = _context([*before, *new], context), []
        new.append(piece)
    if new:
        yield _stretch(before, new, lead, end)


def _context(some: Sequence[tuple[int, TokenizedText]], most: int) -> list[tuple[int, TokenizedText]]:
    """The last pieces of `some` that fit into `most` tokens, the first of them cut if need be."""
    kept: list[tuple[int, TokenizedText]] = []
    for number, text in reversed(some):
        room = most - sum(len(other.ids) + 1 for _, other in kept) - 1
        if room <= 0:
            break
        kept.append((number, text.cut(max(0, len(text.ids) - room), len(text.ids))))
    return kept[::-1]


def _stretch(
    before: Sequence[tuple[int, TokenizedText]], new: Sequence[tuple[int, TokenizedText]], lead: int, end: int
) -> Stretch:
    ids: list[int] = []
    parts = []
    for place, (number, text) in enumerate((*before, *new)):
        ids.append(lead)
        parts.append(Part(number, text, len(ids), judged=place >= len(before)))
        ids += text.ids
    return Stretch((*ids, end), tuple(parts))
