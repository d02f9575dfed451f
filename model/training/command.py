"""What the recipes' commands share: the log, and an error's message in place of its trace."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import SidelightError


def run(train: Callable[[argparse.Namespace], None], options: argparse.Namespace) -> int:
    """Train as `options` say; returns 0, or 1 after an error message."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        train(options)
    except SidelightError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run_on_press(
    train: Callable[[argparse.Namespace], None], name: str, text: str | None, out: Path, arguments: Sequence[str] | None
) -> int:
    """`run` for a recipe that reads press articles and writes one file, by default `out`; `text` is its description."""
    parser = argparse.ArgumentParser(prog=f"python -m model.training.recipes.{name}", description=text)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with news.jsonl")
    parser.add_argument("--out", type=Path, default=out)
    return run(train, parser.parse_args(arguments))


def add_earlier(parser: argparse.ArgumentParser, use: str) -> None:
    """Let the recipe go on from earlier weights, or learn nothing more: `use` says what it does with them then."""
    parser.add_argument(
        "--earlier", type=Path, nargs="+", default=[], help="weights of earlier runs: go on from their mean"
    )
    parser.add_argument("--as-is", action="store_true", help=f"learn nothing more: {use}")


def parsed(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of a recipe with `add_earlier`; exits where there is nothing to take as it is."""
    options = parser.parse_args(arguments)
    if options.as_is and not options.earlier:
        parser.error("--as-is expects weights of --earlier to take as they are, got none")
    return options
