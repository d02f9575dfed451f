"""Encoder and language model together: their labels are pooled, and the latter looks for mentions too."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..article.nlp import ParsedText
from ..domain import Analysis, Mention, Party, Span, Stance, StanceLabel
from ..language_model.interface import LanguageModel
from ..language_model.local import LocalModel
from ..names.name_spans import Names, names_in
from ..parties.lm_mentions import LmMentionFinder, MentionWeights
from .classifier import StanceClassifier, Verdict
from .lm_classifier import LM_STANCE, LmStanceClassifier, LmStanceWeights

_log = logging.getLogger("sidelight")
CAREFUL_READING, POINTING = "careful reading", "pointer"
"""Their keys in `Analysis.versions`."""


class EnsembleClassifier(StanceClassifier):
    """Judges paragraphs as the encoder and the language model do together.

    The `mention_finder` looks for what refers to each party; None leaves it at what else was found.
    """

    def __init__(
        self,
        classifier: StanceClassifier,
        lm_classifier: LmStanceClassifier,
        weights: LmStanceWeights,
        mention_finder: LmMentionFinder | None = None,
    ) -> None:
        super().__init__(classifier.encoder, classifier.head, classifier.temperature, classifier.unsure_below)
        self.recent, self.lock = classifier.recent, classifier.lock
        self.lm_classifier = lm_classifier
        self.weights = weights
        self.mention_finder = mention_finder

    @property
    def versions(self) -> dict[str, str]:
        """What reads carefully, as in `Analysis.versions`."""
        return {
            CAREFUL_READING: self.weights.version,
            **({POINTING: self.mention_finder.version} if self.mention_finder else {}),
        }

    @classmethod
    def of(
        cls, classifier: StanceClassifier, stance: str, language_model: LanguageModel | None, path: Path = LM_STANCE
    ) -> "EnsembleClassifier | None":
        """Both readings; None where the careful one was not fitted to these stance weights and this language model.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        if not isinstance(language_model, LocalModel):
            return None
        weights = LmStanceWeights.load(path)
        if not weights.fit(stance, language_model):
            _log.warning(
                "the language model does not judge: its weights were fitted to %s and %s, got %s and %s",
                weights.language_model, weights.stance, language_model.version, stance,
            )  # fmt: skip
            return None
        pointing = MentionWeights.load()
        mention_finder = LmMentionFinder.of(language_model, pointing) if pointing.fit(language_model) else None
        return cls(classifier, LmStanceClassifier.of(language_model, weights), weights, mention_finder)

    def finding(
        self, analysis: Analysis, parsed_texts: Sequence[ParsedText], some: Sequence[StanceLabel]
    ) -> Iterator[tuple[Party, ...]]:
        """The parties as the language model finds more and more of what refers to them in the paragraphs of `some`.

        `parsed_texts` are of all paragraphs. Nothing where it does not look for mentions.
        """
        if not self.mention_finder:
            return
        sought = {party.name: party.sought for party in analysis.parties}
        asked: dict[int, list[str]] = {}
        for label in some:
            if label.paragraph not in sought[label.party]:
                asked.setdefault(label.paragraph, []).append(label.party)
        title = analysis.article.read(analysis.article.title)
        yield from self.mention_finder.revising(title, parsed_texts, analysis.parties, asked)

    def unfinished(self, labels: Sequence[StanceLabel]) -> list[StanceLabel]:
        """Those of which it may yet say otherwise: of an absent party a pointer alone."""
        return [
            label
            for label in labels
            if not label.careful and (label.stance is not Stance.ABSENT or self.mention_finder)
        ]

    def refine(self, analysis: Analysis, parsed_texts: Sequence[ParsedText], some: Sequence[StanceLabel]) -> Analysis:
        """The analysis after some of its labels, and those beside them in their paragraphs, are judged again.

        `parsed_texts` are of all paragraphs.
        """
        parties = {party.name: party for party in analysis.parties}
        absent = [label for label in some if label.stance is Stance.ABSENT]
        places = {  # a party that was not there, and is not found either, changes nothing
            label.paragraph
            for label in some
            if label.stance is not Stance.ABSENT or parties[label.party].in_paragraph(label.paragraph)
        }
        labels = {(label.paragraph, label.party): label for label in analysis.labels}
        labels |= {(label.paragraph, label.party): replace(label, careful=True) for label in absent}
        article = analysis.article
        paragraphs = tuple(paragraph for paragraph in article.paragraphs if paragraph.index in places)
        judged = self.classify(replace(article, paragraphs=paragraphs), analysis.parties, parsed_texts)
        labels |= {(label.paragraph, label.party): label for label in judged}
        return replace(analysis, labels=tuple(labels.values()))

    def judge(
        self,
        texts: Sequence[str],
        mentions: Sequence[Sequence[Sequence[Mention | Span]]],
        names: Sequence[Names] | None = None,
    ) -> list[list[Verdict | None]]:
        """As `StanceClassifier.judge`, with probabilities and voice of both readings where there is a careful one."""
        if names is None:
            names = [names_in(text, parties) for text, parties in zip(texts, mentions, strict=True)]
        verdicts = super().judge(texts, mentions, names)
        opinions = self.lm_classifier.read(texts, mentions, names)
        return [
            [
                self.weights.pooled(verdict, opinion) if verdict and opinion else verdict
                for verdict, opinion in zip(*row, strict=True)
            ]
            for row in zip(verdicts, opinions, strict=True)
        ]

    def label(self, paragraph: int, party: str, verdict: Verdict | None, parsed: ParsedText) -> StanceLabel:
        """As `StanceClassifier.label`; a party that the language model does not find, or drops, is carefully absent."""
        label = super().label(paragraph, party, verdict, parsed)
        return replace(label, careful=True) if verdict is None and self.mention_finder else label

    def unsure_threshold(self, verdict: Verdict) -> float:
        """The probability below which a label is unsure: another one where both readings are pooled."""
        return self.weights.unsure_below if verdict.careful else self.unsure_below
