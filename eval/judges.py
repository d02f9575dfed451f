"""Who gives the labels that are scored: Sidelight, people, and baselines that make a number mean something."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from eval.gold import GoldArticle
from eval.prompt_classifier import PromptClassifier
from model.article.nlp import parse_articles, plain_words
from model.domain import Article, Party, Span, Stance, StanceLabel, SummarySentence
from model.language_model.interface import LanguageModel
from model.networks.device import choose_device, encoder_dtype, precision_of
from model.networks.versions import digest_of, program_digest, versions_of
from model.parties.finder import requested_parties
from model.parties.requests import PartyRequest
from model.pipeline import Analyzer
from model.settings import RuntimeSettings
from model.stance.classifier import SHIPPED, StanceClassifier
from model.stance.lm_classifier import TaughtModel
from model.stance.reuse import with_mentions
from model.stance.verdicts import Verdict
from model.training.checks import delete_evidence, follow_names, judge_examples
from model.training.examples import Example, Target


@dataclass(frozen=True)
class Reply:
    """What a judge says of one article.

    `labels` by paragraph and party; an item that the judge could not read has none. `falls` are the
    deletion test's pairs, `names` the hits and items of the name test by kind; `summary` is () from a
    judge that writes none, `found` from one that was told the parties.
    """

    labels: Mapping[tuple[int, str], StanceLabel]
    falls: list[tuple[float, float]] = field(default_factory=list)
    names: dict[str, tuple[int, int]] = field(default_factory=dict)
    summary: tuple[SummarySentence, ...] = ()
    found: tuple[Party, ...] = ()


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


class AnalyzerJudge:
    """The product's own path, `Analyzer.analyze_article`, with the parties asked for by name."""

    def __init__(
        self,
        weights: Path = SHIPPED,
        encoder: Path | None = None,
        cache: Path | None = None,
        language_model: LanguageModel | None = None,
        device: str | None = None,
        *,
        writes: bool = False,
        checks: bool = True,
    ) -> None:
        """Take the parts of an `Analyzer`.

        A language model that learnt to judges too, and writes the summaries where `writes`. Without `checks` neither
        evidence nor names are tried, which takes most of the time; both try the encoder alone.
        """
        self.name = "encoder, language model" if isinstance(language_model, TaughtModel) else "encoder"
        self.checks = checks
        dtype = encoder_dtype(choose_device(device), RuntimeSettings.from_environment().precision)
        self.versions = {
            **versions_of(weights, with_lm=language_model is not None),
            "precision": precision_of(dtype),
            "evaluation": evaluation_digest(),
        }
        if language_model:
            self.versions |= {"language model": language_model.version, "writes": str(writes)}
        if not checks:
            self.versions["checks"] = "none"

        def load() -> Analyzer:
            whole = Analyzer.from_pretrained(encoder, cache, weights, language_model, dtype, device)
            return whole if writes else replace(whole, writer=None)

        self._load = load

    @cached_property
    def analyzer(self) -> Analyzer:
        """The models, loaded when the first article is not in the cache."""
        return self._load()

    @property
    def classifier(self) -> StanceClassifier:
        """Who judges."""
        return self.analyzer.classifier

    def judge(self, article: GoldArticle) -> Reply:
        """Analyse the article, with the mentions that the gold file gives, and run both checks."""
        analysis = self.analyzer.analyze_article(article.article, article.requests, article.mentions)
        paragraphs, before = self._labelled(article, analysis.parties) if self.checks else ([], [])
        follow = follow_names(self.classifier, paragraphs, before)
        return Reply(
            analysis.by_item(),
            delete_evidence(self.classifier, paragraphs, before),
            {name: (share.hits, share.items) for name, share in follow.items()},
            analysis.shown.sentences,
        )

    def _labelled(
        self, article: GoldArticle, parties: Sequence[Party]
    ) -> tuple[list[Example], list[list[Verdict | None]]]:
        """Every third paragraph with the parties that are mentioned and labelled there, and the verdicts on these.

        A paragraph is judged without its article here, for the checks change it; they read it some seven times.
        """
        stances = {(label.paragraph, label.party): label.stance for label in article.labels}
        some = article.article.paragraphs[::3]
        found = []
        for paragraph in some:
            targets = tuple(
                Target(
                    tuple(Span(m.start, m.end) for m in party.in_paragraph(paragraph.index)),
                    stances[paragraph.index, party.name],
                    party.name,
                    party.kind.value,
                )
                for party in parties
                if party.in_paragraph(paragraph.index) and (paragraph.index, party.name) in stances
            )
            if targets:
                found.append(Example(paragraph.text, article.id, targets))
        return found, judge_examples(self.classifier, found)


class PromptJudge:
    """A language model that is asked for each item's stance; another reply than a label leaves the item unread."""

    name = "llm"

    def __init__(self, classifier: PromptClassifier) -> None:
        self.classifier = classifier
        self.versions = {**classifier.versions, "program": program_digest(), "evaluation": evaluation_digest()}

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
        self.versions = {"program": program_digest(), "evaluation": evaluation_digest()}

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


@cache
def evaluation_digest() -> str:
    """What the evaluation itself does, as `program_digest`: its own files, and those of training that it asks."""
    own = Path(__file__).parent
    return digest_of(chain(own.glob("*.py"), own.glob("*.txt"), (own.parent / "model" / "training").glob("*.py")))


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
    """The article's parties with the names that Sidelight finds and the mentions that the gold file gives."""
    found = _requested_parties(article.article, article.requests)
    return [with_mentions(party, article.mentions.get(party.name, ())) for party in found]


@cache
def _requested_parties(article: Article, requests: tuple[PartyRequest, ...]) -> tuple[Party, ...]:
    """`requested_parties`, by their names, once for all baselines."""
    (parsed,) = parse_articles([article])
    return requested_parties(parsed.title, parsed.paragraphs, requests)


def _words() -> tuple[set[str], set[str]]:
    """Words of praise and of blame."""
    lines: list[Any] = files("eval").joinpath("words.txt").read_text(encoding="utf-8").splitlines()
    good, bad = (set(line.split()) for line in lines[:2])
    return good, bad
