"""What words mean in their article: the mean states of spans, read together with the paragraphs around them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..domain import Span
from .encoder import Encoder
from .stretches import Part, stretches_of, tokenized

BLOCK = 8
"""The transformer block, of twelve, after which states are taken: 4 and 12 tell less (docs/experiments.md)."""
LONGEST = 384
"""Tokens that are read at once."""
Place = tuple[int, Span]
"""A span of characters, and the number of the text that it is in."""


@dataclass(frozen=True, slots=True)
class Places:
    """An article's texts in reading order, and the spans of which the states are wanted."""

    texts: Sequence[str]
    spans: Sequence[Place]


@torch.inference_mode()
def span_states(encoder: Encoder, articles: Sequence[Places]) -> list[Tensor]:
    """For each article the mean state of each span's tokens, `(spans, hidden)` in fp32; 0 for a span without any.

    An article's texts are read in stretches of up to `LONGEST` tokens, those of all articles in common batches.
    """
    first, last = encoder.ends
    stretches = [
        (number, stretch)
        for number, article in enumerate(articles)
        if article.spans
        for stretch in stretches_of(tokenized(encoder.tokenizer, article.texts), LONGEST, 0, first, last)
    ]
    sums = [_Sums(article, encoder.hidden) for article in articles]
    for batch in encoder.batches([stretch for _, stretch in stretches]):
        states = encoder.states([stretches[index][1] for index in batch], BLOCK)
        for row, index in enumerate(batch):
            number, stretch = stretches[index]
            for part in stretch.parts:
                sums[number].add(part, states[row])
    return [article.means() for article in sums]


class _Sums:
    """The sums of the states that an article's spans have met, and of how many tokens."""

    def __init__(self, article: Places, hidden: int) -> None:
        self.sums = torch.zeros(len(article.spans), hidden)
        self.counts = torch.zeros(len(article.spans), 1)
        self.in_text: dict[int, list[tuple[int, Span]]] = defaultdict(list)
        for number, (text, span) in enumerate(article.spans):
            self.in_text[text].append((number, span))

    def add(self, part: Part, states: Tensor) -> None:
        """Add what a part of a stretch, of states `(tokens, hidden)`, has of the spans."""
        found = [(number, part.text.tokens(span.start, span.end)) for number, span in self.in_text[part.paragraph]]
        if not found:
            return
        own = states[part.start : part.start + len(part.text.ids)].float().cpu()
        upto = torch.cat([own.new_zeros(1, own.shape[1]), own.cumsum(dim=0)])
        numbers = torch.tensor([number for number, _ in found])
        starts = torch.tensor([tokens.start for _, tokens in found])
        stops = torch.tensor([tokens.stop for _, tokens in found])
        self.sums.index_add_(0, numbers, upto[stops] - upto[starts])
        self.counts.index_add_(0, numbers, (stops - starts)[:, None].float())

    def means(self) -> Tensor:
        """The mean states, in the place of the sums."""
        return self.sums.div_(self.counts.clamp(min=1))
