"""Headlines in title case."""

import pytest

from model.article.nlp import parse_articles
from model.article.splitter import join_article
from model.article.truecase import truecased

BODY = [
    "Black voters made Jones a senator. The new senator thanked the voters, and Will Lund of Oslo thanked them too.",
    "Nobody knew which of the reports on the inquiry was meant.",
]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("How Black Voters Made Doug Jones a Senator", "How Black voters made Doug Jones a senator"),
        ("Will Lund Still Thanked by Voters", "Will Lund still thanked by voters"),
        ("Doug Jones Thanking Those Who Asked for Inquiries", "Doug Jones thanking those who Asked for inquiries"),
        ("Doug Jones Now Tells US Voters What He Knew", "Doug Jones now Tells US voters what he knew"),
        ("Black voters made Doug Jones a Senator in Oslo", "Black voters made Doug Jones a Senator in Oslo"),
        ("İNQUIRY Into VOTERS", "İNQUIRY into voters"),
        (
            "Black Voters Made Jones. The Voters Made a U.S. Senator",
            "Black voters made Jones. The voters made a U.S. senator",
        ),
        ("", ""),
    ],
)
def test_words_that_the_article_has_in_small_letters_are_small(title: str, expected: str) -> None:
    assert truecased(title, BODY) == expected


def test_names_in_a_headline_are_seen_at_their_places() -> None:
    title = "Black Voters Made Doug Jones a U.S. Senator in Alabama"
    (parsed,) = parse_articles([join_article(title, BODY)])
    assert parsed.title.text == title
    (person,) = [one for one in parsed.title.entities if one.label == "PERSON"]
    assert title[person.start : person.end] == person.text == "Doug Jones"
