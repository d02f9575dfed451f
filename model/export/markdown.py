"""An Analysis as Markdown."""

import re
from collections.abc import Iterable

from ..domain import Analysis
from ..stance.aggregates import most_critical
from ..stance.phrases import Say, english
from .phrases import (
    cell_text,
    correction_lines,
    evidence_lines,
    note_lines,
    printable,
    sign_lines,
    summary_lines,
    treatment_lines,
    warning_text,
)


def to_markdown(analysis: Analysis, say: Say = english, models: Analysis | None = None) -> str:
    """The same as a Markdown document, the article's own text escaped; paragraphs count from 1.

    `models` has the labels as the model gave them, where the reader corrected some.
    """
    title = analysis.article.read(analysis.article.title)
    lines = [f"# {escape_markdown(title)}", ""] if title else []
    lines += [f"> {escape_markdown(warning_text(warning, analysis, say)[0])}\n" for warning in analysis.warnings]
    lines += [f"## {say('file_summary')}", ""]
    lines += [f"- {escape_markdown(text)} {cited}" for text, cited in summary_lines(analysis)]
    if analysis.parties:
        most = most_critical(analysis, say)
        lines += ["", f"## {say('file_parties')}", "", *([escape_markdown(most), ""] if most else [])]
        lines += _list(treatment_lines(analysis, say))
        lines += ["", f"## {say('file_stance')}", "", *_table(analysis, say)]
        corrections = _list(correction_lines(analysis, models or analysis, say))
        lines += ["", f"## {say('readers_corrections')}", "", *corrections] if corrections else []
        notes = _list(note_lines(analysis))
        lines += ["", f"## {say('readers_notes')}", "", *notes] if notes else []
        evidence = _list(evidence_lines(analysis, say))
        lines += ["", f"## {say('file_evidence')}", "", *evidence] if evidence else []
    return "\n".join(lines) + "\n"


def _list(lines: Iterable[str]) -> list[str]:
    return [f"- {escape_markdown(line)}" for line in lines]


def _table(analysis: Analysis, say: Say) -> list[str]:
    """Paragraphs × parties, and what the signs in it mean."""
    names = [party.name for party in analysis.parties]
    labels = analysis.by_item()
    lines = ["| ¶ | " + " | ".join(map(escape_markdown, names)) + " |", "|---|" + "---|" * len(names)]
    for paragraph in analysis.article.paragraphs:
        cells = [cell_text(labels[paragraph.index, name], say) for name in names]
        lines.append(f"| {paragraph.index + 1} | " + " | ".join(cells) + " |")
    for line in sign_lines(analysis, say):
        lines += ["", line]
    return lines


def escape_markdown(text: str) -> str:
    """`text` on one line with every sign that Markdown or HTML could act on made harmless; others stay as they are.

    "#", "-", "+", "=", ":" and a number's point act only where a line begins; an address becomes no link.
    """
    flat = printable(" ".join(text.split()))
    inner = re.sub(r"([\\`*_\[\]|<>&$~^]|:(?=//)|(?<=www)\.)", r"\\\1", flat)
    return re.sub(r"^([#+=:-]|\d+(?=[.)]))", lambda found: _at_start(found[1]), inner)


def _at_start(sign: str) -> str:
    return f"{sign}\\" if sign.isdigit() else f"\\{sign}"
