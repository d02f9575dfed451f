"""Texts in letters: names replaced, other phrases marked, and it is known where each letter stands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.domain import Span
from model.names.name_spans import names_in
from model.stance.letters import LETTERS, lettered, letters_for

TEXT = "Norway thanked the union, which had helped it; both sides praised Norway's king. Malcolm X came."


def spans(*words: str, text: str = TEXT) -> list[Span]:
    return [Span(m.start(), m.end()) for word in words for m in re.finditer(re.escape(word), text)]


def test_names_become_letters_and_other_phrases_are_followed_by_them() -> None:
    found = lettered(TEXT, [spans("Norway", " it"), spans("the union", "which", "both sides")])
    assert found.letters == ("Y", "Z")  # X is a word of the text
    assert found.text == (
        "Y thanked the union [Z], which [Z] had helped it [Y]; both sides [Z] praised Y's king. Malcolm X came."
    )
    for letter, places in zip(found.letters, found.places, strict=True):
        assert len(places) == 3
        assert {found.text[place.start : place.end] for place in places} == {letter}


def test_a_phrase_for_two_parties_has_both_letters() -> None:
    found = lettered(TEXT, [spans("Norway", "both sides"), spans("both sides", "the union")])
    assert "both sides [Y, Z] praised Y's king" in found.text


def test_what_names_another_party_is_marked_for_its_own() -> None:
    text = "The Norwegian minister left Norway."
    found = lettered(text, [spans("Norwegian", "Norway.", text=text), spans("The Norwegian minister", text=text)])
    assert found.text == "The X minister [Y] left X."


def test_with_no_names_all_stay_and_are_marked() -> None:
    found = lettered(TEXT, [spans("Norway")], ())
    assert found.text == TEXT.replace("Norway", "Norway [Y]")


def test_more_parties_than_letters_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 22 parties"):
        lettered(TEXT, [spans("Norway")] * 23)
    assert letters_for("A B. C") == LETTERS.replace("B", "").replace("C", "")


def apart(some: list[Span]) -> list[Span]:
    """Those that overlap none before them, as a party's mentions do."""
    kept: list[Span] = []
    for span in some:
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return kept


@given(
    st.text(alphabet="aB X.[]é—\n", max_size=60),
    st.lists(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=4), max_size=4),
)
def test_any_text_keeps_its_words_and_tells_where_each_letter_is(text: str, drawn: list[list[tuple[int, int]]]) -> None:
    mentions = [
        apart([Span(s, s + n) for s, n in some if text[s : s + n].strip() and s + n <= len(text)]) for some in drawn
    ]
    found = lettered(text, mentions)
    for letter, places, some in zip(found.letters, found.places, mentions, strict=True):
        assert {found.text[place.start : place.end] for place in places} <= {letter}
        assert bool(places) == bool(some)
    named = sorted({span for some in names_in(text, mentions) for span in some}, key=lambda span: -span.start)
    bare = text
    for span in named:
        bare = bare[: span.start] + bare[span.end :]
    rest = found.text
    for place in sorted((place for places in found.places for place in places), key=lambda place: -place.start):
        rest = f"{rest[: place.start]}\0{rest[place.end :]}"  # which no text has: brackets of its own are not marks
    assert re.sub(r" \[\0(?:, \0)*\]", "", rest).replace("\0", "") == bare


def test_a_group_of_names_is_its_own_partys() -> None:
    text = "Chinese Foreign Ministry in Beijing; Beijing and Zed left."
    parties = [
        spans("Beijing", text=text),
        spans("Chinese", "Beijing", "Zed", text=text),
        spans("Chinese Foreign Ministry", text=text),
    ]
    found = lettered(text, parties)
    assert found.text.endswith("and Y left.")
