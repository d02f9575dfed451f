"""What is checked to the letter in a written sentence."""

import unicodedata
from types import SimpleNamespace
from typing import Literal, cast

import pytest

from model.article.splitter import join_article
from model.domain import Span
from model.summary.grounding import Grounder, Rewritten
from model.summary.stance_consistency import StanceConsistency
from model.summary.surface_checks import (
    coverage,
    invented_quotations,
    missing_numbers,
    names_of,
    numbers_of,
    quotations_of,
    strange_names,
)
from model.summary.window import Window


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("forty-eight of two hundred and twelve workers", {"48", "212"}),
        ("3,400 people and 1.50 metres", {"3400", "1.5"}),
        ("two million dollars, 2.5bn kroner", {"2000000", "dollar", "2500000000"}),
        ("$2m, 3 million euros and a pound", {"2000000", "dollar", "3000000", "euro", "pound"}),
        ("2tn, 20k, 5 lakh and £3b", {"2000000000000", "20000", "500000", "pound", "3000000000"}),
        ("100-300 boats, five – seven crews", {"100", "300", "5", "7"}),
        ("in 2019 300 people of 10 000", {"2019", "300", "10000"}),
        (".5, 0.5, 2½ and ¼", {"0.5", "2.5", "0.25"}),
        ("tripled, then doubling", {"tripl", "doubl"}),
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
        ("The ferry carried 1% of the people, or $1.", {"1", "dollar"}),
        ("In one of 1.5 years it was full.", {"1.5"}),
        ("The number of people tripled in 12 years.", {"tripl"}),
    ],
)
def test_missing_numbers(claim: str, missing: set[str]) -> None:
    assert missing_numbers(claim, "Forty-eight people took the ferry in 12 years, the last on a Sunday.") == missing


def test_names_are_words_with_capitals_but_for_function_words() -> None:
    assert names_of("The council of Hale met Ms Berg. Nobody from MEDIVARA’s board came, I'd say.") == [
        *("Hale", "Ms", "Berg", "MEDIVARA")
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Bergen's ferry sank.", ["Bergen"]),
        ("The ferry sank.", []),
        ("7", []),
        ("It met Mr. Holt (Ash): “Hale?”", ["Mr", "Holt", "Ash", "Hale"]),
        ("Omar al-Sarhan’s Anglo-French crew", ["Omar", "Sarhan", "Anglo", "French"]),
        ("The WHO asked who the U.S. is.", ["WHO", "US"]),
        ("Mary O’Dell", ["Mary", "O", "Dell"]),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    assert names_of(text) == names


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


@pytest.mark.parametrize(
    ("claim", "source", "strange"),
    [
        ("the WHO", "Nobody knows who pays. Who knows?", ["WHO"]),
        ("the WHO", "the World Health Organization", []),
        ("the IT team", "it said that IT firms left", []),
        ("the US fleet", "let us sail", ["US"]),
        ("the US fleet", "the U.S. fleet", []),
        ("a UN ship", "Hale United\nNobody came. Union. North", ["UN"]),
        ("the BE", "the Bank of England", []),
        ("the EU", "the Empire and Ulster", ["EU"]),
        ("the HFA", "the Hale Ferry-Workers Association and the Hale Fund for Art", []),
        ("Austria", "the Australian coast", ["Austria"]),
        ("Niger", "the Nigerian coast", ["Niger"]),
        ("Macrin", "macroeconomic news", ["Macrin"]),
        ("Marten", "the Martens and Martinsen", []),
        ("Martin", "Marta Martensen", ["Martin"]),
        ("European", "Europe", []),
        ("Democratic", "Democrats", []),
        ("Omar al-Gharib", "Omar al-Sarhan", ["Gharib"]),
        ("Anglo-Danish", "the Anglo-French line", ["Danish"]),
        ("Mr. Ashby", "Mr. Holt", ["Ashby"]),
        ("Negotiators", "a negotiator", []),
    ],
)
def test_names_that_a_source_lacks(claim: str, source: str, strange: list[str]) -> None:
    assert strange_names(names_of(claim), source) == strange


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
        ("Berg calls the ferry ‘a broken promise’.", ["a broken promise"]),
        ("Berg calls the ferry 'a promise'; it's the workers’ too.", []),
        ("Berg calls the ferry «a broken promise».", ["a broken promise"]),
        ("Berg calls the ferry „a promise, not a favour“.", []),
        ("Berg calls the ferry “a favour, not”.", ["a favour, not"]),
        ("Berg wants “read”.", ["read"]),  # within "bread"
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


@pytest.mark.parametrize(
    "sentence",
    [
        "The company did not answer for a week.",
        "Ann Berg calls the ferry a promise.",
        "Shops on the island had no bread left while boats did not sail for a week.",
        "Mr Holt told reporters that those who pay for boats were forgotten by the council.",
    ],
)
def test_a_faithful_sentence_passes(sentence: str) -> None:
    assert Grounder().supports(Rewritten(sentence), Window("", "", "", SAID, ""), 0)


@pytest.mark.parametrize(
    ("sentence", "share"),
    [
        ("I cannot assist with that request.", 0),
        ("I'm sorry, but I can't discuss politics.", 0),
        ("The company answers after a month.", 2 / 3),
        ("It is.", 0),
    ],
)
def test_a_sentence_has_its_words_from_the_source(sentence: str, share: float) -> None:
    assert coverage(sentence, SAID) == pytest.approx(share)
    assert Grounder().supports(Rewritten(sentence), Window("", "", "", SAID, ""), 0) is (share > 0)


@pytest.mark.parametrize(
    ("sentence", "passes"),
    [
        ("The council of Hale broke its word.", False),
        ("Hale council has broken its word to the islanders.", False),
        ("The author says that the council of Hale broke its word.", False),
        ("Ann Berg says that the council of Hale broke its word.", True),
        ("The council of Hale broke its word, Ann Berg says.", True),
        ("According to Ann Berg, the council of Hale broke its word.", True),
        ("Ann Berg accuses the council of Hale of “broke its word”.", True),
        ("Ann Berg accuses the council of Hale of breaking its word.", True),
        ("Hale broke its word to the islanders.", False),
    ],
)
def test_what_is_quoted_needs_a_speaker(sentence: str, passes: bool) -> None:
    text = "“The council of Hale broke its word to the islanders. It should hope that nobody accuses it,” said Berg."
    window = Window.around(join_article("The ferry of Ann Berg", [text]), 0, Span(0, 53))
    assert window.quoted
    assert Grounder().supports(Rewritten(sentence), window, 0) is passes
