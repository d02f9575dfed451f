"""`python -m model corpus --llm URL`: a server's model writes, on a scripted server and with the real models here."""

import json
import re
import shutil
import threading
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model import Analyzer
from model.__main__ import main
from model.article.splitter import split_article
from model.corpus.engine.server_summaries import Server, Summaries
from tests.scripted import Scripted, Start
from tests.test_corpus_run import SHORT, corpus, files, lines, table

pytestmark = pytest.mark.slow

FALSE = "The author concludes that all of Oslo burnt down."


def tell(self: Scripted, body: dict[str, Any]) -> None:
    """Say the sentence of the prompt in few other words, as a stream; of a ship, say what is false."""
    (sentence,) = re.findall(r"^Sentence: (.+)$", body["messages"][0]["content"], re.MULTILINE)
    reply = FALSE if "ship" in sentence else f"It is so: {sentence}"
    self.begin_stream()
    for piece in (reply[:40], reply[40:]):
        self.say_piece(piece)
    self.wfile.write(b"data: [DONE]\n\n")
    self.close_connection = True


@pytest.mark.timeout(900)  # the models are loaded four times
def test_written_several_at_once_and_resumed(tmp_path: Path, scripted: Start) -> None:
    lock, open_now, most = threading.Lock(), 0, 0

    def slowly(self: Scripted, body: dict[str, Any]) -> None:
        nonlocal open_now, most
        with lock:
            open_now += 1
            most = max(most, open_now)
        time.sleep(0.5)
        with lock:
            open_now -= 1
        tell(self, body)

    address, asked = scripted(slowly)
    source = str(corpus(tmp_path / "in.jsonl", lines(6)))
    options = ["--shard", "4", "--workers", "1", "--llm", address, "--llm-requests", "3"]
    assert main(["corpus", source, str(tmp_path / "out"), *options]) == 0
    once = len(asked)
    assert once >= 12  # of six articles, each with several sentences
    assert most == 3
    versions = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["versions"]
    assert versions["language model"] == "m at 127.0.0.1"
    assert versions["rewrite prompt"].startswith("rewrite@")
    rows = table(tmp_path / "out", "summaries")
    first = [row for row in rows if row["row"] == 0]
    assert {row["method"] for row in first} == {"extractive", "written", "portrayal"}
    told = [row["text"] for row in first if row["method"] == "written" and row["written"]]
    assert told
    assert all(text.startswith("It is so: ") for text in told)
    assert not any("burnt" in row["text"] for row in rows)
    assert {row["party"] for row in first if row["method"] == "portrayal"} <= {"Norway", "Denmark"}
    assert not any(row["written"] or row["party"] for row in first if row["method"] == "extractive")

    before = files(tmp_path / "out")
    shutil.rmtree(tmp_path / "out" / "shard-000001")
    assert main(["corpus", source, str(tmp_path / "out"), *options]) == 0
    assert files(tmp_path / "out") == before
    assert once < len(asked) < 2 * once


@pytest.fixture(scope="module")
def writing() -> Analyzer:
    """With a server's model that each test puts another in place of."""
    return Analyzer.from_pretrained(language_model=Server("http://127.0.0.1:9/v1#m", 1).model())


@pytest.mark.parametrize(
    ("answers", "times", "reason"),
    [
        ([503, 429, 200], 3, None),
        ([500, 500, 500], 3, "got status 500"),
        ([400, 200], 1, "got status 400"),
    ],
)
def test_a_failing_server_is_asked_again_and_costs_no_article(
    writing: Analyzer, scripted: Start, answers: list[int], times: int, reason: str | None
) -> None:
    def fail(self: Scripted, body: dict[str, Any]) -> None:
        status = answers[min(len(self.asked), len(answers)) - 1]
        tell(self, body) if status == 200 else self.say({}, status)

    address, asked = scripted(fail)
    assert writing.writer
    analyzer = replace(writing, writer=writing.writer.of(Server(f"{address}#m", 1).model()))
    *_, judged = writing.stages(split_article(SHORT))
    (found,) = Summaries(analyzer, 1, waits=(0.01, 0.01)).write([judged])
    assert len(asked) == times if reason else len(asked) > times  # the other sentences are asked for too
    assert found.labels == judged.labels
    assert found.summary == judged.summary
    if reason is None:
        assert found.written
        assert found.warnings == judged.warnings
    else:
        assert found.written is None
        (warning,) = found.warnings
        assert warning.startswith("There is no written summary: expected an answer of the language model's server")
        assert reason in warning


class Fragile:
    """A model that falls over."""

    version = "fragile"

    def generate(self, prompt: str, limit: int) -> Generator[str, None, None]:
        raise RuntimeError("the kraken woke")


def test_any_other_error_costs_no_article_and_no_turn(writing: Analyzer) -> None:
    assert writing.writer
    analyzer = replace(writing, writer=writing.writer.of(Fragile()))  # type: ignore[arg-type]  # it chooses nothing
    *_, judged = writing.stages(split_article(SHORT))
    found = Summaries(analyzer, 1).write([judged, judged])
    assert [one.warnings for one in found] == [("There is no written summary: the kraken woke",)] * 2


@pytest.mark.parametrize(
    ("llm", "message"),
    [
        ("default", "expected a server's address for --llm (http://…/v1), got 'default'"),
        ("http://127.0.0.1:9/v1", "expected an answer of the language model's server at http://127.0.0.1:9/v1"),
    ],
)
def test_what_is_no_server_is_said_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], llm: str, message: str
) -> None:
    source = corpus(tmp_path / "in.jsonl", lines(1))
    assert main(["corpus", str(source), str(tmp_path / "out"), "--llm", llm]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
