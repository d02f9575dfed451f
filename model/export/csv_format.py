"""An Analysis as CSV: a row an item."""

import csv
import io

from ..domain import Analysis, Stance


def to_csv(analysis: Analysis) -> str:
    """A row an item, with a header; paragraphs count from 1. No text of it runs as a formula in a spreadsheet."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["paragraph", "party", "stance", "probability", "unsure", "voice", "holder", "evidence", "text"])
    for label in analysis.labels:
        paragraph = analysis.article.paragraphs[label.paragraph]
        words = (label.party, label.voice or "", label.holder or "", paragraph.read(label.evidence), paragraph.text)
        party, *others = map(inert, words)
        table.writerow(
            [
                label.paragraph + 1,
                party,
                label.stance.value,
                "" if label.probability is None or label.stance is Stance.ABSENT else f"{label.probability:.3f}",
                "unsure" if label.unsure else "",
                *others,
            ]
        )
    return out.getvalue()


def inert(text: str) -> str:
    """`text` with an apostrophe before a sign with which spreadsheets begin a formula."""
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) or text.startswith(("\t", "\r")) else text
