"""`python -m model.bench` (`make bench`): what Sidelight takes on this machine, and how that compares."""

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import torch

from ..networks.device import processor
from ..networks.memory import keep_freed
from .encoder import item_rows, load_rows, peak_row, rival_rows, seed_rows
from .limits import memory_rates
from .measure import ROUNDS, Left, Row, row
from .page import page_row
from .report import markdown, plot, write_between
from .writing import writing_rows

ROOT = Path(__file__).parents[2]
SEED = ROOT.parent / "shared" / "articles" / "actions-must-follow-words.txt"
EXAMPLE = ROOT / "examples" / "harbour-talks.txt"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and write it; returns 0."""
    keep_freed()
    parser = argparse.ArgumentParser(prog="python -m model.bench", description=__doc__)
    parser.add_argument("--text", type=Path, default=SEED if SEED.exists() else EXAMPLE, help="the article to judge")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="the median is of so many (default 5)")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--keep", action="store_true", help="keep what OUT has of the sections that --only leaves out")
    parser.add_argument("--out", type=Path, default=Path("runs/bench"), help="folder for bench.json, .md and .svg")
    parser.add_argument("--document", type=Path, help="a Markdown file whose table is put anew")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    text = options.text.read_text(encoding="utf-8")
    path = options.out / "bench.json"
    sections = json.loads(path.read_text(encoding="utf-8"))["sections"] if options.keep and path.exists() else {}
    for section in options.only:
        found = []
        for one in SECTIONS[section](text, options.rounds):
            print(f"  {one.name}: {one.value:.4g} {one.unit}" if isinstance(one, Row) else f"  {one}", flush=True)
            found.append(one)
        sections[section] = {
            "rows": [asdict(one) for one in found if isinstance(one, Row)],
            "left_out": [asdict(one) for one in found if isinstance(one, Left)],
        }
    ordered = [sections[section] for section in SECTIONS if section in sections]
    rows = [Row(**{**one, "spread": tuple(one["spread"])}) for section in ordered for one in section["rows"]]
    left = [Left(**one) for section in ordered for one in section["left_out"]]
    for one in left:
        print(f"warning: {one.name} is left out: {one.why}", file=sys.stderr)
    table = markdown(rows, left, f"{machine()}; {options.text.name}, {options.rounds} rounds.")
    options.out.mkdir(parents=True, exist_ok=True)
    record = {"machine": machine(), "sections": sections}
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
    (options.out / "bench.md").write_text(table, encoding="utf-8")
    plot(rows, options.out / "bench.svg")
    if options.document:
        write_between(options.document, table)
    print(table)
    return 0


def encoder_section(text: str, rounds: int) -> Iterator[Row | Left]:
    """All rows that need the encoder."""
    analyzer, rows = load_rows()
    yield from rows
    yield from seed_rows(analyzer, text, rounds)
    yield from item_rows(analyzer, text, rounds)
    yield from rival_rows(analyzer, text, rounds)
    yield peak_row()


def memory_section(_: str, rounds: int) -> Iterator[Row | Left]:
    """The rate at which memory is read."""
    yield row("limit", "memory that one sum reads", [rate / 1e9 for rate in memory_rates(rounds)], "GB/s")


def page_section(_: str, rounds: int) -> Iterator[Row | Left]:
    """The page's start."""
    yield page_row(rounds)


SECTIONS: dict[str, Callable[[str, int], Iterator[Row | Left]]] = {
    "page": page_section,
    "limits": memory_section,
    "encoder": encoder_section,
    "writing": lambda text, rounds: writing_rows(text, max(1, rounds // 2)),
}


def machine() -> str:
    """Date, processor, cores, memory, and torch's version."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30) if hasattr(os, "sysconf") else 0
    return (
        f"{datetime.now(UTC):%d %B %Y}, {processor()}, {os.cpu_count()} cores, {memory:.0f} GB, "
        f"torch {torch.__version__} with {torch.get_num_threads()} threads"
    )


if __name__ == "__main__":
    sys.exit(main())
