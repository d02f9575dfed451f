"""The line that says how the article treats a party."""

from dataclasses import replace

import pytest

from model import Analysis, Party, Stance, StanceLabel, Summary
from model.article.splitter import join_article
from model.domain import Kind, Mention, Span, Voice
from model.stance.aggregates import most_critical, nested, party_lines, voice_counts
from model.stance.holders import holder_names, holders_phrase
from model.stance.phrases import english

TEXTS = ["Norway was wrong again.", "Norway met Sweden.", "Ms Berg called Norway reckless.", "It snowed all day."]


def made(*labels: tuple[int, Stance, Voice, str | None]) -> Analysis:
    found = [
        StanceLabel(
            paragraph, "Norway", stance, {stance: 0.9}, voice, holder=holder, evidence=Span(0, len(TEXTS[paragraph]))
        )
        for paragraph, stance, voice, holder in labels
    ]
    found += [StanceLabel(n, "Norway", Stance.ABSENT) for n in range(4) if n not in {label[0] for label in labels}]
    return Analysis(join_article("", TEXTS), (Party("Norway", Kind.STATE),), tuple(found), Summary(()))


CRITICAL, FAVORABLE, NEUTRAL = Stance.CRITICAL, Stance.FAVORABLE, Stance.NEUTRAL
AUTHOR, QUOTED, NONE = Voice.AUTHOR, Voice.QUOTED, Voice.NONE


@pytest.mark.parametrize(
    ("labels", "text", "paragraphs"),
    [
        ([], "not referred to.", ()),
        ([(1, NEUTRAL, NONE, None)], "referred to in 1 of 4 paragraphs; none takes a side.", (1,)),
        ([(0, CRITICAL, AUTHOR, None)], "treated critically in 1 of 4 paragraphs, in the author’s own voice.", (0,)),
        (
            [(0, CRITICAL, AUTHOR, None), (1, NEUTRAL, NONE, None), (2, CRITICAL, QUOTED, "Ms  Berg")],
            "treated critically in 2 of 4 paragraphs, 1 in the author’s own voice, 1 quoted (Ms Berg); neutrally in 1.",
            (0, 2),
        ),
        (
            [(0, FAVORABLE, QUOTED, "a"), (1, FAVORABLE, QUOTED, None), (2, CRITICAL, AUTHOR, None)],
            "treated favorably in 2 of 4 paragraphs, in quoted voices (1 by a, 1 unnamed); "
            "critically in 1, in the author’s own voice.",
            (0, 1, 2),
        ),
    ],
)
def test_lines(labels: list[tuple[int, Stance, Voice, str | None]], text: str, paragraphs: tuple[int, ...]) -> None:
    (line,) = party_lines(made(*labels))
    assert (line.text, line.paragraphs) == (text, paragraphs)


@pytest.mark.parametrize(
    ("unsure", "text"),
    [
        ({0, 1}, "treated critically in 2 of 4 paragraphs, 1 of them unsure, in the author’s own voice; "
                 "neutrally in 1, unsure."),
        ({0, 2}, "treated critically in 2 of 4 paragraphs, unsure, in the author’s own voice; neutrally in 1."),
    ],
)  # fmt: skip
def test_unsure_labels_are_told(unsure: set[int], text: str) -> None:
    found = made((0, CRITICAL, AUTHOR, None), (1, NEUTRAL, NONE, None), (2, CRITICAL, AUTHOR, None))
    labels = tuple(replace(label, unsure=label.paragraph in unsure) for label in found.labels)
    (line,) = party_lines(replace(found, labels=labels))
    assert line.text == text


def test_the_surest_sentence_of_the_main_stance_is_quoted() -> None:
    (line,) = party_lines(made((0, CRITICAL, AUTHOR, None), (1, NEUTRAL, NONE, None)))
    assert (line.evidence, line.evidence_paragraph) == ("Norway was wrong again.", 0)


def test_a_long_sentence_is_quoted_whole() -> None:
    text = "Norway was wrong " + "again and " * 60 + "at last."
    label = StanceLabel(0, "Norway", CRITICAL, {CRITICAL: 0.9}, AUTHOR, evidence=Span(0, len(text)))
    found = Analysis(join_article("Snow", [text]), (Party("Norway", Kind.STATE),), (label,), Summary(()))
    (line,) = party_lines(found)
    assert line.evidence == text


def test_voices_are_counted() -> None:
    counts = voice_counts(made((0, CRITICAL, AUTHOR, None), (2, CRITICAL, QUOTED, None)), "Norway")
    assert counts[CRITICAL, AUTHOR] == counts[CRITICAL, QUOTED] == 1
    assert sum(counts.values()) == 4


@pytest.mark.parametrize(
    ("holders", "phrase"),
    [
        ([None, None], ""),
        (["Sanders", "Sanders"], " (Sanders)"),
        (["Sanders", None], " (1 by Sanders, 1 unnamed)"),
        (["Ann Lee", "Berg"], " (Ann Lee, Berg)"),
        (["Lee", "Berg", "Berg"], " (2 by Berg, 1 by Lee)"),
        (["A", "B", "C", "D", None], " (1 by A, 1 by B, 1 by C, 2 by others)"),
        (["shop owner Joe  Staudt", "Mr. Staudt"], " (shop owner Joe Staudt)"),
        (["Sen. Sanders", "Bernie Sanders’s"], " (Bernie Sanders’s)"),
        (["Bill Clinton", "Hillary Clinton", "Clinton"], " (Bill Clinton, Hillary Clinton, Clinton)"),
        (["Clinton supporters", "Hillary Clinton"], " (Clinton supporters, Hillary Clinton)"),
        (["the White House", "the House"], " (the White House, the House)"),
        (["the vice president", "the president"], " (the vice president, the president)"),
        (["The ministry", "the ministry"], " (The ministry)"),
        (["the White House", "the White House", "White House"], " (the White House)"),
    ],
)
def test_each_holder_is_named_once_for_as_many_labels_as_carry_the_name(holders: list[str | None], phrase: str) -> None:
    labels = [StanceLabel(0, "Norway", CRITICAL, voice=QUOTED, holder=holder) for holder in holders]
    names = holder_names(replace(made(), labels=tuple(labels)))
    assert holders_phrase(labels, names, english) == phrase


def test_a_holder_goes_by_the_fullest_name_that_the_article_has() -> None:
    found = made((0, CRITICAL, QUOTED, "Lee"), (1, FAVORABLE, QUOTED, "Mayor Ann Lee"), (2, CRITICAL, QUOTED, "Berg"))
    found = replace(found, parties=(*found.parties, Party("Tom Berg", Kind.PERSON, main=False)))
    (line,) = party_lines(found)
    assert line.text.startswith("treated critically in 2 of 4 paragraphs, in quoted voices (Mayor Ann Lee, Tom Berg)")


def test_a_holder_who_is_a_party_goes_by_its_name() -> None:
    words = "Prime Minister Berg"
    labels = [
        StanceLabel(number, "Norway", CRITICAL, voice=QUOTED, holder=holder, holder_span=Span(0, len(holder)))
        for number, holder in enumerate((words, f"{words} aides"))
    ]
    berg = Party("Tom Berg", Kind.PERSON, mentions=(Mention(0, 15, 19), Mention(1, 15, 19)), main=False)
    found = replace(made(), labels=tuple(labels))
    (line,) = party_lines(replace(found, parties=(*found.parties, berg)))
    assert line.text.endswith("in quoted voices (Tom Berg, Prime Minister Berg aides).")


def test_two_of_one_surname_in_a_paragraph_are_told_apart_by_where_they_are_quoted() -> None:
    labels = [
        StanceLabel(0, party, CRITICAL, voice=QUOTED, holder="Berg", holder_span=Span(start, start + 4))
        for party, start in (("Norway", 0), ("Sweden", 9))
    ]
    people = [Party(f"{n} Berg", Kind.PERSON, mentions=(Mention(0, s, s + 4),)) for n, s in (("Tom", 0), ("Ann", 9))]
    names = holder_names(replace(made(), parties=tuple(people), labels=tuple(labels)))
    assert [names[0, "Berg", label.holder_span] for label in labels] == ["Tom Berg", "Ann Berg"]


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ([(0, AUTHOR, None)], "1 of 4 paragraphs, in the author’s own voice."),
        ([(0, AUTHOR, None), (1, AUTHOR, None), (2, QUOTED, "Ms Berg")],
         "3 of 4 paragraphs, mostly in the author’s own voice."),
        ([(0, QUOTED, None), (1, AUTHOR, None), (2, QUOTED, "Ms Berg")],
         "3 of 4 paragraphs, mostly by quoted voices (1 by Ms Berg, 1 unnamed)."),
        ([(2, QUOTED, "Ms Berg")], "1 of 4 paragraphs, by quoted voices (Ms Berg)."),
        ([(0, AUTHOR, None), (2, QUOTED, None)],
         "2 of 4 paragraphs, as often in the author’s own voice as by quoted voices."),
        ([(0, None, None), (1, None, None), (2, QUOTED, "Ms Berg")], "3 of 4 paragraphs."),
    ],
)  # fmt: skip
def test_who_criticizes_most_is_told(labels: list[tuple[int, Voice, str | None]], text: str) -> None:
    found = made(*((paragraph, CRITICAL, voice, holder) for paragraph, voice, holder in labels))
    assert most_critical(found) == f"Most often criticized among the main parties: Norway, in {text}"


def sides(**paragraphs: tuple[int, int]) -> Analysis:
    """Parties with so many critical and so many favorable paragraphs, in the author's voice, of five."""
    labels = [
        StanceLabel(number, name, CRITICAL if number < critical else FAVORABLE, voice=AUTHOR)
        for name, (critical, favorable) in paragraphs.items()
        for number in range(critical + favorable)
    ]
    parties = tuple(Party(name, Kind.PERSON) for name in paragraphs)
    return Analysis(join_article("", ["It rained."] * 5), parties, tuple(labels), Summary(()))


def test_a_label_that_is_unsure_alone_names_nobody_as_most_often_criticized() -> None:
    found = sides(Paul=(2, 0))
    for unsure, named in (({0}, True), ({0, 1}, False)):
        labels = tuple(replace(label, unsure=label.paragraph in unsure) for label in found.labels)
        assert ("Paul, in 2 of 5 paragraphs, 1 of them unsure" in most_critical(replace(found, labels=labels))) is named
        assert bool(most_critical(replace(found, labels=labels))) is named


@pytest.mark.parametrize(
    ("found", "named", "rest"),
    [
        (sides(Paul=(2, 3)), "", ""),
        (sides(Paul=(2, 2)), "", ""),
        (sides(Paul=(2, 3), Berg=(1, 0)), "", ""),  # fewer paragraphs criticize Berg than Paul
        (sides(Paul=(2, 1)), "Paul, in 2 of 5 paragraphs", "; treated favorably in 1"),
        (sides(Paul=(2, 3), Berg=(2, 0)), "Berg, in 2 of 5 paragraphs", ""),
        (sides(A=(2, 1), B=(2, 1), C=(1, 0)), "A, B, each in 2 of 5 paragraphs", "; treated favorably in 1"),
    ],
)
def test_whom_as_many_paragraphs_favor_is_not_named_as_most_often_criticized(
    found: Analysis, named: str, rest: str
) -> None:
    said = f"Most often criticized among the main parties: {named}, in the author’s own voice{rest}." if named else ""
    assert most_critical(found) == said


def test_what_is_said_of_two_that_are_criticized_most_is_true_of_each() -> None:
    found = sides(Paul=(2, 0), Berg=(2, 0))
    quoted = [
        replace(label, voice=QUOTED, holder="Ann Lee") if label.party == "Berg" else label for label in found.labels
    ]
    said = most_critical(replace(found, labels=tuple(quoted)))
    assert said == "Most often criticized among the main parties: Paul, Berg, each in 2 of 5 paragraphs."


def test_where_no_main_party_is_criticized_it_is_told() -> None:
    found = sides(Paul=(0, 2), Berg=(2, 0))
    paul, berg = found.parties
    minor = replace(found, parties=(paul, replace(berg, main=False)))
    assert most_critical(minor) == "None of the main parties is criticized."


def test_favorable_paragraphs_of_the_most_criticized_that_are_unsure_are_told() -> None:
    found = sides(Paul=(3, 2))
    labels = tuple(replace(label, unsure=label.paragraph == 4) for label in found.labels)
    assert most_critical(replace(found, labels=labels)).endswith("own voice; treated favorably in 2, 1 of them unsure.")


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("“They’re late.”", "They’re late."),
        ("“They’re late”.", "They’re late."),
        ('"They’re late".', "They’re late."),
        ("“They’re late,", "They’re late,"),
        ("They’re late.”", "They’re late."),
        ("It is about “power.”", "It is about ‘power.’"),
        ("“Late,” he said, “again.”", "‘Late,’ he said, ‘again.’"),
        ('"Late," he said.', "‘Late,’ he said."),
        ("They’re late,” he said.", "‘They’re late,’ he said."),
        ("She said: “They’re late.", "She said: ‘They’re late. …’"),
        ('“Late,” he said, "for me.', "‘Late,’ he said, ‘for me. …’"),
        ("It rained.", "It rained."),
        ("…" * 50_000 + "”!?a", "…" * 50_000 + "’!?a"),  # at once, though hostile
    ],
)
def test_a_quotation_with_marks_gets_no_more(text: str, inside: str) -> None:
    assert nested(text) == inside
