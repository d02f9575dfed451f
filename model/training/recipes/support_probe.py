"""`python -m model.training.recipes.support_probe`: what a language model's states tell of support, and its weight."""

import argparse
import json
import logging
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler

from ...errors import SidelightError
from ...language_model.interface import DEFAULT
from ...language_model.loading import open_language_model
from ...language_model.local import LocalModel
from ...language_model.prompts import Prompt
from ...networks.encoder_weights import encoder_folder
from ...networks.file_record import note_shipped
from ...settings import RuntimeSettings
from ...summary.entailment import ClaimChecker
from ...summary.lm_probe import FITTED, Probe, Weights, log_odds, states_of
from .claim_checker import CLAIMS, DEVELOPMENT, REJECTED, TEXTS, Claim, read_claims

FOLDS, PART = 5, 256
LAYERS = 18
"""Of the default's 28: of those tried (11, 15, 18, 21, 24, 27, 28) this one and 21 tell most, on development claims."""
STRENGTH = 0.02
"""The inverse of the probe's regularization."""
LEARNT = 6500
"""Training claims that are read, of whole sources chosen by chance: they take a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Read:
    """Claims, and the language model's states `(claims, hidden)` when it has read them."""

    claims: list[Claim]
    states: np.ndarray

    @property
    def truth(self) -> np.ndarray:
        """Which claims are supported."""
        return np.array([claim.supported for claim in self.claims])


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, print the scores and put the weights into the file; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.recipes.support_probe", description=__doc__)
    parser.add_argument("--llm", default=DEFAULT, metavar="MODEL", help="the language model (default: default)")
    parser.add_argument("--encoder", type=Path, metavar="FOLDER", help="a folder with all-mpnet-base-v2's files")
    parser.add_argument("--layers", type=int, default=LAYERS, help="of the language model that are run")
    parser.add_argument("--out", type=Path, default=FITTED)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = RuntimeSettings.from_environment()
    cache = settings.cache
    try:
        language_model = open_language_model(options.llm, cache, settings.llm_key, settings.device)
        checker = ClaimChecker.from_folder(encoder_folder(options.encoder, cache))
        if not isinstance(language_model, LocalModel):
            parser.error("expected a language model in this process, whose states can be read")
        files = [file for file in sorted(CLAIMS.glob("*.jsonl")) if file.name != DEVELOPMENT]
        learnt, held = (
            read_all(language_model, options.layers, claims)
            for claims in (some_of(read_claims(files, TEXTS), LEARNT), read_claims([CLAIMS / DEVELOPMENT], TEXTS))
        )
    except SidelightError as error:
        print(error, file=sys.stderr)
        return 1
    probe = fit_probe(learnt, options.layers)
    weights, scores = weigh(held, checked_by(checker, held.claims), probe)
    row = {
        "language model": language_model.version,
        "claim checker": checker.version,
        "prompt": Prompt.load("support").version,
        "weights": asdict(weights),
        "scores": scores,
        **asdict(probe),
    }
    rows = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else []
    rows = [old for old in rows if old["language model"] != language_model.version]
    options.out.write_text("[\n" + ",\n".join(map(json.dumps, [*rows, row])) + "\n]\n", encoding="utf-8")
    note_shipped(options.out)
    logging.info("%s", json.dumps(scores, indent=1))
    return 0


def some_of(claims: Sequence[Claim], most: int) -> list[Claim]:
    """About `most` of the claims, all those of a source or none."""
    groups = [list(group) for _, group in groupby(sorted(claims, key=Claim.source), key=Claim.source)]
    random.Random(7).shuffle(groups)
    some: list[Claim] = []
    for group in groups:
        if len(some) < most:
            some += group
    return some


def read_all(language_model: LocalModel, layers: int, claims: Sequence[Claim]) -> Read:
    """What the language model makes of the claims, which are put in the order of their sources."""
    claims = sorted(claims, key=Claim.source)  # claims of one source share what is read of it
    prompt, states = Prompt.load("support"), []
    for start in range(0, len(claims), PART):
        part = claims[start : start + PART]
        sources, statements = [claim.source() for claim in part], [claim.text for claim in part]
        states.append(states_of(language_model, prompt, layers, sources, statements).numpy())
        logging.info("%d of %d claims", start + len(part), len(claims))
    return Read(claims, np.concatenate(states))


def checked_by(checker: ClaimChecker, claims: Sequence[Claim]) -> np.ndarray:
    """The checker's log odds for claims in the order of their sources, `(claims,)`."""
    found: list[float] = []
    for source, group in groupby(claims, key=Claim.source):
        found += map(log_odds, checker.support([source], [claim.text for claim in group])[0].tolist())
    return np.array(found)


def fit_probe(learnt: Read, layers: int) -> Probe:
    """The direction in the states in which supported claims differ most surely from others."""
    scaler = StandardScaler().fit(learnt.states)
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(scaler.transform(learnt.states), learnt.truth)
    direction = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - direction @ scaler.mean_)
    return Probe(layers, tuple(float(f"{value:.5g}") for value in direction), bias)


def weigh(held: Read, checked: np.ndarray, probe: Probe) -> tuple[Weights, dict[str, dict[str, float]]]:
    """How checker and probe are weighed on claims that neither learnt from, and scores.

    The threshold rejects `REJECTED` of the false ones. Scores and threshold are of claims about articles that the
    weighing did not see, in five folds.
    """
    probed = np.array(probe.log_odds(torch.from_numpy(held.states)))
    features, truth = np.array([checked, probed]).T, held.truth
    model = LogisticRegression()
    folds = {"cv": GroupKFold(FOLDS), "groups": [claim.article for claim in held.claims]}
    together = cross_val_predict(model, features, truth, method="predict_proba", **folds)[:, 1]
    model.fit(features, truth)
    (one, other), bias = model.coef_[0].tolist(), float(model.intercept_[0])
    weights = Weights(one, other, bias, float(np.quantile(together[~truth], REJECTED)))
    found = {"claim checker": checked, "language model": probed, "together": together}
    return weights, {name: _scores(shares, truth) for name, shares in found.items()}


def _scores(shares: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    kept = float((shares[truth] > np.quantile(shares[~truth], REJECTED)).mean())
    return {"auc": round(float(roc_auc_score(truth, shares)), 4), "kept": round(kept, 4), "items": len(truth)}


if __name__ == "__main__":
    sys.exit(main())
