"""Rows of the language model: how long the default one takes to judge and to write, and llama.cpp for the same."""

import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..article.splitter import split_article
from ..errors import WeightsError
from ..language_model.interface import DEFAULT, WRITING, Choice, LanguageModel, Written, replies
from ..language_model.loading import open_language_model
from ..language_model.weights import QWEN, REWRITING, gguf_file
from ..networks.eight_bit import is_exact
from ..pipeline import Analyzer
from ..stance.classifier import finished
from ..summary.abstractive import SummaryWriter
from .measure import Left, Row, ratios, resident_megabytes, row, seconds

_GROUP = "written summary"


@dataclass
class _Asked:
    """A language model that keeps the prompts of each time that it was asked, with those that were added since."""

    model: LanguageModel
    version: str
    rounds: list[tuple[Sequence[str], int]] = field(default_factory=list)

    def write_together(self, prompts: Sequence[str], limit: int) -> Iterator[tuple[int, Written] | None]:
        self.rounds.append((prompts, limit))
        return replies(self.model, prompts, limit)

    def generate(self, prompt: str, limit: int) -> Generator[str, None, float | None]:
        return self.model.generate(prompt, limit)

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        return self.model.choose(prompts, options)

    def again(self, model: LanguageModel) -> None:
        """Have `model` answer all prompts that were asked."""
        for prompts, limit in self.rounds:
            list(replies(model, prompts, limit))


def writing_rows(text: str, rounds: int) -> Iterator[Row | Left]:
    """The judging and the summary as the page has them made by the default model."""
    before, start = resident_megabytes(), time.perf_counter()
    try:
        model = open_language_model(DEFAULT)
    except WeightsError as error:
        yield Left("the language model", str(error))
        return
    assert model
    list(replies(model, ["Hello"], 1))  # a thread may still read it
    yield row("loading", "load the language model", [time.perf_counter() - start], "s")
    analyzer = Analyzer.from_pretrained(language_model=model)
    *_, analysis = analyzer.stages(split_article(text))
    ensemble = analyzer.ensemble
    assert ensemble
    taken = seconds({"judging": lambda: finished(ensemble.judging(analysis))}, rounds)
    yield row("language model", "judging where the encoder is not sure", taken["judging"], "s")
    judged = finished(ensemble.judging(analysis))
    asked = _Asked(model, model.version)
    writing = replace(analyzer, writer=SummaryWriter.of(asked))
    taken = seconds({"checked": lambda: list(writing.write(judged))}, rounds)
    yield row(_GROUP, "all of it, checked", taken["checked"], "s", "≤ 18")
    yield row("memory", "with the language model", [resident_megabytes() - before], "MB")
    if is_exact():
        del asked.rounds[len(asked.rounds) // (rounds + 1) :]
        yield _llama_row(asked, rounds)


def _llama_row(asked: _Asked, rounds: int) -> Row | Left:
    """How many times as long llama.cpp takes for the same prompts, with the four-bit file."""
    name = "the same prompts through llama.cpp"
    try:
        from ..language_model.llama import LlamaModel  # an extra

        with tempfile.TemporaryDirectory() as folder:
            llama = LlamaModel.from_file(gguf_file(Path(folder)), QWEN.version, {WRITING: REWRITING})
    except (ImportError, WeightsError) as error:
        return Left(name, str(error))
    taken = seconds({"own": lambda: asked.again(asked.model), "llama": lambda: asked.again(llama)}, rounds)
    return row(_GROUP, name, ratios(taken["llama"], taken["own"]), "× our time", "≥ 1")
