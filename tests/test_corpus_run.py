"""`python -m model corpus` with the real models: the tables, the errors, a kill, Ray, and the totals."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from model import Analysis, Analyzer
from model.__main__ import main
from model.article.splitter import split_article
from model.corpus.engine.worker import Worker
from model.corpus.input.rows import Reason, Row
from model.corpus.input.shards import Shard
from model.corpus.output.tables import SCHEMAS
from tests.conftest import EXAMPLE, ROOT

pytestmark = pytest.mark.slow

SHORT = "Norway was right to protest against the toll. Denmark gave no reason for it, and Oslo deserves an answer."


def lines(count: int) -> list[dict[str, Any]]:
    """Short articles of our own, each another one, and a bad row."""
    rows: list[dict[str, Any]] = [
        {"id": f"a{n}", "title": f"On toll {n}", "text": f"{SHORT} It is ship number {n}."} for n in range(count)
    ]
    for n, row in enumerate(rows):
        row |= {"outlet": "Post", "date": f"2020-0{1 + n % 2}-03"}
    return [*rows, {"id": "bad", "text": "too short"}]


def corpus(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    """A table's rows, shard after shard."""
    return [row for path in sorted(folder.glob(f"shard-*/{name}.parquet")) for row in pq.read_table(path).to_pylist()]


def files(folder: Path) -> dict[str, bytes]:
    """The result's files and their bytes."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An input and its unbroken result."""
    folder = tmp_path_factory.mktemp("corpus")
    corpus(folder / "in.jsonl", lines(6))
    assert main(["corpus", str(folder / "in.jsonl"), str(folder / "out"), "--shard", "2", "--workers", "1"]) == 0
    return folder


def test_the_tables_say_what_an_analysis_says(analyzer: Analyzer, example: str, analysis: Analysis) -> None:
    row = Row(7, "ferry", "", example, "Post", "2020-03-01")
    tables = Worker(analyzer).judge(Shard(0, (row,), "")).tables.by_name
    (article,) = tables["articles"].to_pylist()
    assert article["title"] == "Denmark should stop hiding behind the harbour master"
    assert (article["row"], article["id"], article["outlet"], article["paragraphs"]) == (7, "ferry", "Post", 7)
    items = tables["items"].to_pylist()
    assert [(i["paragraph"], i["party"], i["stance"], i["voice"], i["holder"]) for i in items] == [
        (label.paragraph, label.party, label.stance, label.voice, label.holder) for label in analysis.labels
    ]
    for item, label in zip(items, analysis.labels, strict=True):
        paragraph = analysis.article.paragraphs[label.paragraph]
        assert example[item["start"] : item["end"]] == paragraph.text
        assert item["evidence"] == (paragraph.read(label.evidence) or None)
        assert label.probabilities is not None
        assert item["critical"] == pytest.approx(label.probabilities["critical"], abs=0.02)
    summary = [(sentence["text"], sentence["paragraphs"]) for sentence in tables["summaries"].to_pylist()]
    assert summary == [(sentence.text, list(sentence.paragraphs)) for sentence in analysis.summary.sentences]
    assert tables["errors"].num_rows == 0
    assert [tables[name].schema for name in SCHEMAS] == list(SCHEMAS.values())


def test_articles_judged_together_get_the_labels_they_get_alone(analyzer: Analyzer) -> None:
    articles = [
        split_article(text) for text in (SHORT, EXAMPLE.read_text(encoding="utf-8"), "It rained all of yesterday.")
    ]
    together = analyzer.analyze_articles(articles)
    alone = []
    for article in articles:
        analyzer.forget()
        alone.append(analyzer.analyze_article(article))
    for one, other in zip(together, alone, strict=True):
        assert one.article == other.article
        assert one.parties == other.parties
        assert one.summary == other.summary
        assert one.warnings == other.warnings
        assert [(label.stance, label.voice, label.evidence) for label in one.labels] == [
            (label.stance, label.voice, label.evidence) for label in other.labels
        ]
    assert analyzer.analyze_articles([]) == []


@pytest.mark.parametrize(
    ("title", "text", "message"),
    [
        ("", "", "got an empty text"),
        ("", "too short", "at least 5 words, got 2"),
        ("", "word " * 40_001, "at most 200,000 characters, got 200,005"),
        ("", "a few words of plain text \x00\x01", "got binary data"),
        ("", (), "got an empty text"),
        ("A title of five words alone", (" ",), "at least one paragraph, got a title alone"),
        ("", ("word " * 40_001,), "at most 200,000 characters, got 200,005"),
    ],
    ids=range(7),
)
def test_rows_that_are_no_article_are_errors(
    analyzer: Analyzer, title: str, text: str | tuple[str, ...], message: str
) -> None:
    rows = (Row(0, "a", title, text, None, None), Row(1, "b", "", (SHORT, " "), None, None))
    tables = Worker(analyzer).judge(Shard(0, rows, "")).tables.by_name
    (error,) = tables["errors"].to_pylist()
    assert (error["row"], error["id"], error["reason"]) == (0, "a", "article")
    assert message in error["message"]
    (article,) = tables["articles"].to_pylist()
    assert (article["id"], article["paragraphs"]) == ("b", 1)


def test_an_article_that_breaks_the_models_costs_no_other(analyzer: Analyzer) -> None:
    class Fragile:
        """The analyzer, but it falls over one article."""

        def analyze_articles(self, articles: Sequence[Any], requests: Sequence[Any]) -> list[Analysis]:
            if any("kraken" in article.text for article in articles):
                raise RuntimeError("the kraken woke")
            return analyzer.analyze_articles(articles, requests)

    rows = tuple(Row(n, str(n), "", SHORT + extra, None, None) for n, extra in enumerate(("", " Mind the kraken.", "")))
    tables = Worker(Fragile()).judge(Shard(0, rows, "")).tables.by_name  # type: ignore[arg-type]
    assert [article["row"] for article in tables["articles"].to_pylist()] == [0, 2]
    assert tables["errors"].to_pylist() == [
        {"row": 1, "id": "1", "reason": Reason.FAILED.value, "message": "RuntimeError: the kraken woke"}
    ]


def test_a_result_holds_every_row_once(folder: Path) -> None:
    out = folder / "out"
    assert [article["row"] for article in table(out, "articles")] == list(range(6))
    assert [(error["row"], error["id"]) for error in table(out, "errors")] == [(6, "bad")]
    counts = json.loads((out / "finished.json").read_text(encoding="utf-8"))
    assert counts == {"shards": 4, **{name: len(table(out, name)) for name in SCHEMAS}}
    assert {item["party"] for item in table(out, "items")} == {"Norway", "Denmark"}


@pytest.mark.timeout(900)  # the models are loaded five times
def test_killed_and_gone_on_with_it_is_the_same_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "model", "corpus", str(folder / "in.jsonl"), str(tmp_path)]
    command += ["--shard", "2", "--workers", "2"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as job:
        until(lambda: any(tmp_path.glob("shard-*")))
        workers = Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text(encoding="ascii").split()
        os.kill(job.pid, signal.SIGKILL)
    assert not (tmp_path / "finished.json").exists()
    assert workers
    until(lambda: not any(running(worker) for worker in workers))
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0
    assert files(tmp_path) == files(folder / "out")


@pytest.mark.timeout(900)
def test_ray_writes_the_same(folder: Path, tmp_path: Path) -> None:
    command = ["corpus", str(folder / "in.jsonl"), str(tmp_path), "--shard", "2", "--workers", "1", "--engine", "ray"]
    assert main(command) == 0
    assert files(tmp_path) == files(folder / "out")


@pytest.mark.timeout(900)
def test_ray_says_what_is_wrong_with_the_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = corpus(tmp_path / "in.jsonl", [{"body": SHORT}])
    assert main(["corpus", str(path), str(tmp_path / "out"), "--workers", "1", "--engine", "ray"]) == 2
    assert "sidelight: no row can be read: expected a column 'text'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--shard", "3"], "options.shard was 2 and is 3"),
        (["--parties", "Norway"], "options.parties was '' and is 'Norway'"),
        (["--columns", "outlet=source"], "options.columns.outlet was 'outlet' and is 'source'"),
    ],
)
def test_other_options_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    command = ["corpus", str(folder / "in.jsonl"), str(folder / "out"), "--shard", "2", *options]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "go back to that, or name another folder" in error


def test_another_input_is_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    longer = corpus(tmp_path / "in.jsonl", lines(7))
    assert main(["corpus", str(longer), str(folder / "out"), "--shard", "2"]) == 2
    assert "input.bytes was" in capsys.readouterr().err
    same_size = (folder / "in.jsonl").read_text(encoding="utf-8").replace("ship number 1", "ship number 9")
    longer.write_text(same_size, encoding="utf-8")
    assert main(["corpus", str(longer), str(folder / "out"), "--shard", "2"]) == 2
    assert "rows 0 to 1 of the input changed since they were judged" in capsys.readouterr().err


def test_an_address_without_ray(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["corpus", str(folder / "in.jsonl"), str(folder / "out"), "--address", "auto"]) == 2
    assert "expected --engine ray with --address" in capsys.readouterr().err


def test_folders_that_hold_other_things(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = corpus(tmp_path / "in.jsonl", lines(1))
    assert main(["corpus", str(path), str(tmp_path)]) == 2
    assert "expected a new folder or one that this command began" in capsys.readouterr().err


def test_totals(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["totals", str(folder / "out"), "--to", str(tmp_path), "--most", "1"]) == 0
    printed = capsys.readouterr().out
    assert "… and 3 more" in printed
    with (tmp_path / "totals.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    items = table(folder / "out", "items")
    dates = {article["row"]: article["date"] for article in table(folder / "out", "articles")}
    assert {(row["outlet"], row["party"], row["month"]) for row in rows} == {
        ("Post", party, month) for party in ("Norway", "Denmark") for month in ("2020-01", "2020-02")
    }
    for row in rows:
        some = [
            item["stance"]
            for item in items
            if item["party"] == row["party"]
            and dates[item["row"]].startswith(row["month"])
            and item["stance"] != "absent"
        ]
        assert [int(row[name]) for name in ("articles", "paragraphs")] == [3, len(some)]
        assert [int(row[name]) for name in ("favorable", "critical", "neutral")] == [
            some.count(name) for name in ("favorable", "critical", "neutral")
        ]
        balance = (some.count("favorable") - some.count("critical")) / len(some)
        assert float(row["balance"]) == pytest.approx(balance, abs=5e-4)
    assert (tmp_path / "totals.png").read_bytes().startswith(b"\x89PNG")


def test_totals_of_a_part_say_so(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for finished, told in ((True, False), (False, True)):
        out = tmp_path / str(finished)
        shutil.copytree(folder / "out", out)
        if not finished:
            (out / "finished.json").unlink()
        assert main(["totals", str(out), "--to", str(tmp_path)]) == 0
        assert ("is not finished" in capsys.readouterr().err) is told


def test_totals_of_a_damaged_shard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shard = tmp_path / "shard-000000"
    shard.mkdir()
    for name in ("items", "articles"):
        (shard / f"{name}.parquet").write_bytes(b"not Parquet, whatever its name says")
    assert main(["totals", str(tmp_path)]) == 2
    assert f"expected tables that `sidelight corpus` wrote in {tmp_path}" in capsys.readouterr().err


def test_totals_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["totals", str(tmp_path)]) == 2
    assert "found no shard in" in capsys.readouterr().err


def until(condition: Any, seconds: float = 240) -> None:
    """Wait for `condition`, or fail."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def running(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
