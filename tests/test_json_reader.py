"""An analysis that was saved comes back the same; a file that was tampered with is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from model import Analysis
from model.domain import Span
from model.errors import ArticleError
from model.export.json_format import to_dict, to_json
from model.export.json_reader import from_json


def test_saved_and_opened_again(analysis: Analysis) -> None:
    again = from_json(to_json(analysis))
    assert again.article == analysis.article
    assert again.parties == analysis.parties
    assert again.summary == analysis.summary
    assert [(x.paragraph, x.party, x.stance, x.voice, x.holder, x.holder_span, x.evidence) for x in again.labels] == [
        (x.paragraph, x.party, x.stance, x.voice, x.holder, x.holder_span, x.evidence) for x in analysis.labels
    ]
    assert to_json(again) == to_json(analysis)


def test_a_holder_may_go_by_another_name_than_the_paragraphs_words(analysis: Analysis) -> None:
    values = to_dict(analysis)
    row = next(row for row in values["stances"] if row["stance"] != "absent")
    row.update(voice="quoted", holder={"text": "Ann\n Berg", "start": 0, "end": 2})
    again = from_json(json.dumps(values))
    (label,) = (label for label in again.labels if label.holder == "Ann Berg")
    assert label.holder_span == Span(0, 2)
    assert from_json(to_json(again)).labels == again.labels


@pytest.mark.parametrize(
    "break_it",
    [
        lambda d: d.pop("text"),
        lambda d: d.update(text=5),
        lambda d: d["paragraphs"][0].update(end=10**9),
        lambda d: d["stances"].pop(),
        lambda d: d["stances"].append(d["stances"][0]),
        lambda d: d["stances"][0].update(stance="hostile"),
        lambda d: d["stances"][0].update(party="Nobody"),
        lambda d: d["stances"][0].update(paragraph=99),
        lambda d: d["parties"].append(d["parties"][0]),
        lambda d: d["parties"][0]["mentions"][0].update(start=-1),
        lambda d: d["parties"][0]["mentions"][0].update(paragraph=-1, start=0, end=1),
        lambda d: d["summary"]["sentences"][0].update(paragraphs=[99]),
        lambda d: d["summary"]["sentences"][0].update(paragraphs=[-1]),
    ],
)
def test_a_broken_file_is_refused(analysis: Analysis, break_it: Callable[[dict[str, Any]], object]) -> None:
    values = json.loads(json.dumps(to_dict(analysis)))
    break_it(values)
    with pytest.raises(ArticleError, match="expected an analysis as Sidelight saves it"):
        from_json(json.dumps(values))


@pytest.mark.parametrize("raw", ["", "[]", "{", "null", '{"text": null}', "1" * 5000])
def test_no_analysis_at_all(raw: str) -> None:
    with pytest.raises(ArticleError, match="expected an analysis"):
        from_json(raw)
