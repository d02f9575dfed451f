"""`python -m model.training.recipes.claim_checker` (`make train-claims`): the recipe of the claim checker's weights."""

import argparse
import json
import logging
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from ...errors import LabelError
from ...networks.encoder import Encoder
from ...networks.encoder_weights import encoder_folder
from ...settings import DATA, RuntimeSettings
from ...summary.entailment import BATCH_COST, ClaimHead, Row, rows_of, source_of, states_of
from ..batches import make_batches
from ..command import run
from ..loop import Course, freeze_for_training, low_precision, save_weights, train_epoch, trainable

CLAIMS = DATA / "claims"
TEXTS = DATA / "texts" / "own.jsonl"
RANK, SCALE = 16, 2.0
BATCH, WEIGHT_DECAY, WARM_UP = 4, 0.01, 0.06  # a batch is so many sources with all their claims
CONTEXT = 0.3
"""How often a source begins with the paragraph before, as it may when the checker is used."""
STRAY = 0.15
"""How many strays a claim brings: supported claims of the article shown with a source far from what they cite."""
REJECTED = 0.95
"""The share of false development claims that the threshold must reject."""
DEVELOPMENT = "development.jsonl"
"""The file that is not learnt from: other articles, claims by another writer."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Whose claims are learnt, how long and how fast, and what the newest step weighs in the running mean."""

    name: str
    files: tuple[str, ...]
    epochs: int
    rate: float
    newest: float = 1.0


STAGES = (
    Stage("plain", ("w-1", "w-2", "w-3"), epochs=4, rate=4e-4),
    Stage("subtle", ("w-1", "w-2", "w-3", "w-4", "w-5"), epochs=1, rate=3e-4, newest=0.01),
)
"""First the claims that are easier to tell apart, then all: `w-4` and `w-5` hold what the first stage left wrong."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, the title and the paragraphs of its article, and those that it cites."""

    article: str
    title: str
    paragraphs: tuple[str, ...]
    cited: tuple[int, ...]
    text: str
    supported: bool
    kind: str

    def source(self, before: bool = False) -> str:
        """What the checker reads beside the claim; `before` puts the paragraph before the first cited one in front."""
        first = (self.cited[0] - 1,) if before and self.cited[0] > 0 else ()
        return source_of(self.title, self.paragraphs, (*first, *self.cited))


def read_claims(files: Sequence[Path], texts: Path) -> list[Claim]:
    """The claims in JSONL files.

    Raises:
        LabelError: a claim names an article or a paragraph that `texts` lacks.
    """
    articles = {row["id"]: row for row in map(json.loads, texts.read_text(encoding="utf-8").splitlines())}
    claims = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            row = json.loads(line)
            article = articles.get(row["id"])
            if not article or not all(0 <= index < len(article["paragraphs"]) for index in row["paragraphs"]):
                raise LabelError(f"expected paragraphs of an article in {texts}, got {line[:80]} in {file}:{number}")
            claims.append(
                Claim(
                    row["id"],
                    article["title"],
                    tuple(article["paragraphs"]),
                    tuple(sorted(row["paragraphs"])),
                    row["claim"],
                    row["supported"],
                    row["kind"],
                )
            )
    return claims


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.recipes.claim_checker", description=__doc__)
    parser.add_argument("--run", type=Path, default=Path("runs/claims"), help="checkpoint and log; resumed if there")
    parser.add_argument("--out", type=Path, help="where to write the weights (default: RUN/entailment.safetensors)")
    parser.add_argument("--claims", type=Path, default=CLAIMS)
    parser.add_argument("--encoder", type=Path, help="folder with the base encoder's files")
    parser.add_argument("--seed", type=int, default=1)
    return run(train, parser.parse_args(arguments))


def train(options: argparse.Namespace) -> None:
    """Run the epochs, then write the weights with the threshold that development claims ask for."""
    torch.manual_seed(options.seed)
    settings = RuntimeSettings.from_environment()
    encoder = Encoder.for_training(encoder_folder(options.encoder or settings.encoder, settings.cache))
    head = ClaimHead(encoder.hidden)
    freeze_for_training(encoder, RANK, SCALE)
    if torch.cuda.is_available():
        encoder.network.to("cuda")
        head.to("cuda")
    development = read_claims([options.claims / DEVELOPMENT], TEXTS)
    for stage in STAGES:
        learnt = read_claims([options.claims / f"{name}.jsonl" for name in stage.files], TEXTS)
        logging.info("%s: %d claims to learn from, %d for development", stage.name, len(learnt), len(development))
        _train_stage(stage, encoder, head, learnt, development, options)
    logits, truth = predict(encoder, head, development)
    temperature = _temperature(logits, truth)
    threshold = float((logits[~truth] / temperature).sigmoid().quantile(REJECTED))
    scores = scores_of(logits, truth, development) | {"temperature": temperature, "threshold": threshold}
    (options.run / "report.json").write_text(json.dumps(scores, indent=1), encoding="utf-8")
    logging.info("%s", json.dumps(scores, indent=1))
    metadata = {"temperature": str(temperature), "threshold": str(threshold), "seed": str(options.seed)}
    out = options.out or options.run / "entailment.safetensors"
    save_weights(out, encoder.network, head, metadata, "claims")
    logging.info("wrote %s (%.1f MB)", out, out.stat().st_size / 1e6)


def _train_stage(
    stage: Stage,
    encoder: Encoder,
    head: ClaimHead,
    learnt: Sequence[Claim],
    development: Sequence[Claim],
    options: argparse.Namespace,
) -> None:
    def batches_of(rng: random.Random, order: random.Random) -> list[Examples]:
        return make_batches(_examples(encoder, learnt, rng), BATCH, order, lambda example: len(example[0].ids))

    steps = stage.epochs * len(batches_of(random.Random(options.seed), random.Random(options.seed)))
    folder = options.run / stage.name
    course = Course(trainable(encoder.network, head), stage.rate, WEIGHT_DECAY, steps, WARM_UP, folder, stage.newest)
    for epoch in range(course.resume(), stage.epochs):
        rng = random.Random(f"{options.seed}/{epoch}")
        torch.manual_seed(rng.getrandbits(32))
        loss = train_epoch(encoder, head, batches_of(rng, rng), partial(_loss, encoder, head), course)
        course.keep(epoch + 1)
        with course.averaged():
            logits, truth = predict(encoder, head, development)
        logging.info("epoch %d loss %.3f %s", epoch + 1, loss, json.dumps(scores_of(logits, truth, development)))
    course.settle()


def scores_of(logits: Tensor, truth: Tensor, claims: Sequence[Claim]) -> dict[str, object]:
    """Area under the curve, and the claims kept where `REJECTED` of the false are not, by kind."""
    threshold = logits[~truth].quantile(REJECTED)
    kept = logits > threshold
    kinds = sorted({claim.kind for claim in claims})
    rows = {
        f"{'true' if wanted else 'false'} {kind}": round(float(kept[mask].float().mean()), 3)
        for kind in kinds
        for wanted in (True, False)
        if (mask := torch.tensor([c.kind == kind and c.supported is wanted for c in claims])).any()
    }
    return {
        "auc": round(float(roc_auc_score(truth.numpy(), logits.numpy())), 4),
        "kept": round(float(kept[truth].float().mean()), 4),
        "items": len(claims),
        "kept by kind": rows,
    }


@torch.inference_mode()
def predict(encoder: Encoder, head: ClaimHead, claims: Sequence[Claim]) -> tuple[Tensor, Tensor]:
    """Logits and truth `(claims,)`."""
    encoder.network.eval()
    head.eval()
    logits = torch.full((len(claims),), -torch.inf)
    device = next(head.parameters()).device.type
    with torch.autocast(device, dtype=torch.bfloat16, enabled=low_precision(device)):
        rows = _rows(encoder, claims, [claim.source() for claim in claims])
        for batch in encoder.batches(rows, BATCH_COST):
            some = [rows[index] for index in batch]
            for row, found in zip(some, head(*states_of(encoder, some)).float().cpu(), strict=True):
                members = list(row.members)
                logits[members] = torch.maximum(logits[members], found[: len(members)])
    return logits, torch.tensor([claim.supported for claim in claims])


Examples = list[tuple[Row, tuple[bool, ...]]]
"""Rows, each with whether its claims are supported."""


def _rows(encoder: Encoder, claims: Sequence[Claim], sources: Sequence[str]) -> list[Row]:
    """`sources[i]` with `claims[i]`; claims of one source share a row."""
    members: dict[str, list[int]] = {}
    for index, source in enumerate(sources):
        members.setdefault(source, []).append(index)
    return rows_of(encoder, list(members), [claim.text for claim in claims], list(members.values()))


def _examples(encoder: Encoder, claims: Sequence[Claim], rng: random.Random) -> Examples:
    """Every claim with its source, and some supported ones with a source that does not support them."""
    shown, sources, labels = [], [], []
    with_context: dict[tuple[str, tuple[int, ...]], bool] = {}
    for claim in claims:
        key = claim.article, claim.cited
        with_context.setdefault(key, rng.random() < CONTEXT)
        shown.append(claim)
        sources.append(claim.source(with_context[key]))
        labels.append(claim.supported)
    by_article: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.supported:
            by_article.setdefault(claim.article, []).append(claim)
    for claim in claims:
        far = [
            other
            for other in by_article[claim.article]
            if all(abs(cited - there) > 1 for cited in claim.cited for there in other.cited)
        ]
        if far and rng.random() < STRAY:
            shown.append(rng.choice(far))
            sources.append(claim.source(with_context[claim.article, claim.cited]))
            labels.append(False)
    order = list(range(len(shown)))
    rng.shuffle(order)  # a row's claims in another order, though they cannot see each other
    rows = _rows(encoder, [shown[index] for index in order], [sources[index] for index in order])
    return [(row, tuple(labels[order[member]] for member in row.members)) for row in rows]


def _loss(encoder: Encoder, head: ClaimHead, batch: Examples) -> Tensor:
    """Binary cross-entropy of a batch's claims, the truth smoothed by 0.05."""
    logits = head(*states_of(encoder, [row for row, _ in batch])).float()
    found = torch.cat([row[: len(labels)] for row, (_, labels) in zip(logits, batch, strict=True)])
    truth = torch.tensor([label for _, labels in batch for label in labels], dtype=found.dtype, device=found.device)
    return nn.functional.binary_cross_entropy_with_logits(found, truth * 0.95 + 0.025)


def _temperature(logits: Tensor, truth: Tensor) -> float:
    """The temperature with the least cross-entropy, of a grid (https://arxiv.org/abs/1706.04599)."""
    grid = [0.5 + 0.05 * step for step in range(60)]
    return min(
        grid,
        key=lambda t: float(nn.functional.binary_cross_entropy_with_logits(logits / t, truth.float())),
    )


if __name__ == "__main__":
    sys.exit(main())
