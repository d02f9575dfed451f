"""A comparison as text for a terminal, as Markdown and as CSV."""

from collections.abc import Sequence

from ..domain import Analysis, Stance, StanceLabel, Voice
from ..export.csv_format import csv_text, inert
from ..export.markdown import escape_markdown
from ..export.phrases import SIGNS, printable, voice_phrase
from ..stance.aggregates import evidence_text
from ..stance.phrases import Say, english
from .align import Treatment, compare


def to_table(analyses: Sequence[Analysis]) -> str:
    """For a terminal: each party with a line and the strongest quotations for each article; paragraphs count from 1."""
    lines = [f"{letter}  {title}" for letter, title in titles(analyses)]
    for row in compare(analyses):
        lines += ["", row.name]
        for (letter, _), analysis, treatment in zip(titles(analyses), analyses, row.treatments, strict=True):
            lines.append(f"  {letter}  {counts_phrase(treatment)}")
            lines += [f"     {quotation(analysis, label)}" for label in treatment.quotations] if treatment else []
    return printable("\n".join(lines))


def to_markdown(analyses: Sequence[Analysis], say: Say = english) -> str:
    """A table of parties and articles, then the quotations; all text of the articles escaped."""
    named = titles(analyses)
    lines = [f"- **{letter}**: {escape_markdown(title)}" for letter, title in named]
    lines += ["", "| | " + " | ".join(letter for letter, _ in named) + " |", "|---|" + "---|" * len(named)]
    quotations = []
    for row in compare(analyses):
        cells = [counts_phrase(treatment, say) for treatment in row.treatments]
        lines.append(f"| {escape_markdown(row.name)} | " + " | ".join(cells) + " |")
        for (letter, _), analysis, treatment in zip(named, analyses, row.treatments, strict=True):
            for label in treatment.quotations if treatment else ():
                said = escape_markdown(quotation(analysis, label, say))
                quotations.append(f"- {escape_markdown(row.name)}, {letter}: {said}")
    return "\n".join([*lines, "", *quotations]) + "\n"


def to_csv(analyses: Sequence[Analysis]) -> str:
    """A row for each party and article, with a header. No text of it runs as a formula in a spreadsheet."""
    sides = [
        (stance, voice)
        for stance in (Stance.FAVORABLE, Stance.CRITICAL)
        for voice in (Voice.AUTHOR, Voice.QUOTED, Voice.NONE)  # a reader may label a side and no voice
    ]
    heads = [f"{stance.value}_{voice.value}" for stance, voice in sides]
    rows: list[list[object]] = [
        ["party", "article", "title", *heads, "neutral", "absent", "favorable_quotation", "critical_quotation"]
    ]
    for row in compare(analyses):
        for (letter, title), analysis, treatment in zip(titles(analyses), analyses, row.treatments, strict=True):
            cells: list[object] = [""] * (len(sides) + 4)
            if treatment:
                said = {label.stance: inert(evidence_text(analysis, label)) for label in treatment.quotations}
                cells = [treatment.counts[side] for side in sides]
                cells += [treatment.total(Stance.NEUTRAL), treatment.total(Stance.ABSENT)]
                cells += [said.get(Stance.FAVORABLE, ""), said.get(Stance.CRITICAL, "")]
            rows.append([inert(row.name), letter, inert(title), *cells])
    return csv_text(rows)


def titles(analyses: Sequence[Analysis]) -> list[tuple[str, str]]:
    """A letter for each article, and its title or else how it begins."""
    found = []
    for letter, analysis in zip("ABCD", analyses, strict=False):
        article = analysis.article
        words = (article.read(article.title) or next((p.text for p in article.paragraphs), "")).split()
        found.append((letter, " ".join(words[:16]) + (" …" if len(words) > 16 else "")))
    return found


def counts_phrase(treatment: Treatment | None, say: Say = english) -> str:
    """The paragraphs by stance and voice: "− 3 critical (2 in the author’s voice, 1 quoted), = 2 neutral"."""
    if treatment is None:
        return say("compare_none")
    parts = []
    for stance in (Stance.CRITICAL, Stance.FAVORABLE, Stance.NEUTRAL):
        if total := treatment.total(stance):
            voices = ", ".join(
                say("compare_voice", count=count, voice=say(f"compare_{voice}"))
                for voice in (Voice.AUTHOR, Voice.QUOTED)
                if (count := treatment.counts[stance, voice])
            )
            parts.append(f"{SIGNS[stance]} {total} {say(stance)}{f' ({voices})' if voices else ''}")
    return ", ".join(parts) or say("compare_absent")


def quotation(analysis: Analysis, label: StanceLabel, say: Say = english) -> str:
    """The sentence that carries a stance, with its sign, paragraph and voice."""
    return f"{SIGNS[label.stance]} “{evidence_text(analysis, label)}” ({source(label, say)})"


def source(label: StanceLabel, say: Say = english) -> str:
    """Where a quotation stands, in whose voice it is, and whether its label is unsure: "¶3, quoted, unsure"."""
    said = (f"¶{label.paragraph + 1}", voice_phrase(label, say), say("unsure") if label.unsure else "")
    return ", ".join(filter(None, said))
