"""Two to four articles side by side: how often each takes a side toward a party, in whose voice, in which words."""

from collections.abc import Sequence
from html import escape

from ...comparison.align import MOST, ComparedParty, Treatment, compare
from ...comparison.formats import source, titles
from ...domain import PRESENT, Analysis, Stance, StanceLabel, Voice
from ...export.phrases import SIGNS
from ...stance.aggregates import evidence_text
from ..strings import ENGLISH, Words


def comparison(analyses: Sequence[Analysis], say: Words = ENGLISH, *, full: bool = False) -> str:
    """The parties of several articles as a table with a column an article, or what to do next where there is one.

    `full` says that the article which is shown below has no place among them.
    """
    if not analyses:
        return ""
    if len(analyses) == 1:
        body = f"<p>{_openers(analyses, say)[0]}</p><p>{say('compare_next')}</p>"
    else:
        rows = compare(analyses)
        shared = [row for row in rows if sum(map(bool, row.treatments)) > 1]
        body = _table(analyses, shared, say) + _alone(analyses, [row for row in rows if row not in shared], say)
    head = f'<h2 tabindex="-1">{say("compare_title")}</h2>'
    if full:
        head += f'<p role="status">{say("compare_full", most=MOST)}</p>'
    return f'<section class="sl" id="sl-comparison" lang="{say.language}">{head}{body}</section>'


def _openers(analyses: Sequence[Analysis], say: Words) -> list[str]:
    """A letter and a title for each article; the title opens its analysis again."""
    return [
        f'<span class="sl-opener">{letter}: <button type="button" data-do="kept" data-file="{place}" '
        f'title="{say("compare_open")}"><span lang="en">{escape(title)}</span></button></span>'
        for place, (letter, title) in enumerate(titles(analyses))
    ]


def _table(analyses: Sequence[Analysis], rows: Sequence[ComparedParty], say: Words) -> str:
    """A row for each party; roles are said, since on a phone the style shows blocks, which have none."""
    if not rows:
        named = "".join(f"<li>{name}</li>" for name in _openers(analyses, say))
        return f"<p>{say('compare_nobody')}</p><ul>{named}</ul>"
    head = "".join(f'<th scope="col" role="columnheader">{name}</th>' for name in _openers(analyses, say))
    letters = [letter for letter, _ in titles(analyses)]
    body = "".join(
        f'<tr role="row"><th scope="row" role="rowheader">{escape(row.name)}</th>'
        + "".join(
            f'<td role="cell" data-letter="{letter}">{_cell(analysis, treatment, say)}</td>'
            for letter, analysis, treatment in zip(letters, analyses, row.treatments, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    name = say("compare_both" if len(analyses) == 2 else "compare_several")
    return (
        f'<h3>{name}</h3><div class="scroll" tabindex="0" role="region" aria-label="{name}"><table role="table">'
        f'<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">{say("totals_party")}</th>'
        f'{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table></div>'
        f'<p class="sl-hint">{say("compare_info")}</p>'
    )


def _cell(analysis: Analysis, treatment: Treatment | None, say: Words) -> str:
    if treatment is None:
        return f'<span class="sl-hint">{say("compare_none")}</span>'
    said = "".join(f"<li>{_quotation(analysis, label, say)}</li>" for label in treatment.quotations)
    return _counts(treatment, say) + (f"<ul>{said}</ul>" if said else "")


def _counts(treatment: Treatment, say: Words) -> str:
    counts = " ".join(_count(treatment, stance, say) for stance in PRESENT if treatment.total(stance))
    return counts or say("compare_absent")


def _count(treatment: Treatment, stance: Stance, say: Words) -> str:
    """How many paragraphs take this stance, and in whose voice."""
    voices = [
        say("compare_voice", count=count, voice=say(f"compare_{voice}"))
        for voice in (Voice.AUTHOR, Voice.QUOTED)
        if (count := treatment.counts[stance, voice])
    ]
    title = f' title="{escape(", ".join(voices))}"' if voices else ""
    heard = f'<span class="sl-hidden"> ({escape(", ".join(voices))})</span>' if voices else ""
    return (
        f'<span class="sl-count {stance}"{title}>{SIGNS[stance]}{treatment.total(stance)} {say(stance)}{heard}</span>'
    )


def _quotation(analysis: Analysis, label: StanceLabel, say: Words) -> str:
    return (
        f'<span class="sl-count {label.stance}">{SIGNS[label.stance]}</span> '
        f'<q lang="en">{escape(evidence_text(analysis, label))}</q> ({escape(source(label, say))})'
    )


def _alone(analyses: Sequence[Analysis], rows: Sequence[ComparedParty], say: Words) -> str:
    """Whom only one of the articles refers to: a table for each article that has such parties."""
    tables = ""
    for number, (letter, _) in enumerate(titles(analyses)):
        parties = "".join(
            f'<tr><th scope="row">{escape(row.name)}</th><td>{_counts(there, say)}</td></tr>'
            for row in rows
            if (there := row.treatments[number])
        )
        only = say("compare_only", letter=letter)
        tables += f"<table><caption>{only}</caption><tbody>{parties}</tbody></table>" if parties else ""
    return f'<div class="sl-alone">{tables}</div>' if tables else ""
