"""Scores on development data during training, and the temperature that calibrates the shipped probabilities."""

from collections.abc import Sequence

import torch
from sklearn.metrics import classification_report, cohen_kappa_score, f1_score
from torch import Tensor

from model.domain import PRESENT
from model.encoder import Encoder
from model.head import StanceHead
from model.training.loop import Reading, logits

_BATCH = 16
NO_BIAS = (0.0, 0.0, 0.0)


@torch.inference_mode()
def predict(encoder: Encoder, head: StanceHead, readings: Sequence[Reading]) -> tuple[Tensor, Tensor]:
    """Logits `(items, 3)` and labels `(items,)` over all readings; leaves both networks in evaluation mode."""
    encoder.network.eval()
    head.eval()
    device = next(head.parameters()).device.type
    order = sorted(readings, key=lambda reading: len(reading.window.ids))
    found = []
    with torch.autocast(device, dtype=torch.bfloat16):
        for start in range(0, len(order), _BATCH):
            found.append(logits(encoder, head, order[start : start + _BATCH]))
    return torch.cat([scores.float().cpu() for scores, _ in found]), torch.cat([labels.cpu() for _, labels in found])


def score(
    encoder: Encoder, head: StanceHead, readings: Sequence[Reading], bias: Sequence[float] = NO_BIAS
) -> dict[str, float]:
    """Macro-F1 and Cohen's κ over the three present stances, in 0–1, with `bias` added to the logits."""
    scores, labels = predict(encoder, head, readings)
    guesses = (scores + torch.tensor(bias)).argmax(dim=1)
    return {
        "macro_f1": float(f1_score(labels, guesses, average="macro")),
        "kappa": float(cohen_kappa_score(labels, guesses)),
    }


def score_table(
    encoder: Encoder, head: StanceHead, readings: Sequence[Reading], bias: Sequence[float] = NO_BIAS
) -> dict[str, object]:
    """Precision, recall, F1 and support by stance, with `bias` added to the logits."""
    scores, labels = predict(encoder, head, readings)
    guesses = (scores + torch.tensor(bias)).argmax(dim=1)
    table: dict[str, object] = classification_report(
        labels, guesses, labels=range(len(PRESENT)), target_names=list(PRESENT), output_dict=True
    )
    return table


def fit_temperature(
    encoder: Encoder, head: StanceHead, readings: Sequence[Reading], bias: Sequence[float]
) -> tuple[float, dict[str, float]]:
    """The temperature with the least cross-entropy (https://arxiv.org/abs/1706.04599), and calibration error around it.

    `bias` is added to the scaled logits, as `StanceWeights` says.

    Fitted and reported on the same development data, so the error "after" is a little flattering.
    """
    scores, labels = predict(encoder, head, readings)
    grid = [step / 20 for step in range(10, 81)]
    shift = torch.tensor(bias)
    losses = [float(torch.nn.functional.cross_entropy(scores / value + shift, labels)) for value in grid]
    best = grid[losses.index(min(losses))]
    return best, {
        "calibration_error_before": calibration_error(scores.softmax(dim=1), labels),
        "calibration_error": calibration_error((scores / best + shift).softmax(dim=1), labels),
    }


def calibration_error(probabilities: Tensor, labels: Tensor, bins: int = 10) -> float:
    """Expected calibration error: |accuracy - confidence|, averaged over `bins` equal confidence bins by their size."""
    confidence, guesses = probabilities.max(dim=1)
    right = (guesses == labels).float()
    index = (confidence * bins).long().clamp(max=bins - 1)
    return float(
        sum(
            ((index == b).sum() / len(labels)) * (right[index == b].mean() - confidence[index == b].mean()).abs()
            for b in range(bins)
            if (index == b).any()
        )
    )
