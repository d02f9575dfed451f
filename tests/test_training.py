"""Training on a tiny encoder: it learns, it resumes to the same weights, and what it saves loads again."""

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

from model.domain import Span, Stance, Voice
from model.errors import WeightsError
from model.networks.checkpoint import TrainedFile
from model.networks.encoder import Encoder
from model.networks.lora import LowRankLinear, adapter_state
from model.networks.stretches import TokenizedText, tokenized
from model.stance.head import PartyHead
from model.training import steps
from model.training.batches import Reading, encoder_readings, make_batches, token_batches
from model.training.documents import Document, LabelledParty, Target
from model.training.earlier import nearest, other_file, take_up
from model.training.evaluate import masks_of, report
from model.training.loop import Course, freeze_for_training, low_precision, save_weights, trainable
from model.training.losses import loss_of
from model.training.recipes import encoder as stance_recipe
from tests.tiny import tiny_encoder

WORDS = {Stance.FAVORABLE: "praised", Stance.CRITICAL: "blamed", Stance.NEUTRAL: "met"}


def document(name: str, text: str, *targets: Target, parties: Sequence[LabelledParty] = ()) -> Document:
    """A text of one paragraph; without `parties` about Norway, which is marked and found where it is named."""
    at = text.find("Norway")
    places = {0: (Span(at, at + 6),)}
    parties = parties or [LabelledParty("Norway", "state", places, places)]
    return Document(name, "press", name, (text,), tuple(parties), targets)


DOCUMENTS = [
    document(f"{word} {number}", f"They {word} Norway{'!' * (number % 3)}", Target(0, 0, stance))
    for number in range(8)
    for stance, word in WORDS.items()
]


def tiny() -> tuple[Encoder, PartyHead]:
    encoder = tiny_encoder()
    freeze_for_training(encoder, rank=4, scale=2.0)
    return encoder, PartyHead(32, 16, key=8, dropout=0.0)


def texts_of(encoder: Encoder, documents: Sequence[Document]) -> dict[str, list[TokenizedText]]:
    return {one.id: tokenized(encoder.tokenizer, one.texts) for one in documents}


def run(
    folder: Path, epochs: int = 8, documents: Sequence[Document] = DOCUMENTS, *, until: int | None = None
) -> tuple[Encoder, PartyHead, list[float]]:
    """Train; gives each step's loss too. It is cut off before step `until`."""
    encoder, head = tiny()
    readings = encoder_readings(encoder, documents, texts_of(encoder, documents), None)
    rng = random.Random(1)
    batches = [batch for _ in range(epochs) for batch in make_batches(readings, 8, rng, lambda one: len(one.ids))]
    course = Course(trainable(encoder.network, head), 2e-2, 0.0, len(batches), 0.1, folder)
    losses: list[float] = []

    def loss(batch: Sequence[Reading]) -> Tensor:
        if until is not None and len(losses) == until:
            raise InterruptedError
        states = encoder.states(batch)
        items, labels = masks_of(batch, states.shape[1])
        found = loss_of(head(states, items), labels, items)
        losses.append(found.item())
        return found

    parts = [[batch] for batch in batches]
    steps.learn([encoder.network, head], parts, loss, course, 1, low_precision=low_precision())
    return encoder, head, losses


@pytest.fixture
def kept_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "KEPT_EVERY", 3)


@pytest.mark.usefixtures("kept_often")
def test_learns_resumes_and_saves(tmp_path: Path) -> None:
    encoder, head, losses = run(tmp_path / "whole")
    assert len(losses) == 24
    assert sum(losses[-3:]) < 0.7 * sum(losses[:3])
    found = stance_recipe.predict(encoder, head, DOCUMENTS, texts_of(encoder, DOCUMENTS))
    assert (found.stance.argmax(dim=1) == found.labels).float().mean() > 0.9
    with pytest.raises(InterruptedError):
        run(tmp_path / "broken", until=11)
    resumed, resumed_head, rest = run(tmp_path / "broken")
    assert len(rest) == 15  # nine steps were kept
    for name, tensor in adapter_state(encoder.network).items():
        assert torch.equal(tensor, adapter_state(resumed.network)[name])
    assert torch.equal(head.stance.weight, resumed_head.stance.weight)
    save_weights(tmp_path / "w.safetensors", encoder.network, head, {"temperature": "1.5", "unsure_below": "0.6"})
    loaded = TrainedFile.read(tmp_path / "w.safetensors")
    version = loaded.metadata["version"]
    assert (loaded.metadata["temperature"], loaded.metadata["unsure_below"]) == ("1.5", "0.6")
    assert version.startswith("stance@")
    save_weights(tmp_path / "fitted.safetensors", encoder.network, head, {"temperature": "1.5", "unsure_below": "0.7"})
    assert TrainedFile.read(tmp_path / "fitted.safetensors").metadata["version"] != version
    assert torch.allclose(loaded.head["stance.weight"], head.stance.weight, atol=1e-3)
    assert loaded.adapter.keys() == adapter_state(encoder.network).keys()
    again, again_head = tiny()
    assert take_up([tmp_path / "w.safetensors"], again.network, again_head) == version
    taken_up = trainable(again.network, again_head)
    for value, parameter in zip(taken_up, trainable(encoder.network, head), strict=True):
        assert torch.allclose(value, parameter, atol=1e-3)  # the file is in fp16
    with pytest.raises(WeightsError, match="an earlier run"):
        take_up([tmp_path / "none.safetensors"], encoder.network, head)
    narrow = PartyHead(32, 8, key=8, dropout=0.0)
    inner = narrow.inner.weight.detach().clone()
    take_up([tmp_path / "w.safetensors"], again.network, narrow)
    assert torch.equal(narrow.inner.weight, inner)  # of another shape: it begins anew
    assert torch.allclose(narrow.evidence_key.weight, head.evidence_key.weight, atol=1e-3)
    other = tiny_encoder()
    freeze_for_training(other, rank=3, scale=2.0)
    with pytest.raises(WeightsError, match="this rank and head"):
        take_up([tmp_path / "w.safetensors"], other.network, head)


def test_the_mean_of_two_runs_lies_halfway(tmp_path: Path) -> None:
    states, heads = [], []
    for name, epochs in (("one", 2), ("two", 5)):
        encoder, head, _ = run(tmp_path / name, epochs)
        heads.append(head.stance.weight.detach())
        save_weights(tmp_path / f"{name}.safetensors", encoder.network, head, {})
        states.append(adapter_state(encoder.network))
    files = [tmp_path / "one.safetensors", tmp_path / "two.safetensors"]
    encoder, head = tiny()
    for module in encoder.network.modules():
        if isinstance(module, LowRankLinear):  # of a rank that holds both
            module.A, module.B = nn.Parameter(torch.zeros(8, 32)), nn.Parameter(torch.zeros(32, 8))
    take_up(files, encoder.network, head)
    mean = adapter_state(encoder.network)
    for name in (name.removesuffix(".A") for name in mean if name.endswith(".A")):
        one, two, halfway = (state[f"{name}.B"] @ state[f"{name}.A"] for state in (*states, mean))
        assert (one - two).abs().max() > 0.01
        assert torch.allclose(halfway, (one + two) / 2, atol=2e-3)  # the files are in fp16
    assert (heads[0] - heads[1]).abs().max() > 0.01
    assert torch.allclose(head.stance.weight, (heads[0] + heads[1]) / 2, atol=1e-3)
    with pytest.raises(WeightsError, match="none of --earlier"):
        other_file(files[0], files)


def test_the_nearest_matrix_of_a_rank_by_hand() -> None:
    up, down = nearest(torch.diag(torch.tensor([3.0, 1.0, 2.0])), torch.eye(3), 2)
    assert up.shape == (3, 2)
    assert torch.allclose(up @ down, torch.diag(torch.tensor([3.0, 0.0, 2.0])), atol=1e-5)


@pytest.mark.parametrize("recipe", [stance_recipe])
def test_weights_are_taken_as_they_are_only_where_there_are_some(
    recipe: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        recipe.main(["--newsmtsc", "train.jsonl", "--corpora", "corpora", "--as-is"])
    assert "expects weights of --earlier" in capsys.readouterr().err


def test_the_mean_of_the_last_steps_is_steadier_and_outlives_a_restart(tmp_path: Path) -> None:
    place = nn.Parameter(torch.zeros(1))
    course = Course([place], 0.1, 0.0, 200, 0.01, tmp_path, newest=0.05)
    seen = []
    for step in range(100):
        ((place - step % 2) ** 2).sum().backward()  # type: ignore[no-untyped-call]  # its goal jumps to and fro
        course.step()
        with course.averaged():
            seen.append(place.item())
    assert max(seen[80:]) - min(seen[80:]) < 0.2
    last = place.item()
    with course.averaged():
        assert place.item() == seen[-1] != last
    assert place.item() == last
    course.keep(1)
    other = nn.Parameter(torch.zeros(1))
    again = Course([other], 0.1, 0.0, 200, 0.01, tmp_path, newest=0.05)
    assert again.resume() == 1
    assert other.item() == last
    again.settle()
    assert other.item() == seen[-1]


def test_an_epoch_sees_its_shares() -> None:
    some = [replace(DOCUMENTS[0], id=f"{source} {n}", source=source) for source in ("press", "own") for n in range(10)]
    passes = stance_recipe.seen(some, {"press": 1.5, "own": 0.3, "ungd": 0.4}, random.Random(1))
    assert [Counter(one.source for one in part) for part in passes if part] == [
        {"press": 10}, {"press": 5}, {"own": 3},
    ]  # fmt: skip
    assert all(len({one.id for one in part}) == len(part) for part in passes)
    again = stance_recipe.seen(some, {"own": 0.3}, random.Random(2))
    assert again[0] != passes[2]


def test_batches_hold_so_many_tokens_and_all_that_is_read() -> None:
    readings = [Reading(tuple(range(length)), (), (), ()) for length in [*range(1, 60), 200]]
    batches = token_batches(readings, 120, random.Random(1))
    assert all(len(batch) == 1 or len(batch) * max(len(one.ids) for one in batch) <= 120 for batch in batches)
    assert sorted(len(one.ids) for batch in batches for one in batch) == [*range(1, 60), 200]
    assert any(len(batch) > 5 for batch in batches)
    assert batches != token_batches(readings, 120, random.Random(2))


def quotations() -> list[Document]:
    def example(number: int, quoted: bool) -> Document:
        opening = "Sure, so" if not quoted else "Ann said:" if number % 2 else "It was:"
        text = f"{opening} kind Norway{'!' * (number % 3)}"
        start = text.index("kind")
        voice = Voice.QUOTED if quoted else Voice.AUTHOR
        holder = ((Span(0, 3),) if number % 2 else ()) if quoted else None
        return document(text, text, Target(0, 0, Stance.FAVORABLE, voice, Span(start, start + 4), holder))

    return [example(number, quoted) for number in range(8) for quoted in (False, True)]


def test_voice_evidence_and_holder_are_learnt(tmp_path: Path) -> None:
    made = quotations()
    encoder, head, _ = run(tmp_path, 24, made)
    found = stance_recipe.predict(encoder, head, made, texts_of(encoder, made))
    scores = report(found, found.stance.softmax(dim=1))
    assert scores["voice"] == {"items": 16, "accuracy": 1}
    assert scores["evidence"] == {"items": 16, "accuracy": 1}
    assert scores["holder"] == {"items": 8, "accuracy": 1}


def test_the_layers_that_name_the_holder_learn_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SHARES", {"press": 24.0}), ("BATCH_TOKENS", 64), ("LEARNING_RATE", 2e-2), ("NEWEST", 1.0)):
        monkeypatch.setattr(stance_recipe, name, value)
    made = quotations()
    encoder, head = tiny()
    with pytest.raises(WeightsError, match=r"holder_query, .*got --only 'no such'"):
        stance_recipe.learn_only(encoder.network, head, "no such")
    stance_recipe.learn_only(encoder.network, head, "holder")
    before = {name: tensor.clone() for name, tensor in (adapter_state(encoder.network) | head.state_dict()).items()}
    stance_recipe._learn(encoder, head, made, texts_of(encoder, made), argparse.Namespace(seed=1, run=tmp_path))
    after = adapter_state(encoder.network) | head.state_dict()
    moved = {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}
    assert {name.split(".")[0] for name in moved} == {"holder_query", "holder_key"}
    found = stance_recipe.predict(encoder, head, made, texts_of(encoder, made))
    assert report(found, found.stance.softmax(dim=1))["holder"] == {"items": 8, "accuracy": 1}


def test_training_reads_stand_ins_at_random_and_forgets_some_mentions() -> None:
    encoder, _ = tiny()
    text = "Norway said that it would wait, and Denmark praised Norway."
    spans = {0: (Span(0, 6), Span(17, 19), Span(52, 58))}
    parties = [LabelledParty("Norway", "state", spans), LabelledParty("Denmark", "state", {0: (Span(36, 43),)})]
    one = document("a", text, Target(0, 0, Stance.FAVORABLE), Target(0, 1, Stance.NEUTRAL), parties=parties)
    texts = texts_of(encoder, [one])
    (plain,) = encoder_readings(encoder, [one], texts, None)
    assert encoder.tokenizer.decode(plain.ids[1:-1]) == "α said that it would wait, and β praised α."
    assert plain.marked == (None, None)
    assert [item.weight for item in plain.items] == [3, 1]
    rng = random.Random(1)
    read = [reading for _ in range(200) for reading in encoder_readings(encoder, [one], texts, rng)]
    assert len(read) == 200
    assert {reading.items[0].weight for reading in read} == {1, 2, 3}
    assert {reading.items[1].weight for reading in read} == {1}
    norway = encoder.ids_of(["norway"])[0]
    named = sum(reading.ids[1] == norway and reading.ids[-3] == norway for reading in read)
    assert 5 < named < 60  # a tenth, and those that forgot both places that name it
    assert len({reading.ids[1] for reading in read}) > 15


def test_half_of_the_parties_have_the_mentions_that_sidelight_finds() -> None:
    encoder, _ = tiny()
    text = "Norway said that it would wait. It was Norway."
    parties = [
        LabelledParty("Norway", "state", {0: (Span(17, 19), Span(32, 34), Span(39, 45))}, {0: (Span(0, 6),)}),
        LabelledParty("Oslo", "state", {0: (Span(0, 6),)}),
    ]
    one = document("a", text, Target(0, 0, Stance.NEUTRAL), Target(0, 1, Stance.NEUTRAL), parties=parties)
    texts = texts_of(encoder, [one])
    rng = random.Random(1)
    read = [reading for _ in range(200) for reading in encoder_readings(encoder, [one], texts, rng)]
    assert 70 < sum(reading.items[0].here[0].start == 1 for reading in read) < 130
    assert all(reading.items[1].here[0].start == 1 for reading in read)
    assert all(reading.marked == ((slice(1, 2),), None) for reading in read)
    (plain,) = encoder_readings(encoder, [one], texts, None)
    assert plain.items[0].weight == 3  # as on the page


def test_only_labelled_items_are_read() -> None:
    encoder, _ = tiny()
    parties = [LabelledParty(name, "state", {0: (Span(at, at + 6),)}) for name, at in (("Norway", 0), ("Sweden", 11))]
    one = Document(
        "a", "press", "a", ("Norway met Sweden.", "It rained."), tuple(parties), (Target(1, 1, Stance.ABSENT),)
    )
    (reading,) = encoder_readings(encoder, [one], texts_of(encoder, [one]), None)
    assert [(item.part.paragraph, item.party) for item in reading.items] == [(1, 1)]
    assert reading.targets == one.targets
    nobody = replace(one, parties=tuple(replace(party, found={}) for party in parties))
    assert encoder_readings(encoder, [nobody], texts_of(encoder, [nobody]), None) == []


@pytest.mark.slow
def test_the_recipe_from_documents_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = tiny_encoder()
    options = argparse.Namespace(seed=1, run=tmp_path)
    for name, value in (("SHARES", {"press": 8.0}), ("BATCH_TOKENS", 64), ("LEARNING_RATE", 2e-2), ("NEWEST", 1.0)):
        monkeypatch.setattr(stance_recipe, name, value)
    freeze_for_training(encoder, rank=4, scale=2.0)
    head = PartyHead(32, 16, key=8, dropout=0.0)
    texts = texts_of(encoder, DOCUMENTS)
    stance_recipe._learn(encoder, head, DOCUMENTS, texts, options)
    calibration = stance_recipe._calibrated(stance_recipe.predict(encoder, head, DOCUMENTS, texts), tmp_path)
    written = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert written["press"]["present_macro_f1"] > 0.9
    assert written["calibration"] == {
        "temperature": calibration.temperature, "unsure_below": calibration.unsure_below,
    }  # fmt: skip
