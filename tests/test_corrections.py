"""A reader's labels count: totals, lines, charts and files follow them, and what the model said is not lost."""

import csv
import json

import pytest

from model.domain import Analysis, Stance, Voice
from model.export.csv_format import to_csv
from model.page.own_labels import OwnLabels, article_id
from model.page.views import html
from model.stance.aggregates import party_lines, voice_counts
from model.stance.corrections import corrected
from tests.test_comparison import A, C, F, N, article, party

PORT = party("Port")


@pytest.fixture
def found() -> Analysis:
    return article("Dues", {PORT: [C, N, A, F]}, Voice.QUOTED)


def test_labels_in_the_place_of_the_models(found: Analysis) -> None:
    labels = corrected(found, {(0, "Port"): F, (1, "Port"): C, (2, "Port"): A, (3, "Port"): N}).labels
    assert [label.stance for label in labels] == [F, C, A, N]
    assert [label.voice for label in labels] == [Voice.QUOTED, None, Voice.NONE, Voice.NONE]
    assert [label.probability is None for label in labels] == [True, True, False, True]
    assert [label.evidence for label in labels] == [None] * 4


def test_nothing_else_changes(found: Analysis) -> None:
    assert corrected(found, {}) is found
    assert corrected(found, {(0, "Starboard"): F, (9, "Port"): F}) == found


def test_lines_and_counts_follow(found: Analysis) -> None:
    after = corrected(found, {(1, "Port"): C, (3, "Port"): C})
    assert voice_counts(after, "Port")[C, Voice.QUOTED] == 2
    (line,) = party_lines(after)
    assert line.text == "is treated critically in 3 of 4 paragraphs, 2 quoted, 1 by your label."
    shown = html.glance(after, models=found)
    assert "Without your labels: Port is treated critically in 1 of 4 paragraphs, in quoted voices" in shown
    assert "Without your labels" not in html.glance(found)


def test_a_file_says_whose_label_it_is(found: Analysis) -> None:
    rows = list(csv.DictReader(to_csv(corrected(found, {(1, "Port"): C})).splitlines()))
    assert [(row["stance"], row["by"], row["title"]) for row in rows] == [
        ("critical", "model", "Dues"),
        ("critical", "reader", "Dues"),
        ("absent", "model", "Dues"),
        ("favorable", "model", "Dues"),
    ]


def test_what_the_browser_says(found: Analysis) -> None:
    own = OwnLabels()
    own.hear(json.dumps({"id": article_id(found.article), "labels": [[1, "Port", "critical"]]}))
    assert own.over(found).labels[1].stance is Stance.CRITICAL
    other = article("Other", {PORT: [N, N]})
    assert own.over(other) is other


@pytest.mark.parametrize(
    "sent",
    ["", "[]", "3", '{"id": "x"}', '{"id": "x", "labels": [[1, "Port"]]}', '{"id": "x", "labels": 3}', "[" * 9999],
)
def test_nonsense_from_a_browser_changes_nothing(sent: str, found: Analysis) -> None:
    own = OwnLabels(article_id(found.article), {(0, "Port"): F})
    own.hear(sent)
    assert own == OwnLabels(article_id(found.article), {(0, "Port"): F})
