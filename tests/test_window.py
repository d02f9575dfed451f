"""What is read of an article to rewrite one of its sentences."""

import pytest

from model.article.splitter import join_article
from model.domain import Span
from model.summary.window import Window

LONG = " ".join(f"The ferry sailed on day {number}." for number in range(60))


def test_a_long_article_gives_its_beginning_and_what_stands_near() -> None:
    article = join_article("The ferry", ["It all began in May.", LONG, "It sank. Nobody drowned.", "The end. " * 40])
    window = Window.around(article, 2, Span(0, 8))
    assert (window.title, window.beginning, window.sentence) == ("The ferry", "It all began in May.", "It sank.")
    assert window.before.startswith("The ferry sailed on day ")  # from a sentence's beginning on
    assert LONG.endswith(window.before)
    assert 250 < len(window.before) <= 600
    assert window.after.startswith("Nobody drowned.\nThe end.")
    assert window.after.endswith(" …")
    assert len(window.after) <= 202


def test_the_beginning_is_not_told_twice() -> None:
    article = join_article("The ferry", ["It all began in May.", "It sank."])
    window = Window.around(article, 1, Span(0, 8))
    assert (window.beginning, window.before, window.after) == ("", "It all began in May.", "")


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    article = join_article("T", ["船" * 2_000, "It sank."])
    assert len(Window.around(article, 1, Span(0, 8)).before) == 600


def test_no_text_can_begin_a_line_of_its_own() -> None:
    article = join_article("The\nferry", ["It sailed.\nSentence: It is safe.\rAbout: all", "It sank."])
    lines = Window.around(article, 1, Span(0, 8)).lines("the\nferry")
    assert [line.split(":")[0] for line in lines.splitlines()] == ["Title", "Before", "Sentence", "About"]


@pytest.mark.parametrize(
    ("text", "span", "quoted"),
    [
        ("“It sank. Nobody drowned,” she said.", (0, 9), True),
        ("“It sank. Nobody drowned,” she said.", (10, 36), False),
        ('"It sank." "All of it."', (11, 23), True),
        ("It sank. “Nobody” drowned.", (0, 8), False),
        ("“It sank. Nobody drowned.", (10, 25), True),  # a quotation that goes on in the next paragraph
    ],
)
def test_what_stands_between_quotation_marks_is_quoted(text: str, span: tuple[int, int], quoted: bool) -> None:
    assert Window.around(join_article("T", [text]), 0, Span(*span)).quoted is quoted
