"""The page's two public endpoints, for programs: analyse an article, or find its parties; and the rate for readers."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import gradio as gr
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ..domain import Analysis, Article
from ..errors import ArticleError, BusyError, SidelightError
from ..export.json_format import to_dict
from ..parties.requests import PartyRequest, parse_requests
from .guard.gate import runs_on
from .models import Models

if TYPE_CHECKING:
    from ..pipeline import Analyzer

LONGEST_RUN = 1800.0
"""Seconds that one article may be read; the others wait meanwhile. The longest ones take some minutes."""


class Limiter:
    """Holds each address to a rate such as "30/hour"; "" for none."""

    def __init__(self, rate: str) -> None:
        self.rate = parse(rate) if rate else None
        self.window = MovingWindowRateLimiter(MemoryStorage())

    def check(self, request: gr.Request | None) -> None:
        """Count one article.

        Raises:
            BusyError: the address has had its share; the text says when to come back.
        """
        address = request.client.host if request and request.client else "?"
        if self.rate and not self.window.hit(self.rate, address):
            wait = max(1, round(self.window.get_window_stats(self.rate, address).reset_time - time.time()))
            raise BusyError(f"expected at most {self.rate} from one reader; come back in {wait} seconds")


class Endpoints:
    """What `gr.api` serves; docstrings are what an MCP client reads. A call waits until the models are loaded."""

    def __init__(self, models: Models, limiter: Limiter) -> None:
        self.models = models
        self.limiter = limiter

    def analyze(self, text: str, parties: str = "", request: gr.Request = None) -> dict[str, Any]:
        """Summarise an English news or opinion article and label each paragraph's stance toward each party.

        Args:
            text: the article, paragraphs parted by blank lines; at most 200,000 characters.
            parties: the parties to judge, parted by semicolons, such as "United States; China"; empty finds them.
            request: who asks; Gradio fills it in.

        Returns:
            The analysis: parties, paragraphs, stances (favorable, critical, neutral or absent, with
            probabilities, voice, holder and evidence), a line for each party, and the summary;
            docs/json.md lists the keys.
        """
        try:
            _check_kinds(text, parties)
            self.limiter.check(request)
            from ..article.splitter import split_article  # spaCy comes with the models

            analyzer = self.models.analyzer
            article, requests = split_article(text), parse_requests(parties)
            return to_dict(whole_analysis(analyzer, article, requests, runs_on(request)))
        except SidelightError as error:
            raise gr.Error(str(error)) from error

    def find_parties(self, text: str, request: gr.Request = None) -> list[dict[str, Any]]:
        """Find the parties of an English news or opinion article: states, organisations and persons.

        Args:
            text: the article, paragraphs parted by blank lines; at most 200,000 characters.
            request: who asks; Gradio fills it in.

        Returns:
            The parties, main ones first, each with name, kind, aliases, and mentions by paragraph.
        """
        try:
            _check_kinds(text)
            self.limiter.check(request)
            analyzer = self.models.analyzer
            from ..article.splitter import split_article  # spaCy comes with the models

            found = next(analyzer.stages(split_article(text)))
            return list(to_dict(found)["parties"])
        except SidelightError as error:
            raise gr.Error(str(error)) from error


def in_time(steps: Iterator[Analysis], most: float = LONGEST_RUN) -> Iterator[Analysis]:
    """The steps of an analysis.

    Raises:
        ArticleError: it is not at its end `most` seconds after it began; heard between two steps.
    """
    start = time.monotonic()
    for step in steps:
        yield step
        if time.monotonic() - start > most:
            raise ArticleError(f"expected an article that is read within {most / 60:.0f} minutes; paste a part of it")


def whole_analysis(
    analyzer: "Analyzer", article: Article, requests: Sequence[PartyRequest], waits: Callable[[], bool]
) -> Analysis:
    """The analysis after all stages, while somebody `waits` for it."""
    *_, found = _awaited(in_time(analyzer.stages(article, requests)), waits)
    from ..pipeline import written_or_warned  # torch comes with it

    return written_or_warned(found, _awaited(in_time(analyzer.write(found)), waits))


def _awaited(steps: Iterator[Analysis], waits: Callable[[], bool]) -> Iterator[Analysis]:
    """The steps, while somebody waits."""
    with closing(cast("Generator[Analysis, None, None]", steps)):
        for step in steps:
            if not waits():
                raise BusyError("expected somebody to wait for the analysis, but the connection was closed")
            yield step


def _check_kinds(*texts: object) -> None:
    for text in texts:
        if not isinstance(text, str):
            raise ArticleError(f"expected text, got {type(text).__name__}; send the article and the parties as strings")
