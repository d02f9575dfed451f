"""Encoder and language model together: their judgements are pooled.

The pool is logarithmic (Genest and Zidek 1986, https://doi.org/10.1214/ss/1177013825).
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..article.nlp import ParsedText
from ..domain import Analysis, StanceLabel
from ..language_model.interface import LanguageModel
from ..language_model.local import LocalModel
from .classifier import ItemKey, StanceClassifier, Text, Verdict
from .reader import READER, Reader, ReaderWeights

_log = logging.getLogger("sidelight")
READ_BY = "reader"
"""The reader's key in `Analysis.versions`."""


class EnsembleClassifier(StanceClassifier):
    """Judges as the encoder and the reader do together; evidence and holder are the encoder's."""

    def __init__(self, classifier: StanceClassifier, reader: Reader, weights: ReaderWeights) -> None:
        super().__init__(classifier.encoder, classifier.head, weights.temperature, weights.unsure_below)
        self.recent, self.lock = classifier.recent, classifier.lock
        self.classifier = classifier
        self.reader = reader
        self.encoder_share = weights.encoder_share
        self.versions = {READ_BY: weights.version}

    @classmethod
    def of(
        cls, classifier: StanceClassifier, stance: str, language_model: LanguageModel | None, path: Path = READER
    ) -> "EnsembleClassifier | None":
        """Both; None where there is no file of the reader's weights, or another stance or language model's.

        Raises:
            WeightsError: the weights are damaged.
        """
        if not isinstance(language_model, LocalModel) or not path.exists():
            return None
        weights = ReaderWeights.load(path)
        if not weights.fit(stance, language_model):
            _log.warning(
                "the language model does not judge: its weights were fitted to %s and %s, got %s and %s",
                weights.language_model, weights.stance, language_model.version, stance,
            )  # fmt: skip
            return None
        return cls(classifier, Reader.of(language_model, weights), weights)

    def forget(self) -> None:
        """Forget the verdicts that are kept."""
        super().forget()
        self.reader.forget()

    def judge(self, texts: Sequence[Text]) -> list[dict[ItemKey, Verdict]]:
        """As `StanceClassifier.judge`, by both."""
        judged = []
        for text, by_encoder in zip(texts, self.classifier.judge(texts), strict=True):
            *_, read = [{}, *self.reader.read(text)]
            judged.append({key: self._pooled(verdict, read.get(key)) for key, verdict in by_encoder.items()})
        return judged

    def refine(self, analysis: Analysis, parsed_texts: Sequence[ParsedText]) -> Iterator[Analysis]:
        """The analysis as more and more of its paragraphs are read; in the last one all labels are careful."""
        text = Text.of(analysis.article, analysis.parties)
        (by_encoder,) = self.classifier.judge([text])
        numbers = {party.name: number for number, party in enumerate(analysis.parties)}

        def pooled(label: StanceLabel, read: Mapping[ItemKey, Verdict]) -> StanceLabel:
            key = label.paragraph, numbers[label.party]
            verdict = self._pooled(by_encoder[key], read.get(key)) if key in by_encoder else None
            return replace(
                self.label(label.paragraph, label.party, verdict, parsed_texts[label.paragraph]), careful=True
            )

        read: Mapping[ItemKey, Verdict] = {}
        for read in self.reader.read(text):
            some = (pooled(x, read) if (x.paragraph, numbers[x.party]) in read else x for x in analysis.labels)
            yield replace(analysis, labels=tuple(some))
        yield replace(analysis, labels=tuple(pooled(label, read) for label in analysis.labels))

    def _pooled(self, by_encoder: Verdict, by_reader: Verdict | None) -> Verdict:
        shares = (by_encoder.logits / self.classifier.temperature).log_softmax(dim=0)
        if by_reader is None:
            return replace(by_encoder, logits=shares * self.temperature)
        logits = by_reader.logits + self.encoder_share * shares
        return replace(by_encoder, logits=logits, voice=by_encoder.voice + by_reader.voice)
