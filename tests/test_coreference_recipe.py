"""What the recipe of references learns: first the network on states as they are, then the encoder with it."""

import re
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.networks.checkpoint import TrainedFile
from model.networks.encoder import Encoder
from model.parties.reference_network import ReferenceNetwork
from model.training.loop import freeze_for_training, save_weights
from model.training.recipes.coreference import (
    HEAD_STAGE,
    JOINT_STAGE,
    UNKNOWN,
    Example,
    learn_stage,
    limit_of,
    loss_of,
    marked_example,
)
from tests.tiny import tiny_encoder

TEXTS = [
    "Ann Berg met Tom Lind at the old harbor. She thanked him for the new boat, and he thanked her.",
    "He left. She stayed at the harbor.",
]
REFERENCES = [
    ("Ann Berg", 0, ["She", "her"]),
    ("Tom Lind", 0, ["him", "he"]),
    ("Ann Berg", 1, ["She"]),
    ("Tom Lind", 1, ["He"]),
]


@pytest.fixture
def encoder() -> Encoder:
    return tiny_encoder()


@pytest.fixture
def example(encoder: Encoder) -> Example:
    rows = [
        {"party": party, "paragraph": place, "mentions": [_span(TEXTS[place], word) for word in words]}
        for party, place, words in REFERENCES
    ]
    return marked_example("press", "A boat", TEXTS, rows, encoder)


def _span(text: str, word: str) -> tuple[int, int]:
    found = re.search(rf"\b{word}\b", text)
    assert found
    return found.span()


def test_only_possible_references_have_targets(example: Example) -> None:
    places = [node.words for node in example.outline.nodes]
    words = [example.texts[place.paragraph + 1][place.start : place.end] for place in places]
    said = {(party, words[at]) for party in range(2) for at in range(len(words)) if example.targets[party, at, 0] == 1}
    assert said == {(0, "She"), (0, "her"), (1, "him"), (1, "he"), (1, "He")}
    assert (example.targets[:, [node.named for node in example.outline.nodes]] == UNKNOWN).all()
    assert (example.targets[..., 1] == UNKNOWN).all()


def test_both_stages_learn_and_what_they_learnt_is_written(encoder: Encoder, example: Example, tmp_path: Path) -> None:
    options = Namespace(run=tmp_path, seed=1)
    torch.manual_seed(1)
    network = ReferenceNetwork(2 * encoder.hidden)
    batch = [(example, [0, 1])]
    before = loss_of(network.eval(), None, batch).item()
    learn_stage(replace(HEAD_STAGE, passes=20), [example], network, None, options)
    alone = loss_of(network.eval(), None, batch).item()
    assert alone < 0.9 * before
    freeze_for_training(encoder, 2, 2.0)
    learn_stage(replace(JOINT_STAGE, passes=20, learning_rate=1e-3), [example], network, encoder, options)
    encoder.network.eval()
    assert loss_of(network.eval(), encoder, batch).item() < alone
    save_weights(tmp_path / "w.safetensors", encoder.network, network, {}, "coreference")
    written = TrainedFile.read(tmp_path / "w.safetensors")
    assert any(tensor.any() for name, tensor in written.adapter.items() if name.endswith(".B"))
    assert ReferenceNetwork.from_state(written.head)


def test_limits_are_where_the_network_is_right(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = 8
    logits = torch.arange(nodes) / 4 - 1
    targets = torch.zeros(nodes, dtype=torch.bool)
    targets[[2, 5, 6, 7]] = True
    monkeypatch.setattr("model.training.recipes.coreference.predicted", lambda *_: (logits, targets))
    network = ReferenceNetwork(4)
    assert limit_of(network, [example], 0, 0.7) == -0.25
    assert limit_of(network, [example], 0, 0.5) == -4.0
    targets[[2, 5, 6]] = False
    assert limit_of(network, [example], 0, 0.5) == 0.25
    targets[7] = False
    assert limit_of(network, [example], 0, 0.5) == 3.0
