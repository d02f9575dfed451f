"""Rows of the written summary: how fast the default language model reads and writes, by torch and by llama.cpp."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..article.splitter import split_article
from ..errors import WeightsError
from ..language_model.interface import DEFAULT, Choice, LanguageModel
from ..language_model.loading import open_language_model
from ..language_model.local import LocalModel
from ..language_model.weights import QWEN, gguf_file, language_model_folder
from ..pipeline import Analyzer
from ..summary.abstractive import SummaryWriter
from .measure import Left, Row, ratios, resident_megabytes, row, seconds

_GROUP = "written summary"
_RUNNERS = "torch", "llama.cpp"


class _Timed:
    """A language model that keeps what it was asked last, and when the first piece of its reply came."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self.version, self.window, self.count = model.version, model.window, model.count
        self.request, self.first = ("", 0), 0.0

    def generate(self, prompt: str, limit: int) -> Iterator[str]:
        self.request, start = (prompt, limit), time.perf_counter()
        for number, piece in enumerate(self.model.generate(prompt, limit)):
            if not number:
                self.first = time.perf_counter() - start
            yield piece

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        return self.model.choose(prompts, options)


def writing_rows(text: str, rounds: int) -> Iterator[Row | Left]:
    """The summary as the page has it made by the default model, and the same prompt read and answered by the other way.

    Each round begins with a prompt of its own, so that nothing of it was read before.
    """
    before, start = resident_megabytes(), time.perf_counter()
    try:
        model = open_language_model(DEFAULT)
    except WeightsError as error:
        yield Left("the language model", str(error))
        return
    assert model is not None
    yield row("loading", "load the language model", [time.perf_counter() - start], "s")
    timed = _Timed(model)
    analyzer = replace(Analyzer.from_pretrained(language_model=model), writer=SummaryWriter.of(timed))
    *_, analysis = analyzer.stages(split_article(text))
    taken = seconds({"checked": lambda: list(analyzer.write(analysis))}, 1)
    yield row(_GROUP, "all of it, checked", taken["checked"], "s", "≤ 18")
    yield row("memory", "with the language model", [resident_megabytes() - before], "MB")
    ours, theirs = _RUNNERS if isinstance(model, LocalModel) else _RUNNERS[::-1]
    with tempfile.TemporaryDirectory() as folder:
        other = _other(ours, Path(folder))
        models: dict[str, LanguageModel] = {ours: model}
        if isinstance(other, Left):
            yield other
        else:
            models[theirs] = other
        yield from _rates(models, *timed.request, rounds)


def _rates(models: dict[str, LanguageModel], prompt: str, limit: int, rounds: int) -> Iterator[Row]:
    """How fast each reads the prompt and writes its reply; the first is the default on this machine."""
    whole: dict[str, list[float]] = {name: [] for name in models}
    reading: dict[str, list[float]] = {name: [] for name in models}
    writing: dict[str, list[float]] = {name: [] for name in models}
    for number in range(rounds):
        for name, model in models.items():
            timed, start = _Timed(model), time.perf_counter()
            said = "".join(timed.generate(f"{number}\n{prompt}", limit))
            whole[name].append(time.perf_counter() - start)
            reading[name].append(model.count(prompt) / timed.first)
            writing[name].append((model.count(said) - 1) / (whole[name][-1] - timed.first))
    for name in models:
        yield row(_GROUP, f"{name}: reading {models[name].count(prompt)} tokens", reading[name], "tokens/s")
        yield row(_GROUP, f"{name}: writing", writing[name], "tokens/s")
    if len(models) > 1:
        ours, theirs = models
        yield row(
            _GROUP, f"{ours}, the default here, against {theirs}", ratios(whole[ours], whole[theirs]), "× its time"
        )


def _other(ours: str, folder: Path) -> LanguageModel | Left:
    """The same weights by the way that is not the default here."""
    if ours == "llama.cpp":
        return LocalModel.from_folder(str(language_model_folder(folder)), QWEN.version)
    try:
        from ..language_model.llama import LlamaModel  # an extra
    except ImportError as error:
        return Left("llama.cpp", f"{error}; .venv/bin/pip install -e '.[llm]'")
    return LlamaModel.from_file(gguf_file(folder), QWEN.version)
