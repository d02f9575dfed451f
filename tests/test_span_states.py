"""The mean states of spans, read in their article."""

import pytest
import torch

from model import Analyzer
from model.domain import Span
from model.networks.encoder import Encoder
from model.networks.span_states import BLOCK, Places, span_states

TITLE = "A river in Norway"
FIRST = "The river Glomma runs through Norway, and nobody owns it."
LONG = " ".join(f"Bridge number {number} was built of stone." for number in range(100))


@pytest.fixture(scope="module")
def encoder(analyzer: Analyzer) -> Encoder:
    return analyzer.encoder


def place(text: str, words: str) -> Span:
    start = text.index(words)
    return Span(start, start + len(words))


def test_a_span_has_the_mean_of_its_tokens_in_context(encoder: Encoder) -> None:
    span = place(FIRST, "river Glomma")
    (found,) = span_states(encoder, [Places([TITLE, FIRST], [(1, span), (1, Span(0, 0))])])
    tokenizer = encoder.tokenizer
    before = [tokenizer.bos_token_id, *tokenizer(TITLE, add_special_tokens=False)["input_ids"], tokenizer.bos_token_id]
    read = tokenizer(FIRST, add_special_tokens=False, return_offsets_mapping=True)
    ids = torch.tensor([[*before, *read["input_ids"], tokenizer.eos_token_id]])
    with torch.inference_mode():
        states = encoder.network(input_ids=ids, attention_mask=torch.ones_like(ids), after=BLOCK).last_hidden_state
    inside = [len(before) + n for n, (a, b) in enumerate(read["offset_mapping"]) if a < span.end and b > span.start]
    assert len(inside) > 1
    torch.testing.assert_close(found[0], states[0, inside].float().mean(dim=0), rtol=0.02, atol=0.02)
    assert not found[1].any()


def test_the_same_word_has_another_state_elsewhere(encoder: Encoder) -> None:
    other = "Norway sent a letter."
    places = [(0, place(FIRST, "Norway")), (1, place(other, "Norway"))]
    (found,) = span_states(encoder, [Places([FIRST, other], places)])
    assert (found[0] - found[1]).abs().max() > 0.1


def test_articles_are_read_apart_and_long_texts_whole(encoder: Encoder) -> None:
    end = place(LONG, "number 99 was built")
    few = Places([FIRST], [(0, place(FIRST, "Norway"))])
    many = Places([LONG, FIRST], [(0, end), (0, Span(0, len(LONG)))])
    nothing = Places([TITLE], [])
    alone = [span_states(encoder, [some])[0] for some in (few, many, nothing)]
    together = span_states(encoder, [few, many, nothing])
    for one, other in zip(alone, together, strict=True):
        torch.testing.assert_close(one, other, rtol=0.05, atol=0.05)
    assert together[1].any(dim=1).all()
    assert together[2].shape == (0, encoder.hidden)
    assert span_states(encoder, []) == []
