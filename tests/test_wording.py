"""What is seen of a sentence's wording."""

import pytest

from model.article.nlp import parse
from model.summary.wording import Wording, wordings_of

TEXT = (
    "The harbor council sold the ferry to Ms. Berg. "
    "But those objections were never heard, he said. "
    "“Where is the ferry now?” "
    "Ann Berg praised Holm in Bergen"
)


@pytest.fixture(scope="module")
def wordings() -> list[Wording]:
    (parsed,) = parse([TEXT])
    assert len(parsed.sentences) == 4
    return list(wordings_of(parsed, "The harbor council and Berg"))


def test_function_words_and_how_a_sentence_begins_and_ends(wordings: list[Wording]) -> None:
    first, second, third, last = wordings
    assert {"has the", "first the", "last ."} <= first.keys()
    assert {"has but", "has those", "has he", "first but"} <= second.keys()
    assert not {"has objections", "first objections"} & second.keys()
    assert {"first “", "last ”"} <= third.keys()
    assert {"first NNP", "last word"} <= last.keys()
    assert [wording["begins"] for wording in wordings] == [1, 0, 0, 0]
    assert (third["quotation marks"], third["open quotation"]) == (0.5, 0)


def test_its_subject_and_what_is_new_in_it(wordings: list[Wording]) -> None:
    first, second, _, last = wordings
    assert {"subject NNP", "subject with the"} <= first.keys()
    assert {"subject NNS", "subject with those"} <= second.keys()
    assert 0 < first["new definites"] < 0.15  # the ferry; the council is in the title
    assert second["new definites"] == 0
    assert last["single names"] == 1  # Holm; Ann Berg has two words
    assert last["names"] == pytest.approx(0.75)


def test_shares_of_tags_and_relations_add_up(wordings: list[Wording]) -> None:
    for wording in wordings:
        for kind in ("tag ", "relation "):
            assert sum(value for name, value in wording.items() if name.startswith(kind)) == pytest.approx(1.0)


def test_a_text_without_sentences_has_none() -> None:
    (parsed,) = parse([""])
    assert list(wordings_of(parsed, "")) == []
