"""Scores and agreement against arithmetic worked by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.agreement import agreement
from eval.metrics import kappa, score
from model.domain import Stance
from model.errors import LabelError

F, C, N, A = Stance.FAVORABLE, Stance.CRITICAL, Stance.NEUTRAL, Stance.ABSENT

GOLD = [F, F, C, N, A, A]
PREDICTED = [F, N, C, A, A, C]


def test_scores_of_all_items() -> None:
    scores = score(GOLD, PREDICTED)
    assert scores["items"] == 6
    assert scores["accuracy"] == pytest.approx(3 / 6)
    # F1 = 2 hits / (gold + predicted): F 2·1/(2+1) = 2/3, C 2·1/(1+2) = 2/3, N 0/(1+1) = 0, A 2·1/(2+2) = 1/2
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 0 + 1 / 2) / 4)
    # observed 1/2; by chance (F 2·1 + C 1·2 + N 1·1 + A 2·2) / 6² = 1/4; κ = (1/2 - 1/4) / (1 - 1/4)
    assert scores["kappa"] == pytest.approx(1 / 3)


def test_scores_by_label() -> None:
    scores = score(GOLD, PREDICTED)
    assert scores["labels"]["favorable"] == {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "items": 2}
    assert scores["labels"]["neutral"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "items": 1}
    assert scores["confusion"] == {
        "labels": ["favorable", "critical", "neutral", "absent"],
        "rows_gold_columns_predicted": [[1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 1, 0, 1]],
    }


def test_present_leaves_out_what_gold_calls_absent() -> None:
    present = score(GOLD, PREDICTED)["present"]
    assert present["items"] == 4  # F/F, F/N, C/C, N/A
    # F 2·1/(2+1) = 2/3, C 2·1/(1+1) = 1, N 0/(1+1) = 0
    assert present["macro_f1"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    # observed 2/4; by chance (F 2·1 + C 1·1 + N 1·1) / 4² = 1/4; κ = (1/2 - 1/4) / (1 - 1/4)
    assert present["kappa"] == pytest.approx(1 / 3)


def test_predicted_absent_counts_as_wrong() -> None:
    present = score([F, F, C, N], [F, A, C, N])["present"]
    assert present["items"] == 4
    # F 2·1/(2+1) = 2/3, C 1, N 1; without the item that was called absent all three would be 1
    assert present["macro_f1"] == pytest.approx((2 / 3 + 1 + 1) / 3)
    # observed 3/4; by chance (F 2·1 + C 1·1 + N 1·1) / 4² = 1/4; κ = (3/4 - 1/4) / (1 - 1/4)
    assert present["kappa"] == pytest.approx(2 / 3)


def test_unseen_labels_count_zero() -> None:
    scores = score([F, C], [F, C])
    assert scores["accuracy"] == 1.0
    assert scores["macro_f1"] == pytest.approx((1 + 1 + 0 + 0) / 4)
    assert scores["present"]["macro_f1"] == pytest.approx((1 + 1 + 0) / 3)
    assert scores["labels"]["absent"]["items"] == 0


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([], [], None),
        ([F], [F], None),
        ([A, A, A], [A, A, A], None),
        ([F, F], [C, C], 0.0),  # observed 0, by chance 0
        ([F, C], [F, F], 0.0),  # observed 1/2, by chance (1·2 + 1·0) / 4 = 1/2
        ([F, C], [C, F], -1.0),  # observed 0, by chance (1·1 + 1·1) / 4 = 1/2
        ([F, C, N, A], [F, C, N, A], 1.0),
    ],
)
def test_kappa(first: list[Stance], second: list[Stance], expected: float | None) -> None:
    assert kappa(first, second) == (None if expected is None else pytest.approx(expected))


def test_kappa_is_none_where_undefined() -> None:
    scores = score([F, F], [F, F])
    assert scores["kappa"] is None
    assert scores["present"] == {"items": 2, "macro_f1": pytest.approx(1 / 3), "kappa": None}


def test_no_present_item() -> None:
    scores = score([A, A], [A, F])
    assert scores["accuracy"] == 0.5
    assert scores["present"] == {"items": 0, "macro_f1": None, "kappa": None}


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [([], [], "got 0 and 0"), ([F], [], "got 0 and 1"), ([], [F], "got 1 and 0"), ([F, C], [F, C, N], "got 3 and 2")],
)
def test_lists_must_match(gold: list[Stance], predicted: list[Stance], message: str) -> None:
    with pytest.raises(ValueError, match=f"at least one, {message}"):
        score(gold, predicted)


def readings(folder: Path, **annotators: str) -> Path:
    """A file where each annotator gives items 0, 1, … the stances that the letters stand for."""
    stances = {"F": F, "C": C, "N": N, "A": A}
    rows = [
        {"id": "x", "paragraph": paragraph, "party": "P", "stance": stances[letter], "annotator": annotator}
        for annotator, letters in annotators.items()
        for paragraph, letter in enumerate(letters)
    ]
    file = folder / "readings.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def test_agreement(tmp_path: Path) -> None:
    report = agreement([readings(tmp_path, zoe="FCAN", ann="FNAN")])
    assert report["annotators"] == ["zoe", "ann"]
    assert report["items"] == 4
    # observed 3/4; by chance (F 1·1 + C 1·0 + N 1·2 + A 1·1) / 4² = 1/4; κ = (3/4 - 1/4) / (1 - 1/4)
    assert report["kappa"] == pytest.approx(2 / 3)
    # F/F, C/N, N/N: observed 2/3; by chance (F 1·1 + C 1·0 + N 1·2) / 3² = 1/3; κ = (2/3 - 1/3) / (1 - 1/3)
    # Of 6 ordered pairs 2 differ; by chance (F 2, C 1, N 3) 2·(2·1 + 2·3 + 1·3) / (6·5) would: α = 1 - (2/6) / (22/30)
    assert report["present"] == {"items": 3, "kappa": pytest.approx(1 / 2), "alpha": pytest.approx(6 / 11)}
    assert report["differ"] == [{"id": "x", "paragraph": 1, "party": "P", "labels": ["critical", "neutral"]}]


def test_agreement_leaves_out_what_either_calls_absent(tmp_path: Path) -> None:
    report = agreement([readings(tmp_path, ann="FCAA", ben="FCFA")])
    assert report["present"] == {"items": 2, "kappa": pytest.approx(1.0), "alpha": pytest.approx(1.0)}


def test_agreement_of_two_files_from_the_page(tmp_path: Path) -> None:
    row = {"id": "page-1", "labels": [{"paragraph": 0, "party": "P", "stance": "favorable", "annotator": "gold"}]}
    files = [tmp_path / name for name in ("ann.jsonl", "ben.jsonl", "ben/ann.jsonl")]
    files[2].parent.mkdir()
    for file in files:
        file.write_text(json.dumps(row) + '\n{"id": "page-2", "labels": []}\n', encoding="utf-8")
    report = agreement(files[:2])
    assert (report["annotators"], report["items"]) == (["ann.jsonl", "ben.jsonl"], 1)
    assert agreement([files[0], files[2]])["annotators"] == [str(files[0]), str(files[2])]  # as the page names them


def test_agreement_without_present_items(tmp_path: Path) -> None:
    report = agreement([readings(tmp_path, ann="AF", ben="AA")])
    assert report["items"] == 2
    assert report["present"] == {"items": 0, "kappa": None, "alpha": None}


@pytest.mark.parametrize(
    ("annotators", "message"),
    [
        ({}, r"expected two annotators in .*readings\.jsonl'\], found \[\]"),
        ({"ann": "FC"}, r"expected two annotators in .*readings\.jsonl'\], found \['ann'\]"),
        ({"ann": "F", "ben": "F", "cy": "F"}, r"found \['ann', 'ben', 'cy'\]"),
        ({"ann": "FCN", "ben": "F"}, r"expected the same items .*readings\.jsonl'\], 2 have only one label"),
    ],
)
def test_agreement_needs_two_annotators_of_the_same_items(
    tmp_path: Path, annotators: dict[str, str], message: str
) -> None:
    with pytest.raises(LabelError, match=message):
        agreement([readings(tmp_path, **annotators)])


@pytest.mark.parametrize(
    "change", [{"stance": "positive"}, {"stance": None}, {"party": ["P"]}], ids=["stance", "no stance", "party"]
)
def test_agreement_names_the_malformed_line(tmp_path: Path, change: dict[str, Any]) -> None:
    file = readings(tmp_path, ann="F")
    row = {"id": "x", "paragraph": 0, "party": "P", "stance": "favorable", "annotator": "ben"} | change
    file.write_text(file.read_text(encoding="utf-8") + json.dumps(row), encoding="utf-8")
    with pytest.raises(LabelError, match=r"readings\.jsonl:2: expected id, paragraph, party and a stance"):
        agreement([file])
