"""An Analysis as CSV: a row an item."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from ..domain import Analysis, Stance

_HEAD = ("paragraph", "party", "stance", "probability", "unsure", "voice", "holder", "evidence", "text", "by", "note")
_UNSEEN = ("Cc", "Cf", "Cn", "Co", "Mn", "Me")
"""Categories of controls, of format signs such as zero-width ones, and of marks that need a letter before them."""


def to_csv(analysis: Analysis) -> str:
    """A row an item, with a header; paragraphs count from 1. No text of it runs as a formula in a spreadsheet.

    `by` is "reader" for a label that a reader set in the place of the model's, `note` what a reader wrote beside it.
    """
    return csv_text([[*_HEAD, "title"], *([*row, title] for title, row in _rows(analysis))])


def several_to_csv(named: Sequence[tuple[str, Analysis]]) -> str:
    """The same for several analyses in one table: the name of each's file and its title come first."""
    rows = [[inert(name), title, *row] for name, analysis in named for title, row in _rows(analysis)]
    return csv_text([["file", "title", *_HEAD], *rows])


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """The rows as CSV, with a line feed for each carriage return: none begins a row within a cell."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    for row in rows:  # Python 3.11 does not quote a lone carriage return
        table.writerow(
            [cell.replace("\r\n", "\n").replace("\r", "\n") if isinstance(cell, str) else cell for cell in row]
        )
    return out.getvalue()


def _rows(analysis: Analysis) -> Iterator[tuple[str, list[object]]]:
    """The article's title, and the other cells of each item."""
    title = inert(analysis.article.read(analysis.article.title))
    for label in analysis.labels:
        paragraph = analysis.article.paragraphs[label.paragraph]
        words = (label.party, label.voice or "", label.holder or "", paragraph.read(label.evidence), paragraph.text)
        party, *others = map(inert, words)
        yield (
            title,
            [
                label.paragraph + 1,
                party,
                label.stance.value,
                "" if label.probability is None or label.stance is Stance.ABSENT else f"{label.probability:.3f}",
                "unsure" if label.unsure else "",
                *others,
                "reader" if label.probability is None else "model",
                inert(label.note),
            ],
        )


def inert(text: str) -> str:
    """`text` with an apostrophe before a sign with which spreadsheets begin a formula.

    The sign may be full-width ("＝"), and stand behind blanks and signs that no eye can see.
    """
    seen = next((sign for sign in text if not (sign.isspace() or unicodedata.category(sign) in _UNSEEN)), "")
    formula = unicodedata.normalize("NFKC", seen)[:1] in tuple("=+-@")
    return f"'{text}" if formula or text.startswith(("\t", "\r")) else text
