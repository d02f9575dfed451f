"""Sentences that a model wrote or copied, and lean on another one."""

import pytest

from model.summary.leaning import leans, stands_alone

REST = " bought new boats for the long route last year."


@pytest.mark.parametrize(
    "opening",
    [
        *("However, it", "This", "It", "But the council", "In addition, the council", "For example, they", "A: They"),
        *("They’ve since", "He'd already"),
    ],
)
def test_dangling_sentences_lean(opening: str) -> None:
    assert leans(opening + REST)
    assert not stands_alone(opening + REST)


@pytest.mark.parametrize("opening", ["Itasca", "Heather", "Sofia’s mayor", "A ferry company"])
def test_sentences_that_only_look_dangling_stand_alone(opening: str) -> None:
    assert stands_alone(opening + REST)


def test_a_question_says_nothing() -> None:
    assert not stands_alone("“How do you run a ferry company without a single boat?”")
