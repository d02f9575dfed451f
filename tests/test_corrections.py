"""A reader's labels count: totals, lines, charts and files follow them, and what the model said is not lost."""

import csv
import json
import re
from dataclasses import replace

import pytest

from model.article.splitter import split_article
from model.comparison.formats import to_csv as compared_to_csv
from model.domain import Analysis, Span, Stance, Voice
from model.export.csv_format import to_csv
from model.export.json_format import to_json
from model.export.json_reader import from_json
from model.export.markdown import to_markdown
from model.page.own_labels import OwnLabels, article_id
from model.page.views import html
from model.page.views.report import to_html
from model.stance.aggregates import most_critical, party_lines, voice_counts
from model.stance.corrections import LONGEST_HOLDER, Correction, corrected
from model.stance.phrases import english
from tests.test_comparison import A, C, F, N, article, party

PORT = party("Port")
SPOKEN = '{"id": "x", "labels": [{"paragraph": 0, "party": "Port", "stance": "critical", "voice": "loud"}]}'


def own(stances: dict[int, Stance], voice: Voice | None = None) -> dict[tuple[int, str], Correction]:
    """A reader's labels of the port by paragraph."""
    return {(paragraph, "Port"): Correction(stance, voice) for paragraph, stance in stances.items()}


@pytest.fixture
def found() -> Analysis:
    return article("Dues", {PORT: [C, N, A, F]}, Voice.QUOTED)


def test_labels_in_the_place_of_the_models(found: Analysis) -> None:
    labels = corrected(found, own({0: F, 1: C, 2: A, 3: N})).labels
    assert [label.stance for label in labels] == [F, C, A, N]
    assert [label.voice for label in labels] == [Voice.QUOTED, None, Voice.NONE, Voice.NONE]
    assert [label.probability is None for label in labels] == [True, True, False, True]
    assert [label.evidence for label in labels] == [None] * 4


def test_nothing_else_changes(found: Analysis) -> None:
    assert corrected(found, {}) is found
    assert corrected(found, {(0, "Starboard"): Correction(F), (9, "Port"): Correction(F)}) == found


def test_lines_and_counts_follow(found: Analysis) -> None:
    after = corrected(found, own({1: C, 3: C}))
    assert voice_counts(after, "Port")[C, Voice.QUOTED] == 2
    (line,) = party_lines(after)
    assert line.text == "treated critically in 3 of 4 paragraphs, 2 quoted, 1 by the reader’s label."
    shown = html.glance(after, models=found)
    assert "Without your labels: treated critically in 1 of 4 paragraphs, in quoted voices" in shown
    assert "3 of 4 paragraphs, 2 quoted, 1 by your label." in shown
    assert '<p class="sl-hint">Without your labels' in shown  # a line of its own
    assert "Without your labels" not in html.glance(found)


def test_a_party_that_the_reader_finds_somewhere_is_not_called_absent_everywhere(found: Analysis) -> None:
    unnamed, other = english("warning_unnamed", party="Port"), english("warning_unnamed", party="Starboard")
    found = replace(found, warnings=(unnamed, other))
    assert corrected(found, own({0: A})).warnings == (unnamed, other)
    for stance in (F, N, C):
        assert corrected(found, own({0: A, 1: stance})).warnings == (other,)
    assert corrected(replace(found, labels=()), own({1: N})).warnings == (other,)  # while labels are being made


def test_a_file_says_whose_label_it_is(found: Analysis) -> None:
    rows = list(csv.DictReader(to_csv(corrected(found, own({1: C}))).splitlines()))
    assert {row["note"] for row in rows} == {""}
    assert [(row["stance"], row["by"], row["title"]) for row in rows] == [
        ("critical", "model", "Dues"),
        ("critical", "reader", "Dues"),
        ("absent", "model", "Dues"),
        ("favorable", "model", "Dues"),
    ]


def test_what_the_browser_says(found: Analysis) -> None:
    own_labels = OwnLabels()
    own_labels.hear(
        json.dumps(
            {
                "id": article_id(found.article),
                "labels": [{"paragraph": 1, "party": "Port", "stance": "critical", "voice": "author"}],
            }
        )
    )
    label = own_labels.over(found).labels[1]
    assert (label.stance, label.voice) == (C, Voice.AUTHOR)
    other = article("Other", {PORT: [N, N]})
    assert own_labels.over(other) is other
    told = {"id": article_id(other.article), "labels": [{"paragraph": 0, "party": "Port", "stance": "critical"}]}
    own_labels.hear(json.dumps(told))
    assert own_labels.over(other).labels[0].stance is C
    assert own_labels.over(found).labels[1].stance is C  # those of the article before are still known


def test_an_article_is_known_by_its_words_not_its_white_space_or_headline() -> None:
    text = "Snow\n\nNorway praised Sweden for its ploughs.\n\nSweden was glad of Norway and thanked it."
    same = article_id(split_article(text))
    for other in (f"{text}\n", text.replace("\n", "\r\n"), text.replace("its", " its"), text.replace("Snow", "Ice")):
        assert article_id(split_article(other)) == same
    for other in (text.replace("glad", "tired"), text.replace("ploughs.\n\n", "ploughs. ")):
        assert article_id(split_article(other)) != same


@pytest.mark.parametrize("sent", ["", "[]", '{"id": "x"}', '{"id": "x", "labels": [{"paragraph": Infinity}]}'])
def test_what_is_no_label_is_not_taken(sent: str) -> None:
    own_labels = OwnLabels()
    own_labels.hear(sent)
    assert own_labels == OwnLabels()


def test_of_many_articles_the_oldest_labels_are_forgotten() -> None:
    own_labels = OwnLabels()
    for number in range(99):
        own_labels.hear(json.dumps({"id": str(number), "labels": []}))
    assert list(own_labels.labels) == [str(number) for number in range(39, 99)]


def test_a_side_without_a_voice_is_counted(found: Analysis) -> None:
    after = corrected(found, own({2: C}))
    assert after.labels[2].voice is None
    assert "voice not given" in html.glance(after, models=found)
    assert "voice not given" not in html.glance(found, models=found)
    (row,) = csv.DictReader(compared_to_csv([after]).splitlines())
    assert row["critical_none"] == "1"


def test_a_readers_absent_stays_the_readers_when_saved(found: Analysis) -> None:
    again = from_json(to_json(corrected(found, own({0: A}))))
    assert (again.labels[0].stance, again.labels[0].probabilities) == (A, None)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "[]",
        "3",
        '{"id": "x"}',
        '{"id": "x", "labels": [[1, "Port"]]}',
        '{"id": "x", "labels": 3}',
        SPOKEN,
        "[" * 9999,
    ],
)
def test_nonsense_from_a_browser_changes_nothing(sent: str, found: Analysis) -> None:
    identifier = article_id(found.article)
    before = OwnLabels(identifier, {identifier: own({0: F})})
    before.hear(sent)
    assert before == OwnLabels(identifier, {identifier: own({0: F})})


def test_a_voice_counts_like_a_label(found: Analysis) -> None:
    after = corrected(found, own({0: C, 1: F, 2: A}, Voice.AUTHOR))
    voices = [(label.stance, label.voice) for label in after.labels]
    assert voices == [(C, Voice.AUTHOR), (F, Voice.AUTHOR), (A, Voice.NONE), (F, Voice.QUOTED)]
    assert after.labels[0].probability is None  # it is the reader's
    assert after.labels[0].evidence is None  # it may be what the old voice says
    assert corrected(found, own({0: C}, Voice.QUOTED)).labels[0] == found.labels[0]
    (line,) = party_lines(corrected(found, own({0: C}, Voice.AUTHOR)))
    assert "critically in 1 of 4 paragraphs, in the author’s own voice" in line.text


def test_a_note_is_in_every_file_and_harmless(found: Analysis) -> None:
    assert "notes" not in to_markdown(found)
    note = "=1+1 <b>irony</b> | *sure*"
    noted = corrected(found, {(1, "Port"): Correction(N, note=note)})  # agreed to, of a label that takes no side
    assert noted.labels[1].probability is not None
    rows = list(csv.DictReader(to_csv(noted).splitlines()))
    assert [row["note"] for row in rows] == ["", f"'{note}", "", ""]
    assert r"- ¶2, Port: =1+1 \<b\>irony\</b\> \| \*sure\*" in to_markdown(noted)
    report = to_html(noted)
    assert "Note: =1+1 &lt;b&gt;irony&lt;/b&gt; | *sure*" in report
    assert "<b>" not in report
    assert from_json(to_json(noted)).labels[1].note == note


def test_files_for_others_say_what_the_reader_corrected(found: Analysis) -> None:
    own_labels = {(0, "Port"): Correction(N), (1, "Port"): Correction(C), (3, "Port"): Correction(F, Voice.AUTHOR)}
    after = corrected(found, own_labels | {(2, "Port"): Correction(A)})
    changes = [
        "¶1, Port: critical, quoted → neutral",
        "¶2, Port: neutral → critical",
        "¶4, Port: favorable, quoted → favorable, author’s voice",
    ]
    text, report = to_markdown(after, models=found), to_html(after, models=found)
    heading = "The reader’s corrections: old → new"
    assert re.findall("^- (.+→.+)$", text.split(f"## {heading}")[1], re.MULTILINE) == changes
    assert re.findall("<li>(¶.+?)</li>", report.split(f"<h2>{heading}</h2>")[1].split("</ul>")[0]) == changes
    evidence = text.split("## Evidence")[1]
    assert "- ¶1 = Port (the reader’s label)\n- ¶2 − Port (the reader’s label)\n" in evidence
    assert "- ¶4 + Port (author’s voice; the reader’s label)\n" in evidence
    for shown in (text, report):
        assert "✎ marks labels that the reader set." in shown
        assert "by the reader’s label" in shown
        assert "your label" not in shown
    assert re.search('id="sl-p1".+?<li>.+? neutral</span> Port, the reader’s label</li>', report)
    for untouched in (to_markdown(found, models=found), to_html(found, models=found)):
        assert "The reader’s" not in untouched
        assert "that the reader set" not in untouched


def named(found: Analysis, holder: str | None, voice: Voice | None = None) -> Analysis:
    """With this holder of the critical label, whose own is "Paragraph"."""
    bad, *rest = found.labels
    found = replace(found, labels=(replace(bad, holder="Paragraph", holder_span=Span(0, 9)), *rest))
    return corrected(found, {(0, "Port"): Correction(C, voice, holder=holder)})


def test_a_holder_counts_like_a_label(found: Analysis) -> None:
    after = named(found, "Ann Berg")
    assert after.labels[0] == replace(found.labels[0], probabilities=None, holder="Ann Berg")
    assert most_critical(corrected(after, own({3: N}))).endswith("by quoted voices (Ann Berg).")
    (line,) = party_lines(after)
    assert "critically in 1 of 4 paragraphs, in quoted voices (Ann Berg)" in line.text
    (row, *_) = csv.DictReader(to_csv(after).splitlines())
    assert (row["holder"], row["by"], row["evidence"]) == ("Ann Berg", "reader", "Paragraph 0 of “Dues”.")
    change = "¶1, Port: critical, quoted: Paragraph → critical, quoted: Ann Berg"
    assert f"- {change}\n" in to_markdown(after, models=named(found, None))
    assert f"<li>{change}</li>" in to_html(after, models=named(found, None))
    again = from_json(to_json(after))
    assert again.labels[0] == after.labels[0]
    assert corrected(again, {(0, "Port"): Correction(C, holder="Ann Berg")}) == again


def test_a_holder_that_the_reader_leaves_out_or_gives_another_voice(found: Analysis) -> None:
    (same, agreed, nobody) = (named(found, holder).labels[0] for holder in (None, "Paragraph", ""))
    assert same == agreed
    assert (same.holder, same.probability is None) == ("Paragraph", False)
    assert (nobody.holder, nobody.holder_span, nobody.probability) == (None, None, None)
    assert named(found, "Ann Berg", Voice.AUTHOR).labels[0].holder is None
    flipped = corrected(found, {(0, "Port"): Correction(F, Voice.QUOTED, holder="Ann Berg")}).labels[0]
    assert (flipped.stance, flipped.holder, flipped.evidence) == (F, "Ann Berg", None)
    neutral = corrected(found, {(0, "Port"): Correction(N, Voice.QUOTED, holder="Ann Berg")}).labels[0]
    assert (neutral.voice, neutral.holder) == (Voice.NONE, None)


def test_a_hostile_holder_is_short_and_text(found: Analysis) -> None:
    typed = "=1+1 <b>Berg</b>\u202e | *x*\n" + "x" * 999
    row = {"paragraph": 0, "party": "Port", "stance": "critical", "voice": "quoted", "holder": typed}
    told = OwnLabels()
    told.hear(json.dumps({"id": article_id(found.article), "labels": [row]}))
    after = told.over(found)
    holder = after.labels[0].holder or ""
    assert holder.startswith("=1+1 <b>Berg</b> | *x* xxx")
    assert len(holder) == LONGEST_HOLDER
    shown = html.glance(after) + to_html(after, models=found)
    assert "&lt;b&gt;Berg&lt;/b&gt;" in shown
    assert "<b>" not in shown
    assert r"=1+1 \<b\>Berg\</b\> \| \*x\*" in to_markdown(after)
    (first, *_) = csv.DictReader(to_csv(after).splitlines())
    assert first["holder"] == f"'{holder}"
    saved = to_json(after).replace("=1+1 <b>", "\u202e<i>" + "y" * 999)
    assert from_json(saved).labels[0].holder == ("<i>" + "y" * 999)[:LONGEST_HOLDER]
