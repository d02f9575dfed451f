"""The article as HTML, with stances, mentions and evidence marked. All of its text is escaped."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

from ...domain import PRESENT, Analysis, Article, Mention, Paragraph, Party, StanceLabel
from ...export.phrases import SIGNS, YOURS, voice_phrase
from ...stance.aggregates import most_criticized, nested
from ..own_labels import article_id
from ..strings import ENGLISH, Words
from .html import said, share_of
from .minor import main_parties, minor

_FEW_PARTIES = 5
_SEEN_BY_SCRIPT = ("js_", "voice_", "favorable", "critical", "neutral", "absent", "unsure", "readers_label")


def article(analysis: Analysis, say: Words = ENGLISH) -> str:
    """The article as written, a strip of stances beside each paragraph, mentions and evidence of every party marked."""
    text = analysis.article
    parts = asides(text, say)
    if text.title:
        parts.append(
            (text.title.start, f'<h3 class="sl-title" dir="auto" lang="en">{escape(text.read(text.title))}</h3>')
        )
    labels = analysis.by_item()
    main = main_parties(analysis)
    mentions = _by_paragraph(analysis.parties)
    for paragraph in text.paragraphs:
        found = [labels.get((paragraph.index, party.name)) for party in analysis.parties]
        chips = "".join(
            _chip(paragraph, number, label, say, main=party.main)
            for number, party in enumerate(analysis.parties)
            if (label := labels.get((paragraph.index, party.name))) and (party.main or label.stance in PRESENT)
        )
        parts.append(
            (
                paragraph.start,
                f'<section class="sl-para" id="sl-p{paragraph.index + 1}" data-paragraph="{paragraph.index}" '
                f'tabindex="-1" aria-label="{say("paragraph_number", number=paragraph.index + 1)}">'
                f'<div class="sl-margin"><span class="sl-number">¶{paragraph.index + 1}</span>{chips}</div>'
                f'<p class="sl-text" dir="auto" lang="en">{_marked(paragraph, mentions[paragraph.index], found)}</p>'
                "</section>",
            )
        )
    chooser = _chooser(analysis.parties, _first(analysis), say) if analysis.labels and analysis.parties else ""
    body = "".join(html for _, html in sorted(parts))
    many = " sl-many" if len(main) > _FEW_PARTIES else ""
    return (
        f'<section class="sl" id="sl-article" lang="{say.language}"><h2>{say("reading")}</h2>{chooser}'
        f'<div class="sl-reading{many}">{body}</div>{_data(analysis, say)}</section>'
    )


def asides(text: Article, say: Words) -> list[tuple[int, str]]:
    """What is neither title nor paragraph, in gray; each with where it starts in the article."""
    spans = [span for span in (text.byline, text.dateline, *text.captions, *text.notes) if span]
    return [
        (
            span.start,
            f'<p class="sl-aside" dir="auto" title="{say("aside_info")}">'
            f'<span lang="en">{escape(text.read(span))}</span></p>',
        )
        for span in spans
    ]


def _chooser(parties: Sequence[Party], first: int, say: Words) -> str:
    radios = "".join(
        f'<label{minor(party)}><input type="radio" name="sl-party" value="{number}"'
        f"{' checked' if number == first else ''}> {escape(party.name)}</label>"
        for number, party in enumerate(parties)
    )
    return (
        f'<fieldset id="sl-party"><legend>{say("reading_party")}</legend>{radios}'
        f'<label class="sl-light"><input type="checkbox" data-do="mentions" checked> {say("reading_mentions")}</label>'
        f'<span id="sl-selected" hidden></span></fieldset><p class="sl-hint">{say("reading_info")}</p>'
    )


def _chip(paragraph: Paragraph, number: int, label: StanceLabel, say: Words, *, main: bool) -> str:
    """A party's stance beside its paragraph."""
    kind = f"sl-chip {label.stance}{'' if main else ' sl-minor'}"
    readers = f'<span aria-hidden="true">{YOURS}</span> ' if label.probability is None else ""
    return (
        f'<button type="button" class="{kind}" data-cell="{paragraph.index},{number}" '
        f'data-said="{escape(said(label, say))}" aria-expanded="false" '
        f'tabindex="-1">'
        f'<span class="sl-ours">{readers}<span class="sl-sign" aria-hidden="true">{SIGNS[label.stance]}</span>'
        f'<span class="sl-hidden">{say(label.stance)} </span></span>{escape(label.party)}</button>'
    )


def _by_paragraph(parties: Sequence[Party]) -> Mapping[int, list[tuple[int, Mention]]]:
    """The parties' numbers and mentions by the paragraph that they are in."""
    found: dict[int, list[tuple[int, Mention]]] = defaultdict(list)
    for number, party in enumerate(parties):
        for mention in party.mentions:
            found[mention.paragraph].append((number, mention))
    return found


def _marked(paragraph: Paragraph, mentions: Sequence[tuple[int, Mention]], labels: Sequence[StanceLabel | None]) -> str:
    """The paragraph cut where a mention or an evidence begins or ends; each piece says whose it is.

    At each cut it is noted whose begins (+1) or ends (-1), so that the cost grows with their number, not its square.
    """
    changes: dict[int, list[tuple[str, int, int]]] = defaultdict(list, {0: [], len(paragraph.text): []})
    evidence = [(number, label.evidence) for number, label in enumerate(labels) if label and label.evidence]
    for name, found in (("mention", mentions), ("evidence", evidence)):
        for number, span in found:
            changes[span.start].append((name, number, 1))
            changes[span.end].append((name, number, -1))
    open_now = {"mention": Counter[int](), "evidence": Counter[int]()}
    html = []
    for start, end in pairwise(sorted(changes)):
        for name, number, change in changes[start]:
            open_now[name][number] += change
        piece = escape(paragraph.text[start:end])
        whose = [
            f' data-{name}="{" ".join(map(str, numbers))}"'
            for name, counts in open_now.items()
            if (numbers := sorted(number for number, count in counts.items() if count))
        ]
        html.append(f"<span{''.join(whose)}>{piece}</span>" if whose else piece)
    return "".join(html)


def _first(analysis: Analysis) -> int:
    """The number of the party that the text is colored for first: the one named as most often criticized, if any."""
    names = [party.name for party in analysis.parties]
    return names.index(next(iter(most_criticized(analysis)), names[0])) if names else 0


def _data(analysis: Analysis, say: Words) -> str:
    """What the script needs, as an attribute; the browser makes it text again, never HTML."""
    labels = analysis.by_item()
    article = analysis.article
    data = {
        "id": article_id(article),
        "first": _first(analysis),
        "title": article.read(article.title),
        "text": article.text,
        "paragraphs": [paragraph.text for paragraph in article.paragraphs],
        "parties": [
            {"name": p.name, "kind": p.kind.value, "main": p.main, "aliases": p.aliases} for p in analysis.parties
        ],
        "labels": {
            f"{paragraph.index},{number}": _label(paragraph, labels[paragraph.index, party.name], say)
            for paragraph in article.paragraphs
            for number, party in enumerate(analysis.parties)
            if (paragraph.index, party.name) in labels
        },
        "signs": {stance.value: sign for stance, sign in SIGNS.items()},
        "say": {key: words for key, words in say.strings.items() if key.startswith(_SEEN_BY_SCRIPT)},
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    quoted = escape(text, quote=False).replace("'", "&#x27;")  # in single quotes, for JSON is full of double ones
    return f"<div id='sl-data' hidden data-json='{quoted}'></div>"


def _label(paragraph: Paragraph, label: StanceLabel, say: Words) -> Mapping[str, Any]:
    return {
        "stance": label.stance.value,
        "share": share_of(label),
        "readers": label.probability is None,
        "unsure": label.unsure,
        "voice": voice_phrase(label, say),
        "by": label.voice,
        "holder": " ".join((label.holder or "").split()),
        "evidence": nested(paragraph.read(label.evidence)),
    }
