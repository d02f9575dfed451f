"""Rows of the written summary: how long the default language model takes for one, and how fast it reads and writes."""

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ..article.splitter import split_article
from ..errors import WeightsError
from ..language_model.interface import DEFAULT, Choice, Reply
from ..language_model.loading import open_language_model
from ..pipeline import Analyzer
from ..stance.classifier import finished
from ..summary.abstractive import SummaryWriter
from .measure import Left, Row, resident_megabytes, row, seconds

if TYPE_CHECKING:
    from ..language_model.llama import LlamaModel  # an extra

_GROUP = "written summary"


class _Timed:
    """A language model that keeps how many tokens a second it read and wrote in each request."""

    def __init__(self, model: "LlamaModel") -> None:
        self.model = model
        self.version = model.version
        self.reading: list[float] = []
        self.writing: list[float] = []

    def generate(self, prompt: str, limit: int) -> Generator[str, None, float | None]:
        start, first, text = time.perf_counter(), 0.0, ""
        reply = Reply(self.model.generate(prompt, limit))
        for piece in reply:
            first = first or time.perf_counter() - start
            text += piece
            yield piece
        rest = time.perf_counter() - start - first
        tokens = len(self.model.tokens(text))
        if tokens > 1:
            self.reading.append(len(self.model.tokens(prompt)) / first)
            self.writing.append((tokens - 1) / rest)
        return reply.log_likelihood

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        return self.model.choose(prompts, options)


def writing_rows(text: str, rounds: int) -> Iterator[Row | Left]:
    """The summary as the page has it made by the default model, and how fast that reads and writes."""
    before, start = resident_megabytes(), time.perf_counter()
    try:
        model = open_language_model(DEFAULT)
    except WeightsError as error:
        yield Left("the language model", str(error))
        return
    yield row("loading", "load the language model", [time.perf_counter() - start], "s")
    timed = _Timed(cast("LlamaModel", model))
    analyzer = replace(Analyzer.from_pretrained(language_model=model), writer=SummaryWriter.of(timed))
    *_, analysis = analyzer.stages(split_article(text))
    assert analyzer.ensemble
    start = time.perf_counter()
    judged = finished(analyzer.ensemble.judging(analysis))
    yield row("language model", "judging where the encoder is not sure", [time.perf_counter() - start], "s")
    taken = seconds({"checked": lambda: list(analyzer.write(judged))}, rounds)
    yield row(_GROUP, "all of it, checked", taken["checked"], "s", "≤ 18")
    yield row("memory", "with the language model", [resident_megabytes() - before], "MB")
    if timed.reading:
        yield row(_GROUP, "reading prompts, what they begin with alike read once", timed.reading, "tokens/s")
        yield row(_GROUP, "writing", timed.writing, "tokens/s")
    else:
        yield Left("reading and writing", "no sentence of this article was written")
