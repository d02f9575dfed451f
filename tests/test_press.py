"""Real press: the labels fit their texts where these are at hand, and no story is on two sides of the split."""

import json
import re
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import PRESS, main
from eval.agreement import agreement
from eval.gold import read_gold
from model.settings import DATA

CORPUS = Path(__file__).parents[2] / "shared" / "corpora" / "news.jsonl"
PARTS = {**PRESS, "training": DATA / "press" / "training.jsonl"}
RUN = 9
STORY_DAYS = 6
needs_texts = pytest.mark.skipif(not CORPUS.is_file(), reason=f"the texts are not at hand in {CORPUS}")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def texts() -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows(CORPUS)}


def runs(row: dict[str, Any]) -> set[tuple[str, ...]]:
    """Nine words in a row, anywhere in an article."""
    words = [re.findall(r"\w+", text.lower()) for text in (row["title"], *row["paragraphs"])]
    return {tuple(some[at : at + RUN]) for some in words for at in range(len(some) - RUN + 1)}


def test_every_paragraph_has_a_label_for_each_party() -> None:
    for path in PARTS.values():
        for row in rows(path):
            names = [party["name"] for party in row["parties"]]
            items = [(label["paragraph"], label["party"]) for label in row["labels"]]
            assert sorted(items) == sorted((p, name) for p in range(len(row["paragraph_sha256"])) for name in names)
            assert 3 <= len(row["summary"]) <= 5
            assert sum(len(part["text"].split()) for part in row["summary"]) <= 90
            assert set(row["treatment"]) == set(names)


def test_further_parties_are_others_and_have_a_label_in_every_paragraph() -> None:
    first = {row["id"]: row for row in rows(PARTS["training"])}
    for row in rows(PARTS["training"].with_name("training_further.jsonl")):
        chosen = first[row["id"]]
        names = [party["name"] for party in row["parties"]]
        assert not set(names) & {name for party in chosen["parties"] for name in (party["name"], *party["aliases"])}
        items = [(label["paragraph"], label["party"]) for label in row["labels"]]
        assert sorted(items) == sorted((p, name) for p in range(len(chosen["paragraph_sha256"])) for name in names)
        for label in row["labels"]:
            assert (label["voice"] == "none") == (label["stance"] in ("absent", "neutral"))


def test_a_sixth_of_training_is_read_twice() -> None:
    report = agreement([DATA / "press" / "training_readings.jsonl"])
    assert report["items"] > sum(len(row["labels"]) for row in rows(PARTS["training"])) / 6
    assert report["present"]["kappa"] > 0.85


def test_gold_and_development_are_read_twice() -> None:
    for part, file in (("gold", PARTS["gold"].with_name("press_readings.jsonl")), ("development", None)):
        report = agreement([file or DATA / "press" / "development_readings.jsonl"])
        assert report["items"] == sum(len(row["labels"]) for row in rows(PARTS[part]))
        assert report["present"]["kappa"] > 0.85


@needs_texts
def test_no_story_and_no_run_of_words_is_on_two_sides(texts: dict[str, dict[str, Any]]) -> None:
    sides = {row["id"]: part for part, path in PARTS.items() for row in rows(path)}
    assert len(sides) >= 440
    seen: dict[tuple[str, ...], set[str]] = defaultdict(set)
    by_topic: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for identifier, side in sides.items():
        row = texts[identifier]
        by_topic[row["topic"]].append((date.fromisoformat(row["date"]), side))
        for run in runs(row):
            seen[run].add(side)
    assert [run for run, found in seen.items() if len(found) > 1] == []
    for dated in by_topic.values():
        dated.sort()
        for (day, side), (later, other) in pairwise(dated):
            assert side == other or (later - day).days > STORY_DAYS


@needs_texts
def test_held_sets_are_half_opinion_and_of_many_outlets(texts: dict[str, dict[str, Any]]) -> None:
    for part in ("gold", "development"):
        found = [texts[row["id"]] for row in rows(PARTS[part])]
        assert Counter(row["kind"] for row in found) == {"opinion": 30, "report": 30}
        assert max(Counter(row["source"] for row in found).values()) <= 0.08 * len(found)


@needs_texts
def test_summaries_are_in_our_own_words(texts: dict[str, dict[str, Any]]) -> None:
    for path in PARTS.values():
        for row in rows(path):
            own = [part["text"] for key in ("summary", "second_summary", "points") for part in row.get(key, [])]
            said = {run for text in own for run in runs({"title": text, "paragraphs": []})}
            assert said & runs(texts[row["id"]]) == set(), row["id"]


@needs_texts
def test_labels_fit_their_texts() -> None:
    gold = read_gold([PRESS["gold"]], corpora=CORPUS.parent)
    assert len(gold) == 60
    assert all(not article.open_text and article.second_requests for article in gold)
    assert all(set(article.references) == {
        (label.paragraph, label.party) for label in article.labels if label.stance != "absent"
    } for article in gold)  # fmt: skip


def test_without_the_texts_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--press", "--corpora", str(tmp_path)]) == 0
    assert "its texts are not at hand" in capsys.readouterr().out
    assert read_gold([PRESS["gold"]], corpora=tmp_path) == []
