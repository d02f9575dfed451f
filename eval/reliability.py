"""`python -m eval.reliability REPORT.json OUT.png`: the reliability diagram of a training run's report."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

_BLUE, _GREY = "#0072b2", "#5c5c5c"


def reliability_figure(bins: Sequence[tuple[int, float, float]]) -> Figure:
    """The diagram of `bins` as `model.training.calibrate.reliability` gives them: items, share right, confidence."""
    figure = Figure(figsize=(4.5, 4.0), layout="constrained")
    axes = figure.subplots()
    counts, right, confidence = zip(*bins, strict=True)
    axes.plot([1 / 3, 1], [1 / 3, 1], color=_GREY, linestyle="--", label="as sure as right")
    axes.plot(confidence, right, color=_BLUE, marker="o", label="Sidelight")
    for count, x, y in zip(counts, confidence, right, strict=True):
        axes.annotate(f"n={count}", (x, y), textcoords="offset points", xytext=(6, -11), fontsize=7, color=_GREY)
    axes.set(xlabel="mean probability of the label", ylabel="share of labels that are right", xlim=(0.3, 1.02))
    axes.set_ylim(0, 1.02)
    axes.legend(loc="upper left", frameon=False)
    return figure


if __name__ == "__main__":
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    reliability_figure(report["reliability"]).savefig(sys.argv[2], dpi=150)
