"""Judging blind: what is a name, and what the encoder reads instead."""

import pytest

from model.domain import Span
from model.names.name_spans import name_in, names_in
from model.networks.encoder import Encoder
from model.networks.encoder_weights import encoder_folder
from model.stance.masking import STAND_INS, blinded


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.for_training(encoder_folder())


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
    (window,) = encoder.windows([text])
    blind = blinded(window, names_in(text, parties), encoder.ids_of(STAND_INS))
    for (start, end), before in zip(blind.offsets[1:-1], [(0, 0), *blind.offsets[1:-2]], strict=True):
        assert before[1] <= start < end
    return " ".join(encoder.tokenizer.convert_ids_to_tokens(blind.ids[1:-1]))


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


def test_names_that_share_a_token_and_names_that_a_window_cuts(encoder: Encoder) -> None:
    text = "Sino-Vietnamese Hanoi " * 3
    (window,) = encoder.windows([text])
    stand_ins = encoder.ids_of(STAND_INS)
    half = blinded(window, ((Span(0, 3), Span(16, 21)), (Span(1, 2),), (Span(5, 15),)), stand_ins)
    assert half.ids[1:5] == (stand_ins[0], *encoder.ids_of(["-"]), stand_ins[2], stand_ins[0])
    assert len(half.ids) == len(half.offsets)
    cut = encoder.windows(["Elizabeth Alexandra Mary Windsor " * 300])
    assert len(cut) > 1
    name = Span(0, 33 * 300 - 1)
    for window in cut:
        assert len(blinded(window, ((name,),), encoder.ids_of(STAND_INS)).ids) == 3


def test_more_parties_than_stand_ins(encoder: Encoder) -> None:
    names = [f"Name{number}" for number in range(30)]
    text = " met ".join(names)
    said = read(encoder, text, *(spans(text, name + " ") for name in names[:-1]))
    assert said.split().count("α") == 2
    assert said.split().count("ω") == 1
