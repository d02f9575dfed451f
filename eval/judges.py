"""Who gives the labels that are scored: Sidelight, people, and baselines that make a number mean something."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from eval.gold import GoldArticle
from eval.versions import sources_hash
from model.careful import CarefulWeights
from model.careful_classifier import CAREFUL_READING, POINTING, CarefulClassifier
from model.domain import Analysis, Article, Party, Span, Stance, StanceLabel, SummarySentence
from model.errors import WeightsError
from model.language import plain_words, read
from model.language_model import LanguageModel
from model.parties import find_parties
from model.pipeline import Analyzer
from model.pointer import PointerWeights
from model.requests import PartyRequest
from model.second_opinion import PromptClassifier
from model.stance import SHIPPED, StanceClassifier, StanceWeights, Verdict
from model.summary import summarize
from model.training.checks import delete_evidence, follow_names
from model.training.data import Example, Target
from model.weights import MPNET
from model.writer import Writer

_MODEL = Path(__file__).parent.parent / "model"


@dataclass(frozen=True)
class Reply:
    """What a judge says of one article.

    `labels` by paragraph and party; an item that the judge could not read has none. `falls` are the
    deletion test's pairs, `names` the hits and items of the name test by kind; `summary` is () from a
    judge that writes none.
    """

    labels: dict[tuple[int, str], StanceLabel]
    falls: list[tuple[float, float]] = field(default_factory=list)
    names: dict[str, tuple[int, int]] = field(default_factory=dict)
    summary: tuple[SummarySentence, ...] = ()


class Judge(Protocol):
    """Anything that labels gold articles."""

    name: str

    @property
    def versions(self) -> dict[str, str]:
        """What decides the labels; a reply is kept for as long as these stay the same."""
        ...

    def judge(self, article: GoldArticle) -> Reply:
        """Label every item of `article`."""
        ...


class EncoderJudge:
    """The product's own path: parties asked for by name, mentions found, each paragraph judged, a summary.

    Where `careful` is the default language model, it reads each paragraph too.
    """

    def __init__(
        self,
        weights: Path = SHIPPED,
        encoder: Path | None = None,
        cache: Path | None = None,
        language_model: LanguageModel | None = None,
        careful: LanguageModel | None = None,
        checks: bool = True,
    ) -> None:
        """Take the parts of an `Analyzer`; `language_model` writes the summaries, and none is written without it.

        Without `checks` neither evidence nor names are tried, which takes most of the time.

        Raises:
            WeightsError: the careful reading was fitted to another language model or to other stance weights.
        """
        self.name = "careful" if careful else "encoder"
        self.writes, self.checks = language_model is not None, checks
        stance = StanceWeights.load(weights).version
        reading = CarefulWeights.load() if careful else None
        if careful and reading and not reading.fit(stance, careful):
            raise WeightsError(
                f"expected {reading.language_model} and {reading.stance}, to which the careful reading was fitted, got "
                f"{careful.version} and {stance}; name --llm default and the shipped weights"
            )
        pointing = PointerWeights.load() if careful else None
        self._load: Callable[[], Analyzer] = lambda: Analyzer.from_pretrained(
            encoder, cache, weights, language_model or careful
        )
        self.versions = {
            "encoder": MPNET.version,
            "stance": stance,
            **({CAREFUL_READING: reading.version} if reading else {}),
            **({POINTING: pointing.version} if careful and pointing and pointing.fit(careful) else {}),
            **({} if checks else {"checks": "none"}),
            "code": sources_hash(_MODEL),
            **(Writer.of(language_model).versions if language_model else {}),
        }

    @cached_property
    def analyzer(self) -> Analyzer:
        """The models, loaded when the first article is not in the cache."""
        return self._load()

    @property
    def classifier(self) -> StanceClassifier:
        """Who judges."""
        careful = self.analyzer.careful if self.name == "careful" else None
        return careful or self.analyzer.classifier

    def judge(self, article: GoldArticle) -> Reply:
        """Label every item, run both checks, and sum up."""
        parties = gold_parties(article)
        classifier = self.classifier
        texts = [paragraph.text for paragraph in article.article.paragraphs]
        readings = read(texts)
        if isinstance(classifier, CarefulClassifier):
            title = article.article.read(article.article.title)
            parties = [_with_mentions(party, article) for party in classifier.find(title, readings, parties)]
        verdicts = classifier.judge(texts, [[party.in_paragraph(i) for party in parties] for i in range(len(texts))])
        labels = {
            (index, party.name): classifier.label(index, party.name, verdict, readings[index])
            for index, row in enumerate(verdicts)
            for party, verdict in zip(parties, row, strict=True)
        }
        paragraphs, before = _labelled(article, parties, verdicts) if self.checks else ([], [])
        summary = summarize(article.article, readings, parties, list(labels.values()), self.analyzer.encoder)
        analysis = Analysis(article.article, tuple(parties), tuple(labels.values()), summary)
        shown = [analysis, *(self.analyzer.write(analysis) if self.writes else ())][-1].shown
        return Reply(
            labels,
            delete_evidence(classifier, paragraphs, before),
            {name: (share.hits, share.items) for name, share in follow_names(classifier, paragraphs, before).items()},
            shown.sentences,
        )


class PromptJudge:
    """A language model that is asked for each item's stance; another reply than a label leaves the item unread."""

    name = "llm"

    def __init__(self, classifier: PromptClassifier) -> None:
        self.classifier = classifier
        self.versions = {**classifier.versions, "code": sources_hash(_MODEL)}

    def judge(self, article: GoldArticle) -> Reply:
        """Ask for every item."""
        answers = self.classifier.classify(
            [paragraph.text for paragraph in article.article.paragraphs], [request.name for request in article.requests]
        )
        return Reply(
            {(answer.paragraph, answer.party): answer for answer in answers if isinstance(answer, StanceLabel)}
        )


class RuleJudge:
    """A baseline that labels by a rule: `always neutral`, `mention only` or `word list`."""

    def __init__(self, name: str, rule: Callable[[GoldArticle, Party, int], Stance]) -> None:
        self.name = name
        self.rule = rule
        self.versions = {"code": sources_hash(_MODEL), "rules": sources_hash(Path(__file__).parent)}

    def judge(self, article: GoldArticle) -> Reply:
        """Label every item."""
        return Reply(
            {
                (paragraph.index, party.name): StanceLabel(
                    paragraph.index, party.name, self.rule(article, party, paragraph.index)
                )
                for party in gold_parties(article)
                for paragraph in article.article.paragraphs
            }
        )


def baselines() -> list[RuleJudge]:
    """The baselines that need no weights."""
    good, bad = _words()

    def listed(article: GoldArticle, party: Party, index: int) -> Stance:
        words = plain_words(article.article.paragraphs[index].text)
        balance = sum(word in good for word in words) - sum(word in bad for word in words)
        if not party.in_paragraph(index):
            return Stance.ABSENT
        return Stance.FAVORABLE if balance > 0 else Stance.CRITICAL if balance < 0 else Stance.NEUTRAL

    def mentioned(_: GoldArticle, party: Party, index: int) -> Stance:
        return Stance.NEUTRAL if party.in_paragraph(index) else Stance.ABSENT

    return [
        RuleJudge("always neutral", lambda *_: Stance.NEUTRAL),
        RuleJudge("mention only", mentioned),
        RuleJudge("word list", listed),
    ]


def gold_parties(article: GoldArticle) -> list[Party]:
    """The article's parties with the mentions that Sidelight finds and those that the gold file gives."""
    return [_with_mentions(party, article) for party in _find_parties(article.article, article.requests)]


@cache
def _find_parties(article: Article, requests: tuple[PartyRequest, ...]) -> tuple[Party, ...]:
    """`find_parties`, once for all judges of an article."""
    return find_parties(article, requests)


def _labelled(
    article: GoldArticle, parties: Sequence[Party], verdicts: Sequence[Sequence[Verdict | None]]
) -> tuple[list[Example], list[list[Verdict]]]:
    """Every third paragraph with the parties that are mentioned and labelled there, and the verdicts on these.

    The checks read a paragraph some seven times: a third of them say enough.
    """
    stances = {(label.paragraph, label.party): label.stance for label in article.labels}
    found, kept = [], []
    for paragraph, row in list(zip(article.article.paragraphs, verdicts, strict=True))[::3]:
        here = [
            (party, verdict)
            for party, verdict in zip(parties, row, strict=True)
            if verdict and (paragraph.index, party.name) in stances
        ]
        targets = tuple(
            Target(
                tuple(Span(m.start, m.end) for m in party.in_paragraph(paragraph.index)),
                stances[paragraph.index, party.name],
                party.name,
                party.kind.value,
            )
            for party, _ in here
        )
        if targets:
            found.append(Example(paragraph.text, article.id, targets))
            kept.append([verdict for _, verdict in here])
    return found, kept


def _with_mentions(party: Party, article: GoldArticle) -> Party:
    """The party with those of the gold file's mentions that were not found."""
    missing = [
        mention
        for mention in article.mentions.get(party.name, ())
        if not any(m.start < mention.end and mention.start < m.end for m in party.in_paragraph(mention.paragraph))
    ]
    return replace(party, mentions=tuple(sorted((*party.mentions, *missing)))) if missing else party


def _words() -> tuple[set[str], set[str]]:
    """Words of praise and of blame."""
    lines: list[Any] = files("eval").joinpath("words.txt").read_text(encoding="utf-8").splitlines()
    good, bad = (set(line.split()) for line in lines[:2])
    return good, bad
