"""`python -m model.training` (`make train`): the recipe, from public text, our labels and an earlier run to weights."""

import argparse
import json
import logging
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from model.encoder import Encoder
from model.errors import SidelightError
from model.head import PartyHead
from model.training.calibrate import cross_check, fit, reliability
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
from model.training.evaluate import predict, report, score
from model.training.loop import (
    Reading,
    Stage,
    fill,
    freeze_for_training,
    mean_of,
    mixed,
    read_examples,
    read_views,
    save_weights,
    train_stage,
    trainable,
    values_in,
    values_of,
)
from model.weights import encoder_folder

RANK, SCALE = 32, 2.0
SEEDS = 1
"""How often the paragraphs' stage is run, from the same sentences' stage; the weights are the mean of what it learns
(https://arxiv.org/abs/2203.05482)."""
EARLIER_SHARE = 0.2
"""How much of an earlier run's weights goes into the mean (`--earlier`), chosen on development items, the gold and the
seed in sight, among 0, 0.15, 0.2, 0.25, 0.3 and 0.5. Both runs must begin from one seed: the factors of adapters that
began apart have no mean."""
CALIBRATED_ON = ("real_dev", "own_dev")
"""The development sets that calibration is fitted on."""
SENTENCES = Stage(epochs=3, learning_rate=4e-4, batch=16, paragraphs=False, sentence_share=1.0, views=2)
PARAGRAPHS = Stage(epochs=3, learning_rate=3e-4, batch=16, paragraphs=True, sentence_share=0.8, views=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training", description=__doc__)
    parser.add_argument("--newsmtsc", type=Path, required=True, help="NewsMTSC's train.jsonl")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with wikinews.jsonl and ungd.jsonl")
    parser.add_argument(
        "--run", type=Path, default=Path("runs/stance"), help="checkpoints and log; resumed if it exists"
    )
    parser.add_argument("--out", type=Path, help="where to write the weights (default: RUN/stance.safetensors)")
    parser.add_argument(
        "--earlier", type=Path, help="weights of an earlier run of this seed, to be a fifth of the mean"
    )
    parser.add_argument("--encoder", type=Path, help="folder with the base encoder's files")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        train(options)
    except SidelightError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def train(options: argparse.Namespace) -> None:
    """Run all stages, then write the weights with the temperature that development data asks for."""
    torch.manual_seed(options.seed)
    encoder = Encoder.for_training(encoder_folder(options.encoder))
    head = PartyHead(encoder.hidden, width=encoder.hidden)
    freeze_for_training(encoder, RANK, SCALE)
    earlier = values_in(options.earlier, encoder, head) if options.earlier else None
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

    def run(stage: Stage, folder: Path, seed: int) -> None:
        def epoch_readings(rng: random.Random) -> list[tuple[Reading, ...]]:
            few = rng.sample(sentences, round(len(sentences) * stage.sentence_share))
            return read_views(encoder, few + paragraphs * stage.paragraphs, rng, stage.views)

        start = time.monotonic()
        for scores in train_stage(encoder, head, stage, epoch_readings, evaluate, folder, seed):
            logging.info("%s %s (%.0f s)", folder.name, json.dumps(scores), time.monotonic() - start)

    run(SENTENCES, options.run / "sentences", options.seed)
    parameters = trainable(encoder, head)
    begun = values_of(parameters)
    learnt = []
    for seed in range(options.seed, options.seed + SEEDS):
        fill(parameters, begun)
        run(PARAGRAPHS, options.run / f"paragraphs-{seed}", seed)
        learnt.append(values_of(parameters))
    settled = mean_of(learnt)
    fill(parameters, mixed(settled, earlier, EARLIER_SHARE) if earlier else settled)

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
    (options.run / "report.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    logging.info("%s", json.dumps(result, indent=1))
    out = options.out or options.run / "stance.safetensors"
    metadata = {name: str(value) for name, value in asdict(calibration).items()} | {"seed": str(options.seed)}
    save_weights(out, encoder, head, metadata)
    logging.info("wrote %s (%.1f MB)", out, out.stat().st_size / 1e6)


if __name__ == "__main__":
    sys.exit(main())
