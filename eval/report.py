"""A run as one HTML file that stands alone: scores, pictures, and the worst items with their text."""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment
from matplotlib.figure import Figure

from eval.gold import GoldArticle
from eval.record import Item
from eval.reliability import reliability_figure

WORST = 40
"""Items in the list of the worst ones."""


def write_report(
    record: Mapping[str, Any], items: Sequence[Item], path: Path, gold: Sequence[GoldArticle] = ()
) -> None:
    """Write the report; every text in it is escaped. Texts that the record may not hold are taken from `gold`."""
    paragraphs = {article.id: article.article.paragraphs for article in gold}
    items = [
        replace(item, text=paragraphs[item.article][item.paragraph].text) if item.article in paragraphs else item
        for item in items
    ]
    environment = Environment(autoescape=True)
    environment.filters["percent"] = lambda value: "–" if value is None else f"{100 * value:.1f}"
    template = environment.from_string(files("eval").joinpath("report.html").read_text(encoding="utf-8"))
    bins = record["scores"]["reliability"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        template.render(
            record=record,
            confusion=_picture(_confusion(record["scores"]["confusion"])),
            reliability=_picture(reliability_figure(bins)) if bins else "",
            worst=worst(items),
        ),
        encoding="utf-8",
    )


def worst(items: Sequence[Item], count: int = WORST) -> list[Item]:
    """The wrong items, the unread first, then those whose gold label got the least probability."""
    wrong = [item for item in items if not item.right]
    return sorted(wrong, key=lambda item: (item.predicted is not None, item.probabilities.get(item.gold.value, 0.0)))[
        :count
    ]


def _confusion(confusion: Mapping[str, Any]) -> Figure:
    rows = confusion["rows_gold_columns_predicted"]
    labels = confusion["labels"]
    figure = Figure(figsize=(4.6, 3.8), layout="constrained")
    axes = figure.subplots()
    totals = [max(1, sum(row)) for row in rows]
    shares = [[count / total for count in row] for row, total in zip(rows, totals, strict=True)]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for y, row in enumerate(rows):
        for x, count in enumerate(row):
            axes.text(x, y, str(count), ha="center", va="center", color="white" if shares[y][x] > 0.6 else "black")
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="predicted", ylabel="gold")
    return figure


def _picture(figure: Figure) -> str:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=130)
    return base64.b64encode(out.getvalue()).decode()
