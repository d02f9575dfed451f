"""Encoder states for a linear model: their principal components, and what was learnt of them as weights of states."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

_TINY = 1e-9
_ITERATIONS = 1000


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


def logistic(
    features: Sequence[Mapping[str, float]],
    states: np.ndarray[Any, Any],
    targets: Sequence[bool],
    most: int,
    deviation: float,
    strength: float,
) -> tuple[dict[str, float], Any, float]:
    """A logistic regression on named features, each scaled to at most 1, and on `components_of` states.

    `strength` is the inverse of the L2 penalty.

    Returns:
        The weights of the features and `(hidden)` of the states, both as they come, and the bias.
    """
    names, scale = DictVectorizer(), MaxAbsScaler()
    seen = scale.fit_transform(names.fit_transform(features)).toarray()
    components, turned = components_of(states, most, deviation)
    model = LogisticRegression(C=strength, max_iter=_ITERATIONS).fit(np.hstack([seen, components]), targets)
    by_feature, by_component = np.split(model.coef_[0], [seen.shape[1]])
    by_state = turned @ by_component
    weights = dict(zip(names.get_feature_names_out(), by_feature / scale.scale_, strict=True))
    return weights, by_state, float(model.intercept_[0] - by_state @ states.mean(axis=0))
