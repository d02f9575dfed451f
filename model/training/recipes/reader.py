"""`make train-reader` (`python -m model.training.recipes.reader`): the weights of the language model as a reader.

It goes on where it stopped. What it writes is pooled with the encoder on development documents.
"""

import argparse
import json
import logging
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from sklearn.metrics import log_loss
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from ...language_model.local import LocalModel
from ...language_model.truncated import first_layers
from ...language_model.weights import QWEN, language_model_folder
from ...networks.device import fastest_dtype
from ...networks.encoder import Encoder
from ...networks.encoder_weights import encoder_folder
from ...networks.lora import add_adapters, merge_adapters
from ...settings import RuntimeSettings
from ...stance.classifier import StanceWeights
from ...stance.head import PartyHead
from ...stance.reader import Asker, Sheet, packs_of, states_of_sheets
from ...stance.stretches import TokenizedText, tokenized
from ..batches import Reading, drawn, labelled
from ..calibrate import cross_check, fit, reliability
from ..command import add_earlier, folder_of, parsed, run
from ..documents import Document, read_documents
from ..earlier import other_file, take_up
from ..evaluate import Collected, Predictions, masks_of, reports
from ..examples import in_development
from ..loop import Course, save_weights, trainable
from ..losses import loss_of
from ..steps import learn
from .encoder import CALIBRATED_ON, predict, seen

LAYERS, RANK, SCALE, WIDTH = 14, 12, 2.0, 768
"""How many of the language model's 28 layers read, the adapters' rank, and the head's width."""
SHARES = {"press": 0.6, "own": 0.02, "ungd": 0.04, "wikinews": 0.03, "newsmtsc": 0.02}
"""How much of each corpus is seen."""
LEARNING_RATE, WEIGHT_DECAY, WARM_UP, NEWEST = 2.5e-4, 0.01, 0.06, 0.02
PACK, PACKS = 1280, 2
"""Tokens whose states are kept for a backward pass at once (6 GB), and how many such packs are a step."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Sheets that are read side by side, with their labels and documents."""

    sheets: tuple[Sheet, ...]
    readings: tuple[Reading, ...]
    documents: tuple[Document, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.recipes.reader", description=__doc__)
    parser.add_argument("--newsmtsc", type=Path, required=True, help="NewsMTSC's train.jsonl")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with the corpora's JSONL files")
    parser.add_argument("--run", type=Path, default=Path("runs/reader"), help="checkpoint and log; resumed if there")
    parser.add_argument("--out", type=Path, help="where to write the weights (default: RUN/reader.safetensors)")
    add_earlier(parser, "pool the mean of --earlier with the encoder")
    parser.add_argument("--seed", type=int, default=1)
    return run(train, parsed(parser, arguments))


def train(options: argparse.Namespace) -> None:
    """Learn or take weights as they are, pool them with the encoder, write the weights."""
    out = other_file(options.out or options.run / "reader.safetensors", options.earlier)
    language_model = default_language_model()
    torch.manual_seed(options.seed)
    network = first_layers(language_model.network.base_model, LAYERS)
    add_adapters(network, RANK, SCALE)
    head = PartyHead(network.config.hidden_size, WIDTH)
    origin = take_up(options.earlier, network, head)
    folder = folder_of(options, origin)
    documents = read_documents(options.corpora, options.newsmtsc)
    asker = Asker(language_model.tokenizer)
    if not options.as_is:
        rng = random.Random(options.seed)
        some = [document for group in seen(documents.training, SHARES, rng) for document in group]
        learn_from(packs(asker, some, rng), network, head, folder, options.seed)
    found = read(asker, network, head, documents.development)
    stance = StanceWeights.load()
    pooled = pool(found, judged_by_encoder(stance, documents.development), folder)
    metadata = {"seed": str(options.seed), "earlier": origin, "layers": str(LAYERS)}
    metadata |= {"stance": stance.version, "language_model": language_model.version}
    save_weights(out, network, head, metadata | {name: str(value) for name, value in pooled.items()}, "reader")
    logging.info("wrote %s (%.1f MB)", out, out.stat().st_size / 1e6)


def default_language_model() -> LocalModel:
    """The default language model on the CPU, in bf16 where that is faster."""
    folder = language_model_folder()
    network = AutoModelForCausalLM.from_pretrained(folder, use_safetensors=True, dtype=fastest_dtype())
    return LocalModel(AutoTokenizer.from_pretrained(folder), network, QWEN.version)


def sheets(
    asker: Asker, documents: Sequence[Document], rng: random.Random | None
) -> Iterator[tuple[Sheet, Reading, Document]]:
    """The sheets of each document that have labelled items; with `rng` drawn as for the encoder."""
    for document in documents:
        text, order = drawn(document, asker.stand_ins, rng)
        tokens, stand_ins = text.hidden(asker.tokens(document.texts), order)
        for sheet in asker.sheets(tokens, text.mentions, stand_ins):
            if reading := labelled(sheet.ids, sheet.items, document):
                yield sheet, reading, document


def packs(asker: Asker, documents: Sequence[Document], rng: random.Random | None) -> list[Pack]:
    """The documents' sheets in packs, in an order that is drawn with `rng`."""
    found = list(sheets(asker, documents, rng))
    if rng:
        rng.shuffle(found)
    by_sheet = {id(sheet): (reading, document) for sheet, reading, document in found}
    return [
        Pack(tuple(some), *zip(*(by_sheet[id(sheet)] for sheet in some), strict=True))
        for some in packs_of((sheet for sheet, _, _ in found), PACK)
    ]


def learn_from(some: Sequence[Pack], network: PreTrainedModel, head: PartyHead, folder: Path, seed: int) -> None:
    """Take the steps, from the checkpoint in `folder` on."""
    steps = [some[start : start + PACKS] for start in range(0, len(some), PACKS)]
    items = sum(len(reading.items) for pack in some for reading in pack.readings)
    logging.info("%d steps over %d items", len(steps), items)
    course = Course(trainable(network, head), LEARNING_RATE, WEIGHT_DECAY, len(steps), WARM_UP, folder, NEWEST)

    def loss(pack: Pack) -> Tensor:
        states = states_of_sheets(network, pack.sheets)
        items, labels = masks_of(pack.readings, states.shape[1])
        return loss_of(head(states, items), labels, items)

    learn([network, head], steps, loss, course, seed, low_precision=network.dtype is torch.bfloat16)


@torch.inference_mode()
def read(asker: Asker, network: PreTrainedModel, head: PartyHead, documents: Sequence[Document]) -> Predictions:
    """What the reader says of the documents' labelled items, with mentions as they are found."""
    network.eval()
    head.eval()
    collected = Collected(documents)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=network.dtype is torch.bfloat16):
        for pack in packs(asker, documents, None):
            states = states_of_sheets(network, pack.sheets)
            items, labels = masks_of(pack.readings, states.shape[1])
            collected.add(pack.documents, pack.readings, head(states, items), labels)
    return collected.predictions()


def judged_by_encoder(weights: StanceWeights, documents: Sequence[Document]) -> Tensor:
    """The log-probabilities of the documents' labelled items by the encoder, `(items, 4)`."""
    settings = RuntimeSettings.from_environment()
    encoder = Encoder.for_training(encoder_folder(settings.encoder, settings.cache))
    merge_adapters(encoder.network, weights.adapter)
    texts: dict[str, list[TokenizedText]] = {d.id: tokenized(encoder.tokenizer, d.texts) for d in documents}
    found = predict(encoder, PartyHead.from_state(weights.head), documents, texts)
    return (found.stance / weights.temperature).log_softmax(dim=1)


def pool(found: Predictions, by_encoder: Tensor, folder: Path) -> dict[str, float]:
    """How much the encoder counts beside the reader, and the calibration of both; writes `report.json`."""
    own = found.fitted(CALIBRATED_ON)
    some = found.where(own)
    fits = {
        share: fit(some.stance + share * by_encoder[own], some.labels) for share in (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)
    }
    loss = {
        share: log_loss(
            some.labels, calibration.probabilities(some.stance + share * by_encoder[own]).double(), labels=range(4)
        )
        for share, calibration in fits.items()
    }
    share = min(loss, key=lambda share: loss[share])
    calibration, pooled = fits[share], found.stance + share * by_encoder
    halves = [int(in_development(f"half {group}", 2)) for group in some.groups]
    result = {
        "reader alone": reports(found, fits[0.0].probabilities(found.stance)),
        "pooled": reports(found, calibration.probabilities(pooled)),
        "log loss by the encoder's share": loss,
        "calibration": asdict(calibration),
        "calibration_cross_checked": asdict(cross_check(pooled[own], some.labels, halves)),
        "reliability": reliability(calibration.probabilities(pooled[own]), some.labels),
    }
    (folder / "report.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    logging.info("%s", json.dumps(result, indent=1))
    return {"encoder_share": share, **asdict(calibration)}


if __name__ == "__main__":
    sys.exit(main())
