"""Whether a written sentence may be shown: it is held against the paragraphs it rests on, by letter and meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from torch import Tensor

from ..article.nlp import parse_articles
from ..domain import Article, SummarySentence
from .attribution import overstates_author
from .entailment import source_of
from .injection import speaks_to_tool
from .leaning import stands_alone
from .lm_probe import SupportProbe
from .stance_consistency import StanceConsistency
from .surface_checks import (
    borrowed,
    copied,
    invented_quotations,
    misplaced_actors,
    misplaced_pronouns,
    misplaced_quotations,
    missing_numbers,
    names_of,
    strange_names,
)

_NEAREST = 4
"""Paragraphs that are looked at: those whose meaning is nearest."""


class SentenceEncoder(Protocol):
    """What the search for a sentence's paragraphs needs of the encoder."""

    def embed(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors `(texts, hidden)`."""
        ...


class Checker(Protocol):
    """What the check of meaning needs of `model.summary.entailment.ClaimChecker`."""

    threshold: float
    version: str

    def support(self, sources: Sequence[str], claims: Sequence[str]) -> Tensor:
        """The probability that each source supports each claim, `(sources, claims)`."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """The paragraphs that support a sentence, () where it may not be shown, and how surely they do."""

    paragraphs: tuple[int, ...]
    support: float


class Grounder:
    """Holds written sentences against one article.

    With a `probe`, it and the checker must be content together; with `consistency`, no sentence may judge a party
    against its paragraphs.
    """

    def __init__(
        self,
        article: Article,
        encoder: SentenceEncoder,
        checker: Checker,
        probe: SupportProbe | None = None,
        consistency: StanceConsistency | None = None,
    ) -> None:
        self.article = article
        self.title = article.read(article.title)
        self.texts = [paragraph.text for paragraph in article.paragraphs]
        self.encoder = encoder
        self.checker = checker
        self.probe = probe
        self.consistency = consistency

    @property
    def versions(self) -> dict[str, str]:
        """What decides which sentences are shown."""
        read_twice = {"support prompt": self.probe.prompt.version} if self.probe else {}
        return {"claim checker": self.checker.version, **read_twice}

    @property
    def threshold(self) -> float:
        """The support that a sentence needs."""
        return self.probe.weights.threshold if self.probe else self.checker.threshold

    @cached_property
    def vectors(self) -> Tensor:
        """The paragraphs' vectors, made when the first sentence is checked."""
        return self.encoder.embed(self.texts)

    @cached_property
    def usable(self) -> list[int]:
        """The paragraphs that may support something: those that do not speak to the tool."""
        return [index for index, text in enumerate(self.texts) if not speaks_to_tool(text)]

    @cached_property
    def own_sentences(self) -> list[SummarySentence]:
        """The article's sentences that can be shown alone, parsed when the first sentence is looked for."""
        (parsed,) = parse_articles([self.article])
        parsed_texts = ((i, parsed.paragraphs[i]) for i in self.usable)
        return [
            SummarySentence(line, (i,)) for i, parsed in parsed_texts for line in parsed.lines if stands_alone(line)
        ]

    def copied_from(self, sentence: str) -> SummarySentence | None:
        """The article's own sentence that `sentence` is, word for word but for its beginning; None for none."""
        copies = (own for own in self.own_sentences if copied(sentence, [own.text]) and copied(own.text, [sentence]))
        return next(copies, None)

    def check(self, sentence: str) -> Finding:
        """The paragraphs, one or two, that support `sentence` best, where they support it well enough.

        Nothing in it may be `strange`, and the trained checker, with the probe where there is one, must find that the
        paragraphs say the same. A paragraph that speaks to the tool supports nothing.
        """
        if not self.usable:
            return Finding((), 0.0)
        likeness = self.vectors[self.usable] @ self.encoder.embed([sentence])[0]
        nearest = [self.usable[place] for place in likeness.topk(min(_NEAREST, len(self.usable))).indices.tolist()]
        found, share = self._best(sentence, [(index,) for index in nearest])
        if found.support < self.threshold and len(nearest) > 1:
            first = found.paragraphs[0]
            pairs = [tuple(sorted((first, other))) for other in nearest if other != first]
            other, _ = self._best(sentence, pairs, above=share if found.support else 0.0)
            found = max(found, other, key=lambda finding: finding.support)
        return found if found.support >= self.threshold else Finding((), found.support)

    def strange(self, sentence: str, cited: Sequence[int]) -> bool:
        """Whether something in `sentence` does not stand in the article where it should.

        Numbers must stand in the cited paragraphs, the title or the paragraph before; quotations in the title or the
        cited paragraphs, near who is named with them; names anywhere up to there, for a paragraph may say "it", but not
        before words that the paragraphs have behind another name. Nor may the author be given what others say, or what
        the paragraphs do not demand, or a party be judged as the paragraphs do not judge it.
        """
        before = [self.texts[cited[0] - 1]] if cited[0] > 0 else []
        sources = [self.texts[index] for index in cited]
        return bool(
            missing_numbers(sentence, "\n".join([self.title, *before, *sources]))
            or invented_quotations(sentence, [self.title, *sources])
            or misplaced_quotations(sentence, sources)
            or misplaced_actors(sentence, sources)
            or misplaced_pronouns(sentence, sources)
            or borrowed(sentence, sources)
            or overstates_author(sentence, sources)
            or strange_names(names_of(sentence), "\n".join([self.title, *self.texts[: cited[-1] + 1]]))
            or (self.consistency and self.consistency.contradicts(sentence, cited))
        )

    def _best(self, sentence: str, choices: Sequence[tuple[int, ...]], above: float = 0.0) -> tuple[Finding, float]:
        """The choice of paragraphs that the checker likes best, with the support there, and what the checker gives it.

        The support is 0 where something is strange, or where the checker does not give more than `above`. The probe is
        not asked about the article's own words where the checker is content with them.
        """
        sources = [source_of(self.title, self.texts, cited) for cited in choices]
        shares = self.checker.support(sources, [sentence])[:, 0].tolist()
        best = max(range(len(choices)), key=shares.__getitem__)
        support = shares[best]
        if support <= above or self.strange(sentence, choices[best]):
            support = 0.0
        elif self.probe and not (
            support >= self.threshold and copied(sentence, [self.texts[i] for i in choices[best]])
        ):
            support = self.probe.support(sources[best], sentence, support)
        return Finding(choices[best], support), shares[best]
