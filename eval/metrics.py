"""Scores of predicted stances against gold ones, from confusion counts."""

from collections import Counter
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np

from eval import intervals
from eval.intervals import Counts, counts_by_article
from model.domain import Stance


def score(gold: Sequence[Stance], predicted: Sequence[Stance]) -> dict[str, Any]:
    """All scores of the items, unrounded.

    `macro_f1` averages the F1 of all four labels; a label that neither side uses counts 0.
    `present` looks at the items that the gold does not call absent, over three labels: a predicted
    absent there is a miss for its gold label. κ is None where it is undefined (one label on both sides).

    Raises:
        ValueError: the lists differ in length or are empty.
    """
    if not gold or len(gold) != len(predicted):
        raise ValueError(
            f"expected as many predictions as gold labels and at least one, got {len(predicted)} and {len(gold)}"
        )
    counts = _counts(gold, predicted)
    by_label = zip(intervals.precision(counts), intervals.recall(counts), intervals.f1(counts), strict=True)
    return main_scores(counts) | {
        "kappa": _kappa(counts),
        "labels": {
            label.value: {
                "precision": float(precision),
                "recall": float(recall),
                "f1": float(f1),
                "items": int(items),
            }
            for label, (precision, recall, f1), items in zip(Stance, by_label, counts.sum(axis=1), strict=True)
        },
        "confusion": {
            "labels": [label.value for label in Stance],
            "rows_gold_columns_predicted": counts.astype(int).tolist(),
        },
    }


def main_scores(counts: Counts) -> dict[str, Any]:
    """The scores of `score` that groups of items get too, of one confusion matrix `(gold, predicted)`."""
    present = intervals.present(counts)
    items = int(present.sum())
    return {
        "items": int(counts.sum()),
        "accuracy": float(intervals.accuracy(counts)),
        "macro_f1": float(intervals.macro_f1(counts)),
        "present": {
            "items": items,
            "macro_f1": float(intervals.present_macro_f1(counts)) if items else None,
            "kappa": _kappa(present),
        },
    }


def kappa(first: Sequence[Stance], second: Sequence[Stance]) -> float | None:
    """Cohen's κ (https://doi.org/10.1177/001316446002000104), or None where chance agreement is certain."""
    return _kappa(_counts(first, second)) if first else None


def krippendorff_alpha(units: Sequence[Sequence[Stance]]) -> float | None:
    """Krippendorff's α for nominal labels (https://doi.org/10.1080/19312450709336664), None where it is undefined.

    Args:
        units: the labels that each item got, from two readers or more; fewer are passed over.
    """
    coincidences: Counter[tuple[Stance, Stance]] = Counter()
    for labels in units:
        for one, other in permutations(labels, 2):
            coincidences[one, other] += 1 / (len(labels) - 1)  # type: ignore[assignment]  # counts in parts
    totals: Counter[Stance] = Counter()
    for (one, _), count in coincidences.items():
        totals[one] += count
    n = sum(totals.values())
    expected = sum(totals[a] * totals[b] for a, b in permutations(totals, 2)) / (n - 1) if n > 1 else 0
    observed = sum(count for (one, other), count in coincidences.items() if one is not other)
    return float(1 - observed / expected) if expected else None


def _counts(gold: Sequence[Stance], predicted: Sequence[Stance]) -> Counts:
    counts: Counts = counts_by_article([""] * len(gold), gold, predicted)[0]
    return counts


def _kappa(counts: Counts) -> float | None:
    used = np.count_nonzero(counts.sum(axis=0) + counts.sum(axis=1))
    return float(intervals.kappa(counts)) if used > 1 else None
