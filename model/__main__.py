"""`sidelight FILE`: one article's analysis on the command line; `page`, `compare`, `corpus`, `totals` are commands."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .article.file_worker import READERS
from .article.files import read_file, read_text, windows_text
from .errors import ArticleError, SettingsError, SidelightError
from .networks.memory import keep_freed
from .settings import LONGEST_ARTICLE, SUMMARY_WORDS, RuntimeSettings

if TYPE_CHECKING:
    from .domain import Analysis

FORMATS = {
    "table": (".export.text", "to_table"),
    "json": (".export.json_format", "to_json"),
    "markdown": (".export.markdown", "to_markdown"),
    "csv": (".export.csv_format", "to_csv"),
}
COMMANDS = {
    "page": ".page.server",
    "compare": ".comparison.command",
    "corpus": ".corpus.command",
    "totals": ".corpus.output.totals",
}
"""Imported when asked for: one article needs neither their libraries nor the time to load them."""
_EXTRAS = {"page": "page", "compare": "page", "corpus": "corpus", "totals": "corpus"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print an analysis, or run a command; returns 0, or 2 after an error message."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    keep_freed()
    if words and words[0] in COMMANDS:
        return _command(words[0], words[1:])
    options = _parser().parse_args(words)
    try:
        analysis, text = _analyze(options)
    except SidelightError as error:
        print(f"sidelight: {error}", file=sys.stderr)
        return 2
    if options.format in ("json", "csv"):  # the other formats show the warnings themselves
        for warning in analysis.warnings:
            print(f"sidelight: {warning}", file=sys.stderr)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a text stream here
    print(text, end="" if text.endswith("\n") else "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sidelight",
        description="Where an article stands, paragraph by paragraph.",
        epilog="Also: sidelight page opens the page; sidelight compare A B sets two to four articles side by side; "
        "sidelight corpus IN OUT judges many articles; sidelight totals OUT adds up the result.",
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a file of text, HTML, Word or PDF, a saved analysis (.json), or - for standard input",
    )
    parser.add_argument(
        "--parties",
        default="",
        metavar="NAMES",
        help='whom to judge, such as "United States; China: Beijing, the government", with other names after a colon '
        "(default: the parties are found)",
    )
    parser.add_argument("--format", choices=FORMATS, default="table")
    parser.add_argument(
        "--llm",
        metavar="MODEL",
        help="the language model that writes the summary: none, default (which judges too), a folder, a Hub "
        "repository, or a server's address (default: LLM in the environment, else none)",
    )
    parser.add_argument(
        "--words",
        type=int,
        default=SUMMARY_WORDS,
        metavar="N",
        help="at most so many words in the summary of the article's own sentences (default: %(default)s)",
    )
    parser.add_argument("--encoder", type=Path, metavar="FOLDER", help="a folder with all-mpnet-base-v2's files")
    parser.add_argument("--device", help="where to calculate: cpu, cuda, cuda:1 (default: a GPU where one works)")
    return parser


def _command(name: str, words: Sequence[str]) -> int:
    try:
        module = importlib.import_module(COMMANDS[name], __package__)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith(__package__ or "?"):
            raise
        print(
            f"sidelight: expected the package {error.name} for `sidelight {name}`, found none; "
            f"run: pip install 'sidelight[{_EXTRAS[name]}]'",
            file=sys.stderr,
        )
        return 2
    status: int = module.main(words)
    return status


def _analyze(options: argparse.Namespace) -> tuple["Analysis", str]:
    """The analysis of the file, and how it is printed."""
    module, function = FORMATS[options.format]
    form = getattr(importlib.import_module(module, __package__), function)
    if options.file.lower().endswith(".json"):
        from .export.json_reader import from_json

        ignored = [flag for flag in ("parties", "llm", "encoder", "device") if getattr(options, flag)]
        if ignored or options.words != SUMMARY_WORDS:
            named = ", ".join(f"--{flag}" for flag in ignored or ["words"])
            raise SettingsError(f"expected {named} with an article, got a saved analysis, which is not made again")
        analysis = from_json(read_text(Path(options.file)))
        return analysis, form(analysis)
    text = _read(options.file)
    from .article.splitter import split_article  # these load spaCy, then torch: not for --help
    from .parties.requests import parse_requests
    from .pipeline import Analyzer, written_or_warned

    settings = RuntimeSettings.from_environment()
    flags = {"llm": options.llm, "encoder": options.encoder, "device": options.device}
    settings = replace(settings, **{name: value for name, value in flags.items() if value is not None})
    requests = parse_requests(options.parties)
    article = split_article(text)  # before the models are loaded: what cannot be read fails at once
    analyzer = replace(Analyzer.from_settings(settings), words=options.words)
    *_, found = analyzer.stages(article, requests)
    analysis = written_or_warned(found, analyzer.write(found))
    return analysis, form(analysis)


def _read(name: str) -> str:
    try:
        if name == "-":
            raw = sys.stdin.buffer.read()
        elif Path(name).suffix.lower() in READERS and Path(name).is_file():
            return read_file(Path(name))
        else:
            path = Path(name)
            if path.stat().st_size > 4 * LONGEST_ARTICLE + 4:  # UTF-8 takes at most four bytes a character
                raise ArticleError(
                    f"expected at most {LONGEST_ARTICLE:,} characters, got a file of {path.stat().st_size:,} bytes"
                )
            raw = path.read_bytes()
    except OSError as error:
        raise ArticleError(
            f"expected a text file, got {name!r}: {error.strerror}; name a file that can be read"
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if text := windows_text(raw, error.start):
            return text
        raise ArticleError(
            f"expected UTF-8 text in {name!r}, got byte 0x{raw[error.start]:02x} at {error.start}; "
            "save it as UTF-8 text"
        ) from error


if __name__ == "__main__":
    sys.exit(main())
