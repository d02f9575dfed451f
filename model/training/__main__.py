"""`python -m model.training` (`make train`): the recipe, from public text, our labels and earlier runs to weights."""

import argparse
import json
import logging
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch

from model.encoder import Encoder
from model.head import PartyHead
from model.training.calibrate import cross_check, fit, reliability
from model.training.command import add_earlier, parsed, run
from model.training.data import (
    LABELS,
    PARAGRAPH_SHARE,
    SENTENCE_SHARE,
    as_found,
    in_development,
    read_newsmtsc,
    read_paragraphs,
    split,
)
from model.training.earlier import other_file, take_up
from model.training.evaluate import predict, report, score
from model.training.loop import (
    Reading,
    Stage,
    freeze_for_training,
    read_examples,
    read_views,
    save_weights,
    train_stage,
)
from model.weights import encoder_folder

RANK, SCALE = 48, 2.0
CALIBRATED_ON = ("real_dev", "own_dev")
"""The development sets that calibration is fitted on."""
SENTENCES = Stage(epochs=3, learning_rate=4e-4, batch=16, paragraphs=False, sentence_share=1.0, views=2)
PARAGRAPHS = Stage(epochs=3, learning_rate=3e-4, batch=16, paragraphs=True, sentence_share=0.8, views=2)
FURTHER = replace(PARAGRAPHS, epochs=1, sentence_share=1.0, plain_news_share=0.5)
"""What follows an earlier run's weights; without these, `SENTENCES` and `PARAGRAPHS` begin from nothing."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training", description=__doc__)
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
    encoder = Encoder.for_training(encoder_folder(options.encoder))
    head = PartyHead(encoder.hidden, width=encoder.hidden)
    freeze_for_training(encoder, RANK, SCALE)
    out = other_file(options.out or options.run / "stance.safetensors", options.earlier)
    origin = take_up(options.earlier, encoder.network, head)
    if torch.cuda.is_available():
        encoder.network.to("cuda")
        head.to("cuda")

    sentences, sentences_dev = split(read_newsmtsc(options.newsmtsc), SENTENCE_SHARE)
    paragraphs, paragraphs_dev = split(read_paragraphs(LABELS, options.corpora), PARAGRAPH_SHARE)
    own_dev = [example for example in paragraphs_dev if example.group.startswith("own-")]
    real_dev = [example for example in paragraphs_dev if not example.group.startswith("own-")]
    for name, examples in (("sentences", sentences), ("paragraphs", paragraphs)):
        logging.info("%s: %d texts, %d items", name, len(examples), sum(len(e.targets) for e in examples))
    sets = {
        name: read_examples(encoder, examples)
        for name, examples in (
            ("sentences_dev", sentences_dev),
            ("real_dev", real_dev),
            ("own_dev", own_dev),
            ("found_dev", [as_found(example) for example in real_dev]),
        )
    }
    for name, readings in sets.items():
        logging.info("%s: %d texts, %d items", name, len(readings), sum(len(r.targets) for r in readings))

    def evaluate() -> dict[str, float]:
        return {
            f"{name}.{metric}": value
            for name, readings in sets.items()
            for metric, value in score(encoder, head, readings).items()
        }

    def run(stage: Stage, name: str) -> None:
        def epoch_readings(rng: random.Random) -> list[tuple[Reading, ...]]:
            return read_views(encoder, stage.seen(sentences, paragraphs, rng), rng, stage.views)

        start = time.monotonic()
        folder = options.run / name
        for scores in train_stage(encoder, head, stage, epoch_readings, evaluate, folder, options.seed):
            logging.info("%s %s (%.0f s)", name, json.dumps(scores), time.monotonic() - start)

    if options.earlier and not options.as_is:
        run(FURTHER, f"further-{origin}")
    elif not options.earlier:
        run(SENTENCES, "sentences")
        run(PARAGRAPHS, "paragraphs")

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
    options.run.mkdir(parents=True, exist_ok=True)
    (options.run / "report.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    logging.info("%s", json.dumps(result, indent=1))
    metadata = {name: str(value) for name, value in asdict(calibration).items()}
    metadata |= {"seed": str(options.seed), "earlier": origin}
    save_weights(out, encoder.network, head, metadata)
    logging.info("wrote %s (%.1f MB)", out, out.stat().st_size / 1e6)


if __name__ == "__main__":
    sys.exit(main())
