"""Scores of predicted stances against gold ones; scikit-learn does the arithmetic."""

from collections import Counter
from collections.abc import Sequence
from itertools import permutations
from typing import Any

from sklearn.metrics import (
    accuracy_score,
    cohen_kappa_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)

from model.domain import PRESENT, Stance


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
    labels = list(Stance)
    precision, recall, f1, support = precision_recall_fscore_support(gold, predicted, labels=labels, zero_division=0)
    present = [(g, p) for g, p in zip(gold, predicted, strict=True) if g is not Stance.ABSENT]
    return {
        "items": len(gold),
        "accuracy": float(accuracy_score(gold, predicted)),
        "macro_f1": float(f1_score(gold, predicted, labels=labels, average="macro", zero_division=0)),
        "kappa": kappa(gold, predicted),
        "present": _present(present),
        "labels": {
            label.value: {
                "precision": float(precision[i]),
                "recall": float(recall[i]),
                "f1": float(f1[i]),
                "items": int(support[i]),
            }
            for i, label in enumerate(labels)
        },
        "confusion": {
            "labels": [label.value for label in labels],
            "rows_gold_columns_predicted": confusion_matrix(gold, predicted, labels=labels).tolist(),
        },
    }


def kappa(first: Sequence[Stance], second: Sequence[Stance]) -> float | None:
    """Cohen's κ (https://doi.org/10.1177/001316446002000104), or None where chance agreement is certain."""
    if not first or len({*first, *second}) < 2:
        return None
    return float(cohen_kappa_score(first, second))


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


def _present(pairs: Sequence[tuple[Stance, Stance]]) -> dict[str, Any]:
    if not pairs:
        return {"items": 0, "macro_f1": None, "kappa": None}
    gold, predicted = zip(*pairs, strict=True)
    return {
        "items": len(pairs),
        "macro_f1": float(f1_score(gold, predicted, labels=list(PRESENT), average="macro", zero_division=0)),
        "kappa": kappa(gold, predicted),
    }
