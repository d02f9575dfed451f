"""Hundreds of hostile inputs and files, by every way in: each is read with right offsets, or refused."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import torch

from model import Analyzer
from model.__main__ import main
from model.corpus.engine.worker import Worker
from model.corpus.input.rows import Row
from model.corpus.input.shards import Shard
from model.corpus.input.sources import Files
from model.domain import Analysis
from model.errors import CorpusError
from model.export.json_format import to_dict
from model.export.json_reader import from_json
from model.networks.encoder import Encoder
from model.page.api import Endpoints, Limiter
from model.page.handlers import Components, Handlers
from model.page.latest_run import LatestRun
from model.page.models import Models
from model.page.own_labels import OwnLabels
from tests.attack import WHOLE, figure
from tests.attack.hostile import file, parties, text

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200 if WHOLE else 300)]
TEXTS, FILES = (300, 100) if WHOLE else (40, 20)
LONG, LONGEST = (20_000, 190_000) if WHOLE else (3_000, 20_000)
"""Characters of a text, and of each twentieth."""
LIMIT = 60.0
"""Seconds of a processor's time until a text is judged or refused, without what the encoder calculates."""
MEMORY = 1.5
"""Times the most memory that an ordinary article took."""
_RAW = re.compile(r"Traceback|File \"|/(?:work|tmp|home|root|usr)/")


@pytest.fixture(scope="module")
def quick(analyzer: Analyzer) -> Iterator[Analyzer]:
    """The analyzer, whose encoder makes up what it reads."""

    def states(self: Any, windows: Any, after: int | None = None) -> torch.Tensor:
        return torch.randn(len(windows), max(len(window.ids) for window in windows), self.hidden)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Encoder, "states", states)
        yield analyzer
    analyzer.forget()


@pytest.fixture(scope="module")
def models(quick: Analyzer) -> Models:
    models = Models(lambda: quick)
    models.start()
    return models


def texts() -> Iterator[tuple[int, str]]:
    return ((number, text(number, LONG if number % 20 else LONGEST)) for number in range(1, TEXTS + 1))


def sound(found: Analysis) -> None:
    """Every span of an analysis is one of its text."""
    article = found.article
    for paragraph in article.paragraphs:
        assert article.text[paragraph.start : paragraph.end] == paragraph.text
    for party in found.parties:
        for mention in party.mentions:
            assert 0 <= mention.start < mention.end <= len(article.paragraphs[mention.paragraph].text)
    for label in found.labels:
        for span in filter(None, (label.evidence, label.holder_span)):
            assert 0 <= span.start < span.end <= len(article.paragraphs[label.paragraph].text)


def refused(message: str) -> None:
    """What a reader is told says what was expected, and shows no error and no folder as they are."""
    assert "expected " in message
    assert not _RAW.search(message), message


def most_memory() -> float:
    """The most that this process took since `forget_peak`, in kB."""
    told = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    assert told
    return float(told[1])


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # man 5 proc: resets the peak


def page_of(models: Models) -> tuple[Handlers, Callable[[Iterator[dict[Any, Any]]], dict[Any, Any]]]:
    """The page's handlers, and what all steps of a run make of the page."""
    handlers = Handlers(models, Limiter(""), Components(*(part.name for part in fields(Components))))  # type: ignore[arg-type]

    def whole(steps: Iterator[dict[Any, Any]]) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for step in steps:
            found |= step
        return found

    return handlers, whole


def test_texts_on_the_page_and_by_programs(models: Models, example: str) -> None:
    endpoints = Endpoints(models, Limiter(""))
    handlers, whole = page_of(models)
    forget_peak()  # other tests may have taken more
    endpoints.analyze(example, "Norway; Denmark")
    ordinary, read, slow = most_memory(), 0, []
    for number, hostile in texts():
        start = time.process_time()
        try:
            found = endpoints.analyze(hostile, parties(number))
        except gr.Error as error:
            refused(str(error.message))
        else:
            read += 1
            sound(from_json(json.dumps(found, ensure_ascii=False).encode().decode()))
        runs = LatestRun(asked=1)
        shown = whole(handlers.judge_anyway(hostile, OwnLabels(), runs, 1, None))  # type: ignore[arg-type]
        if isinstance(shown.get("analysis"), Analysis):
            sound(shown["analysis"])
            assert to_dict(shown["analysis"])["text"] == hostile
        else:
            refused(re.sub("<[^>]+>", "", shown["message"]))
        if time.process_time() - start > 2 * LIMIT:
            slow.append(number)
    figure(f"{read} of {TEXTS} read; {most_memory() / ordinary:.2f} times {ordinary / 1000:.0f} MB")
    assert read > TEXTS / 4
    assert slow == []
    assert most_memory() < MEMORY * ordinary


def test_texts_of_a_corpus(quick: Analyzer) -> None:
    rows = tuple(Row(number, str(number), "", hostile, "", "") for number, hostile in texts() if number % 4 == 1)
    tables = Worker(quick).judge(Shard(0, rows, "")).tables.by_name
    errors = tables["errors"].to_pylist()
    assert tables["articles"].num_rows + len(errors) == len(rows)
    assert {row["reason"] for row in errors} <= {"article"}
    for row in errors:
        refused(row["message"])
    assert tables["articles"].num_rows > len(rows) / 4


def test_texts_on_the_command_line(
    quick: Analyzer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Analyzer, "from_settings", lambda settings: quick)
    for number, hostile in texts():
        if number % 4 != 2:
            continue
        path = tmp_path / f"{number}.txt"
        path.write_bytes(hostile.encode("utf-8", "surrogatepass"))
        form = ("table", "json", "csv", "markdown")[number // 4 % 4]
        status = main([str(path), "--format", form, f"--parties={parties(number)}"])
        told = capsys.readouterr()
        assert status in (0, 2)
        assert "Traceback" not in told.err
        if status == 2:
            refused(told.err.replace(str(tmp_path), ""))


def test_files_on_the_page(models: Models, tmp_path: Path) -> None:
    handlers, whole = page_of(models)
    for number in range(FILES):
        ending, raw = file(number)
        path = tmp_path / f"{number}{ending}"
        path.write_bytes(raw)
        shown = whole(handlers.take_file(str(path), OwnLabels(), LatestRun(), "", None, None))  # type: ignore[arg-type]
        if shown["message"]:
            refused(re.sub("<[^>]+>", "", shown["message"]))
        elif shown.get("analysis"):
            sound(shown["analysis"])
        else:
            assert shown["article"].strip()


def test_files_of_a_corpus(tmp_path: Path) -> None:
    """A table that cannot be read at all stops the command; of others each row is read or told."""
    read = 0
    for number in range(FILES):
        _, raw = file(number)
        name = f"{number}" + (".jsonl", ".csv", ".txt", ".jsonl.gz", ".csv.gz", ".parquet")[number % 6]
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / name).write_bytes(raw)
        stopped = ""
        try:
            for record in Files(folder).records():
                read += 1
                assert isinstance(record, dict) or "expected " in record.message
        except CorpusError as error:
            stopped = str(error)
        assert not stopped or (name in stopped and "mend the file and run the command again" in stopped)
        assert str(tmp_path) not in stopped
    assert read > FILES
