"""Teaching a language model to rewrite sentences, with a tiny one; the readers' words as places in the article."""

import json
from pathlib import Path

import gguf
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from model.errors import LabelError
from model.language_model.prompts import Prompt
from model.networks.lora import adapter_state
from model.training.activated_lora import Chat, Turn, read_prompts, reply_loss, with_adapter, write_gguf
from model.training.loop import Course
from model.training.recipes.rewriting import AT_ONCE, BATCHES, BELIEVED, score, steps_of, turns_of
from model.training.rewritings import NONE, pieces_of, read_rewritings, reply_of
from model.training.steps import learn

TITLE = "The ferry of Hale"
PARAGRAPHS = ["The council of Hale closed the ferry\non 3 May.", "It broke its word to all of the islanders."]
REPLY = "The author says that the council of Hale closed the ferry on 3 May."


@pytest.fixture(scope="module")
def chat(folder: Path) -> Chat:
    return Chat(AutoTokenizer.from_pretrained(folder))


@pytest.fixture(scope="module")
def turns(chat: Chat) -> list[Turn]:
    return [chat.turn(f"Say it. {text}", reply) for text, reply in zip(PARAGRAPHS, (REPLY, NONE), strict=True)]


def test_words_of_the_article_are_kept_by_their_place() -> None:
    pieces = pieces_of(REPLY, TITLE, PARAGRAPHS, paragraph=1)
    assert pieces == ["The author says that the", [0, 4, 46]]
    assert reply_of(pieces, TITLE, PARAGRAPHS) == REPLY
    assert pieces_of("Read The ferry of Hale.", TITLE, PARAGRAPHS, 0) == ["Read", [-1, 0, 12], "Hale."]
    assert pieces_of(NONE, TITLE, PARAGRAPHS, 0) is None
    assert reply_of(None, TITLE, PARAGRAPHS) == NONE


def test_the_article_comes_from_the_corpus(tmp_path: Path) -> None:
    article = {"id": "a", "title": TITLE, "paragraphs": PARAGRAPHS}
    (tmp_path / "news.jsonl").write_text(json.dumps(article) + "\n")
    row = {"id": "a", "paragraph": 1, "start": 0, "end": 42, "about": "Hale", "pieces": ["So says", [0, 4, 19]]}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    (read,) = read_rewritings(tmp_path / "rows.jsonl", tmp_path)
    assert read.reply == "So says council of Hale"
    assert read.lines.splitlines()[2:] == [f"Sentence: {PARAGRAPHS[1]}", "About: Hale"]
    (tmp_path / "rows.jsonl").write_text(json.dumps(row | {"id": "b"}) + "\n")
    with pytest.raises(LabelError, match="expected the text of 'b'"):
        list(read_rewritings(tmp_path / "rows.jsonl", tmp_path))


def test_a_turn_is_the_chat_with_no_control_token_of_the_article(chat: Chat) -> None:
    turn = chat.turn("Say <|im_end|> it.", "It.")
    text = chat.tokenizer.decode([*turn.prompt, *turn.reply])
    assert text == "<|im_start|>user\nSay <|im_end|> it.<|im_end|>\n<|im_start|>assistant\nIt.<|im_end|>"
    assert turn.prompt.count(chat.end[0]) == 1
    assert chat.tokenizer.decode(turn.reply[: turn.opening]) == "<|im_start|>assistant\n"


def test_behind_kept_states_a_reply_costs_what_it_costs_in_the_whole(
    folder: Path, turns: list[Turn], tmp_path: Path
) -> None:
    """The loss of a batch is that of each turn read whole, without an adapter or with one that is not taught yet."""
    network = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).requires_grad_(False).eval()
    total = count = 0.0
    for turn in turns:
        whole = torch.tensor([[*turn.prompt, *turn.reply]])
        learnt = len(turn.prompt) + turn.opening
        logits = network(whole).logits[0, learnt - 1 : -1]
        total += float(torch.nn.functional.cross_entropy(logits, whole[0, learnt:], reduction="sum"))
        count += whole.shape[1] - learnt
    read_prompts(turns, tmp_path, lambda: AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32))
    assert len(list(tmp_path.iterdir())) == len(turns)
    read_prompts(turns, tmp_path, lambda: pytest.fail("nothing is left to read"))
    expected = pytest.approx(total / count, rel=0.02)  # the states are in bf16, read in eight bits
    assert reply_loss(network, turns, tmp_path).item() == expected
    with_adapter(network, 2, 2.0)
    assert reply_loss(network, turns, tmp_path).item() == expected


def test_a_prompt_of_several_replies_is_read_once(
    folder: Path, chat: Chat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []
    save = torch.save
    monkeypatch.setattr(torch, "save", lambda states, path: (written.append(path), save(states, path)))
    turns = [chat.turn("Say it.", reply) for reply in (REPLY, NONE, "So.")] + [chat.turn("Do say it.", NONE)]
    read_prompts(turns, tmp_path, lambda: AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32))
    assert len(written) == len({turn.name for turn in turns}) == 2


def test_a_token_counts_by_its_replys_weight(folder: Path, chat: Chat, tmp_path: Path) -> None:
    network = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).requires_grad_(False).eval()
    one, other = chat.turn("Say it.", REPLY), chat.turn("Say it.", NONE, 0.25)
    read_prompts([one], tmp_path, lambda: AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32))
    losses = [reply_loss(network, [turn], tmp_path).item() for turn in (one, other)]
    counts = [(len(turn.reply) - turn.opening) * turn.weight for turn in (one, other)]
    expected = sum(loss * count for loss, count in zip(losses, counts, strict=True)) / sum(counts)
    assert reply_loss(network, [one, other], tmp_path).item() == pytest.approx(expected, rel=1e-4)


def test_what_readers_said_becomes_turns(chat: Chat, tmp_path: Path) -> None:
    article = {"id": "a", "title": TITLE, "paragraphs": PARAGRAPHS}
    (tmp_path / "news.jsonl").write_text(json.dumps(article) + "\n")
    place = {"id": "a", "paragraph": 1, "start": 0, "end": 42, "about": ""}
    rows = [
        place | {"pieces": ["It broke its word."]},
        place | {"pieces": ["Hale broke its word."], "verdict": "supported", "alone": True},
        place | {"pieces": ["It broke."], "verdict": "supported", "alone": False},
        place | {"pieces": ["They broke it."], "verdict": "wrong", "alone": True, "right": ["Hale broke it."]},
    ]
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    turns = list(turns_of(tmp_path / "rows.jsonl", tmp_path, chat, Prompt("rewrite", "Say it. $window")))
    told = [(turn.weight, chat.tokenizer.decode(turn.reply[turn.opening : -1])) for turn in turns]
    assert told == [(1.0, "It broke its word."), (BELIEVED, "Hale broke its word."), (1.0, "Hale broke it.")]


def test_it_learns_and_llama_cpp_gets_what_it_learnt(
    folder: Path, chat: Chat, turns: list[Turn], tmp_path: Path
) -> None:
    states = tmp_path / "prompts"
    read_prompts(turns, states, lambda: AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32))
    network = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).requires_grad_(False)
    course = Course(with_adapter(network, 4, 2.0), 0.02, 0.0, 12, 0.1, tmp_path, newest=1.0)
    before = score(network, turns, states)
    learn([network], [[turns]] * 12, lambda batch: reply_loss(network, batch, states), course, 1, low_precision=False)
    assert score(network, turns, states) < before / 2
    write_gguf(tmp_path / "adapter.gguf", adapter_state(network.base_model), chat.opening)
    read = gguf.GGUFReader(tmp_path / "adapter.gguf")
    assert read.fields["adapter.lora.alpha"].contents() == 4.0
    assert read.fields["adapter.alora.invocation_tokens"].contents() == chat.opening
    tensors = {tensor.name: tensor for tensor in read.tensors}
    layer = network.base_model.layers[1].mlp.gate_proj
    assert len(tensors) == 2 * 7 * 2
    assert tensors["blk.1.ffn_gate.weight.lora_b"].data.shape == layer.B.shape
    assert torch.allclose(torch.tensor(tensors["blk.1.ffn_gate.weight.lora_a"].data).float(), layer.A, atol=1e-3)


def test_a_pass_sees_each_turn_once_in_batches_of_like_lengths() -> None:
    turns = [Turn([number], [0] * (number % 7 + 1), 1) for number in range(64)]
    steps = steps_of(turns, seed=3)
    assert len(steps) == 64 // (AT_ONCE * BATCHES)
    seen = [turn.prompt[0] for step in steps for batch in step for turn in batch]
    assert sorted(seen) == list(range(64)) != seen
    for step in steps:
        lengths = [len(turn.reply) for batch in step for turn in batch]
        assert lengths == sorted(lengths)
    assert steps_of(turns, seed=3) == steps
