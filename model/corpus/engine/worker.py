"""A shard's work: its rows split, judged in batches and put into tables. Every engine runs this and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from ...article.nlp import memory_zone
from ...article.splitter import check_text, join_article, split_article
from ...domain import Analysis, Article
from ...errors import ArticleError
from ...networks.batches import batches
from ...parties.requests import PartyRequest
from ...pipeline import Analyzer
from ..input.rows import BadRow, Reason, Row
from ..input.shards import Shard
from ..output.tables import Tables
from .server_summaries import Server, Summaries

_BATCH_CHARACTERS = 100_000  # of the articles judged together; bounds the memory


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker needs to load the models and judge: the same for all workers of a job.

    `dtype` is the name of what the encoders calculate in, `threads` how many of torch's a worker has;
    `server` has the language model that writes the summaries, None for none; `device` as in `RuntimeSettings`.
    """

    encoder: Path | None
    cache: Path | None
    dtype: str
    threads: int
    requests: tuple[PartyRequest, ...]
    server: Server | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A shard's result."""

    shard: int
    digest: str
    tables: Tables


class Worker:
    """The models, judging one shard after the other; `from_setup` loads them."""

    def __init__(
        self, analyzer: Analyzer, requests: Sequence[PartyRequest] = (), summaries: Summaries | None = None
    ) -> None:
        self.analyzer = analyzer
        self.requests = requests
        self.summaries = summaries

    @classmethod
    def from_setup(cls, setup: Setup) -> "Worker":
        """The worker for this process, all of whose threads it may set."""
        torch.set_num_threads(setup.threads)
        model = setup.server.model() if setup.server else None
        dtype = getattr(torch, setup.dtype)
        analyzer = Analyzer.from_pretrained(
            setup.encoder, setup.cache, language_model=model, dtype=dtype, device=setup.device
        )
        summaries = Summaries(analyzer, setup.server.requests) if setup.server else None
        return cls(replace(analyzer, writer=None), setup.requests, summaries)

    def judge(self, shard: Shard) -> Judged:
        """The shard's tables: the same whichever worker judges it, and in whichever order."""
        with memory_zone():
            return Judged(shard.number, shard.digest, self._tables(shard))

    def _tables(self, shard: Shard) -> Tables:
        bad = [row for row in shard.rows if isinstance(row, BadRow)]
        split: list[tuple[Row, Article]] = []
        for row in shard.rows:
            if isinstance(row, Row):
                try:
                    split.append((row, _article(row)))
                except ArticleError as error:
                    bad.append(BadRow(row.number, row.id, Reason.ARTICLE, str(error)))
        judged: list[tuple[Row, Analysis]] = []
        for batch in batches(split, _BATCH_CHARACTERS, lambda one: len(one[1].text)):
            for (row, _), analysis in zip(batch, self._analyses([article for _, article in batch]), strict=True):
                if isinstance(analysis, Analysis):
                    judged.append((row, analysis))
                else:
                    bad.append(BadRow(row.number, row.id, Reason.FAILED, f"{type(analysis).__name__}: {analysis}"))
        if self.summaries:
            written = self.summaries.write([analysis for _, analysis in judged])
            judged = [(row, analysis) for (row, _), analysis in zip(judged, written, strict=True)]
        return Tables.of(judged, sorted(bad, key=lambda row: row.number))

    def _analyses(self, articles: Sequence[Article]) -> list[Analysis | Exception]:
        """An analysis for each, or the error that it meets: one strange article must not end a week's job."""
        try:
            return list(self.analyzer.analyze_articles(articles, self.requests))
        except Exception as error:  # whatever it is, it goes into the table of errors
            if len(articles) == 1:
                return [error]
            return [result for article in articles for result in self._analyses([article])]


def _article(row: Row) -> Article:
    """The row's article: as if title and text had been pasted, or with the paragraphs that the row has."""
    if isinstance(row.text, str):
        return split_article(f"{row.title}\n\n{row.text}" if row.title else row.text)
    article = join_article(row.title, [paragraph for paragraph in row.text if paragraph.strip()])
    check_text(article.text)
    if not article.paragraphs:
        raise ArticleError("expected at least one paragraph, got a title alone")
    return article
