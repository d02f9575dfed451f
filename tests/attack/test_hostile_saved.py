"""A saved analysis made to cost: refused before anything is built, or shown at a cost that grows with its size."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from model.domain import Analysis, Article, Kind, Mention, Paragraph, Party, Stance, StanceLabel, Summary, Voice
from model.errors import ArticleError
from model.export.json_format import to_dict
from model.export.json_reader import from_json
from model.page.views.article_html import article as article_html
from model.stance.holders import holder_names

LIMIT = 2.0
"""Seconds of a processor's time to open what is allowed, and to refuse what is not."""


def saved(words: int, names: int = 1) -> dict[str, Any]:
    """One paragraph of `words` words, each a mention of each party."""
    text = "Oslo " * words
    shares = {Stance.NEUTRAL: 1.0, Stance.ABSENT: 0.0, Stance.CRITICAL: 0.0, Stance.FAVORABLE: 0.0}
    mentions = tuple(Mention(0, 5 * n, 5 * n + 4) for n in range(words))
    parties = tuple(Party(f"Party {n}", Kind.ORGANIZATION, mentions=mentions) for n in range(names))
    labels = tuple(StanceLabel(0, party.name, Stance.NEUTRAL, shares, Voice.NONE) for party in parties)
    article = Article(text, (Paragraph(0, 0, len(text), text),))
    return to_dict(Analysis(article, parties, labels, Summary(())))


def test_fifteen_thousand_mentions_are_shown_at_once() -> None:
    raw = json.dumps(saved(15_000))
    start = time.process_time()
    html = article_html(from_json(raw))
    assert time.process_time() - start < LIMIT
    assert html.count('data-mention="0"') == 15_000


def test_marks_that_overlap() -> None:
    values = saved(3, names=2)
    values["parties"][0]["mentions"] = [{"paragraph": 0, "start": 0, "end": 9}, {"paragraph": 0, "start": 0, "end": 4}]
    values["parties"][1]["mentions"] = [{"paragraph": 0, "start": 5, "end": 5}]
    values["stances"][1]["evidence"] = {"start": 4, "end": 14}
    html = article_html(from_json(json.dumps(values)))
    assert '<span data-mention="0">Oslo</span><span data-mention="0" data-evidence="1"> </span>' in html
    assert '<span data-mention="0" data-evidence="1">Oslo</span><span data-evidence="1"> Oslo</span> </p>' in html


HOSTILE: dict[str, Callable[[dict[str, Any]], object]] = {
    "220,000 paragraphs, at most 2,000": lambda d: d.update(paragraphs=[{"start": 0, "end": 0}] * 220_000),
    "a paragraph is empty": lambda d: d["paragraphs"][0].update(end=0),
    "60,000 mentions, at most 50,000": lambda d: d["parties"][0].update(mentions=d["parties"][0]["mentions"] * 6000),
    "51 parties, at most 50": lambda d: d.update(parties=d["parties"] * 51),
    "90,000 stances, at most 1": lambda d: d.update(stances=d["stances"] * 90_000),
    "90,000 notes, at most 5,000": lambda d: d.update(notes=[{"start": 0, "end": 1}] * 90_000),
    "9,000 sentences": lambda d: d["summary"].update(sentences=[{"text": "x", "paragraphs": []}] * 9000),
    "a text of 300,000 characters": lambda d: d.update(warnings=["x" * 300_000]),
    "surrogates not allowed": lambda d: d.update(warnings=["\ud800"]),
}


@pytest.mark.parametrize(("message", "change"), HOSTILE.items(), ids=HOSTILE)
def test_too_much_of_anything_is_refused(message: str, change: Callable[[dict[str, Any]], object]) -> None:
    values = saved(10)
    change(values)
    raw = json.dumps(values)
    start = time.process_time()
    with pytest.raises(ArticleError, match=message):
        from_json(raw)
    assert time.process_time() - start < LIMIT


@pytest.mark.parametrize("holder", ["Ana{} Berg", "Ana{} " + "very " * 2_000 + "Berg", "Ana{0} Bo{0} Berg{0}"])
def test_very_many_holders_are_named_at_a_cost_that_grows_with_them(holder: str) -> None:
    labels = [
        StanceLabel(n % 300, f"Party {n // 300}", Stance.CRITICAL, voice=Voice.QUOTED, holder=holder.format(n))
        for n in range(20_000 if len(holder) < 100 else 200)
    ]
    start = time.process_time()
    names = holder_names(Analysis(Article("", ()), (), tuple(labels), Summary(())))
    assert time.process_time() - start < LIMIT
    assert len(names) == len(labels)
