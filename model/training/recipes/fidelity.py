"""`python -m model.training.recipes.fidelity`: learn which rewritten sentences say what their source says."""

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from ...networks.file_record import note_shipped
from ...summary.fidelity import FEATURES, LEARNT, Fidelity, features_of
from ..command import run_on_press
from ..press import PRESS
from ..rewritings import read_rewritings

STRENGTH = 0.3
"""The inverse of the L2 penalty, on features whose standard deviation is 1."""
ENOUGH = 0.8
"""The probability from which a sentence is shown."""
FOLDS = 10
SUPPORTED = "supported"


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn and write; returns 0, or 1 after an error message."""
    return run_on_press(train, "fidelity", __doc__, LEARNT, arguments)


def train(options: argparse.Namespace) -> None:
    """Learn from the judged sentences that are about no party in particular, score in folds by article, write."""
    judged = read_rewritings(PRESS / "development_judged_rewritings.jsonl", options.corpora)
    rewritings = [one for one in judged if not one.row["about"]]
    features = [features_of(one.reply, one.window) for one in rewritings]
    values = np.array([[found[name] for name in FEATURES] for found in features])
    verdicts = [one.row["verdict"] for one in rewritings]
    targets, groups = [verdict == SUPPORTED for verdict in verdicts], [one.row["id"] for one in rewritings]
    scale = values.std(axis=0) + 1e-9
    model = LogisticRegression(C=STRENGTH)
    shares = cross_val_predict(
        model, values / scale, targets, groups=groups, cv=GroupKFold(FOLDS), method="predict_proba"
    )[:, 1]
    shown = Counter(verdict for verdict, share in zip(verdicts, shares, strict=True) if share >= ENOUGH)
    logging.info("area under the curve in %d folds: %.3f", FOLDS, roc_auc_score(targets, shares))
    logging.info("all %s, shown %s", dict(Counter(verdicts)), dict(shown))
    model.fit(values / scale, targets)
    weights = dict(zip(FEATURES, (model.coef_[0] / scale).tolist(), strict=True))
    learnt = Fidelity(weights, float(model.intercept_[0]), ENOUGH)
    options.out.write_text(json.dumps(asdict(learnt), indent=0) + "\n", encoding="utf-8")
    note_shipped(options.out)


if __name__ == "__main__":
    sys.exit(main())
