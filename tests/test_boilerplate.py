"""Which lines of a pasted page are taken for boilerplate by their words, shape and place."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from model.article.boilerplate_regression import FEWEST_LINES, LONGEST, BoilerplateRegression, features_of
from model.article.splitter import split_article
from model.errors import LabelError
from model.training.recipes.boilerplate import Line, learn, own_lines, read_lines, score, shares
from tests.test_splitter import BODY, FIRST, MORE, TITLE

PARAGRAPHS = [*BODY, *MORE, "The captain went home, and the mayor did not. Nobody had asked her to stay."]
SIGN = BoilerplateRegression({"word subscribe": 3.0, "closed": -1.0}, -1.0, 0.5)


def taken_out(regression: BoilerplateRegression, lines: Sequence[str]) -> list[str]:
    return [line for line, out in zip(lines, regression.boilerplate(lines), strict=True) if out]


def test_a_line_is_boilerplate_from_the_limit_on() -> None:
    line = "Subscribe to the Courier and read what the ferry carries."
    assert taken_out(SIGN, [*PARAGRAPHS, line]) == [line]
    assert not taken_out(BoilerplateRegression(SIGN.weights, SIGN.bias, 0.8), [*PARAGRAPHS, line])


def test_few_lines_long_ones_and_most_of_a_text_are_kept() -> None:
    line = "Subscribe to the Courier and read what the ferry carries."
    assert not taken_out(SIGN, [*PARAGRAPHS, line][1 - FEWEST_LINES :])
    assert not taken_out(SIGN, [*PARAGRAPHS, f"Subscribe {'and read ' * LONGEST}"])
    assert not taken_out(SIGN, [line] * FEWEST_LINES)


def test_short_lines_without_a_closing_sign_are_left_to_the_rule_for_headings() -> None:
    short, *_ = features_of(["Subscribe now", *PARAGRAPHS])
    assert short is None


@pytest.mark.parametrize(
    "line",
    [
        "Get the Courier’s best stories delivered to your inbox each morning. By signing up, you agree to our terms.",
        "SEE ALSO: Council of Varnholm votes on the bridge after a night of speeches",
        "Follow the Courier on Twitter and Facebook.",
        "Solberg reported from Varnholm. Per Dahl contributed from Oslo.",
        "• Ingrid Solberg, a historian at Varnholm College, is the author of “The Notebook: How a Ferry Sailed.”",
    ],
)
def test_lines_that_no_pattern_foresees_are_notes(line: str) -> None:
    article = split_article("\n\n".join([TITLE, *PARAGRAPHS, line]))
    assert [article.read(note) for note in article.notes] == [line]
    assert [paragraph.text for paragraph in article.paragraphs] == PARAGRAPHS


def test_a_sentence_of_a_paragraph_that_is_set_out_again_is_judged_once() -> None:
    quoted = FIRST.split(". ")[0]
    assert len(quoted.split()) > 5
    article = split_article("\n\n".join([TITLE, *PARAGRAPHS[:2], f"“{quoted}.”", *PARAGRAPHS[2:]]))
    assert [paragraph.text for paragraph in article.paragraphs] == PARAGRAPHS
    assert [article.read(caption) for caption in article.captions] == [f"“{quoted}.”"]


def test_points_of_a_list_are_kept() -> None:
    points = ["• The first point is that the ferry must be mended before the river freezes again this year."]
    article = split_article("\n\n".join([TITLE, *PARAGRAPHS[:3], *points, *PARAGRAPHS[3:]]))
    assert [paragraph.text for paragraph in article.paragraphs] == [*PARAGRAPHS[:3], *points, *PARAGRAPHS[3:]]


def test_it_learns_words_and_scores_what_was_left_out() -> None:
    kinds = [("Subscribe to the Courier for less.", True), ("The ferry sailed at dawn.", False)] * 20
    last = [[*features_of([*PARAGRAPHS, text])][-1] for text, _ in kinds]
    lines = [Line(features or {}, label, "") for features, (_, label) in zip(last, kinds, strict=True)]
    learnt = learn(lines)
    assert learnt.weights["word subscribe"] > 0 > learnt.weights["word ferry"]
    counts = score(learnt, [*lines, Line(lines[0].features, False, "")])
    assert (counts["are"], counts["called"], counts["right"]) == (20, 21, 20)
    assert shares(counts) == "found 100.0% of 20, right 95.2% of 21, of 41 lines"


def test_the_lines_we_wrote_are_told_apart() -> None:
    regression = BoilerplateRegression.load()
    counts = score(regression, list(own_lines()))
    assert counts["right"] > 0.8 * counts["are"] > 100
    assert counts["right"] > 0.95 * counts["called"]


def test_labels_are_read_with_their_articles(tmp_path: Path) -> None:
    row = {"id": "a", "title": TITLE, "source": "Courier", "paragraphs": [*PARAGRAPHS, "Subscribe to the Courier now."]}
    (tmp_path / "news.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    labels = tmp_path / "labels.jsonl"
    labels.write_text(json.dumps({"id": "a", "boilerplate": [len(PARAGRAPHS)], "part": [0]}) + "\n", encoding="utf-8")
    lines = list(read_lines(labels, tmp_path))
    assert [line.boilerplate for line in lines] == [False] * (len(PARAGRAPHS) - 1) + [True]
    assert {line.outlet for line in lines} == {"Courier"}
    labels.write_text('{"id": "b", "boilerplate": [], "part": []}\n', encoding="utf-8")
    with pytest.raises(LabelError, match="expected the text of 'b'"):
        list(read_lines(labels, tmp_path))
