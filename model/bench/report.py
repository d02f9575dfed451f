"""What was measured, as a Markdown table, a plot, and lines in docs/performance.md."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from .measure import Left, Row

BEGIN, END = "<!-- bench: made by `make bench` -->", "<!-- /bench -->"


def markdown(rows: Sequence[Row], left: Sequence[Left], machine: str) -> str:
    """The table, under a line that says on what and when it was measured, over what was left out."""
    lines = [machine, "", "| what | | median | range | bar |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.group} | {row.name} | {number(row.value)} {row.unit} | {number(row.spread[0])} to "
        f"{number(row.spread[1])} | {row.bar}{'' if row.met is None else ' ✓' if row.met else ' **missed**'} |"
        for row in rows
    ]
    if left:
        lines += ["", "Left out: " + "; ".join(f"{one.name} ({one.why})" for one in left) + "."]
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """Three digits that count, and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write_between(path: Path, table: str) -> None:
    """Put the table between the two marks in a Markdown file.

    Raises:
        ValueError: the file lacks the marks.
    """
    text = path.read_text(encoding="utf-8")
    head, mark, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"expected {BEGIN} and {END} in {path}; put them where the table belongs")
    path.write_text(f"{head}{BEGIN}\n{table}{END}{tail}", encoding="utf-8")


def plot(rows: Sequence[Row], path: Path) -> None:
    """Draw items a second by size and the rivals' times, each with its range, as an SVG or PNG."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    for axes, (group, title) in zip(
        figure.subplots(1, 2), (("items", "items a second"), ("rivals", "times our time")), strict=True
    ):
        some = [row for row in rows if row.group == group and row.unit in ("items/s", "× our time")][::-1]
        values = [row.value for row in some]
        spread = [[abs(row.value - row.spread[side]) for row in some] for side in (0, 1)]
        axes.barh([row.name for row in some], values, xerr=spread, color="#5b7083")
        axes.set_title(title)
        if group == "rivals":
            axes.set_xscale("log")
    figure.savefig(path)
