"""`make train` (`python -m model.training.recipes.encoder`): the encoder's weights, from texts and labels."""

import argparse
import json
import logging
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from ...errors import WeightsError
from ...networks.encoder import Encoder
from ...networks.encoder_weights import encoder_folder
from ...networks.stretches import TokenizedText, tokenized
from ...parties.coreference import article_encoder
from ...settings import RuntimeSettings
from ...stance.head import PartyHead
from ..batches import Reading, encoder_readings, token_batches
from ..calibrate import Calibration, cross_check, fit, reliability
from ..command import add_earlier, parsed, run
from ..documents import Document, read_documents
from ..earlier import other_file, take_up
from ..evaluate import Collected, Predictions, masks_of, reports
from ..examples import in_development
from ..loop import Course, freeze_for_training, low_precision, save_weights, trainable
from ..losses import loss_of
from ..steps import learn

RANK, SCALE = 48, 2.0
SHARES = {"press": 2.0, "own": 0.2, "ungd": 0.5, "wikinews": 0.3, "newsmtsc": 0.5}
"""How much of each corpus an epoch sees: whole passes, each drawn anew, and a part drawn by chance."""
LEARNING_RATE, WEIGHT_DECAY, WARM_UP, NEWEST = 3e-4, 0.01, 0.05, 0.005
BATCH_TOKENS = 3072
CALIBRATED_ON = "press"
"""The corpus whose development items calibration is fitted on."""
Texts = Mapping[str, list[TokenizedText]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.recipes.encoder", description=__doc__)
    parser.add_argument("--newsmtsc", type=Path, required=True, help="NewsMTSC's train.jsonl")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with the corpora's JSONL files")
    parser.add_argument("--run", type=Path, default=Path("runs/stance"), help="checkpoint and log; resumed if there")
    parser.add_argument("--out", type=Path, help="where to write the weights (default: RUN/stance.safetensors)")
    add_earlier(parser, "calibrate the mean of --earlier")
    parser.add_argument("--encoder", type=Path, help="folder with the base encoder's files")
    parser.add_argument(
        "--only",
        metavar="LAYERS",
        help="learn those layers of the head whose names begin so ('' for the whole head): all else stays as it is",
    )
    parser.add_argument("--seed", type=int, default=1)
    return run(train, parsed(parser, arguments))


def train(options: argparse.Namespace) -> None:
    """Learn, or take earlier weights as they are; then calibrate on development data and write."""
    torch.manual_seed(options.seed)
    settings = RuntimeSettings.from_environment()
    folder = encoder_folder(options.encoder or settings.encoder, settings.cache)
    encoder = Encoder.for_training(folder)
    head = PartyHead(encoder.hidden, width=encoder.hidden)
    freeze_for_training(encoder, RANK, SCALE)
    out = other_file(options.out or options.run / "stance.safetensors", options.earlier)
    origin = take_up(options.earlier, encoder.network, head)
    if options.only is not None:
        learn_only(encoder.network, head, options.only)
    if torch.cuda.is_available():
        encoder.network.to("cuda")
        head.to("cuda")
    reader = article_encoder(folder)
    documents = read_documents(options.corpora, options.newsmtsc, reader, training=not options.as_is)
    texts = {d.id: tokenized(encoder.tokenizer, d.texts) for d in (*documents.training, *documents.development)}
    if not options.as_is:
        _learn(encoder, head, documents.training, texts, options)
    calibration = _calibrated(predict(encoder, head, documents.development, texts), options.run)
    metadata = {name: str(value) for name, value in asdict(calibration).items()}
    metadata |= {"seed": str(options.seed), "earlier": origin}
    save_weights(out, encoder.network, head, metadata)
    logging.info("wrote %s (%.1f MB)", out, out.stat().st_size / 1e6)


def seen(documents: Sequence[Document], shares: Mapping[str, float], rng: random.Random) -> list[list[Document]]:
    """The passes of an epoch over the documents, by the share of each corpus."""
    passes: list[list[Document]] = []
    for source, share in shares.items():
        some = [document for document in documents if document.source == source]
        while share > 0:
            passes.append(rng.sample(some, round(len(some) * min(share, 1.0))))
            share -= 1
    return passes


def learn_only(network: nn.Module, head: PartyHead, prefix: str) -> None:
    """From now on only the layers of the head whose names begin with `prefix` learn.

    Raises:
        WeightsError: there are none.
    """
    network.requires_grad_(False)
    for name, parameter in head.named_parameters():
        parameter.requires_grad_(name.startswith(prefix))
    if not trainable(network, head):
        names = ", ".join(name for name, _ in head.named_children())
        raise WeightsError(f"expected the beginning of a layer's name ({names}), got --only {prefix!r}")


def _learn(
    encoder: Encoder, head: PartyHead, documents: Sequence[Document], texts: Texts, options: argparse.Namespace
) -> None:
    rng = random.Random(f"{options.seed}")
    readings = [r for some in seen(documents, SHARES, rng) for r in encoder_readings(encoder, some, texts, rng)]
    steps = [[batch] for batch in token_batches(readings, BATCH_TOKENS, rng)]
    logging.info("%d steps over %d items", len(steps), sum(len(r.items) for r in readings))
    alone = not any(parameter.requires_grad for parameter in encoder.network.parameters())
    parameters = trainable(encoder.network, head)
    course = Course(parameters, LEARNING_RATE, WEIGHT_DECAY, len(steps), WARM_UP, options.run, NEWEST)

    def loss(batch: Sequence[Reading]) -> Tensor:
        with torch.set_grad_enabled(not alone):
            states = encoder.states(batch)
        items, labels = masks_of(batch, states.shape[1])
        items, labels = items.to(states.device), labels.to(states.device)
        return loss_of(head(states, items), labels, items)

    moved = [head] if alone else [encoder.network, head]
    learn(moved, steps, loss, course, options.seed, low_precision=low_precision())


@torch.inference_mode()
def predict(encoder: Encoder, head: PartyHead, documents: Sequence[Document], texts: Texts) -> Predictions:
    """What is said of the documents' labelled items, with mentions as they are found."""
    encoder.network.eval()
    head.eval()
    collected = Collected(documents)
    both = [(d, reading) for d in documents for reading in encoder_readings(encoder, [d], texts, None)]
    device = next(head.parameters()).device.type
    with torch.autocast(device, dtype=torch.bfloat16, enabled=low_precision(device)):
        for batch in encoder.batches([reading for _, reading in both]):
            owners, some = zip(*(both[index] for index in batch), strict=True)
            states = encoder.states(some)
            items, labels = masks_of(some, states.shape[1])
            collected.add(owners, some, head(states, items.to(states.device)), labels.to(states.device))
    return collected.predictions()


def _calibrated(found: Predictions, folder: Path) -> Calibration:
    """The calibration that fits the development items; writes `report.json` into `folder`."""
    some = found.where(found.fitted(CALIBRATED_ON))
    calibration = fit(some.stance, some.labels)
    halves = [int(in_development(f"half {group}", 2)) for group in some.groups]
    result = {
        **reports(found, calibration.probabilities(found.stance)),
        "calibration": asdict(calibration),
        "calibration_cross_checked": asdict(cross_check(some.stance, some.labels, halves)),
        "reliability": reliability(calibration.probabilities(some.stance), some.labels),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    logging.info("%s", json.dumps(result, indent=1))
    return calibration


if __name__ == "__main__":
    sys.exit(main())
