"""Teaching a language model to judge paragraphs, with a tiny one."""

import random
import re
from collections.abc import Sequence
from pathlib import Path

import gguf
import pytest
import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from model.domain import Span, Stance
from model.errors import WeightsError
from model.networks.lora import adapter_state, add_adapters
from model.stance.head import STANCES
from model.training import activated_lora, lm_stance
from model.training.activated_lora import Chat, write_gguf
from model.training.documents import Document, LabelledParty, Target
from model.training.lm_stance import (
    Adapters,
    Asked,
    answer_loss,
    answers,
    asked_of,
    read_lower,
    whole_state,
    with_upper_adapters,
)
from model.training.loop import Course
from model.training.planted_answers import planted
from model.training.recipes.lm_stance import QUESTIONS, TOKENS, adapters_of, learn_steps, steps_of

TEXTS = ("Berg praised Oslo.", "The union blamed it.", "Rain fell.")
OPTIONS = [5, 6, 7, 8]


def document() -> Document:
    berg = LabelledParty("Berg", "person", {0: (Span(0, 4),)})
    oslo = LabelledParty("Oslo", "state", {0: (Span(13, 17),), 1: (Span(17, 19),)})
    labels = [(0, 0, Stance.NEUTRAL), (0, 1, Stance.FAVORABLE), (1, 1, Stance.CRITICAL), (2, 0, Stance.ABSENT)]
    targets = tuple(Target(paragraph, party, stance) for paragraph, party, stance in labels)
    return Document("d", "press", "d", TEXTS, (berg, oslo), targets)


@pytest.fixture(autouse=True)
def two_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lm_stance, "LEARNT_FROM", 1)  # of the tiny model's two


@pytest.fixture(scope="module")
def chat(folder: Path) -> Chat:
    return Chat(AutoTokenizer.from_pretrained(folder))


@pytest.fixture
def asked(chat: Chat) -> list[Asked]:
    return list(asked_of(chat, document(), None))


def network(folder: Path) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).requires_grad_(False)


def earlier(folder: Path) -> Adapters:
    """Updates that change something."""
    torch.manual_seed(4)
    whole = network(folder)
    add_adapters(whole.base_model, lm_stance.RANK, 1.0)
    state = adapter_state(whole.base_model)
    names = {name.rpartition(".")[0] for name in state}
    return {name: (torch.randn_like(state[f"{name}.B"]) * 0.02, state[f"{name}.A"]) for name in names}


def test_a_document_is_one_text_with_a_question_behind_each_paragraph(chat: Chat, asked: list[Asked]) -> None:
    (one,) = asked
    assert chat.tokenizer.decode(one.tokens) == "X praised Y.\n\nThe union blamed it [Y].\n\nRain fell.\n\n"
    read = [chat.tokenizer.decode(one.tokens[: question.end]) for question in one.questions]
    assert [text.count("\n\n") for text in read] == [1, 1, 2, 3]
    assert [STANCES[question.label] for question in one.questions] == [target.stance for target in document().targets]
    assert chat.tokenizer.decode(one.questions[2].tokens) == "<|im_start|>How does the paragraph portray Y?"


def test_training_draws_letters_and_leaves_out_most_that_is_absent_and_far(chat: Chat) -> None:
    drawn = [list(asked_of(chat, document(), random.Random(seed))) for seed in range(60)]
    assert drawn == [list(asked_of(chat, document(), random.Random(seed))) for seed in range(60)]
    assert len({one.tokens for (one,) in drawn}) > 40
    absent = sum(len(one.questions) == 4 for (one,) in drawn)
    assert 0 < absent < 20
    assert {len(one.questions) for (one,) in drawn} == {3, 4}


def test_false_answers_are_planted_in_some_training_documents(chat: Chat) -> None:
    plain = len(next(asked_of(chat, document(), None)).tokens)
    drawn = [next(asked_of(chat, document(), random.Random(seed))) for seed in range(200)]
    texts = [chat.tokenizer.decode(one.tokens) for one in drawn if len(one.tokens) > plain]
    assert 20 < len(texts) < 50, "a fifth of them, in every second paragraph"
    assert any(re.search(r"How does the paragraph portray \w\? (critical|neutral|absent)", text) for text in texts)
    for one in drawn:
        assert [STANCES[question.label] for question in one.questions][:3] == [
            target.stance for target in document().targets[:3]
        ]


def test_planted_answers_are_false() -> None:
    for seed in range(100):
        text = planted({"X": Stance.CRITICAL, "Y": Stance.CRITICAL}, random.Random(seed))
        assert "critical" not in text
        assert set(re.findall(r"\b[XY]\b", text)) == {"X", "Y"}
        assert re.findall("neutral|favorable|absent", text)


def direct(whole: PreTrainedModel, one: Asked) -> Tensor:
    """The logits where each question is read behind its text, one by one."""
    rows = []
    for question in one.questions:
        tokens = torch.tensor([[*one.tokens[: question.end], *question.tokens]])
        rows.append(whole(tokens).logits[0, -1, OPTIONS])
    return torch.stack(rows)


def test_questions_read_side_by_side_are_answered_as_one_by_one(
    folder: Path, asked: list[Asked], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activated_lora, "is_exact", lambda: False)
    before = earlier(folder)
    whole = network(folder)
    for name, (up, down) in before.items():
        whole.base_model.get_submodule(name).weight.data += up @ down
    read_lower(asked, tmp_path, network(folder), before)
    upper = network(folder)
    with_upper_adapters(upper, before)
    found = answers(upper, [asked[0], asked[0]], tmp_path, OPTIONS)
    assert torch.allclose(found, direct(whole, asked[0]).repeat(2, 1), atol=0.02)  # states are kept in bf16
    assert not torch.allclose(found[:4], direct(network(folder), asked[0]), atol=0.05)


def test_it_learns_and_llama_cpp_gets_all_layers(folder: Path, asked: list[Asked], tmp_path: Path) -> None:
    before = earlier(folder)
    read_lower(asked, tmp_path, network(folder), before)
    upper = network(folder)
    course = Course(with_upper_adapters(upper, before), 0.02, 0.0, 15, 0.1, tmp_path, newest=1.0)

    def loss() -> float:
        with torch.no_grad():
            return float(answer_loss(answers(upper, asked, tmp_path, OPTIONS), asked))

    untaught = loss()
    learn_steps(upper, [[asked]] * 15, tmp_path, OPTIONS, course, 1)
    assert loss() < untaught / 2
    state = whole_state(upper, before)
    write_gguf(tmp_path / "adapter.gguf", state)
    read = gguf.GGUFReader(tmp_path / "adapter.gguf")
    assert "adapter.alora.invocation_tokens" not in read.fields
    tensors = {tensor.name: torch.tensor(tensor.data).float() for tensor in read.tensors}
    assert len(tensors) == 2 * 7 * 2
    name = "self_attn.q_proj"
    assert torch.allclose(tensors["blk.0.attn_q.weight.lora_b"], before[f"layers.0.{name}"][0], atol=1e-3)
    learnt = adapter_state(upper.base_model)[f"layers.0.{name}.B"]
    assert torch.allclose(tensors["blk.1.attn_q.weight.lora_b"], learnt, atol=1e-3)
    assert not torch.allclose(learnt, before[f"layers.1.{name}"][0], atol=1e-3)


def test_steps_see_each_stretch_once(asked: list[Asked]) -> None:
    many = [Asked(str(n), asked[0].tokens, asked[0].questions) for n in range(90)]
    steps = steps_of(many, random.Random(2))
    seen = [one.document for step in steps for batch in step for one in batch]
    assert sorted(seen) == sorted(one.document for one in many) != seen
    for step in steps:
        assert all(_length(batch) <= TOKENS for batch in step)
    assert all(sum(len(one.questions) for batch in step for one in batch) >= QUESTIONS for step in steps[:-1])


def _length(batch: Sequence[Asked]) -> int:
    return sum(len(one.tokens) + sum(len(question.tokens) for question in one.questions) for one in batch)


def test_another_file_than_adapters_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"no")
    with pytest.raises(WeightsError, match=r"adapters of the language model in .*025f03d"):
        adapters_of(tmp_path / "bad.safetensors")
