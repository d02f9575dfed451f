"""One analysis as an HTML document that stands alone and prints well."""

from html import escape
from pathlib import Path

from ...domain import OPPOSITE, Analysis, StanceLabel
from ...export.phrases import SIGNS, voice_phrase
from ...stance.aggregates import evidence_text
from ..strings import ENGLISH, Words
from . import html


def style() -> str:
    """The page's style sheet."""
    return (Path(__file__).parent.parent / "static" / "page.css").read_text(encoding="utf-8")


def _row(analysis: Analysis, label: StanceLabel, say: Words) -> str:
    yours = say("yours") if label.probability is None else ""
    where = ", ".join(escape(part) for part in (label.party, voice_phrase(label, say), yours) if part)
    said = f': <q lang="en">{escape(evidence_text(analysis, label))}</q>' if label.evidence else ""
    note = f"<br>{say('js_note')}: {escape(label.note)}" if label.note else ""
    sign = f'<span class="sl-count {label.stance}">{SIGNS[label.stance]} {say(label.stance)}</span>'
    return f"<li>{sign} {where}{said}{note}</li>"


def to_html(analysis: Analysis, say: Words = ENGLISH) -> str:
    """The glance, the matrix, and each paragraph with the stances taken in it, their evidence and a reader's notes."""
    article = analysis.article
    title = article.read(article.title) or say("reading")
    spoken = "en" if article.title else say.language
    labels = analysis.by_item()
    body = ""
    for paragraph in article.paragraphs:
        taken = [
            label
            for party in analysis.parties
            if (label := labels[paragraph.index, party.name]).stance in OPPOSITE or label.note
        ]
        rows = "".join(_row(analysis, label, say) for label in taken)
        number = paragraph.index + 1
        body += (
            f'<section id="sl-p{number}"><p class="sl-text" dir="auto" lang="en">'
            f'<span class="sl-number">¶{number}</span> '
            f"{escape(paragraph.text)}</p>{f'<ul>{rows}</ul>' if rows else ''}</section>"
        )
    versions = ", ".join(f"{escape(part)} {escape(version)}" for part, version in analysis.versions.items())
    return (
        f'<!doctype html><html lang="{say.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{style()} body {{ max-width: 900px; margin: 1rem auto; padding: 0 1rem; "
        "background: var(--sl-paper); }</style></head><body>"
        f'<main class="sl"><h1 dir="auto" lang="{spoken}">{escape(title)}</h1></main>'
        f"{html.glance(analysis, say=say, still=True)}{html.matrix(analysis, say, still=True)}"
        f'<div class="sl"><h2>{say("reading")}</h2>{body}<p class="sl-hint">{say("limits")}</p>'
        f'<p class="sl-hint">Sidelight, {versions}</p></div></body></html>'
    )
