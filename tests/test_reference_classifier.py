import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from model.article.nlp import parse
from model.article.splitter import join_article
from model.domain import Kind, Mention, Party
from model.errors import LabelError
from model.parties.candidates import candidates, features, scenes
from model.parties.finder import find_parties
from model.parties.reference_classifier import ReferenceClassifier
from model.parties.requests import PartyRequest
from model.training.recipes.references import Item, learn, read_items, scores

ARTICLE = join_article(
    "Letters: the ferry to Hollow Bay",
    [
        "The Norwegian government has promised a ferry since 2011. Coastal Lines AS has offered to run it.",
        "Nobody at Coastal Lines AS expects an answer before the winter.",
        "On Monday the minister said that the papers were being read.",
        "The water was calm, and gulls stood on the quay.",
    ],
)


def mentions(party: Party, paragraph: int) -> list[str]:
    text = ARTICLE.paragraphs[paragraph].text
    return [text[m.start : m.end] for m in party.in_paragraph(paragraph)]


def test_a_minister_stands_for_the_government_that_goes_unnamed() -> None:
    government, company = find_parties(
        ARTICLE, [PartyRequest("Norwegian government"), PartyRequest("Coastal Lines AS")]
    )
    assert "the minister" in mentions(government, 2)
    assert not mentions(company, 2)
    assert not mentions(government, 3)
    assert not mentions(company, 3)


def test_a_party_with_exact_names_has_no_others() -> None:
    (government,) = find_parties(ARTICLE, [PartyRequest("Norwegian government", ("Oslo",), exact=True)])
    assert not mentions(government, 2)


def test_nothing_is_added_where_a_party_is_known_to_be_mentioned() -> None:
    readings = parse([paragraph.text for paragraph in ARTICLE.paragraphs])
    place = ARTICLE.paragraphs[2].text.index("the papers")
    known = Party("Norwegian government", Kind.STATE, mentions=(Mention(2, place, place + 10),))
    believing = ReferenceClassifier({}, bias=5.0, threshold=0.5)
    (party,) = believing.add([known], readings)
    assert party.in_paragraph(2) == known.mentions
    assert party.in_paragraph(1)
    exact = replace(known, exact=True)
    assert believing.add([exact], readings) == (exact,)


def test_what_is_added_is_in_order_and_does_not_overlap() -> None:
    readings = parse([paragraph.text for paragraph in ARTICLE.paragraphs])
    (party,) = ReferenceClassifier({}, bias=5.0, threshold=0.5).add(
        [Party("Coastal Lines AS", Kind.ORGANIZATION)], readings
    )
    ends = [0] * len(readings)
    for mention in party.mentions:
        assert ends[mention.paragraph] <= mention.start < mention.end <= len(readings[mention.paragraph].text)
        ends[mention.paragraph] = mention.end
    assert all(ends)


def test_phrases_and_pronouns_are_candidates_and_water_is_not() -> None:
    (reading,) = parse(["“We owe them nothing,” the welfare minister of Osmora said of water and of Mr Prewett."])
    found = {reading.text[c.start : c.end]: c for c in candidates(reading)}
    assert {"We", "them", "the welfare minister", "Mr Prewett"} <= found.keys()
    assert "water" not in found
    minister = found["the welfare minister"]
    assert (minister.head, minister.form, minister.link, minister.names) == ("minister", "the singular", "of", True)
    assert found["We"].quoted
    assert not minister.quoted


def test_features_say_who_was_mentioned_before() -> None:
    readings = parse(["Norway met Osmora. The minister smiled.", "The minister left."])
    parties = [
        Party("Norway", Kind.STATE, mentions=(Mention(0, 0, 6),)),
        Party("Osmora", Kind.STATE, mentions=(Mention(0, 11, 17),)),
    ]
    staged = scenes(parties, 2)
    (first,) = [c for c in candidates(readings[0]) if c.head == "minister"]
    (second,) = [c for c in candidates(readings[1]) if c.head == "minister"]
    assert staged[0].last(first.start) == [1, 0]
    assert "recency here 0" in features(first, staged[0], 1, [1, 0])
    assert "recency here 1" in features(first, staged[0], 0, [1, 0])
    assert staged[1].last(second.start) == []
    assert "recency before 0" in features(second, staged[1], 1, [])
    assert "state, head minister, alone False" in features(second, staged[1], 1, [])


def test_learning_finds_the_word_that_refers() -> None:
    phrases = [("head minister", "form the singular"), ("head gull", "form a plural")]
    items = [Item(f"g{n}", "own", True, False, phrases, (True, False)) for n in range(60)]
    learnt = learn(items)
    assert learnt.believes(phrases[0])
    assert not learnt.believes(phrases[1])
    absent = Item("g", "own", False, False, phrases[1:], (False,))
    assert scores(learnt, [*items, absent]) == {
        "absent": 1,
        "absent, by both": 0,
        "absent, by rules": 0,
        "present": 60,
        "present, by both": 60,
        "present, by rules": 0,
    }


def test_a_label_of_an_unknown_article_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wikinews.jsonl").write_text(
        json.dumps({"id": "wikinews-x", "title": "Gulls", "paragraphs": ["Gulls left."]}) + "\n", encoding="utf-8"
    )
    (tmp_path / "ungd.jsonl").write_text(
        json.dumps({"id": "ungd-NOR-2019-1", "speaker": "NOR", "year": 2019, "text": "Gulls left."}) + "\n",
        encoding="utf-8",
    )
    labels = tmp_path / "labels"
    labels.mkdir()
    row = {"id": "wikinews-y", "paragraph": 0, "party": "Gulls", "mentions": [], "stance": "absent"}
    (labels / "wikinews.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(LabelError, match="wikinews-y"):
        list(read_items(labels, tmp_path))


def test_items_are_read_with_those_that_are_absent(tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    (tmp_path / "ungd.jsonl").write_text(
        json.dumps(
            {"id": "ungd-NOR-2019-1", "speaker": "NOR", "year": 2019, "text": "We thank Japan. The guests left."}
        )
        + "\n",
        encoding="utf-8",
    )
    (tmp_path / "wikinews.jsonl").write_text(
        json.dumps({"id": "wikinews-x", "title": "Gulls", "paragraphs": ["Gulls left."]}) + "\n", encoding="utf-8"
    )
    rows = [
        {"party": "Norway", "mentions": [[0, 2]], "stance": "favorable"},
        {"party": "Japan", "mentions": [[9, 14], [16, 26]], "stance": "neutral"},
        {"party": "Chile", "mentions": [], "stance": "absent"},
    ]
    lines = [json.dumps(row | {"id": "ungd-NOR-2019-1", "paragraph": 0}) for row in rows]
    (labels / "ungd.jsonl").write_text("\n".join(lines), encoding="utf-8")
    norway, japan, chile = read_items(labels, tmp_path)
    assert (norway.present, norway.seen) == (True, True)  # the title says who speaks
    assert (japan.present, japan.seen, True in japan.refers) == (True, True, True)
    assert (chile.present, chile.seen, True in chile.refers) == (False, False, False)


def test_a_long_paragraph_takes_no_more_than_its_share_of_time() -> None:
    def seconds(times: int) -> float:
        (reading,) = parse([ARTICLE.paragraphs[2].text + " It was late. " * 3 + ARTICLE.paragraphs[2].text * times])
        known = Party("Party", Kind.STATE, mentions=tuple(Mention(0, at, at + 1) for at in range(0, 50 * times, 10)))
        asked = [known, *(Party(f"Party {number}", Kind.ORGANIZATION) for number in range(7))]
        start = time.process_time()
        ReferenceClassifier.load().add(asked, [reading])
        return time.process_time() - start

    seconds(1)
    assert seconds(160) < 10 * seconds(20) + 0.1
