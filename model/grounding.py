"""Whether a written sentence may be shown: it is held against the paragraphs it rests on, by letter and meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from model.domain import Article
from model.facts import invented_quotations, misplaced_quotations, missing_numbers, names_of, strange_names

_NEAREST = 4
"""Paragraphs that are looked at: those whose meaning is nearest."""


class SentenceEncoder(Protocol):
    """What the search for paragraphs needs of the encoder."""

    def embed(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors `(texts, hidden)`."""
        ...


class Checker(Protocol):
    """What the check of meaning needs of `model.claims.ClaimChecker`."""

    threshold: float

    def support(self, sources: Sequence[str], claims: Sequence[str]) -> Tensor:
        """The probability that each source supports each claim, `(sources, claims)`."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What the check found: the paragraphs that support the sentence, or () and the reason why it may not be shown."""

    paragraphs: tuple[int, ...]
    reason: str = ""
    support: float = 0.0


class Grounder:
    """Holds written sentences against one article."""

    def __init__(self, article: Article, encoder: SentenceEncoder, checker: Checker) -> None:
        self.title = article.read(article.title)
        self.texts = [paragraph.text for paragraph in article.paragraphs]
        self.encoder = encoder
        self.checker = checker
        self.vectors = encoder.embed(self.texts)

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
        reason = self.strange(sentence, found.paragraphs)
        if reason:
            return Finding((), reason, found.support)
        if not self._enough(found):
            return Finding((), "the paragraphs do not say so", found.support)
        return found

    def strange(self, sentence: str, cited: Sequence[int]) -> str:
        """What in `sentence` the article does not have where it should; "" for nothing.

        Numbers must stand in the cited paragraphs, the title or the paragraph before; quotations in the cited
        paragraphs, near who is named with them; names anywhere up to there, for a paragraph may say "it".
        """
        before = [self.texts[cited[0] - 1]] if cited[0] > 0 else []
        read = [self.texts[index] for index in cited]
        near = "\n".join([self.title, *before, *read])
        if numbers := missing_numbers(sentence, near):
            return f"numbers or dates that are not there: {', '.join(sorted(numbers))}"
        if quotations := invented_quotations(sentence, [self.title, *read]):
            return f"quotations that are not there: {'; '.join(quotations)}"
        if quotations := misplaced_quotations(sentence, read):
            return f"quotations that somebody else says: {'; '.join(quotations)}"
        if names := strange_names(names_of(sentence), "\n".join([self.title, *self.texts[: cited[-1] + 1]])):
            return f"names that are not there: {', '.join(names)}"
        return ""

    def _enough(self, finding: Finding) -> bool:
        return finding.support >= self.checker.threshold

    def _best(self, sentence: str, choices: Sequence[tuple[int, ...]]) -> Finding:
        sources = ["\n".join([self.title, *(self.texts[index] for index in cited)]) for cited in choices]
        support = self.checker.support(sources, [sentence])[:, 0]
        best = int(torch.argmax(support))
        return Finding(choices[best], support=float(support[best]))
