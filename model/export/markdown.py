"""An Analysis as Markdown."""

import re

from ..domain import Analysis
from ..stance.aggregates import most_critical
from .phrases import YOURS, cell_text, evidence_lines, note_lines, printable, summary_lines, treatment_lines


def to_markdown(analysis: Analysis) -> str:
    """The same as a Markdown document, the article's own text escaped; paragraphs count from 1."""
    article = analysis.article
    title = article.read(article.title)
    lines = [f"# {escape_markdown(title)}", ""] if title else []
    lines += [f"> {escape_markdown(warning)}\n" for warning in analysis.warnings]
    lines += ["## Summary", ""]
    lines += [f"- {escape_markdown(text)} {cited}" for text, cited in summary_lines(analysis)]
    names = [party.name for party in analysis.parties]
    labels = analysis.by_item()
    if names:
        lines += ["", "## Parties", "", escape_markdown(most_critical(analysis)), ""]
        lines += [f"- {escape_markdown(line)}" for line in treatment_lines(analysis)]
        lines += ["", "## Stance", "", "| ¶ | " + " | ".join(map(escape_markdown, names)) + " |"]
        lines.append("|---|" + "---|" * len(names))
        for paragraph in article.paragraphs:
            cells = [cell_text(labels[paragraph.index, name]) for name in names]
            lines.append(f"| {paragraph.index + 1} | " + " | ".join(cells) + " |")
        if any(label.probability is None for label in analysis.labels):
            lines += ["", f"{YOURS} marks labels that a reader set."]
        notes = [f"- {escape_markdown(line)}" for line in note_lines(analysis)]
        lines += ["", "## The reader's notes", "", *notes] if notes else []
        evidence = [f"- {escape_markdown(line)}" for line in evidence_lines(analysis)]
        lines += (
            ["", "## Evidence", "", "A question mark marks a label that is unsure.", "", *evidence] if evidence else []
        )
    return "\n".join(lines) + "\n"


def escape_markdown(text: str) -> str:
    """`text` on one line with every sign that Markdown or HTML could act on made harmless; others stay as they are.

    "#", "-", "+", "=", ":" and a number's point act only where a line begins; an address becomes no link.
    """
    flat = printable(" ".join(text.split()))
    inner = re.sub(r"([\\`*_\[\]|<>&$~^]|:(?=//)|(?<=www)\.)", r"\\\1", flat)
    return re.sub(r"^([#+=:-]|\d+(?=[.)]))", lambda found: _at_start(found[1]), inner)


def _at_start(sign: str) -> str:
    return f"{sign}\\" if sign.isdigit() else f"\\{sign}"
