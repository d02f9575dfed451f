"""Scores on development data during training."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from sklearn.metrics import classification_report, cohen_kappa_score, f1_score
from torch import Tensor

from ..domain import PRESENT
from ..networks.encoder import Encoder
from ..stance.head import PartyHead
from .batches import IGNORED, Batch, Reading
from .loop import low_precision

_BATCH = 16


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the head says of each item, and the reader's labels.

    `stance` `(items, 3)` and `voice` `(items, 2)` are logits; `stance_labels` and `voice_labels`
    `(items,)` indices, -100 for a voice that nobody took; `evidence_hits` and `holder_hits`
    `(items,)` say whether the head's best token is one that the reader marked, -100 without marks.
    """

    stance: Tensor
    stance_labels: Tensor
    voice: Tensor
    voice_labels: Tensor
    evidence_hits: Tensor
    holder_hits: Tensor


@torch.inference_mode()
def predict(encoder: Encoder, head: PartyHead, readings: Sequence[Reading]) -> Predictions:
    """Predictions over all readings, in order; leaves both networks in evaluation mode."""
    encoder.network.eval()
    head.eval()
    device = next(head.parameters()).device.type
    order = sorted(range(len(readings)), key=lambda index: len(readings[index].window.ids))
    parts: dict[int, tuple[Tensor, ...]] = {}
    with torch.autocast(device, dtype=torch.bfloat16, enabled=low_precision(device)):
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            batch = Batch.of([readings[index] for index in some])
            scores = batch.scores(encoder, head)
            columns = (
                scores.stance.float().cpu(),
                batch.stance,
                scores.voice.float().cpu(),
                batch.voice,
                _hits(scores.evidence.cpu(), batch.evidence),
                _hits(scores.holder.cpu(), batch.holders),
            )
            for row, index in enumerate(some):
                valid = batch.valid[row]
                parts[index] = tuple(column[row][valid] for column in columns)
    return Predictions(*(torch.cat(column) for column in zip(*(parts[i] for i in range(len(readings))), strict=True)))


def score(encoder: Encoder, head: PartyHead, readings: Sequence[Reading]) -> dict[str, float]:
    """Macro-F1 and Cohen's κ over the three present stances, in 0–1."""
    return _headline(predict(encoder, head, readings))


def report(found: Predictions) -> dict[str, object]:
    """All scores, in 0–1: stance by label, voice, and how often the best token is in the reader's words."""
    guesses = found.stance.argmax(dim=1)
    names = list(PRESENT)
    return {
        "items": len(guesses),
        **_headline(found),
        "stance": classification_report(
            found.stance_labels, guesses, labels=range(len(PRESENT)), target_names=names, output_dict=True
        ),
        "voice": _share(found.voice.argmax(dim=1) == found.voice_labels, found.voice_labels != IGNORED),
        "evidence": _share(found.evidence_hits == 1, found.evidence_hits != IGNORED),
        "holder": _share(found.holder_hits == 1, found.holder_hits != IGNORED),
    }


def _headline(found: Predictions) -> dict[str, float]:
    guesses = found.stance.argmax(dim=1)
    return {
        "macro_f1": float(f1_score(found.stance_labels, guesses, average="macro")),
        "kappa": float(cohen_kappa_score(found.stance_labels, guesses)),
    }


def _hits(scores: Tensor, truth: Tensor) -> Tensor:
    """1 where the best token is a true one, 0 where it is not, -100 where none is known, `(texts, parties)`."""
    best = scores.argmax(dim=2, keepdim=True)
    hits = truth.gather(2, best).squeeze(2).long()
    return hits.masked_fill(~truth.any(dim=2), IGNORED)


def _share(right: Tensor, known: Tensor) -> dict[str, float | int | None]:
    count = int(known.sum())
    return {"items": count, "accuracy": float(right[known].float().mean()) if count else None}
