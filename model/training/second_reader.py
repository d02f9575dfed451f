"""`python -m model.training.second_reader`: fit how the claim checker and a language model are weighed together."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from model.claims import ClaimChecker
from model.errors import SidelightError
from model.language_model import DEFAULT, open_language_model
from model.prompts import Prompt
from model.second_reader import FITTED, SecondReader, Weights, log_odds
from model.training.claim_checker import CLAIMS, DEVELOPMENT, REJECTED, TEXTS, Claim, read_claims
from model.weights import encoder_folder

FOLDS, PART = 5, 256


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, print the scores and put the weights into the file; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.second_reader", description=__doc__)
    parser.add_argument("--llm", default=DEFAULT, metavar="MODEL", help="the language model (default: default)")
    parser.add_argument("--encoder", type=Path, metavar="FOLDER", help="a folder with all-mpnet-base-v2's files")
    parser.add_argument("--out", type=Path, default=FITTED)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    cache = Path(os.environ["SIDELIGHT_CACHE"]) if os.environ.get("SIDELIGHT_CACHE") else None
    try:
        language_model = open_language_model(options.llm, cache, os.environ.get("LLM_KEY", ""))
        checker = ClaimChecker.from_folder(encoder_folder(options.encoder, cache))
        if language_model is None:
            parser.error("expected a language model, got none")
        reader = SecondReader(language_model, Prompt.load("support"), Weights(1, 1, 0, 0))
        weights, scores = fit(checker, reader, read_claims([CLAIMS / DEVELOPMENT], TEXTS))
    except SidelightError as error:
        print(error, file=sys.stderr)
        return 1
    row = {
        "language model": language_model.version,
        "claim checker": checker.version,
        "prompt": reader.prompt.version,
        "weights": asdict(weights),
        "scores": scores,
    }
    rows = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else []
    rows = [old for old in rows if old["language model"] != language_model.version]
    options.out.write_text(json.dumps([*rows, row], indent=1) + "\n", encoding="utf-8")
    logging.info("%s", json.dumps(row, indent=1))
    return 0


def fit(
    checker: ClaimChecker, reader: SecondReader, claims: Sequence[Claim]
) -> tuple[Weights, dict[str, dict[str, float]]]:
    """The weights, with the threshold that rejects `REJECTED` of the false claims, and scores.

    Scores and threshold are of claims about articles that the regression did not see, in five folds.
    """
    claims = sorted(claims, key=Claim.source)  # claims of one source share what is read of it
    checked: list[float] = []
    asked: list[float] = []
    for source, group in groupby(claims, key=Claim.source):
        checked += map(log_odds, checker.support([source], [claim.text for claim in group])[0].tolist())
    for start in range(0, len(claims), PART):
        part = claims[start : start + PART]
        asked += reader.ask([claim.source() for claim in part], [claim.text for claim in part])
        logging.info("%d of %d claims", len(asked), len(claims))
    features = np.array([checked, asked]).T
    truth = np.array([claim.supported for claim in claims])
    model = LogisticRegression()
    folds = GroupKFold(FOLDS)
    articles = [claim.article for claim in claims]
    together = cross_val_predict(model, features, truth, cv=folds, groups=articles, method="predict_proba")[:, 1]
    model.fit(features, truth)
    (one, other), bias = model.coef_[0].tolist(), float(model.intercept_[0])
    weights = Weights(one, other, bias, float(np.quantile(together[~truth], REJECTED)))
    found = {"claim checker": features[:, 0], "language model": features[:, 1], "together": together}
    return weights, {name: _scores(shares, truth) for name, shares in found.items()}


def _scores(shares: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    kept = float((shares[truth] > np.quantile(shares[~truth], REJECTED)).mean())
    return {"auc": round(float(roc_auc_score(truth, shares)), 4), "kept": round(kept, 4), "items": len(truth)}


if __name__ == "__main__":
    sys.exit(main())
