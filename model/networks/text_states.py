"""What the words of an article mean there: token states, read together with the paragraphs around them."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..domain import Span
from .encoder import Encoder
from .stretches import TokenizedText, stretches_of, tokenized

BLOCK = 8
"""The transformer block, of twelve, after which states are taken: 4 and 12 tell less (docs/experiments.md)."""
LONGEST = 384
"""Tokens that are read at once."""
Place = tuple[int, Span]
"""A span of characters, and the number of the text that it is in."""


@dataclass(frozen=True, slots=True)
class TextStates:
    """The tokens of an article's texts in reading order, and the states `(tokens, hidden)` of each text in fp16."""

    texts: Sequence[TokenizedText]
    states: Sequence[Tensor]
    hidden: int

    def means(self, places: Sequence[Place]) -> Tensor:
        """The mean state of each span's tokens, `(places, hidden)` in fp32; 0 for a span without any."""
        found = torch.zeros(len(places), self.hidden)
        for number, (text, span) in enumerate(places):
            tokens = self.texts[text].tokens(span.start, span.end)
            if tokens.start < tokens.stop:
                found[number] = self.states[text][tokens].float().mean(dim=0)
        return found


@torch.inference_mode()
def text_states(encoder: Encoder, articles: Sequence[Sequence[str]]) -> list[TextStates]:
    """Each article's texts, read in stretches of up to `LONGEST` tokens, those of all articles in common batches."""
    first, last = encoder.ends
    tokens = [tokenized(encoder.tokenizer, texts) for texts in articles]
    read = [
        TextStates(some, [torch.zeros(len(t.ids), encoder.hidden, dtype=torch.half) for t in some], encoder.hidden)
        for some in tokens
    ]
    stretches = [
        (number, stretch)
        for number, some in enumerate(tokens)
        for stretch in stretches_of(some, LONGEST, 0, first, last)
        if any(part.text.ids for part in stretch.parts)
    ]
    for batch in encoder.batches([stretch for _, stretch in stretches]):
        states = encoder.states([stretches[index][1] for index in batch], BLOCK)
        for row, index in enumerate(batch):
            number, stretch = stretches[index]
            for part in stretch.parts:
                if part.text.ids:  # pieces of one long paragraph overlap: the later one's states stay
                    at = bisect_left(tokens[number][part.paragraph].offsets, part.text.offsets[0])
                    own = states[row, part.start : part.start + len(part.text.ids)]
                    read[number].states[part.paragraph][at : at + len(part.text.ids)] = own
    return read
