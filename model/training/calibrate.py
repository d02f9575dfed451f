"""Probabilities that mean what they say, and the mark of those that are too small to rely on."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

KEPT_RIGHT = 0.8
"""How often labels are to be right that are not marked as unsure, of those for which there was something to read."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How logits become probabilities, `softmax(logits / temperature)`, and which of them are unsure."""

    temperature: float
    unsure_below: float

    def probabilities(self, logits: Tensor) -> Tensor:
        """Probabilities `(items, 4)`."""
        return (logits / self.temperature).softmax(dim=1)


@dataclass(frozen=True, slots=True)
class Checked:
    """A calibration on items that it was not fitted on, in 0–1."""

    error_before: float
    error_after: float
    kept: float
    kept_right: float


def fit(logits: Tensor, labels: Tensor) -> Calibration:
    """The temperature with the least cross-entropy (https://arxiv.org/abs/1706.04599), and the unsure threshold.

    Args:
        logits: `(items, 4)`.
        labels: indices `(items,)`.
    """
    grid = [step / 20 for step in range(10, 81)]
    losses = [float(torch.nn.functional.cross_entropy(logits / value, labels)) for value in grid]
    temperature = grid[losses.index(min(losses))]
    return Calibration(temperature, threshold((logits / temperature).softmax(dim=1), labels, KEPT_RIGHT))


def threshold(probabilities: Tensor, labels: Tensor, rate: float) -> float:
    """The least confidence above which at least `rate` of the items are right; 1 where none is.

    Args:
        probabilities: `(items, classes)`.
        labels: indices `(items,)`.
        rate: in 0–1.
    """
    confidence, guesses = probabilities.max(dim=1)
    order = confidence.argsort(descending=True)
    right = (guesses == labels)[order].float().cumsum(dim=0) / torch.arange(1, len(labels) + 1)
    enough = (right >= rate).nonzero()
    return float(confidence[order][enough[-1]]) if len(enough) else 1.0


def cross_check(logits: Tensor, labels: Tensor, halves: Sequence[int]) -> Checked:
    """Fit on each half of the items and look at the other; `halves` (0 or 1 for each item) keeps articles whole."""
    half = torch.tensor(halves)
    before, after, kept, right = [], [], [], []
    for number in (0, 1):
        fitted = fit(logits[half != number], labels[half != number])
        some, truth = logits[half == number], labels[half == number]
        probabilities = fitted.probabilities(some)
        before.append(calibration_error(some.softmax(dim=1), truth))
        after.append(calibration_error(probabilities, truth))
        confidence, guesses = probabilities.max(dim=1)
        sure = confidence >= fitted.unsure_below
        kept.append(float(sure.float().mean()))
        right.append(float((guesses == truth)[sure].float().mean()))
    return Checked(*(sum(values) / 2 for values in (before, after, kept, right)))


def calibration_error(probabilities: Tensor, labels: Tensor, bins: int = 10) -> float:
    """Expected calibration error: |accuracy - confidence|, averaged over `bins` equal confidence bins by their size."""
    return error_of(reliability(probabilities, labels, bins))


def error_of(bins: Sequence[tuple[int, float, float]]) -> float:
    """The same from the bins."""
    total = sum(count for count, _, _ in bins)
    return sum(count / total * abs(right - confidence) for count, right, confidence in bins)


def reliability(probabilities: Tensor, labels: Tensor, bins: int = 10) -> list[tuple[int, float, float]]:
    """The bins of a reliability diagram that hold items: how many, the share right, the mean confidence."""
    confidence, guesses = probabilities.max(dim=1)
    return bins_of(list(zip(confidence.tolist(), (guesses == labels).tolist(), strict=True)), bins)


def bins_of(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> list[tuple[int, float, float]]:
    """The same from each item's confidence, in 0–1, and whether its label is right."""
    found = []
    for number in range(bins):
        some = [pair for pair in pairs if min(int(pair[0] * bins), bins - 1) == number]
        if some:
            found.append(
                (len(some), sum(right for _, right in some) / len(some), sum(sure for sure, _ in some) / len(some))
            )
    return found
