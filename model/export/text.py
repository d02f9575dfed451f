"""An Analysis as a plain table for a terminal."""

from ..domain import Analysis
from ..stance.aggregates import most_critical
from .phrases import cell_text, evidence_lines, printable, sign_lines, summary_lines, treatment_lines


def to_table(analysis: Analysis) -> str:
    """Title, summary and a matrix of paragraphs × parties for a terminal; paragraphs count from 1."""
    names = [party.name for party in analysis.parties]
    labels = analysis.by_item()
    widths = [max(map(len, (name, *(cell_text(x) for x in analysis.labels if x.party == name)))) for name in names]
    lines = [analysis.article.read(analysis.article.title)] if analysis.article.title else []
    lines += [f"! {warning}" for warning in analysis.warnings]
    lines += ["", "Summary"]
    lines += [f"  {text} {cited}" for text, cited in summary_lines(analysis)]
    if names:
        most = most_critical(analysis)
        lines += ["", *([f"  {most}"] if most else []), *(f"  {line}" for line in treatment_lines(analysis))]
        lines += ["", "  ¶  " + "  ".join(name.ljust(width) for name, width in zip(names, widths, strict=True))]
        for paragraph in analysis.article.paragraphs:
            cells = [
                cell_text(labels[paragraph.index, name]).ljust(width) for name, width in zip(names, widths, strict=True)
            ]
            lines.append(f"{paragraph.index + 1:>3}  " + "  ".join(cells).rstrip())
        lines += [f"     {line}" for line in sign_lines(analysis)]
        evidence = [f"  {line}" for line in evidence_lines(analysis)]
        lines += ["", "Evidence", *evidence] if evidence else []
    return printable("\n".join(lines).strip())
