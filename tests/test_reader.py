"""The reader on a tiny transformer: a question behind each paragraph, beside a language model that stays as it was."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from model.domain import Span, Stance
from model.errors import WeightsError
from model.language_model.local import LocalModel
from model.language_model.truncated import first_layers
from model.networks.lora import add_adapters
from model.stance import reader as reading
from model.stance import stretches
from model.stance.classifier import ItemKey, StanceWeights, Text, Verdict
from model.stance.head import ItemMasks, PartyHead, Scores
from model.stance.reader import Asker, Reader, ReaderWeights, Sheet, states_of_sheets
from model.training import steps
from model.training.batches import Labels
from model.training.documents import Document, Documents, LabelledParty, Target
from model.training.earlier import take_up
from model.training.evaluate import Predictions, masks_of
from model.training.loop import save_weights, trainable
from model.training.losses import loss_of
from model.training.recipes import reader as recipe
from tests.tiny import drawn, text_of

PARAGRAPHS = (
    "Norway praised Sweden, and Sweden thanked it.",
    "The council of Hale blamed the ferry company for its broken word; Norway was not amused.",
    "Nobody was there.",
)
NAMES = ("Norway", "Sweden", "the ferry company")


@pytest.fixture
def asker(lm: LocalModel) -> Asker:
    return Asker(lm.tokenizer)


@pytest.fixture
def weights(reader_file: Path) -> ReaderWeights:
    return ReaderWeights.load(reader_file)


@pytest.fixture
def reader(lm: LocalModel, weights: ReaderWeights) -> Reader:
    return Reader.of(lm, weights)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is read at once."""
    monkeypatch.setattr(reading, "LONGEST", 40)
    monkeypatch.setattr(reading, "CONTEXT", 12)
    monkeypatch.setattr(stretches, "OVERLAP", 6)


def sheets_of(asker: Asker, text: Text) -> list[Sheet]:
    tokens, stand_ins = text.hidden(asker.tokens(text.paragraphs), asker.stand_ins)
    return list(asker.sheets(tokens, text.mentions, stand_ins))


def read(reader: Reader, text: Text) -> dict[ItemKey, Verdict]:
    return [*reader.read(text)][-1]


def test_stand_ins_and_marks_are_tokens_of_their_own(asker: Asker) -> None:
    own = [asker.paragraph_break, asker.ask, *asker.stand_ins]
    assert len(set(own)) == len(own) == len(reading.STAND_INS) + 2
    assert [asker.tokenizer.decode(number) for number in asker.stand_ins] == [f" {w}" for w in reading.STAND_INS]


def test_a_question_sees_the_text_up_to_it_and_no_other_question(asker: Asker) -> None:
    (sheet,) = sheets_of(asker, text_of(PARAGRAPHS, NAMES))
    assert [(item.part.paragraph, item.party) for item in sheet.items] == [(p, q) for p in range(3) for q in range(3)]
    questions = [asker.tokenizer.decode(sheet.ids[at : at + 2]) for at in range(sheet.text, len(sheet.ids), 2)]
    assert questions == [" α?", " β?", " γ?"] * 3
    seen, places = sheet.seen(), sheet.places()
    assert seen.shape == (len(sheet.ids), len(sheet.ids))
    assert torch.equal(seen[: sheet.text], torch.ones(len(sheet.ids), len(sheet.ids)).tril()[: sheet.text].bool())
    assert places[: sheet.text].tolist() == list(range(sheet.text))
    for number, (end, item) in enumerate(zip(sheet.ends, sheet.items, strict=True)):
        at = sheet.text + 2 * number
        assert seen[at].nonzero()[:, 0].tolist() == [*range(end), at]
        assert seen[at + 1].nonzero()[:, 0].tolist() == [*range(end), at, at + 1]
        assert places[at : at + 2].tolist() == [end, end + 1]
        assert item.lead == at + 1
    shown = [" ".join(asker.tokenizer.decode(sheet.ids[:end]).split()) for end in sheet.ends[::3]]
    assert shown[0] == "α praised β, and β thanked it."
    assert shown[1] == f"{shown[0]} {PARAGRAPHS[1].replace('Norway', 'α')}"
    assert shown[2] == f"{shown[1]} {PARAGRAPHS[2]}"
    assert {sheet.ids[end - 1] for end in sheet.ends} == {asker.paragraph_break}


def test_a_stretch_that_mentions_nobody_has_no_sheet(asker: Asker) -> None:
    assert sheets_of(asker, text_of(PARAGRAPHS[2:], NAMES)) == []


def test_an_answer_depends_on_no_other_question_and_on_no_later_paragraph(lm: LocalModel, reader: Reader) -> None:
    whole, alone = (
        sheets_of(reader.asker, text_of(*some))[0] for some in ((PARAGRAPHS, NAMES), (PARAGRAPHS[:1], NAMES[:2]))
    )
    assert len(whole.items) > len(alone.items) == 2
    with torch.inference_mode():
        states = states_of_sheets(reader.network, [whole, alone, whole])
    assert states.shape == (3, len(whole.ids), lm.network.config.hidden_size)
    assert torch.allclose(states[0], states[2], atol=1e-4)
    for here, there in zip(whole.items[:2], alone.items, strict=True):
        assert torch.allclose(states[0, here.lead], states[1, there.lead], atol=1e-4)
    assert not torch.allclose(states[0, whole.items[0].lead], states[0, whole.items[1].lead], atol=1e-2)
    answers, answer = (read(reader, text_of(*some)) for some in ((PARAGRAPHS, NAMES), (PARAGRAPHS[:1], NAMES[:2])))
    sweden = 0, 1  # which no later paragraph mentions
    assert torch.allclose(answers[sweden].logits, answer[sweden].logits, atol=1e-4)
    assert torch.allclose(answers[sweden].voice, answer[sweden].voice, atol=1e-4)


def test_verdicts_have_the_shapes_of_their_paragraph(reader: Reader) -> None:
    found = read(reader, text_of(PARAGRAPHS, NAMES))
    assert found.keys() == {(paragraph, party) for paragraph in range(3) for party in range(3)}
    for (paragraph, _), verdict in found.items():
        assert (verdict.logits.shape, verdict.voice.shape) == ((4,), (2,))
        assert verdict.evidence.shape == verdict.holder.shape == (1 + len(verdict.offsets),)
        assert verdict.offsets[-1][1] == len(PARAGRAPHS[paragraph])
        assert float(verdict.evidence.sum()) == pytest.approx(1, abs=1e-4)
    assert len({tuple(verdict.logits.tolist()) for verdict in found.values()}) == len(found)


def test_other_names_change_nothing_but_where_words_are(reader: Reader) -> None:
    names = ("Quillian Republic", "Ost", NAMES[2])
    renamed = [text.replace("Norway", names[0]).replace("Sweden", names[1]) for text in PARAGRAPHS]
    (one,), (other,) = (sheets_of(reader.asker, text_of(*some)) for some in ((PARAGRAPHS, NAMES), (renamed, names)))
    assert (one.ids, one.ends) == (other.ids, other.ends)
    before, after = read(reader, text_of(PARAGRAPHS, NAMES)), read(reader, text_of(renamed, names))
    for key, verdict in before.items():
        assert torch.equal(verdict.logits, after[key].logits)
    assert (before[0, 0].offsets[0], after[0, 0].offsets[0]) == ((0, 6), (0, 17))
    assert sheets_of(reader.asker, text_of(PARAGRAPHS, NAMES, blind=False))[0].ids[: one.text] != one.ids[: one.text]


@pytest.mark.usefixtures("short")
def test_a_long_paragraph_is_read_in_pieces(reader: Reader) -> None:
    text = text_of(("The tide table hangs beside the door. " * 8 + "Norway left. " + "It rained. " * 6,), NAMES)
    found = sheets_of(reader.asker, text)
    (whole,), _ = text.hidden(reader.asker.tokens(text.paragraphs), reader.asker.stand_ins)
    assert all(sheet.text <= 40 for sheet in found)
    pieces = list(stretches.stretches_of([whole], 40, 12, 0, 0))
    assert len(pieces) > 3
    there = [stretch.ids[1:-1] for stretch in pieces if reader.asker.stand_ins[0] in stretch.ids]
    assert [len(sheet.items) for sheet in found] == [1] * len(there)  # the other pieces mention nobody
    assert read(reader, text).keys() == {(0, 0)}
    assert any(item.here for sheet in found for item in sheet.items)


@pytest.mark.usefixtures("short")
def test_more_and_more_is_read(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PACK", 40)
    text = text_of(PARAGRAPHS * 3, NAMES)
    found = [set(some) for some in reader.read(text)]
    assert len(found) > 3
    assert all(before <= after for before, after in pairwise(found))
    assert {paragraph for paragraph, _ in found[0]} < {paragraph for paragraph, _ in found[-1]} == set(range(9))


def test_what_was_read_lately_is_not_read_again_until_it_is_forgotten(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(network: PreTrainedModel, sheets: Sequence[Sheet], *, exact: bool = False) -> Tensor:
        asked.append(len(sheets))
        return states_of_sheets(network, sheets, exact=exact)

    monkeypatch.setattr(reading, "states_of_sheets", counted)
    text = text_of(PARAGRAPHS, NAMES)
    first, again = read(reader, text), read(reader, text)
    assert sum(asked) == 1
    assert all(first[key] is again[key] for key in first)
    reader.forget()
    assert torch.equal(read(reader, text)[0, 0].logits, first[0, 0].logits)
    assert sum(asked) == 2


def test_the_language_model_stays_as_it_was(lm: LocalModel, weights: ReaderWeights) -> None:
    before = "".join(lm.generate(PARAGRAPHS[0], 20)), len(list(lm.network.parameters()))
    reader = Reader.of(lm, weights)
    read(reader, text_of(PARAGRAPHS, NAMES))
    lm._kept = None
    assert ("".join(lm.generate(PARAGRAPHS[0], 20)), len(list(lm.network.parameters()))) == before
    shared = {id(parameter) for parameter in lm.network.parameters()}
    own = [p for name, p in reader.network.named_parameters() if not name.endswith((".A", ".B"))]
    assert own
    assert {id(parameter) for parameter in own} <= shared


def test_what_looks_like_a_control_token_is_read_as_text(asker: Asker) -> None:
    (sheet,) = sheets_of(asker, text_of(("<|im_start|><|im_end|> said Norway <|im_end|> left.",), ("Norway",)))
    assert not set(sheet.ids) & set(asker.tokenizer.added_tokens_encoder.values())
    (item,) = sheet.items
    (place,) = item.here
    assert asker.tokenizer.decode(sheet.ids[place]) == " α"


def test_weights_are_for_one_model_and_one_version_of_the_encoder(lm: LocalModel, weights: ReaderWeights) -> None:
    assert weights.version.startswith("reader@")
    assert (weights.encoder_share, weights.temperature, weights.unsure_below, weights.layers) == (0.5, 2.0, 0.4, 1)
    assert weights.fit("stance@fixed", lm)
    assert not weights.fit("stance@other", lm)
    assert not replace(weights, language_model="another").fit("stance@fixed", lm)


def test_weights_of_another_shape_are_refused(lm: LocalModel, weights: ReaderWeights) -> None:
    for broken in (
        replace(weights, adapter={}),
        replace(weights, layers=2),
        replace(weights, head={}),
        replace(weights, adapter={name: tensor[:, :5] for name, tensor in weights.adapter.items()}),
    ):
        with pytest.raises(WeightsError, match="make train-reader"):
            Reader.of(lm, broken)


def test_missing_and_foreign_weights(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="make train-reader"):
        ReaderWeights.load(tmp_path / "none.safetensors")
    with pytest.raises(WeightsError, match="stance"):
        ReaderWeights.load(Path("model/weights/stance.safetensors"))


def documents() -> list[Document]:
    """Sentences whose verb is their stance, in two corpora."""
    words = {Stance.FAVORABLE: "praised", Stance.CRITICAL: "blamed", Stance.NEUTRAL: "met"}
    found = []
    for number in range(24):
        stance, word = list(words.items())[number % 3]
        text = f"They {word} Norway{'!' * (number % 4)}"
        party = LabelledParty("Norway", "state", {0: (Span(6 + len(word), 12 + len(word)),)})
        found.append(
            Document(f"d{number}", recipe.CALIBRATED_ON, f"g{number}", (text,), (party,), (Target(0, 0, stance),))
        )
    return found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small steps over few tokens, large ones of what is learnt."""
    for name, value in (("PACK", 64), ("PACKS", 2), ("LEARNING_RATE", 5e-3), ("WEIGHT_DECAY", 0.0), ("NEWEST", 1.0)):
        monkeypatch.setattr(recipe, name, value)
    monkeypatch.setattr(steps, "KEPT_EVERY", 3)


def untrained(lm: LocalModel) -> tuple[PreTrainedModel, PartyHead]:
    torch.manual_seed(1)
    network, head = first_layers(lm.network.base_model, 1), PartyHead(64, 16, key=8, dropout=0.0)
    add_adapters(network, 6, 2.0)
    return network, head


def learn(lm: LocalModel, folder: Path, passes: int) -> tuple[PreTrainedModel, PartyHead]:
    network, head = untrained(lm)
    folder.mkdir(exist_ok=True)
    some = recipe.packs(Asker(lm.tokenizer), documents() * passes, random.Random(1))
    recipe.learn_from(some, network, head, folder, 1)
    return network, head


@pytest.mark.usefixtures("quick")
def test_it_learns_and_what_it_wrote_reads_alike(lm: LocalModel, tmp_path: Path) -> None:
    network, head = learn(lm, tmp_path / "run", 12)
    asker = Asker(lm.tokenizer)
    found = recipe.read(asker, network, head, documents())
    assert found.stance.shape == (24, 4)
    assert (found.stance.argmax(dim=1) == found.labels).float().mean() > 0.9
    metadata = {"layers": "1", "stance": "s", "language_model": "tiny"}
    metadata |= {"encoder_share": "0.5", "temperature": "1.0", "unsure_below": "0.5"}
    save_weights(tmp_path / "w.safetensors", network, head, metadata, "reader")
    reader = Reader.of(lm, ReaderWeights.load(tmp_path / "w.safetensors"))
    for document, logits in zip(documents(), found.stance, strict=True):
        text = Text(document.texts, [party.found for party in document.parties])
        assert torch.allclose(read(reader, text)[0, 0].logits, logits, atol=0.05)  # the file is in fp16


@pytest.mark.usefixtures("quick")
def test_it_resumes_to_the_same_weights(lm: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, whole_head = learn(lm, tmp_path / "whole", 4)
    asked: list[int] = []

    def cut_off(scores: Scores, labels: Labels, items: ItemMasks) -> Tensor:
        asked.append(len(labels.stance))
        if len(asked) > 10:
            raise InterruptedError
        return loss_of(scores, labels, items)

    with monkeypatch.context() as patch:
        patch.setattr(recipe, "loss_of", cut_off)
        with pytest.raises(InterruptedError):
            learn(lm, tmp_path / "parts", 4)
    assert (tmp_path / "parts" / "checkpoint.pt").exists()
    resumed, resumed_head = learn(lm, tmp_path / "parts", 4)
    for a, b in zip(trainable(whole, whole_head), trainable(resumed, resumed_head), strict=True):
        assert torch.equal(a, b)


def test_a_run_begins_with_an_earlier_one(lm: LocalModel, reader: Reader, reader_file: Path) -> None:
    network, head = untrained(lm)
    assert take_up([reader_file], network, head) == ReaderWeights.load(reader_file).version
    for key, verdict in read(Reader(lm.tokenizer, network, head), text_of(PARAGRAPHS, NAMES)).items():
        assert torch.allclose(verdict.logits, read(reader, text_of(PARAGRAPHS, NAMES))[key].logits, atol=1e-3)
    other = first_layers(lm.network.base_model, 1)
    add_adapters(other, 3, recipe.SCALE)
    with pytest.raises(WeightsError, match="rank"):
        take_up([reader_file], other, head)


@pytest.mark.usefixtures("quick")
def test_packs_change_no_gradient(lm: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    network, head = drawn(lm)
    network.eval()
    head.eval()
    gradients = []
    for most in (10_000, 30):
        monkeypatch.setattr(recipe, "PACK", most)
        some = recipe.packs(Asker(lm.tokenizer), documents()[:6], None)
        assert sum(len(pack.sheets) for pack in some) == 6
        for parameter in trainable(network, head):
            parameter.grad = None
        for pack in some:
            states = states_of_sheets(network, pack.sheets)
            items, labels = masks_of(pack.readings, states.shape[1])
            loss = loss_of(head(states, items), labels, items) * len(pack.sheets)
            loss.backward()  # type: ignore[no-untyped-call]
        gradients.append([p.grad.clone() for p in trainable(network, head) if p.grad is not None])
    assert len(some) > 1
    assert len(gradients[0]) > 6
    for a, b in zip(*gradients, strict=True):
        assert torch.allclose(a, b, atol=1e-4)


def test_the_pool_prefers_the_better_judge(tmp_path: Path) -> None:
    torch.manual_seed(2)
    labels = torch.randint(4, (300,))
    good = torch.nn.functional.one_hot(labels, 4) * 3.0 + torch.randn(300, 4) * 0.5
    noise = torch.randn(300, 4).log_softmax(dim=1)
    groups = tuple(f"g{number}" for number in range(300))
    none = torch.full((300,), -100)

    def said(logits: Tensor) -> Predictions:
        return Predictions(
            logits, labels, torch.zeros(300, 2), none, none, none, none == none, groups, (recipe.CALIBRATED_ON,) * 300
        )

    assert recipe.pool(said(good), noise, tmp_path)["encoder_share"] == 0
    pooled = recipe.pool(said(noise), good.log_softmax(dim=1), tmp_path)
    assert pooled["encoder_share"] == 1.5
    assert 0 < pooled["unsure_below"] < 1
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    alone, both = (report[name][recipe.CALIBRATED_ON]["macro_f1"] for name in ("reader alone", "pooled"))
    assert both > 0.8 > 0.5 > alone


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_the_recipe_from_documents_to_a_file(lm: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "LAYERS", 1)
    monkeypatch.setattr(recipe, "SHARES", {recipe.CALIBRATED_ON: 2.0})
    monkeypatch.setattr(recipe, "default_language_model", lambda: lm)
    monkeypatch.setattr(recipe, "read_documents", lambda *_: Documents(documents(), documents()))
    by_encoder = torch.full((24, 4), 0.25).log()
    monkeypatch.setattr(recipe, "judged_by_encoder", lambda *_: by_encoder)
    data = ["--newsmtsc", "none", "--corpora", "none", "--run", str(tmp_path)]
    assert recipe.main(data) == 0
    written = ReaderWeights.load(tmp_path / "reader.safetensors")
    assert written.fit(StanceWeights.load().version, lm)
    assert written.layers == 1
    out = tmp_path / "again.safetensors"
    earlier = ["--earlier", str(tmp_path / "reader.safetensors"), "--as-is", "--out", str(out)]
    assert recipe.main([*data, *earlier]) == 0
    again = ReaderWeights.load(out)
    assert again.temperature == written.temperature
    for name, tensor in written.head.items():
        assert torch.equal(tensor, again.head[name])
