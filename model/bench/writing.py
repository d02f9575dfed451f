"""Rows of the written summary: how fast the default language model reads and writes, beside llama.cpp on its file."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

import torch

from ..article.splitter import split_article
from ..errors import WeightsError
from ..language_model.interface import DEFAULT
from ..language_model.loading import open_language_model
from ..language_model.local import LocalModel
from ..language_model.weights import gguf_file
from ..pipeline import Analyzer
from ..summary.abstractive import SummaryWriter
from .limits import memory_rates
from .llama import LlamaCpp, why_not
from .measure import Left, Row, ratios, resident_megabytes, row, seconds

_GROUP = "written summary"


class _Asked(LocalModel):
    """A model that keeps what it was asked last: the prompt, and the most tokens of a reply."""

    request = ("", 0)

    def generate(self, prompt: str, limit: int) -> Iterator[str]:
        self.request = prompt, limit
        return super().generate(prompt, limit)


def default_model() -> LocalModel | Left:
    """The default language model, loaded."""
    try:
        model = open_language_model(DEFAULT)
    except WeightsError as error:
        return Left("the language model", str(error))
    assert isinstance(model, LocalModel)
    return model


def writing_rows(text: str, rounds: int) -> Iterator[Row | Left]:
    """The summary's prompt as the page asks it: read and answered by us, without look-up, and by llama.cpp."""
    before = resident_megabytes()
    start = time.perf_counter()
    model = default_model()
    if isinstance(model, Left):
        yield model
        return
    yield row("loading", "load the language model", [time.perf_counter() - start], "s")
    asked = _Asked(model.tokenizer, model.network, model.version)
    analyzer = Analyzer.from_pretrained(language_model=asked)
    *_, analysis = analyzer.stages(split_article(text))
    list(analyzer.write(analysis))
    prompt, limit = asked.request
    reply = model.count("".join(model.generate(prompt, limit)))
    yield row("memory", "with the language model", [resident_megabytes() - before], "MB")
    ids = model.ids(prompt)
    fresh = partial(LocalModel, model.tokenizer, model.network, model.version)  # keeps no states of a round before
    firsts: dict[str, list[float]] = {name: [] for name in (_OURS, _PLAIN, _THEIRS)}

    def write(name: str, lookup: int) -> None:
        start = time.perf_counter()
        pieces = fresh(lookup).generate(prompt, limit)
        next(pieces)
        firsts[name].append(time.perf_counter() - start)
        list(pieces)

    stages: dict[str, Callable[[], object]] = {
        "checked": lambda: list(replace(analyzer, writer=SummaryWriter.of(fresh())).write(analysis)),
        _OURS: partial(write, _OURS, model.lookup),
        _PLAIN: partial(write, _PLAIN, 0),
    }
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        if why := why_not():
            yield Left(_THEIRS, why)
        else:
            window = len(ids) + reply + 1
            llama = stack.enter_context(LlamaCpp.running(gguf_file(Path(folder)), window, torch.get_num_threads()))
            stages[_THEIRS] = lambda: firsts[_THEIRS].append(llama.write(ids, reply))
        taken = seconds(stages, rounds)
    yield row(_GROUP, f"first words: {len(ids)} tokens in", firsts[_OURS][1:], "s", "≤ 6")
    yield row(_GROUP, f"all of it, checked: {reply} tokens out", taken["checked"], "s", "≤ 12")
    yield row(_GROUP, _PLAIN, ratios(taken[_PLAIN], taken[_OURS]), "× our time", "≥ 1.8")
    if _THEIRS in taken:
        yield row(_GROUP, f"ours against {_THEIRS}", ratios(taken[_OURS], taken[_THEIRS]), "× its time", "≤ 1.2")
    writing = {}
    for name in (name for name in firsts if name in taken):
        pairs = list(zip(taken[name], firsts[name][1:], strict=True))
        writing[name] = [(reply - 1) / (whole - first) for whole, first in pairs]
        yield row(_GROUP, f"{name}: reading", [len(ids) / first for _, first in pairs], "tokens/s")
        yield row(_GROUP, f"{name}: writing", writing[name], "tokens/s")
    weights = sum(weight.nbytes for weight in model.network.parameters())
    rate = median(memory_rates(rounds))
    shares = [100 * weights * one / rate for one in writing[_PLAIN]]
    yield row("limit", "the memory rate's share while writing without look-up", shares, "%")


_OURS, _PLAIN, _THEIRS = "ours", "ours without look-up", "llama.cpp"
