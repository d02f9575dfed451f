"""What is seen of a rewritten sentence, and how likely that makes it to say what its source says."""

import pytest

from model.summary.fidelity import FEATURES, Fidelity, features_of
from model.summary.window import Window

WINDOW = Window("The ferry", "", "", "However, it sank on Monday.", "")


def test_what_was_changed() -> None:
    kept = features_of("It sank on Monday.", WINDOW)
    assert tuple(kept) == FEATURES
    assert kept == {"author": 0.0, "author of a quotation": 0.0, "left out": pytest.approx(1 / 5), "question": 0.0}
    asked = Window("", "", "", "“Did it sink?” he asked.", "")
    assert features_of("The author asks whether it sank.", asked) == {
        "author": 1.0,
        "author of a quotation": 1.0,
        "left out": pytest.approx(4 / 5),
        "question": 1.0,
    }


def test_the_nearer_to_the_source_the_likelier() -> None:
    fidelity = Fidelity.load()
    near, far, given = (
        fidelity.probability(text, WINDOW)
        for text in ("The ferry sank on Monday.", "It sank.", "The author says the ferry sank on Monday.")
    )
    assert near > fidelity.enough > far
    assert near > given
    assert fidelity.at_best("The fer", WINDOW) > near
    assert fidelity.at_best("The author ", WINDOW) < fidelity.enough < fidelity.at_best("The authorities", WINDOW)
