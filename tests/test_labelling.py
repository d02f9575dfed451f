"""The form for labelling by hand: what it reads, what it refuses, and the gold line that comes of it."""

import json
from pathlib import Path

import pytest

from eval.agreement import agreement
from eval.gold import read_gold
from eval.labelling.__main__ import main
from eval.labelling.form import read_form
from model.article.nlp import ParsedArticle, parse_articles
from model.article.splitter import split_article
from model.domain import Stance, Voice
from model.errors import LabelError

ARTICLE = """The quay closes

Norway closed the quay on Monday, and Ana Lind was there. Nobody else came.

“It is a disgrace,” Ana Lind said of Oslo. She is right to say so. The ferry waits.
"""
FORM = """PARTIES
1. Norway | Oslo | state
2. Ana Lind | | person
TABLE
0: 1N 2N
1: 1C q s1 @Ana Lind; 2F a s2;
SUMMARY
Norway has closed the quay. [0]
TREATMENT
1: Ana Lind calls it a disgrace. [1]
2: The author sides with her. [0-1]
"""


@pytest.fixture(scope="module")
def parsed() -> ParsedArticle:
    return parse_articles([split_article(ARTICLE)])[0]


def test_a_form_is_read(parsed: ParsedArticle) -> None:
    form = read_form(FORM, parsed).whole()
    assert [(party.name, party.aliases, party.kind) for party in form.parties] == [
        ("Norway", ("Oslo",), "state"),
        ("Ana Lind", (), "person"),
    ]
    blame = form.table[1, 1]
    assert (blame.stance, blame.voice, blame.sentence, blame.holder) == (Stance.CRITICAL, Voice.QUOTED, 1, "Ana Lind")
    assert form.table[0, 2].stance is Stance.NEUTRAL
    assert form.treatment[2].paragraphs == (0, 1)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "1. Norway | Oslo | state",
            "1. Norway | Bergen | state",
            r"names that stand in the article, got \['Bergen'\]",
        ),
        ("| person", "| people", "as the kind, got 'people'"),
        ("0: 1N 2N", "0: 1N", r"a cell for each party from 1 to 2, got \[1\]"),
        ("0: 1N 2N", "0: 1N 2N 2-", r"a cell for each party from 1 to 2, got \[1, 2, 2\]"),
        ("0: 1N 2N\n", "", r"no row for the paragraphs \[0\]"),
        ("0: 1N 2N", "0: 1X 2N", "expected a cell such as"),
        ("s1 @Ana Lind", "s9 @Ana Lind", "a sentence from s1 to s3 of paragraph 1, got s9"),
        (" @Ana Lind", "", "expected a holder behind q"),
        ("quay. [0]", "quay.", "a sentence and its paragraphs"),
        ("quay. [0]", "quay. [7]", "a sentence and its paragraphs"),
        ("PARTIES\n", "", "expected one of PARTIES"),
    ],
)
def test_problems_are_named(parsed: ParsedArticle, old: str, new: str, problem: str) -> None:
    assert old in FORM
    form = read_form(FORM.replace(old, new, 1), parsed)
    with pytest.raises(LabelError, match=problem):
        form.whole()


def test_two_forms_make_a_line_of_gold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "quay.txt").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "first.txt").write_text(FORM, encoding="utf-8")
    (tmp_path / "second.txt").write_text(FORM.replace("2F a s2;", "2N"), encoding="utf-8")
    article, out = str(tmp_path / "quay.txt"), tmp_path / "gold.jsonl"
    assert main(["check", str(tmp_path / "first.txt"), article]) == 0
    assert main(["show", article]) == 0
    assert "P1 (s1) “It is a disgrace,” Ana Lind said of Oslo. (s2) She is right" in capsys.readouterr().out
    forms = [str(tmp_path / "first.txt"), article, "--second", str(tmp_path / "second.txt"), "--out", str(out)]
    assert main(["join", *forms]) == 0
    report = agreement([out])
    assert report["items"] == 4
    assert [row["party"] for row in report["differ"]] == ["Ana Lind"]
    (gold,) = read_gold([out])
    assert gold.disputed == 1
    assert len(gold.labels) == 3
    row = json.loads(out.read_text(encoding="utf-8"))
    label = next(row for row in row["labels"] if row["stance"] == "critical")
    assert row["paragraphs"][1][slice(*label["evidence"])] == "“It is a disgrace,” Ana Lind said of Oslo."
