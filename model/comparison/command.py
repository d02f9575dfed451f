"""`sidelight compare A B …`: how two to four articles treat the parties that they share."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..domain import Analysis
from ..errors import ArticleError, SettingsError, SidelightError
from ..export.json_reader import read_file_or_saved
from ..settings import RuntimeSettings
from .align import MOST
from .formats import to_csv, to_markdown, to_table

_FORMATS = {"table": to_table, "markdown": to_markdown, "csv": to_csv}


def main(arguments: Sequence[str] = ()) -> int:
    """Print the comparison; returns 0, or 2 after an error message."""
    options = _parser().parse_args(arguments)
    try:
        if not 2 <= len(options.files) <= MOST:
            raise ArticleError(f"expected two to {MOST} files to compare, got {len(options.files)}")
        analyses = list(_analyses(options.files, options.parties))
    except SidelightError as error:
        print(f"sidelight: {error}", file=sys.stderr)
        return 2
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a text stream here
    for name, analysis in zip(options.files, analyses, strict=True):
        for warning in analysis.warnings:
            print(f"sidelight: {name}: {warning}", file=sys.stderr)
    print(_FORMATS[options.format](analyses).rstrip())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sidelight compare", description="How two to four articles treat the same parties, side by side."
    )
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="a file of text, HTML, Word or PDF, or a saved analysis (.json), which is not made again",
    )
    parser.add_argument(
        "--parties",
        default="",
        metavar="NAMES",
        help='such as "United States; China: Beijing", with other names after a colon',
    )
    parser.add_argument("--format", choices=_FORMATS, default="table")
    return parser


def _file(name: str) -> str | Analysis:
    try:
        return read_file_or_saved(Path(name))
    except SidelightError as error:
        raise ArticleError(f"{name}: {error}") from error


def _analyses(names: Sequence[str], parties: str) -> Iterator[Analysis]:
    """Each file's analysis; the encoder is loaded once, and only if there is an article to read."""
    analyzer = None
    files = [_file(name) for name in names]  # all first: what cannot be read fails at once
    if parties and all(isinstance(found, Analysis) for found in files):
        raise SettingsError("expected --parties with an article, got saved analyses, which are not made again")
    for found in files:
        if isinstance(found, Analysis):
            yield found
            continue
        from ..article.splitter import split_article  # these load spaCy, then torch: not for --help
        from ..parties.requests import parse_requests
        from ..pipeline import Analyzer

        article, requests = split_article(found), parse_requests(parties)
        analyzer = analyzer or Analyzer.from_settings(replace(RuntimeSettings.from_environment(), llm="none"))
        yield analyzer.analyze_article(article, requests)
