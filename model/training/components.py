"""Encoder states for a linear model: their principal components, and what was learnt of them as weights of states."""

from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

_TINY = 1e-9


def components_of(states: np.ndarray[Any, Any], most: int, deviation: float) -> tuple[Any, Any]:
    """The first `most` principal components of standardized states `(rows, hidden)`, each with that standard deviation.

    Returns:
        The components `(rows, components)`, and `(hidden, components)`, which turns their weights into the states'.
    """
    standard = StandardScaler()
    rows = standard.fit_transform(states)
    found = PCA(min(most, *rows.shape), svd_solver="full").fit(rows)
    turned = deviation / np.sqrt(found.explained_variance_ + _TINY) * found.components_.T
    return rows @ turned, turned / standard.scale_[:, None]
