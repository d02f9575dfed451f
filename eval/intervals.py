"""95 % intervals: how far a score would move with other articles of the same sort.

Whole articles are drawn, for the items of one article are alike. Scores are computed from confusion
counts by article, so that a thousand draws take milliseconds.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from model.domain import Stance

DRAWS = 2000
_LABELS = list(Stance)
_PLACES = {label: place for place, label in enumerate(_LABELS)}
_ABSENT = _LABELS.index(Stance.ABSENT)
Counts = NDArray[np.float64]


def counts_by_article(articles: Sequence[str], gold: Sequence[Stance], predicted: Sequence[Stance]) -> Counts:
    """Confusion counts `(articles, gold, predicted)`, articles in the order of their first item."""
    order = {article: number for number, article in enumerate(dict.fromkeys(articles))}
    counts = np.zeros((len(order), len(_LABELS), len(_LABELS)))
    for article, right, guess in zip(articles, gold, predicted, strict=True):
        counts[order[article], _PLACES[right], _PLACES[guess]] += 1
    return counts


def accuracy(counts: Counts) -> Counts:
    """The share of items on the diagonal of `(..., labels, labels)`."""
    return _ratio(np.diagonal(counts, axis1=-2, axis2=-1).sum(axis=-1), counts.sum(axis=(-2, -1)))


def precision(counts: Counts) -> Counts:
    """By label, the share of its predictions that are right; 0 where there are none."""
    return _ratio(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-2))


def recall(counts: Counts) -> Counts:
    """By label, the share of its gold items that are found; 0 where there are none."""
    return _ratio(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-1))


def f1(counts: Counts) -> Counts:
    """By label, the harmonic mean of precision and recall; 0 where neither side uses it."""
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    return _ratio(2 * hits, counts.sum(axis=-1) + counts.sum(axis=-2))


def macro_f1(counts: Counts) -> Counts:
    """The mean F1 of all labels of `(..., labels, labels)`; a label that neither side uses counts 0."""
    return np.asarray(f1(counts).mean(axis=-1))


def kappa(counts: Counts) -> Counts:
    """Cohen's κ (https://doi.org/10.1177/001316446002000104) of `(..., labels, labels)`."""
    total = counts.sum(axis=(-2, -1))
    chance = _ratio((counts.sum(axis=-1) * counts.sum(axis=-2)).sum(axis=-1), total**2)
    return _ratio(accuracy(counts) - chance, 1 - chance)


def present(counts: Counts) -> Counts:
    """The counts without the items that the gold calls absent."""
    kept = counts.copy()
    kept[..., _ABSENT, :] = 0
    return kept


def present_macro_f1(counts: Counts) -> Counts:
    """The mean F1 of the three present labels over the items that the gold does not call absent."""
    return np.asarray(np.delete(f1(present(counts)), _ABSENT, axis=-1).mean(axis=-1))


def present_kappa(counts: Counts) -> Counts:
    """Cohen's κ over the items that the gold does not call absent."""
    return kappa(present(counts))


SCORES: Mapping[str, Callable[[Counts], Counts]] = {
    "accuracy": accuracy,
    "macro_f1": macro_f1,
    "present_macro_f1": present_macro_f1,
    "present_kappa": present_kappa,
}


def intervals(counts: Counts, seed: int, draws: int = DRAWS) -> dict[str, tuple[float, float]]:
    """Each score's percentile interval (Efron, https://doi.org/10.1214/aos/1176344552) over drawn articles."""
    drawn = counts[_draw(len(counts), seed, draws)].sum(axis=1)
    return {name: _middle(of(drawn)) for name, of in SCORES.items()}


def difference(first: Counts, second: Counts, seed: int, draws: int = DRAWS) -> dict[str, tuple[float, float, float]]:
    """Second less first on the same articles: the difference and its interval, by score; draws are paired.

    Raises:
        ValueError: the two do not have the same articles.
    """
    if len(first) != len(second):
        raise ValueError(f"expected the same articles in both runs, got {len(first)} and {len(second)}")
    chosen = _draw(len(first), seed, draws)
    a, b = first[chosen].sum(axis=1), second[chosen].sum(axis=1)
    return {
        name: (float(of(second.sum(axis=0)) - of(first.sum(axis=0))), *_middle(of(b) - of(a)))
        for name, of in SCORES.items()
    }


def _draw(articles: int, seed: int, draws: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, articles, size=(draws, articles))


def _middle(values: Counts) -> tuple[float, float]:
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def _ratio(top: Counts, bottom: Counts) -> Counts:
    return np.asarray(np.divide(top, bottom, out=np.zeros(np.shape(bottom)), where=bottom != 0))
