"""`make train` (`python -m model.training.recipes.encoder`): from texts, labels and earlier runs to weights."""

import argparse
import json
import logging
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch

from ...networks.encoder import Encoder
from ...networks.encoder_weights import encoder_folder
from ...settings import RuntimeSettings
from ...stance.head import PartyHead
from ..batches import Reading, read_examples, read_views
from ..calibrate import Calibration, cross_check, fit, reliability
from ..command import add_earlier, parsed, run
from ..earlier import other_file, take_up
from ..evaluate import predict, report, score
from ..examples import (
    LABELS,
    PARAGRAPH_SHARE,
    SENTENCE_SHARE,
    Example,
    as_found,
    in_development,
    read_newsmtsc,
    read_paragraphs,
    split,
)
from ..loop import Stage, freeze_for_training, save_weights, train_stage

RANK, SCALE = 48, 2.0
CALIBRATED_ON = ("real_dev", "own_dev")
"""The development sets that calibration is fitted on."""
SENTENCES = Stage(epochs=3, learning_rate=4e-4, batch=16, paragraphs=False, sentence_share=1.0, views=2)
PARAGRAPHS = Stage(epochs=3, learning_rate=3e-4, batch=16, paragraphs=True, sentence_share=0.8, views=2)
FURTHER = replace(PARAGRAPHS, epochs=1, sentence_share=1.0, plain_news_share=0.5)
"""What follows an earlier run's weights; without these, `SENTENCES` and `PARAGRAPHS` begin from nothing."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.recipes.encoder", description=__doc__)
    parser.add_argument("--newsmtsc", type=Path, required=True, help="NewsMTSC's train.jsonl")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with wikinews.jsonl and ungd.jsonl")
    parser.add_argument(
        "--run", type=Path, default=Path("runs/stance"), help="checkpoints and log; resumed if it exists"
    )
    parser.add_argument("--out", type=Path, help="where to write the weights (default: RUN/stance.safetensors)")
    add_earlier(parser, "calibrate the mean of --earlier")
    parser.add_argument("--encoder", type=Path, help="folder with the base encoder's files")
    parser.add_argument("--seed", type=int, default=1)
    return run(train, parsed(parser, arguments))


def train(options: argparse.Namespace) -> None:
    """Run the stages, or take earlier weights as they are; then calibrate on development data and write."""
    torch.manual_seed(options.seed)
    settings = RuntimeSettings.from_environment()
    encoder = Encoder.for_training(encoder_folder(options.encoder or settings.encoder, settings.cache))
    head = PartyHead(encoder.hidden, width=encoder.hidden)
    freeze_for_training(encoder, RANK, SCALE)
    out = other_file(options.out or options.run / "stance.safetensors", options.earlier)
    origin = take_up(options.earlier, encoder.network, head)
    if torch.cuda.is_available():
        encoder.network.to("cuda")
        head.to("cuda")
    sentences, sentences_dev = split(read_newsmtsc(options.newsmtsc), SENTENCE_SHARE)
    paragraphs, paragraphs_dev = split(read_paragraphs(LABELS, options.corpora), PARAGRAPH_SHARE)
    for name, examples in (("sentences", sentences), ("paragraphs", paragraphs)):
        logging.info("%s: %d texts, %d items", name, len(examples), sum(len(e.targets) for e in examples))
    sets = _development(encoder, sentences_dev, paragraphs_dev)
    anew = [(SENTENCES, "sentences"), (PARAGRAPHS, "paragraphs")]
    stages = [(FURTHER, f"further-{origin}")] if options.earlier else anew
    for stage, name in [] if options.as_is else stages:
        _learn(stage, options.run / name, encoder, head, (sentences, paragraphs), sets, options.seed)
    calibration = _calibrated(encoder, head, sets, options.run)
    metadata = {name: str(value) for name, value in asdict(calibration).items()}
    metadata |= {"seed": str(options.seed), "earlier": origin}
    save_weights(out, encoder.network, head, metadata)
    logging.info("wrote %s (%.1f MB)", out, out.stat().st_size / 1e6)


def _development(
    encoder: Encoder, sentences: Sequence[Example], paragraphs: Sequence[Example]
) -> dict[str, list[Reading]]:
    """The development sets by name; `found_dev` has real paragraphs with the mentions that Sidelight finds."""
    own = [example for example in paragraphs if example.group.startswith("own-")]
    real = [example for example in paragraphs if not example.group.startswith("own-")]
    found = [as_found(example) for example in real]
    named = {"sentences_dev": sentences, "real_dev": real, "own_dev": own, "found_dev": found}
    sets = {name: read_examples(encoder, examples) for name, examples in named.items()}
    for name, readings in sets.items():
        logging.info("%s: %d texts, %d items", name, len(readings), sum(len(r.targets) for r in readings))
    return sets


def _learn(
    stage: Stage,
    folder: Path,
    encoder: Encoder,
    head: PartyHead,
    examples: tuple[Sequence[Example], Sequence[Example]],
    sets: Mapping[str, Sequence[Reading]],
    seed: int,
) -> None:
    """Run one stage on sentences and paragraphs, with scores on the development sets after each epoch."""

    def evaluate() -> dict[str, float]:
        return {
            f"{name}.{metric}": value
            for name, readings in sets.items()
            for metric, value in score(encoder, head, readings).items()
        }

    def epoch_readings(rng: random.Random) -> list[tuple[Reading, ...]]:
        return read_views(encoder, stage.seen(*examples, rng), rng, stage.views)

    start = time.monotonic()
    for scores in train_stage(encoder, head, stage, epoch_readings, evaluate, folder, seed):
        logging.info("%s %s (%.0f s)", folder.name, json.dumps(scores), time.monotonic() - start)


def _calibrated(encoder: Encoder, head: PartyHead, sets: Mapping[str, Sequence[Reading]], folder: Path) -> Calibration:
    """The calibration that fits the development sets; writes `report.json` into `folder`."""
    found = {name: predict(encoder, head, readings) for name, readings in sets.items()}
    logits = torch.cat([found[name].stance for name in CALIBRATED_ON])
    labels = torch.cat([found[name].stance_labels for name in CALIBRATED_ON])
    halves = [
        int(in_development(f"half {reading.group}", 2))
        for name in CALIBRATED_ON
        for reading in sets[name]
        for _ in reading.targets
    ]
    calibration = fit(logits, labels)
    result = {
        **{name: report(predictions) for name, predictions in found.items()},
        "calibration": asdict(calibration),
        "calibration_cross_checked": asdict(cross_check(logits, labels, halves)),
        "reliability": reliability(calibration.probabilities(logits), labels),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    logging.info("%s", json.dumps(result, indent=1))
    return calibration


if __name__ == "__main__":
    sys.exit(main())
