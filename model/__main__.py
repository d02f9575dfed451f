"""`python -m model FILE`: one article's analysis on the command line; `corpus` and `totals` work on many."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from model.article import LONGEST, split_article
from model.errors import ArticleError, SidelightError
from model.formats import to_json, to_markdown, to_table
from model.language_model import NONE, open_language_model
from model.pipeline import Analyzer
from model.requests import parse_requests
from model.summary import WORDS

FORMATS = {"table": to_table, "json": to_json, "markdown": to_markdown}
COMMANDS = {"corpus": "model.corpus.command", "totals": "model.corpus.totals"}
"""Imported when asked for: one article needs neither their libraries nor the time to load them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print an analysis, or run a command; returns 0, or 2 after an error message."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in COMMANDS:
        status: int = importlib.import_module(COMMANDS[words[0]]).main(words[1:])
        return status
    parser = argparse.ArgumentParser(
        prog="python -m model",
        description="Where an article stands, paragraph by paragraph.",
        epilog="Also: python -m model corpus IN OUT judges a corpus; python -m model totals OUT adds up the result.",
    )
    parser.add_argument("file", metavar="FILE", help="a text file, or - for standard input")
    parser.add_argument("--parties", default="", metavar="NAMES", help='for example "United States; China"')
    parser.add_argument("--format", choices=FORMATS, default="table")
    parser.add_argument(
        "--llm",
        default=os.environ.get("LLM") or NONE,
        metavar="MODEL",
        help="who writes the summary, and with default reads once more: none (default), default, a folder, a Hub "
        "repository, or a server's address",
    )
    parser.add_argument(
        "--words", type=int, default=WORDS, metavar="N", help=f"the summary's length (default: {WORDS})"
    )
    parser.add_argument("--encoder", type=Path, metavar="FOLDER", help="a folder with all-mpnet-base-v2's files")
    options = parser.parse_args(words)
    try:
        text = _read(options.file)
        requests = parse_requests(options.parties)
        article = split_article(text)  # before the models are loaded: what cannot be read fails at once
        cache = os.environ.get("SIDELIGHT_CACHE")
        folder = Path(cache) if cache else None
        language_model = open_language_model(options.llm, folder, os.environ.get("LLM_KEY", ""))
        analyzer = Analyzer.from_pretrained(options.encoder, folder, language_model=language_model)
        analysis = replace(analyzer, words=options.words).analyze_article(article, requests)
    except SidelightError as error:
        print(f"sidelight: {error}", file=sys.stderr)
        return 2
    if options.format == "json":  # the other formats show the warnings themselves
        for warning in analysis.warnings:
            print(f"sidelight: {warning}", file=sys.stderr)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a text stream here
    print(FORMATS[options.format](analysis))
    return 0


def _read(name: str) -> str:
    try:
        if name == "-":
            raw = sys.stdin.buffer.read()
        else:
            path = Path(name)
            if path.stat().st_size > 4 * LONGEST + 4:  # UTF-8 takes at most four bytes a character
                raise ArticleError(
                    f"expected at most {LONGEST:,} characters, got a file of {path.stat().st_size:,} bytes"
                )
            raw = path.read_bytes()
    except OSError as error:
        raise ArticleError(
            f"expected a text file, got {name!r}: {error.strerror}; name a file that can be read"
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArticleError(
            f"expected UTF-8 text in {name!r}, got byte 0x{raw[error.start]:02x} at {error.start}; "
            "save it as UTF-8 text"
        ) from error


if __name__ == "__main__":
    sys.exit(main())
