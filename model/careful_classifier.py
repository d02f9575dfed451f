"""Judging by both readings, and with what the pointer finds: as the page does with the default language model."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from model.blind import Names, names_in
from model.careful import CAREFUL, CarefulReader, CarefulWeights
from model.domain import Analysis, Mention, Party, Span, Stance, StanceLabel
from model.language import Reading
from model.language_model import LanguageModel
from model.local_model import LocalModel
from model.pointer import Pointer, PointerWeights
from model.stance import StanceClassifier, Verdict

CAREFUL_READING, POINTING = "careful reading", "pointer"
"""Their keys in `Analysis.versions`."""


class CarefulClassifier(StanceClassifier):
    """Judges paragraphs as the encoder and the careful reading do together.

    The `pointer` looks for what refers to each party; None leaves it at what else was found.
    """

    def __init__(
        self,
        classifier: StanceClassifier,
        reader: CarefulReader,
        weights: CarefulWeights,
        pointer: Pointer | None = None,
    ) -> None:
        super().__init__(classifier.encoder, classifier.head, classifier.temperature, classifier.unsure_below)
        self.reader = reader
        self.weights = weights
        self.pointer = pointer

    @property
    def versions(self) -> dict[str, str]:
        """What reads carefully, as in `Analysis.versions`."""
        return {CAREFUL_READING: self.weights.version, **({POINTING: self.pointer.version} if self.pointer else {})}

    @classmethod
    def of(
        cls, classifier: StanceClassifier, stance: str, language_model: LanguageModel | None, path: Path = CAREFUL
    ) -> "CarefulClassifier | None":
        """Both readings; None where the careful one was not fitted to these stance weights and this language model.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        if not isinstance(language_model, LocalModel):
            return None
        weights = CarefulWeights.load(path)
        if not weights.fit(stance, language_model):
            return None
        pointing = PointerWeights.load()
        pointer = Pointer.of(language_model, pointing) if pointing.fit(language_model) else None
        return cls(classifier, CarefulReader.of(language_model, weights), weights, pointer)

    def find(
        self,
        title: str,
        readings: Sequence[Reading],
        parties: Sequence[Party],
        asked: Mapping[int, Sequence[str]] | None = None,
    ) -> tuple[Party, ...]:
        """The parties with what the language model makes of their mentions (`Pointer.revise`)."""
        return self.pointer.revise(title, readings, parties, asked) if self.pointer else tuple(parties)

    def unfinished(self, labels: Sequence[StanceLabel]) -> list[StanceLabel]:
        """Those of which it may yet say otherwise: of an absent party a pointer alone."""
        return [label for label in labels if not label.careful and (label.stance is not Stance.ABSENT or self.pointer)]

    def read_on(self, analysis: Analysis, readings: Sequence[Reading], some: Sequence[StanceLabel]) -> Analysis:
        """The analysis after some of its labels, and those beside them in their paragraphs, are judged again.

        What refers to their parties is looked for first. `readings` are of all paragraphs.
        """
        article = analysis.article
        sought = {party.name: party.sought for party in analysis.parties}
        asked: dict[int, list[str]] = {}
        for label in some:
            if label.paragraph not in sought[label.party]:
                asked.setdefault(label.paragraph, []).append(label.party)
        parties = self.find(article.read(article.title), readings, analysis.parties, asked)
        mentions = {party.name: party for party in parties}
        absent = [label for label in some if label.stance is Stance.ABSENT]
        places = {  # a party that was not there, and is not found either, changes nothing
            label.paragraph
            for label in some
            if label.stance is not Stance.ABSENT or mentions[label.party].in_paragraph(label.paragraph)
        }
        labels = {(label.paragraph, label.party): label for label in analysis.labels}
        labels |= {(label.paragraph, label.party): replace(label, careful=True) for label in absent}
        paragraphs = tuple(paragraph for paragraph in article.paragraphs if paragraph.index in places)
        judged = self.classify(replace(article, paragraphs=paragraphs), parties, readings)
        labels |= {(label.paragraph, label.party): label for label in judged}
        return replace(analysis, parties=parties, labels=tuple(labels.values()))

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
        opinions = self.reader.read(texts, mentions, names)
        return [
            [
                self.weights.pooled(verdict, opinion) if verdict and opinion else verdict
                for verdict, opinion in zip(*row, strict=True)
            ]
            for row in zip(verdicts, opinions, strict=True)
        ]

    def label(self, paragraph: int, party: str, verdict: Verdict | None, reading: Reading) -> StanceLabel:
        """As `StanceClassifier.label`; a party that the pointer does not find, or drops, is carefully absent."""
        label = super().label(paragraph, party, verdict, reading)
        return replace(label, careful=True) if verdict is None and self.pointer else label

    def bar(self, verdict: Verdict) -> float:
        """The probability below which a label is unsure: another one where both readings are pooled."""
        return self.weights.unsure_below if verdict.careful else self.unsure_below
