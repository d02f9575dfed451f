"""Whether a written sentence may be shown: it is held against the paragraphs it rests on, by letter and meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from model.claims import source_of
from model.domain import Article
from model.facts import invented_quotations, misplaced_quotations, missing_numbers, names_of, strange_names
from model.summary import SentenceEncoder

_NEAREST = 4
"""Paragraphs that are looked at: those whose meaning is nearest."""


class Checker(Protocol):
    """What the check of meaning needs of `model.claims.ClaimChecker`."""

    threshold: float

    def support(self, sources: Sequence[str], claims: Sequence[str]) -> Tensor:
        """The probability that each source supports each claim, `(sources, claims)`."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """The paragraphs that support a sentence, () where it may not be shown, and how surely they do."""

    paragraphs: tuple[int, ...]
    support: float


class Grounder:
    """Holds written sentences against one article."""

    def __init__(self, article: Article, encoder: SentenceEncoder, checker: Checker) -> None:
        self.title = article.read(article.title)
        self.texts = [paragraph.text for paragraph in article.paragraphs]
        self.encoder = encoder
        self.checker = checker

    @cached_property
    def vectors(self) -> Tensor:
        """The paragraphs' vectors, made when the first sentence is checked."""
        return self.encoder.embed(self.texts)

    def check(self, sentence: str) -> Finding:
        """The paragraphs, one or two, that support `sentence` best, where they support it well enough.

        Every number and date, name and quotation must be in them, in the title or in the paragraph before,
        and the trained checker must find that they say what the sentence says.
        """
        nearest = (
            (self.vectors @ self.encoder.embed([sentence])[0]).topk(min(_NEAREST, len(self.texts))).indices.tolist()
        )
        found = self._best(sentence, [(index,) for index in nearest])
        if not self._enough(found) and len(nearest) > 1:
            first = found.paragraphs[0]
            pairs = [tuple(sorted((first, other))) for other in nearest if other != first]
            found = max(found, self._best(sentence, pairs), key=lambda finding: finding.support)
        shown = self._enough(found) and not self.strange(sentence, found.paragraphs)
        return found if shown else Finding((), found.support)

    def strange(self, sentence: str, cited: Sequence[int]) -> bool:
        """Whether something in `sentence` does not stand in the article where it should.

        Numbers must stand in the cited paragraphs, the title or the paragraph before; quotations in the cited
        paragraphs, near who is named with them; names anywhere up to there, for a paragraph may say "it".
        """
        before = [self.texts[cited[0] - 1]] if cited[0] > 0 else []
        read = [self.texts[index] for index in cited]
        return bool(
            missing_numbers(sentence, "\n".join([self.title, *before, *read]))
            or invented_quotations(sentence, [self.title, *read])
            or misplaced_quotations(sentence, read)
            or strange_names(names_of(sentence), "\n".join([self.title, *self.texts[: cited[-1] + 1]]))
        )

    def _enough(self, finding: Finding) -> bool:
        return finding.support >= self.checker.threshold

    def _best(self, sentence: str, choices: Sequence[tuple[int, ...]]) -> Finding:
        sources = [source_of(self.title, self.texts, cited) for cited in choices]
        support = self.checker.support(sources, [sentence])[:, 0]
        best = int(torch.argmax(support))
        return Finding(choices[best], float(support[best]))
