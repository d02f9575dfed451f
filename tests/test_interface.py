"""What counts as an answer of a language model."""

import pytest

from model.domain import Stance
from model.language_model.interface import word_of


@pytest.mark.parametrize(
    ("reply", "stance"),
    [
        ("critical", Stance.CRITICAL),
        (" Favorable.\n", Stance.FAVORABLE),
        ("**neutral**", Stance.NEUTRAL),
        ("It is critical", None),
        ("favorable or neutral", None),
        ("", None),
    ],
)
def test_replies(reply: str, stance: Stance | None) -> None:
    assert word_of(reply, list(Stance)) == stance
