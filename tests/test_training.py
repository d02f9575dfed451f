"""The training loop on a tiny encoder: it learns, it resumes to the same weights, and what it saves loads again."""

import random
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, MPNetConfig, MPNetModel

from model.adapter import adapter_state
from model.domain import Span, Stance
from model.encoder import Encoder
from model.errors import LabelError
from model.head import StanceHead
from model.stance import StanceWeights
from model.training.data import Example, Target, read_paragraphs, split
from model.training.evaluate import calibration_error, score
from model.training.loop import Reading, Stage, freeze_for_training, read_examples, save_weights, train_stage
from model.weights import encoder_folder

WORDS = {Stance.FAVORABLE: "praised", Stance.CRITICAL: "blamed", Stance.NEUTRAL: "met"}
EXAMPLES = [
    Example(
        f"They {word} Norway{'!' * (number % 3)}",
        f"g{number}",
        (Target((Span(5 + len(word) + 1, 12 + len(word)),), stance),),
    )
    for number in range(8)
    for stance, word in WORDS.items()
]
STAGE = Stage(epochs=8, learning_rate=2e-2, batch=8, corpus_repeats=0, own_repeats=0, sentence_share=1.0)


def tiny() -> tuple[Encoder, StanceHead]:
    torch.manual_seed(3)
    tokenizer = AutoTokenizer.from_pretrained(encoder_folder(), local_files_only=True)
    config = MPNetConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    network = MPNetModel(config)
    network.pooler = None
    encoder = Encoder(tokenizer, network)
    freeze_for_training(encoder, rank=4, scale=2.0, dropout=0.0)
    return encoder, StanceHead(32, 16, dropout=0.0)


def run(folder: Path, epochs: int) -> tuple[Encoder, StanceHead, list[float]]:
    encoder, head = tiny()
    readings = read_examples(encoder, EXAMPLES)

    def order(_: random.Random) -> list[Reading]:
        return readings

    losses = []
    for scores in train_stage(encoder, head, STAGE, order, lambda: score(encoder, head, readings), folder, seed=1):
        losses.append(scores["loss"])
        if len(losses) == epochs:
            break
    return encoder, head, losses


def test_learns_resumes_and_saves(tmp_path: Path) -> None:
    encoder, head, losses = run(tmp_path / "whole", 9)
    assert losses[-1] < 0.7 * losses[0]
    run(tmp_path / "broken", 2)
    resumed, resumed_head, rest = run(tmp_path / "broken", 9)
    assert len(rest) == 6
    for name, tensor in adapter_state(encoder.network).items():
        assert torch.equal(tensor, adapter_state(resumed.network)[name])
    assert torch.equal(head.outer.weight, resumed_head.outer.weight)
    save_weights(tmp_path / "w.safetensors", encoder, head, {"temperature": "1.5", "bias": "-0.5 0 0"})
    loaded = StanceWeights.load(tmp_path / "w.safetensors")
    assert loaded.temperature == 1.5
    assert loaded.bias == (-0.5, 0.0, 0.0)
    assert loaded.version.startswith("stance@")
    assert torch.allclose(loaded.head["outer.weight"], head.outer.weight, atol=1e-3)
    assert loaded.adapter.keys() == adapter_state(encoder.network).keys()


def test_groups_are_never_split() -> None:
    examples = [Example("x", f"g{number % 20}", ()) for number in range(200)]
    train, development = split(examples, 5)
    assert {e.group for e in train} & {e.group for e in development} == set()
    assert len(train) + len(development) == 200
    assert 0 < len(development) < 100


def test_a_label_without_its_paragraph(tmp_path: Path) -> None:
    corpora = tmp_path / "corpora"
    labels = tmp_path / "labels"
    corpora.mkdir()
    labels.mkdir()
    (corpora / "wikinews.jsonl").write_text('{"id": "w", "paragraphs": ["Norway sang."]}\n', encoding="utf-8")
    (corpora / "ungd.jsonl").write_text('{"id": "ungd-A-1", "text": "We sang."}\n', encoding="utf-8")
    (labels / "a.jsonl").write_text(
        '{"id": "w", "paragraph": 1, "mentions": [], "stance": "absent"}\n', encoding="utf-8"
    )
    with pytest.raises(LabelError, match=r"a\.jsonl:1, got \('w', 1\)"):
        read_paragraphs(labels, corpora)
    (labels / "a.jsonl").write_text(
        '{"id": "w", "paragraph": 0, "mentions": [[0, 99]], "stance": "neutral"}', encoding="utf-8"
    )
    with pytest.raises(LabelError, match="spans within 0–12"):
        read_paragraphs(labels, corpora)


def test_calibration_error_by_hand() -> None:
    # Two items at confidence 0.9 with one right, |0.5 - 0.9| = 0.4; two at 0.6, both right, |1 - 0.6| = 0.4.
    probabilities = torch.tensor([[0.9, 0.1, 0.0], [0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.6, 0.4, 0.0]])
    assert calibration_error(probabilities, torch.tensor([0, 1, 0, 0])) == pytest.approx(0.4)
