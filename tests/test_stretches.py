"""What is read at once, and what stands there for the names of parties."""

import re
from itertools import pairwise

import pytest

from model.domain import Span
from model.names.name_spans import name_in
from model.networks import stretches
from model.networks.encoder import Encoder
from model.networks.stretches import Part, Stretch, TokenizedText, stretches_of, tokenized
from model.stance import classifier
from model.stance.head import items_of
from model.stance.masking import STAND_INS, names_of, stand_ins_of
from tests.tiny import text_of, tiny_encoder

LEAD, END = -1, -2


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return tiny_encoder()


@pytest.mark.parametrize(
    ("mention", "name"),
    [
        ("the United States", "United States"),
        ("US", "US"),
        ("the WHO", "WHO"),
        ("U.S. officials", "U.S."),
        ("Chinese President Xi Jinping", "Chinese President Xi Jinping"),
        ("Prime Minister Mark Rutte", "Mark Rutte"),
        ("The Ministry of Defence of Ukraine", "Defence of Ukraine"),
        ("the Biden administration", "Biden"),
        ("Norway's", "Norway"),
        ("Mr. O'Neill", "O'Neill"),
        ("Jean-Claude Juncker", "Jean-Claude Juncker"),
        ("It", ""),
        ("They", ""),
        ("The President", ""),
        ("the two sides", ""),
        ("its government", ""),
        ("A", ""),
    ],
)
def test_names(mention: str, name: str) -> None:
    text = f"So {mention}, then."
    found = name_in(text, Span(3, 3 + len(mention)))
    assert (text[found.start : found.end] if found else "") == name


def spans(text: str, *words: str) -> list[Span]:
    return [Span(text.index(word), text.index(word) + len(word)) for word in words]


def read(encoder: Encoder, text: str, *parties: list[Span]) -> str:
    (tokens,) = tokenized(encoder.tokenizer, [text])
    whole = classifier.Text((text,), [{0: some} for some in parties])
    (blind,) = whole.masked([tokens], encoder.ids_of(STAND_INS))
    assert len(blind.ids) == len(blind.offsets)
    assert all(before[1] <= after[0] < after[1] for before, after in pairwise([(0, 0), *blind.offsets]))
    return " ".join(encoder.tokenizer.convert_ids_to_tokens(blind.ids))


def test_other_names_read_alike(encoder: Encoder) -> None:
    text = "The {0} blamed {1}; {1}'s ministry, it said, had failed the {0}."
    readings = set()
    for first, second in (("United States", "China"), ("Quillian Free Republic", "Xi"), ("China", "United States")):
        filled = text.format(first, second)
        places = [
            [Span(m, m + len(name)) for m in range(len(filled)) if filled.startswith(name, m)]
            for name in (first, second)
        ]
        readings |= {read(encoder, filled, *places), read(encoder, filled, *reversed(places))}
    assert readings == {"the α blamed β ; β ' s ministry , it said , had failed the α ."}


def test_a_place_that_names_two_parties_is_the_first_ones(encoder: Encoder) -> None:
    text = "Chinese President Xi Jinping praised Norway, and Xi left."
    state, person = spans(text, "Chinese President Xi Jinping"), spans(text, "Xi Jinping")
    person.append(Span(text.rindex("Xi"), text.rindex("Xi") + 2))
    assert read(encoder, text, state, person, spans(text, "Norway")) == "α praised β , and γ left ."
    assert read(encoder, text).startswith("chinese president xi jin")


@pytest.mark.parametrize(
    ("texts", "names", "hidden"),
    [
        (["General Motors paid.", "The General Motors plant shut."], "General Motors", ["General Motors"] * 2),
        (["He read State Times.", "State Times lied."], "State Times", ["State Times"] * 2),
        (["Prime Minister Lund left.", "Then Lund wept."], "Prime Minister Lund; Lund", ["Lund"] * 2),
        (["President Ida Lund left.", "Mr. Lund wept."], "President Ida Lund; Mr. Lund", ["Ida Lund", "Lund"]),
        (["The General slept.", "Nobody saw the Prime Minister."], "The General; the Prime Minister", []),
    ],
)
def test_a_title_is_hidden_where_it_may_be_part_of_the_name(texts: list[str], names: str, hidden: list[str]) -> None:
    forms = names.split("; ")
    places = {
        number: [Span(m.start(), m.end()) for m in re.finditer("|".join(map(re.escape, forms)), text)]
        for number, text in enumerate(texts)
    }
    (found,) = names_of(texts, [places])
    assert [texts[number][name.start : name.end] for number, some in found.items() for name in some] == hidden


def test_a_title_leaves_the_name_before_it() -> None:
    text = "The Harbor Party leader Ida Lund left."
    names = names_of([text], [{0: spans(text, "Harbor Party")}, {0: spans(text, "Party leader Ida Lund")}])
    assert names == [{0: spans(text, "Harbor Party")}, {0: spans(text, "Ida Lund")}]


def test_names_that_share_a_token_and_names_that_are_cut(encoder: Encoder) -> None:
    (tokens,) = tokenized(encoder.tokenizer, ["Sino-Vietnamese Hanoi"])
    half = tokens.replaced([(Span(0, 3), 7), (Span(1, 2), 8), (Span(16, 21), 7), (Span(5, 15), 9)])
    assert half.ids == (7, *encoder.ids_of(["-"]), 9, 7)
    assert half.offsets[0] == (0, 4)  # a token of four letters
    (long,) = tokenized(encoder.tokenizer, ["Elizabeth Alexandra Mary Windsor " * 3])
    assert long.replaced([(Span(0, 98), 7)]).ids == (7,)
    assert long.cut(2, 5).replaced([(Span(0, 98), 7)]).ids == (7,)
    assert long.cut(0, 1).replaced([(Span(40, 98), 7)]) == long.cut(0, 1)


def test_stand_ins_go_by_the_order_of_names_and_stay_through_an_article() -> None:
    text = text_of(("It rained.", "Norway met Sweden.", "Oslo met Norway."), ("Oslo", "Sweden", "Norway", "Zembla"))
    names = names_of(text.paragraphs, text.mentions)
    assert names == [{2: [Span(0, 4)]}, {1: [Span(11, 17)]}, {1: [Span(0, 6)], 2: [Span(9, 15)]}, {}]
    assert stand_ins_of(names, [10, 11, 12, 13]) == [12, 11, 10, 13]
    assert stand_ins_of(names, [10, 11]) == [10, 11, 10, 11]


def test_more_parties_than_stand_ins(encoder: Encoder) -> None:
    names = [f"Name{number}" for number in range(30)]
    text = " met ".join(names)
    said = read(encoder, text, *(spans(text, name + " ") for name in names[:-1]))
    assert said.split().count("α") == 2
    assert said.split().count("ω") == 1


def numbered(*lengths: int) -> list[TokenizedText]:
    """Paragraphs of so many tokens, the first one's 0, 1, …, the second's 100, 101, …, each of one character."""
    return [
        TokenizedText(tuple(range(100 * number, 100 * number + length)), tuple((at, at + 1) for at in range(length)))
        for number, length in enumerate(lengths)
    ]


def judged(stretch: Stretch) -> list[int]:
    return [part.paragraph for part in stretch.parts if part.judged]


def test_a_short_article_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "OVERLAP", 1)
    (stretch,) = stretches_of(numbered(2, 0, 1), 12, 4, LEAD, END)
    assert stretch.ids == (LEAD, 0, 1, LEAD, LEAD, 200, END)
    assert [(part.paragraph, part.start, part.judged) for part in stretch.parts] == [
        (0, 1, True), (1, 4, True), (2, 5, True),
    ]  # fmt: skip
    assert list(stretches_of([], 12, 4, LEAD, END)) == []


def test_a_stretch_begins_with_what_was_judged_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "OVERLAP", 1)
    first, second, third = stretches_of(numbered(3, 3, 2, 4), 11, 5, LEAD, END)
    assert [judged(stretch) for stretch in (first, second, third)] == [[0, 1], [2], [3]]
    assert first.ids == (LEAD, 0, 1, 2, LEAD, 100, 101, 102, END)
    assert second.ids == (LEAD, 100, 101, 102, LEAD, 200, 201, END)
    assert third.ids == (LEAD, 102, LEAD, 200, 201, LEAD, 300, 301, 302, 303, END)
    assert [(part.paragraph, part.text.offsets[0]) for part in third.parts] == [(1, (2, 3)), (2, (0, 1)), (3, (0, 1))]


def test_nothing_is_dropped_and_nothing_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "OVERLAP", 3)
    texts = numbered(40, 1, 0, 9, 25, 2, 60, 7)
    found = list(stretches_of(texts, 24, 6, LEAD, END))
    assert all(len(stretch.ids) <= 24 for stretch in found)
    order = [number for stretch in found for number in judged(stretch)]
    assert order == sorted(order)
    assert set(order) == set(range(len(texts)))
    for stretch in found:
        for part in stretch.parts:
            assert stretch.ids[part.start - 1] == LEAD
            assert stretch.ids[part.start : part.start + len(part.text.ids)] == part.text.ids
        before = [part for part in stretch.parts if not part.judged]
        assert sum(len(part.text.ids) + 1 for part in before) <= 6
        assert stretch.parts[: len(before)] == tuple(before)
    for number, text in enumerate(texts):
        pieces = [p.text.ids for s in found for p in s.parts if p.judged and p.paragraph == number]
        assert sorted({token for ids in pieces for token in ids}) == list(text.ids)
        for one, other in pairwise(pieces):
            assert one[-3:] == other[:3]


def test_where_a_stretch_has_a_mention() -> None:
    (text,) = numbered(9)
    part = Part(5, text.cut(2, 6), start=11, judged=True)
    assert part.places([Span(0, 2), Span(2, 4), Span(5, 9), Span(6, 7)]) == [slice(11, 13), slice(14, 15)]
    stretch = Stretch((), (part,))
    items = items_of(stretch, [{5: [Span(0, 2)]}, {5: [Span(3, 4)]}, {4: [Span(3, 4)]}])
    assert [item.party for item in items] == [1]


def test_the_encoder_is_asked_about_each_judged_part_and_each_party_that_is_there(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifier, "LONGEST", 16)
    monkeypatch.setattr(classifier, "CONTEXT", 6)
    monkeypatch.setattr(stretches, "OVERLAP", 2)
    text = text_of(("Norway met us.", "It rained hard again.", "The sun was out in May."), ("Norway", "Zembla"))
    first, second = classifier.article_stretches(encoder, tokenized(encoder.tokenizer, text.paragraphs))
    items = items_of(first, text.mentions)
    assert [(item.part.paragraph, item.party) for item in items] == [(0, 0), (1, 0)]
    assert [first.ids[item.lead] for item in items] == [encoder.tokenizer.bos_token_id] * 2
    assert [judged(second), items_of(second, text.mentions)] == [[2], []]


@pytest.mark.parametrize(
    ("start", "end", "tokens"),
    [(0, 3, [0]), (2, 5, [0, 1]), (3, 4, []), (4, 4, []), (0, 12, [0, 1, 2]), (8, 12, [2]), (12, 20, [])],
)
def test_tokens_of_a_span(start: int, end: int, tokens: list[int]) -> None:
    text = TokenizedText((7, 8, 9), ((0, 3), (4, 8), (8, 12)))
    assert list(range(3)[text.tokens(start, end)]) == tokens
