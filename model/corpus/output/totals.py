"""`sidelight totals OUT`: what a judged corpus says by outlet, party and month, as a table and a plot."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from matplotlib.figure import Figure

from ...errors import CorpusError, SidelightError
from ...export.csv_format import csv_text, inert
from ...export.phrases import printable
from .store import is_finished

_QUERY = """
SELECT coalesce(outlet, '') AS outlet, party, coalesce(regexp_extract(date, '^\\d{4}(-\\d{2})?'), '') AS month,
       count(DISTINCT row) AS articles, count(*) AS paragraphs,
       count_if(stance = 'favorable') AS favorable,
       count_if(stance = 'critical') AS critical,
       count_if(stance = 'neutral') AS neutral,
       count_if(unsure) AS unsure
FROM read_parquet($items) JOIN (SELECT row, outlet, date FROM read_parquet($articles)) USING (row)
WHERE stance <> 'absent'
GROUP BY ALL
ORDER BY articles DESC, outlet, party, month
"""
_MOST_LINES = 6  # parties in the plot
_MOST_PANELS = 4  # outlets in the plot


@dataclass(frozen=True, slots=True)
class Total:
    """How one outlet treats one party in one month: articles and paragraphs that refer to it, and their stances."""

    outlet: str
    party: str
    month: str
    articles: int
    paragraphs: int
    favorable: int
    critical: int
    neutral: int
    unsure: int

    @property
    def balance(self) -> float:
        """From −1, every paragraph critical, to 1, every one favorable."""
        return (self.favorable - self.critical) / self.paragraphs


def totals_of(folder: Path) -> list[Total]:
    """The totals of a result's folder, those of most articles first.

    Raises:
        CorpusError: there is no result, it is damaged, or DuckDB is not installed.
    """
    try:
        duckdb = importlib.import_module("duckdb")  # an extra
    except ImportError as error:
        raise CorpusError(f"expected DuckDB for the totals, got {error}; pip install 'sidelight[corpus]'") from error
    if not any(folder.glob("shard-*")):
        raise CorpusError(f"expected a folder that `sidelight corpus` wrote, found no shard in {folder}")
    paths = {name: str(folder / "shard-*" / f"{name}.parquet") for name in ("items", "articles")}
    try:
        return [Total(*row) for row in duckdb.connect().execute(_QUERY, paths).fetchall()]
    except duckdb.Error as error:
        raise CorpusError(
            f"expected tables that `sidelight corpus` wrote in {folder}, got {error}; "
            "delete the folder of the shard that is damaged, and run `sidelight corpus` again"
        ) from error


def write_csv(totals: Sequence[Total], path: Path) -> None:
    """Write a row a total, with its balance. No text of it runs as a formula in a spreadsheet."""
    rows: list[list[object]] = [[*(field.name for field in fields(Total)), "balance"]]
    for total in totals:
        outlet, party, *others = astuple(total)
        rows.append([inert(outlet), inert(party), *others, f"{total.balance:.3f}"])
    path.write_text(csv_text(rows), encoding="utf-8", newline="")


def plot(totals: Sequence[Total], path: Path) -> None:
    """Draw the balance of the parties with most paragraphs over the months, a panel for each of the biggest outlets."""
    outlets = _biggest([(total.outlet, total.paragraphs) for total in totals], _MOST_PANELS)
    parties = _biggest([(total.party, total.paragraphs) for total in totals if total.outlet in outlets], _MOST_LINES)
    months = sorted({total.month for total in totals if total.outlet in outlets and total.party in parties})
    figure = Figure(figsize=(10, 2.6 * len(outlets) + 1), layout="constrained")
    panels = figure.subplots(len(outlets), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for panel, outlet in zip(panels, outlets, strict=True):
        for party in parties:
            line = [total for total in totals if (total.outlet, total.party) == (outlet, party)]
            line.sort(key=lambda total: total.month)
            places = [months.index(total.month) for total in line]
            panel.plot(places, [total.balance for total in line], "o-", markersize=4, label=party.replace("$", r"\$"))
        panel.axhline(0, color="0.7", linewidth=0.8, zorder=0)
        panel.set_title((outlet or "no outlet").replace("$", r"\$"), loc="left")
        panel.set_ylim(-1.05, 1.05)
        panel.set_ylabel("critical … favorable")
    step = 1 + len(months) // 24  # so that the labels do not overlap
    panels[-1].set_xticks(range(0, len(months), step), [month or "no date" for month in months[::step]], rotation=45)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper", frameon=False)
    figure.savefig(path, dpi=120)


def _biggest(sizes: Sequence[tuple[str, int]], most: int) -> list[str]:
    """The names with the greatest sums, greatest first."""
    sums: dict[str, int] = {}
    for name, size in sizes:
        sums[name] = sums.get(name, 0) + size
    return sorted(sums, key=lambda name: (-sums[name], name))[:most]


def lines_of(totals: Sequence[Total], most: int) -> list[str]:
    """The first `most` totals as lines of a table for a terminal."""
    rows: list[tuple[str, ...]] = [("outlet", "party", "month", "articles", "paragraphs", "+", "−", "=", "balance")]
    for t in totals[:most]:
        counts = (t.articles, t.paragraphs, t.favorable, t.critical, t.neutral)
        rows.append((_plain(t.outlet), _plain(t.party), t.month, *map(str, counts), f"{t.balance:+.2f}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if number < 3 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return lines + ([f"… and {len(totals) - most:,} more"] if len(totals) > most else [])


def _plain(text: str) -> str:
    """One line of at most 40 characters, without signs that a terminal might obey."""
    return " ".join(printable(text).split())[:40]


def main(arguments: Sequence[str]) -> int:
    """Print the totals and write totals.csv and totals.png; returns 0, or 2 after an error message."""
    parser = argparse.ArgumentParser(prog="sidelight totals", description=__doc__)
    parser.add_argument("folder", metavar="OUT", type=Path, help="what `sidelight corpus` wrote")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="where totals.csv and totals.png go (default: OUT)")
    parser.add_argument("--most", type=int, default=20, metavar="N", help="lines to print; the file has them all")
    options = parser.parse_args(arguments)
    target = options.to or options.folder
    try:
        totals = totals_of(options.folder)
        if not totals:
            raise CorpusError(f"expected a party in {options.folder}, found none")
        target.mkdir(parents=True, exist_ok=True)
        write_csv(totals, target / "totals.csv")
        plot(totals, target / "totals.png")
    except (SidelightError, OSError) as error:
        print(f"sidelight: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines_of(totals, options.most)))
    if not is_finished(options.folder):
        print(f"sidelight: {options.folder} is not finished: these are the totals of a part of it", file=sys.stderr)
    print(f"\n{target / 'totals.csv'}, {target / 'totals.png'}")
    return 0
