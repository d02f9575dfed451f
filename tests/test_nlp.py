"""Sentences, as spaCy finds them."""

import pytest

from model.article.nlp import _TITLES, sentences


@pytest.mark.parametrize("title", _TITLES)
def test_a_title_of_several_people_ends_no_sentence(title: str) -> None:
    text = f"They questioned the positions of {title} Elizabeth Lind and Tom Reed. It rained."
    assert [text[span.start : span.end] for span in sentences(text)] == [text.removesuffix(" It rained."), "It rained."]
