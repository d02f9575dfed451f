"""Articles side by side: who is the same party, how each article treats it, and in which words."""

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import gradio as gr
import pytest

from model.__main__ import main
from model.article.splitter import join_article
from model.comparison.align import compare
from model.comparison.formats import to_csv, to_markdown, to_table
from model.domain import Analysis, Kind, Mention, Party, Span, Stance, StanceLabel, Summary, Voice
from model.export.json_format import to_json
from model.page.comparing import KeptArticle, compared
from model.page.own_labels import OwnLabels
from model.page.views.comparison import comparison

F, C, N, A = Stance.FAVORABLE, Stance.CRITICAL, Stance.NEUTRAL, Stance.ABSENT


def party(name: str, *aliases: str, kind: Kind = Kind.ORGANIZATION, main: bool = True) -> Party:
    return Party(name, kind, aliases, (Mention(0, 0, 4),), main)


def article(title: str, stances: dict[Party, Sequence[Stance]], voice: Voice = Voice.AUTHOR) -> Analysis:
    """An analysis with these stances, paragraph by paragraph, each carried by its whole paragraph, the later surer."""
    count = len(next(iter(stances.values())))
    text = join_article(title, [f"Paragraph {number} of “{title}”." for number in range(count)])
    labels = []
    for paragraph in text.paragraphs:
        for of, row in stances.items():
            taken = row[paragraph.index]
            sure = 0.5 + paragraph.index / 10
            shares = {stance: sure if stance is taken else (1 - sure) / 3 for stance in Stance}
            whole = Span(0, len(paragraph.text)) if taken in (F, C) else None
            said = voice if whole else Voice.NONE
            labels.append(StanceLabel(paragraph.index, of.name, taken, shares, said, evidence=whole))
    return Analysis(text, tuple(stances), tuple(labels), Summary(()))


def test_parties_are_matched_by_name_then_by_a_name_that_they_share() -> None:
    one = article("One", {party("The Harbour Board"): [C, N], party("Ann Berg", "Berg", kind=Kind.PERSON): [N, A]})
    other = article(
        "Two",
        {
            party("Mayor Ann Berg", "Berg", kind=Kind.PERSON): [F, F],
            party("harbour board", "the board"): [N, C],
            party("Union", "the board"): [N, N],
        },
    )
    found = {row.name: [there and there.party.name for there in row.treatments] for row in compare([one, other])}
    assert found == {
        "The Harbour Board": ["The Harbour Board", "harbour board"],
        "Ann Berg": ["Ann Berg", "Mayor Ann Berg"],
        "Union": [None, "Union"],
    }


def test_two_persons_of_one_surname_are_two_whatever_they_are_called_later() -> None:
    one = article("One", {party("Boris Berg", "Berg", kind=Kind.PERSON): [C, C]})
    other = article("Two", {party("Mike Berg", "Berg", kind=Kind.PERSON): [F, N]})
    assert {row.name for row in compare([one, other])} == {"Boris Berg", "Mike Berg"}


def test_a_party_that_only_its_reader_saw_is_compared() -> None:
    unseen = Party("The Program", Kind.ORGANIZATION, (), (), True)
    (row,) = compare([article("One", {unseen: [C, A]}), article("Two", {party("The Program"): [N, N]})])
    assert [there.total(C) if there else None for there in row.treatments] == [1, 0]
    assert compare([article("One", {unseen: [A, A]}), article("Two", {party("Berg"): [N]})])[0].name == "Berg"


def test_a_person_and_an_organization_of_one_name_are_two() -> None:
    one = article("One", {party("Hale", "Hale Council"): [C]})
    other = article("Two", {party("Tom Hale", "Hale", kind=Kind.PERSON): [F]})
    assert [row.name for row in compare([one, other])] == ["Hale", "Tom Hale"]


@pytest.mark.parametrize(
    ("ours", "theirs", "count"),
    [
        ([("Trump", Kind.ORGANIZATION)], [("Donald J. Trump", Kind.PERSON)], 1),  # spaCy's slip about a known leader
        ([("Kerr", Kind.PERSON)], [("Mayor Ann Kerr", Kind.PERSON)], 1),
        ([("Kerr", Kind.PERSON)], [("Ann Kerr", Kind.PERSON), ("Tom Kerr", Kind.PERSON)], 3),
        ([("Ann Kerr", Kind.PERSON)], [("Tom Kerr", Kind.PERSON)], 2),
        ([("Kerr", Kind.ORGANIZATION)], [("Tom Kerr", Kind.PERSON)], 2),
        ([("Democrats", Kind.ORGANIZATION)], [("Democratic Party", Kind.ORGANIZATION)], 1),
        ([("GOP", Kind.ORGANIZATION)], [("Republicans", Kind.ORGANIZATION)], 1),
    ],
)
def test_a_surname_and_a_partys_adherents(
    ours: list[tuple[str, Kind]], theirs: list[tuple[str, Kind]], count: int
) -> None:
    both = [article("One", {party(name, kind=kind): [N] for name, kind in some}) for some in (ours, theirs)]
    assert len(compare(both)) == count


def test_a_surname_does_not_join_who_differ_in_a_third_article() -> None:
    names = ("Ann Kerr", "Kerr", "Tom Kerr")
    articles = [article(name, {party(name, kind=Kind.PERSON): [N]}) for name in names]
    assert [sum(map(bool, row.treatments)) for row in compare(articles)] == [2, 1]


def test_whom_no_article_is_about_is_left_out_and_whom_most_are_about_comes_first() -> None:
    one = article("One", {party("Rail"): [N], party("Port", main=False): [C], party("Bank", main=False): [C]})
    other = article("Two", {party("Port"): [F]})
    assert [row.name for row in compare([one, other])] == ["Port", "Rail"]


def test_the_surest_sentence_of_each_side_the_larger_side_first() -> None:
    (row,) = compare([article("One", {party("Port"): [F, C, C, N]}), article("Two", {party("Port"): [N, N]})])
    first, second = row.treatments
    assert first
    assert second
    assert [(label.stance, label.paragraph) for label in first.quotations] == [(C, 2), (F, 0)]
    assert second.quotations == ()
    assert (first.total(C), first.total(F), first.total(N), second.total(N)) == (2, 1, 1, 2)


@pytest.fixture
def both() -> list[Analysis]:
    one = article("=Dues <b>", {party("=Port"): [C, N], party("Rail"): [N, A]})
    return [one, article("Two", {party("=Port"): [F, A]}, Voice.QUOTED)]


def test_text(both: list[Analysis]) -> None:
    assert to_table(both).splitlines() == [
        "A  =Dues <b>",
        "B  Two",
        "",
        "=Port",
        "  A  − 1 critical (1 in the author’s voice), = 1 neutral",
        "     − “Paragraph 0 of ‘=Dues <b>’.” (¶1, author’s voice)",
        "  B  + 1 favorable (1 quoted)",
        "     + “Paragraph 0 of ‘Two’.” (¶1, quoted)",
        "",
        "Rail",
        "  A  = 1 neutral",
        "  B  not mentioned",
    ]


def test_markdown_is_escaped(both: list[Analysis]) -> None:
    text = to_markdown(both)
    assert "<b>" not in text.replace("\\<b\\>", "")
    assert "| Rail | = 1 neutral | not mentioned |" in text


def test_csv_has_a_row_for_each_party_and_article_and_no_formula(both: list[Analysis]) -> None:
    rows = list(csv.DictReader(to_csv(both).splitlines()))
    assert [(row["party"], row["article"]) for row in rows] == [
        ("'=Port", "A"),
        ("'=Port", "B"),
        ("Rail", "A"),
        ("Rail", "B"),
    ]
    assert (rows[0]["critical_author"], rows[1]["favorable_quoted"], rows[3]["neutral"]) == ("1", "1", "")
    assert not any(value.startswith("=") for row in rows for value in row.values())
    begun = to_csv([article("One", {party("Port\r=1+1"): [C]})])
    assert '\n"Port\n=1+1",A,' in begun, "no carriage return begins a row, whose first cell might be a formula"


def test_html_is_escaped_and_says_what_comes_next(both: list[Analysis]) -> None:
    assert comparison([]) == ""
    assert "Paste or drop the next article" in comparison(both[:1])
    html = comparison(both)
    assert "<b>" not in html
    assert re.findall('<td role="cell" data-letter="(.)">', html) == ["A", "B"]  # seen where columns do not fit
    assert html.count('role="columnheader"') == 3
    assert html.count('role="row"') == 2
    assert html.count("<th scope=") == 5  # a head of three columns, a row, and one of A alone
    assert '<caption>Only in A</caption><tbody><tr><th scope="row">Rail</th>' in html
    unlike = [both[0], article("Three", {party("Bank"): [N]})]
    assert "These articles have no party in common." in comparison(unlike)
    assert "<h3>Both speak of:</h3>" in html
    assert "<h3>Both" not in comparison(unlike)


def test_a_fifth_article_is_said_to_be_left_out() -> None:
    some = [article(f"Number {number}", {party("Bank"): [N]}) for number in range(5)]
    kept = tuple(map(KeptArticle, some[:4]))
    request = cast("gr.Request", SimpleNamespace(headers={}))
    for shown, told in ((some[4], True), (some[3], False), (None, False)):
        _, html, *_ = compared(kept, shown, OwnLabels(), request)
        assert html.count('<th scope="col"') == 5
        assert ("is not among them: at most 4" in html) == told


@pytest.mark.slow
def test_the_command_takes_texts_and_saved_analyses(
    tmp_path: Path, example: str, analysis: Analysis, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, text = tmp_path / "saved.json", tmp_path / "article.txt"
    saved.write_text(to_json(analysis), encoding="utf-8")
    text.write_text(example, encoding="utf-8")
    assert main(["compare", str(saved), str(text), "--format", "csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    main_ones = [one.name for one in analysis.parties if one.main]
    assert {row["party"] for row in rows} == set(main_ones)
    for ours, theirs in zip(rows[::2], rows[1::2], strict=True):
        assert {**ours, "article": "B"} == theirs


@pytest.mark.parametrize("count", [1, 5])
def test_two_to_four_files(count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *[str(tmp_path / f"{number}.json") for number in range(count)]]) == 2
    assert f"expected two to 4 files to compare, got {count}" in capsys.readouterr().err


def test_a_file_that_is_no_analysis(tmp_path: Path, both: list[Analysis], capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(to_json(replace(both[0])), encoding="utf-8")
    bad.write_text(json.dumps({"text": 3}), encoding="utf-8")
    assert main(["compare", str(good), str(bad)]) == 2
    assert f"{bad}: expected an analysis as Sidelight saves it" in capsys.readouterr().err


def test_warnings_are_told_beside_the_table(
    tmp_path: Path, both: list[Analysis], capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_text(to_json(replace(both[0], warnings=("it may not be English",))), encoding="utf-8")
    other.write_text(to_json(both[1]), encoding="utf-8")
    assert main(["compare", str(one), str(other)]) == 0
    assert capsys.readouterr().err == f"sidelight: {one}: it may not be English\n"
