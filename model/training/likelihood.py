"""`python -m model.training.likelihood`: how the limit on a rewritten sentence's log-likelihood was chosen.

It prints, of development sentences that a reader judged, how many of each verdict reach each of some limits.
"""

import logging
import sys
from collections import Counter

from sklearn.metrics import roc_auc_score

from ..summary.grounding import LEAST_LOG_LIKELIHOOD
from .json_lines import json_lines
from .press import PRESS
from .rewritings import SUPPORTED

JUDGED = ("development_judged_rewritings.jsonl", "development_shown_rewritings.jsonl")
"""As they came, and what was shown after the other checks."""
LIMITS = (-2.0, LEAST_LOG_LIKELIHOOD, -3.5, -4.0, -5.0, float("-inf"))


def main() -> int:
    """Print; returns 0."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for name in JUDGED:
        rows = json_lines(PRESS / name)
        area = roc_auc_score([row["verdict"] == SUPPORTED for row in rows], [row["log_likelihood"] for row in rows])
        logging.info("%s: %d sentences of %d articles", name, len(rows), len({row["id"] for row in rows}))
        logging.info("area under the curve, supported against the others: %.3f", area)
        for limit in LIMITS:
            verdicts = Counter(row["verdict"] for row in rows if row["log_likelihood"] >= limit)
            logging.info("from %s on: %s", limit, dict(verdicts.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
