"""`python -m model` and `python -m eval` as a user runs them, with the real models."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from model.__main__ import main
from model.domain import Analysis
from model.export.json_format import to_json
from tests.conftest import EXAMPLE

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_json_is_the_whole_analysis(capsys: pytest.CaptureFixture[str], example: str) -> None:
    assert main([str(EXAMPLE), "--format", "json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["title"] == "Denmark should stop hiding behind the harbour master"
    assert [party["name"] for party in result["parties"] if party["main"]] == ["Denmark", "Norway"]
    assert "Copenhagen" in result["parties"][0]["aliases"]
    assert all(example[p["start"] : p["end"]] == p["text"] for p in result["paragraphs"])
    items = {(label["paragraph"], label["party"]) for label in result["stances"]}
    assert items == {(p, party["name"]) for p in range(7) for party in result["parties"]}
    for label in result["stances"]:
        assert sum(label["probabilities"].values()) == pytest.approx(1, abs=1e-3)
        assert label["stance"] == max(label["probabilities"], key=lambda stance: label["probabilities"][stance])
    for sentence in result["summary"]["sentences"]:
        (paragraph,) = sentence["paragraphs"]
        assert sentence["text"] in " ".join(result["paragraphs"][paragraph]["text"].split())


def test_parties_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(EXAMPLE), "--parties", "Norway; Brazil"]) == 0
    table = capsys.readouterr().out
    assert "¶  Norway" in table
    assert "No paragraph refers to “Brazil”" in table


def test_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(EXAMPLE), "--format", "markdown"]) == 0
    assert "| ¶ | Denmark | Norway |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "parties", "message"),
    [
        (b"", "", "got an empty text"),
        (b"Hello", "", "at least 5 words, got 1"),
        (b"word " * 40_001, "", "at most 200,000 characters, got 200,005"),
        (b"x" * 900_000, "", "got a file of 900,000 bytes"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "", "expected UTF-8 text"),
        (b"a few words of plain text \x00\x01\x02", "", "got binary data"),
        (EXAMPLE.read_bytes(), "Norway; norway", "got 'norway' twice"),
        (EXAMPLE.read_bytes(), ": Oslo", "a party's name before the colon"),
    ],
)
def test_bad_input_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, parties: str, message: str
) -> None:
    file = tmp_path / "article.txt"
    file.write_bytes(content)
    assert main([str(file), "--parties", parties]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_text_as_windows_saves_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "article.txt"
    file.write_bytes("The café’s owner thanked Norway on Friday for its patience.".encode("cp1252"))
    assert main([str(file), "--parties", "Norway"]) == 0
    assert "The café’s owner thanked Norway" in capsys.readouterr().out


@pytest.mark.parametrize("flag", [("--words", "3"), ("--llm", "default"), ("--device", "cuda:9"), ("--parties", "A")])
def test_a_saved_analysis_is_not_made_again(
    flag: tuple[str, str], tmp_path: Path, analysis: Analysis, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text(to_json(analysis), encoding="utf-8")
    assert main([str(saved), *flag]) == 2
    assert f"expected {flag[0]} with an article, got a saved analysis" in capsys.readouterr().err
    assert main(["compare", str(saved), str(saved), "--parties", "A"]) == 2
    assert "expected --parties with an article, got saved analyses" in capsys.readouterr().err


def test_missing_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere.txt"]) == 2
    assert "'nowhere.txt': No such file or directory" in capsys.readouterr().err


@pytest.mark.slow
def test_standard_input_without_network() -> None:
    environment = {**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-m", "model", "-"], cwd=ROOT, env=environment, input=EXAMPLE.read_bytes(), capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert "Denmark" in done.stdout.decode()


@pytest.mark.slow
def test_evaluation_scores_a_users_gold(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    article = {
        "id": "mine",
        "title": "A quarrel over tolls",
        "paragraphs": ["Norway is right to protest.", "Denmark met Norway on Monday.", "The harbor was quiet."],
        "parties": [{"name": "Norway"}],
        "labels": [
            {"paragraph": 0, "party": "Norway", "stance": "favorable", "voice": "author", "annotator": "me"},
            {"paragraph": 1, "party": "Norway", "stance": "neutral"},
            {"paragraph": 2, "party": "Norway", "stance": "absent"},
        ],
    }
    gold.write_text(json.dumps(article), encoding="utf-8")
    out = tmp_path / "out.json"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "eval",
            str(gold),
            "--json",
            str(out),
            "--report",
            str(tmp_path / "r.html"),
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(out.read_text(encoding="utf-8"))
    scores = report["scores"]
    assert scores["items"] == 3
    assert scores["present"]["items"] == 2
    assert scores["labels"]["absent"]["recall"] == 1.0
    right = sum(item["gold"] == item["predicted"] for item in report["items"])
    assert scores["accuracy"] == pytest.approx(right / 3)
    assert set(report["baselines"]) == {"always neutral", "mention only", "word list"}
    assert "items: 3; articles: 1, judged now 1" in done.stdout
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.slow
def test_evaluation_stops_on_bad_gold(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"id": "a", "title": "t"}', encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "eval", str(gold)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "gold.jsonl:1: expected 'paragraphs' to be list" in done.stderr


def test_a_saved_analysis_is_shown_again_and_a_web_page_is_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, example: str
) -> None:
    assert main([str(EXAMPLE), "--format", "json"]) == 0
    saved, page = tmp_path / "saved.json", tmp_path / "page.html"
    saved.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main([str(saved)]) == 0
    table = capsys.readouterr().out
    paragraphs = "".join(f"<p>{text}</p>" for text in example.split("\n\n"))
    page.write_text(f"<html><body><article>{paragraphs}</article></body></html>", encoding="utf-8")
    assert main([str(page), "--parties", "Denmark; Norway"]) == 0
    read = capsys.readouterr().out
    assert "<p>" not in read
    assert "¶  Denmark" in table
    assert "¶  Denmark" in read
