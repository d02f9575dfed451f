"""One analysis as an HTML document that stands alone and prints well."""

import re
from html import escape
from pathlib import Path

from ...domain import OPPOSITE, Analysis, StanceLabel
from ...export.phrases import SIGNS, correction_lines, voice_phrase
from ...stance.aggregates import evidence_text
from ..strings import ENGLISH, Words
from . import html
from .article_html import asides


def style() -> str:
    """The page's style sheet."""
    return (Path(__file__).parent.parent / "static" / "page.css").read_text(encoding="utf-8")


def _unfolded(markup: str) -> str:
    """With nothing folded, for nobody can unfold what is printed."""
    return re.sub(r"<details([^<>]*)>", lambda found: f"<details{found[1].replace(' open', '')} open>", markup)


def _row(analysis: Analysis, label: StanceLabel, say: Words) -> str:
    own = say("readers_label") if label.probability is None else ""
    where = ", ".join(escape(part) for part in (label.party, voice_phrase(label, say), own) if part)
    said = f': <q lang="en">{escape(evidence_text(analysis, label))}</q>' if label.evidence else ""
    note = f"<br>{say('js_note')}: {escape(label.note)}" if label.note else ""
    sign = f'<span class="sl-count {label.stance}">{SIGNS[label.stance]} {say(label.stance)}</span>'
    return f"<li>{sign} {where}{said}{note}</li>"


def _corrections(analysis: Analysis, models: Analysis, say: Words) -> str:
    """What the reader corrected, as a section; "" for nothing."""
    rows = "".join(f"<li>{escape(line)}</li>" for line in correction_lines(analysis, models, say))
    head = f"<h2>{say('readers_corrections')}</h2>"
    return f'<section class="sl" lang="{say.language}">{head}<ul>{rows}</ul></section>' if rows else ""


def to_html(analysis: Analysis, say: Words = ENGLISH, models: Analysis | None = None) -> str:
    """The glance, the matrix, a reader's corrections, and the whole article.

    Each paragraph has its stances, their evidence and a reader's notes.
    `models` has the labels as the model gave them, where the reader corrected some.
    """
    article = analysis.article
    title = article.read(article.title) or say("reading")
    spoken = "en" if article.title else say.language
    labels = analysis.by_item()
    parts = asides(article, say)
    for paragraph in article.paragraphs:
        taken = [
            label
            for party in analysis.parties
            if (label := labels[paragraph.index, party.name]).stance in OPPOSITE
            or label.note
            or label.probability is None
        ]
        rows = "".join(_row(analysis, label, say) for label in taken)
        number = paragraph.index + 1
        shown = (
            f'<section id="sl-p{number}"><p class="sl-text" dir="auto" lang="en">'
            f'<span class="sl-number">¶{number}</span> '
            f"{escape(paragraph.text)}</p>{f'<ul>{rows}</ul>' if rows else ''}</section>"
        )
        parts.append((paragraph.start, shown))
    body = "".join(part for _, part in sorted(parts))
    versions = ", ".join(f"{escape(part)} {escape(version)}" for part, version in analysis.versions.items())
    return (
        f'<!doctype html><html lang="{say.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{style()} body {{ max-width: 900px; margin: 1rem auto; padding: 0 1rem; "
        "background: var(--sl-paper); }</style></head><body>"
        f'<main class="sl"><h1 dir="auto" lang="{spoken}">{escape(title)}</h1></main>'
        f"{_unfolded(html.glance(analysis, say=say, still=True))}{html.matrix(analysis, say, still=True)}"
        f"{_corrections(analysis, models or analysis, say)}"
        f'<div class="sl"><h2>{say("reading")}</h2>{body}<p class="sl-hint">{say("limits")}</p>'
        f'<p class="sl-hint">Sidelight, {versions}</p></div></body></html>'
    )
