"""Other names for the same parties: text, mentions, evidence and holder move together."""

import random

import pytest

from model.domain import Span, Stance, Voice
from model.training.augmentation import invented, swapped
from model.training.examples import Example, Target


def target(text: str, party: str, kind: str, *words: str, **more: object) -> Target:
    spans = tuple(Span(text.index(word), text.index(word) + len(word)) for word in words)
    return Target(spans, Stance.CRITICAL, party, kind, **more)  # type: ignore[arg-type]


TEXT = "The United States and Norwegian officials met in Oslo; they blamed Norway, Ann Berg said."
EXAMPLE = Example(
    TEXT,
    "g",
    (
        target(TEXT, "United States", "state", "The United States", "they"),
        target(
            TEXT,
            "Norway",
            "state",
            "Norwegian",
            "Oslo",
            "Norway",
            voice=Voice.QUOTED,
            evidence=Span(TEXT.index("they blamed"), TEXT.index(", Ann")),
            holder=(Span(TEXT.index("Ann"), TEXT.index(" said")),),
        ),
        target(TEXT, "Ann Berg", "person", "Ann Berg"),
    ),
)


def words(example: Example) -> list[list[str]]:
    return [[example.text[span.start : span.end] for span in target.spans] for target in example.targets]


def test_two_states_change_names() -> None:
    other = swapped(EXAMPLE, random.Random(1))
    assert other is not None
    assert other.text == (
        "Norway and American officials met in Washington; they blamed the United States, Ann Berg said."
    )
    assert words(other) == [["Norway", "they"], ["American", "Washington", "the United States"], ["Ann Berg"]]
    evidence, holder = other.targets[1].evidence, other.targets[1].holder
    assert evidence is not None
    assert holder is not None
    assert other.text[evidence.start : evidence.end] == "they blamed the United States"
    assert [other.text[span.start : span.end] for span in holder] == ["Ann Berg"]
    assert [t.stance for t in other.targets] == [t.stance for t in EXAMPLE.targets]


def test_invented_names_leave_no_real_one() -> None:
    for seed in range(20):
        other = invented(EXAMPLE, random.Random(seed))
        assert other is not None
        assert not any(name in other.text for name in ("United States", "Norw", "Oslo", "Ann", "Berg"))
        assert words(other)[0][1] == "they"
        holder = other.targets[1].holder
        assert holder is not None
        assert [other.text[span.start : span.end] for span in holder] == [words(other)[2][0]]


def test_a_place_that_names_two_parties_is_left_alone() -> None:
    text = "The Berg Group fell."
    both = Example(
        text, "g", (target(text, "Berg Group", "company", "Berg Group"), target(text, "Ann Berg", "person", "Berg"))
    )
    assert invented(both, random.Random(1)) is None


@pytest.mark.parametrize("text", ["It fell.", "The company fell."])
def test_what_is_no_name_stays(text: str) -> None:
    example = Example(text, "g", (target(text, "Berg Group", "company", text.removesuffix(" fell.")),))
    assert invented(example, random.Random(1)) is None
    assert swapped(example, random.Random(1)) is None


def test_a_holder_that_is_not_named_stays_so() -> None:
    text = "Norway was blamed."
    example = Example(text, "g", (target(text, "Norway", "state", "Norway", voice=Voice.QUOTED, holder=()),))
    other = invented(example, random.Random(1))
    assert other is not None
    assert other.targets[0].holder == ()
