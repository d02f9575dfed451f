"""What the words of an article mean there: token states, read together with the paragraphs around them."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from ..domain import TITLE, Mention
from ..recent import Recent
from .encoder import Encoder
from .stretches import TokenizedText, stretches_of, tokenized

BLOCKS = 8
"""How many of the encoder's twelve transformer blocks read an article: 4 and 12 tell less (docs/experiments.md)."""
LONGEST = 384
"""Tokens that are read at once."""
_KEPT = 15_000
"""Tokens of the articles whose states are kept, 1.5 KB each; a longer article is not kept."""


@dataclass(frozen=True, slots=True)
class TextStates:
    """The tokens of an article's title and paragraphs, and the states `(tokens, hidden)` of each of these texts.

    `dtype` is what goes on with them on the CPU calculates in.
    """

    texts: Sequence[TokenizedText]
    states: Sequence[Tensor]
    hidden: int
    dtype: torch.dtype = torch.float32

    def means(self, places: Sequence[Mention]) -> Tensor:
        """The mean state of each place's tokens, `(places, hidden)` in fp32; 0 for a place without any."""
        found = torch.zeros(len(places), self.hidden)
        rows: dict[int, list[int]] = {}
        for row, place in enumerate(places):
            rows.setdefault(place.paragraph - TITLE, []).append(row)
        for text, some in rows.items():
            tokens = [self.texts[text].tokens(places[row].start, places[row].end) for row in some]
            numbers = [at for one in tokens for at in range(one.start, one.stop)]
            starts = [0, *accumulate(one.stop - one.start for one in tokens)][:-1]
            if numbers:
                bags = torch.tensor(numbers), self.states[text].float(), torch.tensor(starts)
                found[some] = embedding_bag(*bags, mode="mean")
        return found


class TextReader:
    """Reads articles, and keeps the last ones: whoever changes the parties asks about the same article again."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._recent: Recent[tuple[str, ...], TextStates] = Recent(_KEPT, _length)

    def read(self, articles: Sequence[Sequence[str]]) -> list[TextStates]:
        """`text_states`, for what is not kept."""
        return self._recent.read([tuple(texts) for texts in articles], partial(text_states, self.encoder))

    def forget(self) -> None:
        """Forget the articles that are kept."""
        self._recent.forget()


def _length(read: TextStates) -> int:
    return sum(len(text.ids) for text in read.texts)


@torch.inference_mode()
def text_states(encoder: Encoder, articles: Sequence[Sequence[str]]) -> list[TextStates]:
    """Each article's texts, read in stretches of up to `LONGEST` tokens, those of all articles in common batches."""
    return read_texts(encoder, articles, torch.half)


def read_texts(encoder: Encoder, articles: Sequence[Sequence[str]], dtype: torch.dtype) -> list[TextStates]:
    """`text_states` with states in `dtype`, from which the encoder can learn."""
    first, last = encoder.ends
    made = encoder.hidden, encoder.cpu_dtype
    tokens = [tokenized(encoder.tokenizer, texts) for texts in articles]
    read = [
        TextStates(some, [torch.zeros(len(t.ids), encoder.hidden, dtype=dtype) for t in some], *made) for some in tokens
    ]
    stretches = [
        (number, stretch)
        for number, some in enumerate(tokens)
        for stretch in stretches_of(some, LONGEST, 0, first, last)
        if any(part.text.ids for part in stretch.parts)
    ]
    for batch in encoder.batches([stretch for _, stretch in stretches]):
        states = encoder.states([stretches[index][1] for index in batch])
        for row, index in enumerate(batch):
            number, stretch = stretches[index]
            for part in stretch.parts:
                if part.text.ids:  # pieces of one long paragraph overlap: the later one's states stay
                    at = bisect_left(tokens[number][part.paragraph].offsets, part.text.offsets[0])
                    own = states[row, part.tokens].to(dtype)
                    read[number].states[part.paragraph][at : at + len(part.text.ids)] = own
    return read
