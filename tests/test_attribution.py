"""What may be said to be the author's."""

import pytest

from model.summary.attribution import overstates_author

PLAIN = "No river had risen. The firm stopped the line and stated that sales had not covered costs."


@pytest.mark.parametrize(
    ("sentence", "source", "is_overdrawn"),
    [
        ("The author argues that the court should have waited.", PLAIN, True),
        ("The author argues that the court should have waited.", "The court ought to have waited.", False),
        ("The author says that the firm stopped because sales were low.", PLAIN, True),
        ("The author says that the firm stopped because sales were low.", f"{PLAIN} That is why it stopped.", False),
        ("Ann Berg says that the court should have waited.", PLAIN, False),
        ("The author sides with the firm and says that it stopped the line.", PLAIN, False),
        ("The author says that no river had risen.", PLAIN, False),
        ("The author says that the village has a bridge.", "It gives me pleasure to announce that it has one.", True),
        ("The author praises the agency.", "I should like to congratulate the agency.", True),
        ("The minister praises the agency.", "I should like to congratulate the agency.", False),
    ],
)
def test_overdrawn(sentence: str, source: str, is_overdrawn: bool) -> None:
    assert overstates_author(sentence, [source]) is is_overdrawn
