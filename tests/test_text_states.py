"""The mean states of spans, read in their article."""

from collections.abc import Sequence

import pytest
import torch

from model import Analyzer
from model.domain import Mention
from model.networks.encoder import Encoder, Tokens
from model.networks.text_states import TextReader, text_states

TITLE = "A river in Norway"
FIRST = "The river Glomma runs through Norway, and nobody owns it."
LONG = " ".join(f"Bridge number {number} was built of stone." for number in range(100))


@pytest.fixture(scope="module")
def encoder(analyzer: Analyzer) -> Encoder:
    return analyzer.reader.encoder


def place(text: str, words: str, paragraph: int = -1) -> Mention:
    start = text.index(words)
    return Mention(paragraph, start, start + len(words))


def test_a_span_has_the_mean_of_its_tokens_in_context(encoder: Encoder) -> None:
    span = place(FIRST, "river Glomma", 0)
    (read,) = text_states(encoder, [[TITLE, FIRST]])
    found = read.means([span, Mention(0, 0, 0)])
    tokenizer = encoder.tokenizer
    before = [tokenizer.bos_token_id, *tokenizer(TITLE, add_special_tokens=False)["input_ids"], tokenizer.bos_token_id]
    read = tokenizer(FIRST, add_special_tokens=False, return_offsets_mapping=True)
    ids = torch.tensor([[*before, *read["input_ids"], tokenizer.eos_token_id]])
    with torch.inference_mode():
        states = encoder.network(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    inside = [len(before) + n for n, (a, b) in enumerate(read["offset_mapping"]) if a < span.end and b > span.start]
    assert len(inside) > 1
    torch.testing.assert_close(found[0], states[0, inside].float().mean(dim=0), rtol=0.02, atol=0.02)
    assert not found[1].any()


def test_the_same_word_has_another_state_elsewhere(encoder: Encoder) -> None:
    other = "Norway sent a letter."
    places = [place(FIRST, "Norway"), place(other, "Norway", 0)]
    found = text_states(encoder, [[FIRST, other]])[0].means(places)
    assert (found[0] - found[1]).abs().max() > 0.1


def test_articles_are_read_apart_and_long_texts_whole(encoder: Encoder) -> None:
    end = place(LONG, "number 99 was built")
    asked = [[place(FIRST, "Norway")], [end, Mention(-1, 0, len(LONG)), Mention(0, 0, 9)], []]
    texts = [[FIRST], [LONG, FIRST], [""]]
    alone = [text_states(encoder, [some])[0].means(places) for some, places in zip(texts, asked, strict=True)]
    together = [r.means(places) for r, places in zip(text_states(encoder, texts), asked, strict=True)]
    for one, other in zip(alone, together, strict=True):
        torch.testing.assert_close(one, other, rtol=0.05, atol=0.05)
    assert together[1].any(dim=1).all()
    assert together[2].shape == (0, encoder.hidden)
    assert text_states(encoder, []) == []


def test_every_token_has_a_state_once(encoder: Encoder) -> None:
    (read,) = text_states(encoder, [["", LONG]])
    assert len(read.states[0]) == 0
    assert len(read.states[1]) == len(read.texts[1].ids) > 2 * 384
    assert read.states[1].any(dim=1).all()


def test_the_last_articles_are_kept(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.networks.text_states._KEPT", 500)
    reader = TextReader(encoder)
    asked: list[int] = []
    states = encoder.states

    def noted(windows: Sequence[Tokens]) -> torch.Tensor:
        asked.append(len(windows))
        return states(windows)

    monkeypatch.setattr(encoder, "states", noted)
    first, long = [TITLE, FIRST], ["", LONG]
    (read,) = reader.read([first])
    assert reader.read([first, first]) == [read, read]
    assert asked == [1]
    reader.read([long])
    asked.clear()
    assert reader.read([first, long])[0] is read  # the long one is too long to be kept
    assert asked
    asked.clear()
    reader.forget()
    reader.read([first])
    assert asked == [1]
