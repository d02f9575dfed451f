"""What is checked to the letter in a written sentence."""

import pytest

from model.summary.surface_checks import (
    borrowed,
    copied,
    invented_quotations,
    misplaced_actors,
    misplaced_pronouns,
    misplaced_quotations,
    missing_numbers,
    names_of,
    numbers_of,
    quotations_of,
    strange_names,
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("forty-eight of two hundred and twelve workers", {"48", "212"}),
        ("3,400 people and 1.50 metres", {"3400", "1.5"}),
        ("two million dollars, 2.5bn kroner", {"2000000", "2500000000"}),
        ("the twelve-year treaty of 1960", {"12", "1960"}),
        ("on Tuesday 9 June, the 21st sitting", {"Tuesday", "9", "June", "21"}),
        ("twice the share, a third of it", {"twice", "third", "3"}),
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
    assert invented_quotations(claim, [SAID]) == invented


@pytest.mark.parametrize(
    ("claim", "misplaced"),
    [
        ("The author says that Uruguay's delegation replied that the method had been agreed.", []),
        ("Its delegation replied that the method had been agreed.", []),
        ("The author says that Argentina's delegation replied that the method had been agreed.", ["arge"]),
        ("Argentina's delegation agreed to the method.", []),
    ],
)
def test_copied_words_given_to_somebody_else(claim: str, misplaced: list[str]) -> None:
    source = "Argentina asked for a review. Uruguay’s delegation replied that the method had been agreed by both."
    assert misplaced_actors(claim, [source]) == misplaced


@pytest.mark.parametrize(
    ("claim", "whole"),
    [
        ("The author says that nobody had asked the island before the ferry was closed.", True),
        ("The author says that nobody had asked the island, which is a shame and a disgrace.", False),
    ],
)
def test_copied_sentences(claim: str, whole: bool) -> None:
    assert copied(claim, ["In May nobody had asked the island before the ferry was closed. It was late."]) is whole


@pytest.mark.parametrize(
    ("claim", "others"),
    [
        ("The author says that the place is perfectly safe for everybody.", True),
        ("Zagreb says that the place is perfectly safe for everybody.", False),
        ("The author says that it was built where no minister ever fishes.", False),
    ],
)
def test_what_others_say_is_not_the_authors(claim: str, others: bool) -> None:
    source = "The place is perfectly safe for everybody, Zagreb assures us. It was built where no minister ever fishes."
    assert borrowed(claim, [source]) is others


def test_so_called_is_no_word_of_saying() -> None:
    claim = "The author faults Norway for its so-called friendship with the islands."
    assert not borrowed(claim, ["Norway pays for its so-called friendship with the islands."])
    assert borrowed(claim, ["Oslo called it its so-called friendship with the islands."])


@pytest.mark.parametrize(
    ("claim", "misplaced"),
    [
        ("According to Holt the council has “forgotten who pays for the boats”.", []),
        ("The spokesman says that it has “forgotten who pays for the boats”.", []),
        (
            "According to Ann Berg the council has “forgotten who pays for the boats”.",
            ["forgotten who pays for the boats"],
        ),
    ],
)
def test_a_quotation_given_to_somebody_else(claim: str, misplaced: list[str]) -> None:
    assert misplaced_quotations(claim, [SAID]) == misplaced


def test_quotations_are_in_one_spelling() -> None:
    assert quotations_of('He said “It’s  over –\nnow!” and "no".') == ["it's over - now", "no"]


def test_authorities_are_not_the_author() -> None:
    source = "The authorities said that the dam had been built without a permit. Nobody was asked about it."
    claim = "The authorities say that the dam had been built without a permit."
    assert not borrowed(claim, [source])
    assert borrowed(claim.replace("authorities say", "author says"), [source])


def test_a_pronoun_stands_for_what_the_claim_names() -> None:
    source = ["The constitution allows such orders in a case that cannot wait. It was signed by all of the members."]
    assert misplaced_pronouns("The decision is right since it allows such orders in a case.", source) == [
        "constitution"
    ]
    assert misplaced_pronouns("The constitution is old but it allows such orders in a case.", source) == []
    assert misplaced_pronouns("The order says that it was signed by all of the members.", source) == []
