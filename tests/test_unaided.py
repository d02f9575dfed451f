"""Parties found unaided against a reader's: who matches whom, and the shares that come of it."""

import pytest

from eval.gold import GoldArticle
from eval.judges import Reply
from eval.unaided import finding_scores, matches, readers_agreement
from model.article.splitter import join_article
from model.domain import Kind, Party
from model.parties.requests import PartyRequest


def party(name: str, *aliases: str, main: bool = True) -> Party:
    return Party(name, Kind.ORGANIZATION, aliases, main=main)


READERS = (PartyRequest("Barack Obama", ("Obama",)), PartyRequest("United States", ("US",)), PartyRequest("Iran"))


@pytest.mark.parametrize(
    ("found", "pairs"),
    [
        ([party("Obama")], [(0, 0)]),
        ([party("The US’s")], [(0, 1)]),
        ([party("Mr Obama", "Obama"), party("OBAMA", main=False)], [(0, 0), (1, 0)]),
        ([party("America", "US", "Iran")], [(0, 1), (0, 2)]),
        ([party("Iranian")], []),
    ],
)
def test_names_match(found: list[Party], pairs: list[tuple[int, int]]) -> None:
    assert matches(found, READERS) == pairs


def test_a_main_party_goes_first() -> None:
    assert matches([party("Obama", main=False), party("Barack Obama")], READERS) == [(1, 0), (0, 0)]


def test_shares() -> None:
    """Two of three readers' parties are found, of four main ones one is junk, one comes twice, one is merged."""
    gold = GoldArticle("a", join_article("", ["Iran."]), READERS, {}, (), second_requests=(PartyRequest("The Senate"),))
    found = (
        party("Obama"), party("Barack Obama"), party("Senate"), party("Reuters"), party("Iran", main=False)
    )  # fmt: skip
    scores = finding_scores([gold], [Reply({}, found=found)])
    assert scores["found"] == pytest.approx(1 / 3)
    assert scores["found_anywhere"] == pytest.approx(2 / 3)
    assert (scores["main"], scores["junk"], scores["twice"], scores["merged"]) == (4, 1 / 4, 1 / 4, 0)
    merged = finding_scores([gold], [Reply({}, found=(party("America", "US", "Iran"),))])
    assert (merged["found"], merged["merged"]) == (pytest.approx(2 / 3), 1)
    ceiling = readers_agreement([gold])
    assert ceiling is not None
    assert ceiling["found"] == 0
