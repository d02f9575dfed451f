"""Made-up texts, lists and saved files: each is read with right offsets, or refused with a sentence."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from model.article.splitter import split_article
from model.errors import ArticleError, PartyError
from model.export.json_format import to_dict
from model.export.json_reader import from_json
from model.names.aliases import implied_forms, office_of, state_of
from model.page.views.article_html import article as article_html
from model.page.views.html import glance, matrix
from model.parties.requests import LONGEST_NAME, MOST_ALIASES, MOST_PARTIES, parse_requests
from model.settings import MOST_PARAGRAPHS
from tests.attack.test_hostile_saved import saved

PIECES = (
    "Norway ", "thanked ", "Sweden. ", "\n", "\n\n", "\r\n", "\u2028", "\t", "By Ana Lind", "Photo: AP", "2023", "<b>",
    "(", "\u200b", "\u202e", "'s ", "“", "”", "!", "a.a@", "x" * 300, "\x00", "\ud800", "\ufffd", "é", "e\u0301",
    "👩‍🚒 ",
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
T = TypeVar("T")


def tried(call: Callable[[], T]) -> T | str:
    """What comes of it, or what a reader is told; any other error fails the test."""
    try:
        return call()
    except (ArticleError, PartyError) as error:
        return str(error)


fuzz = settings(max_examples=150, deadline=None, database=None)


@fuzz
@given(texts)
def test_an_article_has_right_offsets_or_is_refused(text: str) -> None:
    article = tried(lambda: split_article(text))
    if isinstance(article, str):
        assert article.startswith("expected ")
        return
    assert 0 < len(article.paragraphs) <= MOST_PARAGRAPHS
    assert article.text == text
    assert all(text[p.start : p.end] == p.text == p.text.strip() for p in article.paragraphs)
    assert all(a.end <= b.start for a, b in zip(article.paragraphs, article.paragraphs[1:], strict=False))


@fuzz
@given(st.lists(st.sampled_from([*PIECES, ":", ",", ";", " of ", "government", ")"]), max_size=40).map("".join))
def test_a_list_of_parties_is_within_its_limits_or_refused(text: str) -> None:
    requests = tried(lambda: parse_requests(text))
    if isinstance(requests, str):
        assert requests.startswith("expected ")
        return
    assert len(requests) <= MOST_PARTIES
    for request in requests:
        assert len(request.aliases) <= MOST_ALIASES
        for name in (request.name, *request.aliases):
            assert 0 < len(name) <= LONGEST_NAME
            assert all(isinstance(form, str) for form in implied_forms(name))
            assert office_of(name) in name
            assert state_of(name) is None or state_of(name).name


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just([]) | st.just({})


@fuzz
@given(st.data())
def test_a_changed_saved_file_is_shown_or_refused(data: st.DataObject) -> None:
    """One value anywhere in it is another one."""
    whole = saved(4, names=2)
    places: list[tuple[Any, Any]] = []
    rows: list[Any] = [whole]
    while rows:
        row = rows.pop()
        for key in row if isinstance(row, dict) else range(len(row)):
            places.append((row, key))
            rows += [row[key]] if isinstance(row[key], dict | list) else []
    row, key = data.draw(st.sampled_from(places))
    row[key] = data.draw(values)
    analysis = tried(lambda: from_json(json.dumps(whole)))
    if isinstance(analysis, str):
        assert analysis.startswith("expected an analysis as Sidelight saves it (JSON)")
        return
    assert article_html(analysis) + glance(analysis) + matrix(analysis)
    assert to_dict(analysis)["text"] == analysis.article.text
