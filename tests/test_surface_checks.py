"""What is checked to the letter in a written sentence."""

import unicodedata
from types import SimpleNamespace
from typing import Literal, cast

import pytest

from model.summary.grounding import Grounder, Rewritten
from model.summary.stance_consistency import StanceConsistency
from model.summary.surface_checks import (
    invented_quotations,
    missing_numbers,
    names_of,
    numbers_of,
    opening_word,
    quotations_of,
    strange_names,
)
from model.summary.window import Window


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("forty-eight of two hundred and twelve workers", {"48", "212"}),
        ("3,400 people and 1.50 metres", {"3400", "1.5"}),
        ("two million dollars, 2.5bn kroner", {"2000000", "2500000000"}),
        ("the twelve-year treaty of 1960", {"12", "1960"}),
        ("on Tuesday 9 June, the 21st sitting", {"Tuesday", "9", "June", "21"}),
        ("twice the share, a third of it", {"twice", "third", "3"}),
        ("3 MILLION kroner, 5 MİLLİON lira", {"3000000", "5"}),  # Turkish capitals
        ("It rained.", set()),
    ],
)
def test_numbers(text: str, numbers: set[str]) -> None:
    assert numbers_of(text) == numbers


@pytest.mark.parametrize(
    ("claim", "missing"),
    [
        ("The ferry carried 48 people in twelve years.", set()),
        ("The ferry carried forty-nine people.", {"49"}),
        ("It was once, in one year, full.", set()),
        ("The ferry stopped on Monday.", {"Monday"}),
    ],
)
def test_missing_numbers(claim: str, missing: set[str]) -> None:
    assert missing_numbers(claim, "Forty-eight people took the ferry in 12 years, the last on a Sunday.") == missing


def test_names_are_capitals_inside_a_sentence() -> None:
    assert names_of("The council of Hale met Ms Berg. Nobody from MEDIVARA’s board came, I'd say.") == [
        *("Hale", "Ms", "Berg", "MEDIVARA")
    ]


@pytest.mark.parametrize(("text", "word"), [("Bergen's ferry sank.", ["Bergen"]), ("The ferry sank.", []), ("7", [])])
def test_a_sentence_may_begin_with_a_name(text: str, word: list[str]) -> None:
    assert opening_word(text) == word


@pytest.mark.parametrize(
    ("name", "strange"),
    [
        ("China", False),
        ("Chinese", False),
        ("Beijing", False),
        ("Berg", False),
        ("EU", False),
        ("Japan", True),
        ("Bergen", True),
    ],
)
def test_strange_names(name: str, strange: bool) -> None:
    source = "The Chinese ministry and the European Union met Ann Berg’s lawyers."
    assert strange_names([name], source) == ([name] if strange else [])


SAID = (
    "Ann Berg said that the ferry was “a promise, not a favour”. The company did not answer for a week, in which the "
    "boats stayed where they were and the shops of the island ran out of bread and of patience. Its spokesman, a "
    "Mr Holt, then told reporters in the harbor that the council had “forgotten who pays for the boats” and left."
)


@pytest.mark.parametrize(
    ("claim", "invented"),
    [
        ("Berg calls the ferry “a promise, not a favour”.", []),
        ('Berg calls the ferry "a promise, not a favour."', []),
        ("Berg calls the ferry “a broken promise”.", ["a broken promise"]),
        ("Berg says that the ferry is a promise.", []),
    ],
)
def test_invented_quotations(claim: str, invented: list[str]) -> None:
    assert invented_quotations(claim, SAID) == invented


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_an_accent_may_be_a_character_of_its_own(form: Literal["NFC", "NFD"]) -> None:
    window = Window("", "", "", unicodedata.normalize(form, "Viktor Orbán’s party “réunit” critics."), "")
    assert Grounder().supports(Rewritten("The party of Viktor Orbán “réunit” critics."), window, 0)
    assert not Grounder().supports(Rewritten("The party of Viktor Orbín “réunit” critics."), window, 0)
    heard: list[str] = []
    consistency = SimpleNamespace(contradicts=lambda sentence, cited: heard.append(sentence))
    Grounder(cast(StanceConsistency, consistency)).supports(Rewritten("Viktor Orbán’s party."), window, 0)
    assert heard == [unicodedata.normalize(form, "Viktor Orbán’s party.")]  # as its names are looked for


def test_quotations_are_in_one_spelling() -> None:
    assert quotations_of('He said “It’s  over –\nnow!” and "no".') == ["it's over - now", "no"]
