"""A taught language model as a judge: it reads the article, and behind a paragraph is asked about parties."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from ..errors import WeightsError
from .classifier import ItemKey
from .head import STANCES
from .letters import in_letters, letters_of
from .masking import Mentions

LONGEST, CONTEXT = 1_800, 500
"""Tokens that are read at once, and the most of them that were judged before; also in training."""
OPENING, QUESTION = "<|im_start|>", "How does the paragraph portray {}?"
"""A question opens with a control token, which no text becomes: a paragraph that copies the question asks nothing."""
BETWEEN = "\n\n"
"""What ends a paragraph. This, the question and the answers belong to what the adapter learnt, like its weights."""
ANSWERS = {stance: f" {stance}" for stance in STANCES}


@runtime_checkable
class TaughtModel(Protocol):
    """A language model that learnt to answer `QUESTION`."""

    version: str

    def tokens(self, text: str, control: bool = False) -> list[int]:
        """The tokens of `text`; control tokens are read as such only with `control`."""
        ...

    def answers(
        self, text: Sequence[int], questions: Sequence[tuple[int, Sequence[int]]], options: Sequence[int]
    ) -> Iterator[tuple[int, list[float]] | None]:
        """The number of each question, and the log-probability that each of `options` answers it if one of them does.

        A question is asked behind the first tokens of `text`, as many as stand beside it. None comes while it reads.
        """
        ...


@dataclass(frozen=True, slots=True)
class Range:
    """Paragraphs that are read at once, `start` to `stop`; those before `first` were judged in the range before."""

    start: int
    first: int
    stop: int


def ranges_of(lengths: Sequence[int]) -> Iterator[Range]:
    """The ranges of an article whose paragraphs have these tokens; a paragraph longer than `LONGEST` is in none."""
    first = 0
    while first < len(lengths):
        start, before = first, 0
        while start and before + lengths[start - 1] <= min(CONTEXT, LONGEST - lengths[first]):
            start -= 1
            before += lengths[start]
        stop, total = first, before
        while stop < len(lengths) and total + lengths[stop] <= LONGEST:
            total += lengths[stop]
            stop += 1
        if stop > first:
            yield Range(start, first, stop)
        first = max(stop, first + 1)


class LmStanceClassifier:
    """A taught language model that judges articles."""

    def __init__(self, model: TaughtModel) -> None:
        """Look up the tokens of the answers, and what opens a question.

        Raises:
            WeightsError: one of them is not one token of this model.
        """
        self.model = model
        self.opening = model.tokens(OPENING, control=True)
        self.options = [token for answer in ANSWERS.values() for token in model.tokens(answer)]
        found = [*self.opening, *self.options]
        if not len(set(found)) == len(found) == 1 + len(STANCES):
            raise WeightsError(f"expected a model with a token for each of {[OPENING, *ANSWERS.values()]}, got {found}")

    def judging(
        self, texts: Sequence[str], mentions: Mentions, items: Iterable[ItemKey]
    ) -> Iterator[tuple[ItemKey, Tensor] | None]:
        """The log-probabilities `(4,)`, in the order of `STANCES`, of those `items` that it can read.

        None comes while it reads, so that whoever waits can stop. Left out are paragraphs longer than `LONGEST`, and
        parties that share a letter since there are too many.

        Raises:
            ServerError: the model failed.
        """
        asked: dict[int, list[int]] = {}
        for paragraph, party in items:
            asked.setdefault(paragraph, []).append(party)
        if not asked:
            return
        letters = letters_of(texts, mentions)
        shared = {letter for letter, parties in Counter(letters).items() if parties > 1}
        questions = [[*self.opening, *self.model.tokens(QUESTION.format(letter))] for letter in letters]
        tokens = [self.model.tokens(text + BETWEEN) for text in in_letters(texts, mentions, letters)]
        for read in ranges_of([len(some) for some in tokens]):
            asks: list[ItemKey] = []
            behind: list[tuple[int, list[int]]] = []
            text: list[int] = []
            for paragraph in range(read.start, read.stop):
                text += tokens[paragraph]
                if paragraph >= read.first:
                    free = [party for party in asked.get(paragraph, ()) if letters[party] not in shared]
                    asks += [(paragraph, party) for party in free]
                    behind += [(len(text), questions[party]) for party in free]
            for found in self.model.answers(text, behind, self.options) if asks else ():
                yield found and (asks[found[0]], torch.tensor(found[1]))
