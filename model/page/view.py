"""An Analysis as HTML: glance, matrix and reading view. All text of the article is escaped; the script adds no HTML."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

from model.domain import Analysis, Paragraph, Party, Span, Stance, StanceLabel, Summary, SummarySentence, Unread, Voice
from model.formats import SIGNS, voice_phrase
from model.lines import party_lines, voice_counts
from model.page.chart import course
from model.page.strings import STRINGS, say

_FEW_PARTIES = 5
_FEW_LINKS = 10
_SEEN_BY_SCRIPT = ("js_", "favorable", "critical", "neutral", "absent", "unsure")


def message(text: str, at: int = 0) -> str:
    """A message to the reader; "" for "". `at`, the time, tells it from one before, so that it is seen again."""
    return f'<div class="sl"><p class="sl-alert" role="alert" data-at="{at}">{escape(text)}</p></div>' if text else ""


def refusal(most_bytes: int) -> str:
    """The place of the message with which the script refuses a file of more than `most_bytes`."""
    return (
        f'<div class="sl"><p class="sl-alert" role="alert" id="sl-refused" data-most="{most_bytes}" '
        f'data-message="{escape(say("file_large"))}"></p></div>'
    )


def glance(analysis: Analysis, hint: str = "", *, growing: bool = False) -> str:
    """The summary, a line and a chart for each party, and whose voice judges; `hint` stands below the summary.

    While a written summary is `growing`, nothing is said yet of one without a written sentence.
    """
    warnings = "".join(message(warning) for warning in analysis.warnings)
    if analysis.shown is analysis.written:
        summary = _written(analysis)
    else:
        written = analysis.written
        in_vain = not growing and written and (written.rejected or written.sentences)  # all are the article's
        summary = _own_summary(analysis.summary, say("summary_all_rejected") if in_vain else hint)
    parties = _main(analysis)
    shown = f"{_lines(analysis)}{_course(analysis, parties)}{_totals(analysis, parties)}" if analysis.labels else ""
    return f'{warnings}<div class="sl sl-glance">{summary}{shown if parties else ""}</div>'


def _own_summary(summary: Summary, hint: str = "") -> str:
    if not summary.sentences:
        return ""
    below = f'<p class="sl-hint">{hint}</p>' if hint else ""
    return f'<section id="sl-summary"><h2>{say("summary")}</h2>{_sentences(summary)}{below}</section>'


def _written(analysis: Analysis) -> str:
    """What a language model wrote, and the article's own sentences behind it."""
    written = analysis.shown
    hints = [say("summary_by", model=escape(analysis.versions.get("language model", "?")))]
    hints += [say("summary_rejected", count=written.rejected)] if written.rejected else []
    hints += [say("summary_sections", count=written.sections)] if written.sections > 1 else []
    return (
        f'<section id="sl-summary"><h2>{say("summary_written")}</h2>{_sentences(written, mark=True)}'
        f'<p class="sl-hint">{" ".join(hints)}</p><details><summary>{say("summary_own")}</summary>'
        f"{_sentences(analysis.summary)}</details></section>"
    )


def _sentences(summary: Summary, mark: bool = False) -> str:
    """The sentences as a list; `mark` puts those of the article between quotation marks."""
    rows = ""
    for sentence in summary.sentences:
        text = escape(sentence.text)
        rows += f"<li>{f'<q>{text}</q>' if mark and not sentence.written else text} {_links(sentence.paragraphs)}</li>"
    return f"<ul>{rows}</ul>"


def matrix(analysis: Analysis, still: bool = False) -> str:
    """Paragraphs × main parties as a table of buttons, each with sign, stance and probability; `still` without them."""
    parties = _main(analysis)
    if not parties or not analysis.labels:
        return ""
    labels = analysis.by_item()
    others = {(answer.paragraph, answer.party): answer for answer in analysis.second}
    head = "".join(f'<th scope="col">{escape(party.name)}</th>' for party in parties)
    rows = "".join(
        f'<tr><th scope="row">{_link(paragraph.index, stop=still)} {escape(_opening(paragraph))} …</th>'
        + "".join(
            f'<td class="{label.stance}">{_still_cell(label) if still else _cell(label, number)}'
            f"{_other(label, others.get((label.paragraph, label.party)))}</td>"
            for number, label in enumerate(labels[paragraph.index, party.name] for party in parties)
        )
        + "</tr>"
        for paragraph in analysis.article.paragraphs
    )
    hint = "" if still else f'<p class="sl-hint">{say("matrix_info")}</p>'
    return (
        f'<section class="sl" id="sl-matrix"><h2>{say("matrix")}</h2>{hint}{_second(analysis)}'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{say("matrix")}"><table>'
        f'<thead><tr><th scope="col">{say("paragraph")}</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"{'' if still else _disagree()}</section>"
    )


def _cell(label: StanceLabel, number: int) -> str:
    stop = 0 if (label.paragraph, number) == (0, 0) else -1  # one stop of the Tab key; arrows move from there
    return (
        f'<button type="button" class="sl-cell" data-cell="{label.paragraph},{number}" tabindex="{stop}">'
        f'<span class="sl-ours">{_stance(label)}</span></button>'
    )


def _second(analysis: Analysis) -> str:
    """How far the language model's labels agree with ours; "" where it was not asked."""
    if not analysis.second:
        return ""
    labels = analysis.by_item()
    read = [answer for answer in analysis.second if isinstance(answer, StanceLabel)]
    same = sum(answer.stance is labels[answer.paragraph, answer.party].stance for answer in read)
    unread = len(analysis.second) - len(read)
    more = f" {say('second_unread', count=unread)}" if unread else ""
    said = say("second_info", same=same, count=len(read))
    return f'<p class="sl-hint sl-second" id="sl-second-said">{said}{more}</p>'


def _other(label: StanceLabel, answer: StanceLabel | Unread | None) -> str:
    """The language model's label where it is another one."""
    if not isinstance(answer, StanceLabel) or answer.stance is label.stance:
        return ""
    said = say("second_cell", stance=say(answer.stance), share=f"{answer.probability or 0.0:.0%}")
    return f'<small class="sl-second">{said}</small>'


def _still_cell(label: StanceLabel) -> str:
    phrase = voice_phrase(label)
    return _stance(label) + (f"<br>{escape(phrase)}" if phrase else "")


def article(analysis: Analysis) -> str:
    """The article as written, a strip of stances beside each paragraph, mentions and evidence of every party marked."""
    text = analysis.article
    parts: list[tuple[int, str]] = []
    for span in (text.byline, text.dateline, *text.captions, *text.notes):
        if span:
            parts.append((span.start, f'<p class="sl-aside" dir="auto">{escape(text.read(span))}</p>'))
    if text.title:
        parts.append((text.title.start, f'<h3 class="sl-title" dir="auto">{escape(text.read(text.title))}</h3>'))
    labels = analysis.by_item()
    main = _main(analysis)
    for paragraph in text.paragraphs:
        found = [labels.get((paragraph.index, party.name)) for party in analysis.parties]
        chips = "".join(
            _chip(paragraph, number, label)
            for number, party in enumerate(main)
            if (label := labels.get((paragraph.index, party.name)))
        )
        parts.append(
            (
                paragraph.start,
                f'<section class="sl-para" id="sl-p{paragraph.index + 1}" data-paragraph="{paragraph.index}" '
                f'tabindex="-1" aria-label="{say("paragraph_number", number=paragraph.index + 1)}">'
                f'<div class="sl-margin"><span class="sl-number">¶{paragraph.index + 1}</span>{chips}</div>'
                f'<p class="sl-text" dir="auto">{_marked(paragraph, analysis.parties, found)}</p></section>',
            )
        )
    chooser = _chooser(analysis.parties) if analysis.labels and analysis.parties else ""
    body = "".join(html for _, html in sorted(parts))
    many = " sl-many" if len(main) > _FEW_PARTIES else ""
    return (
        f'<section class="sl" id="sl-article"><h2>{say("reading")}</h2>{chooser}'
        f'<div class="sl-reading{many}">{body}</div>{_data(analysis)}</section>'
    )


def _main(analysis: Analysis) -> list[Party]:
    return [party for party in analysis.parties if party.main]


def _lines(analysis: Analysis) -> str:
    rows = "".join(
        f"<li><strong>{escape(line.party)}</strong> {escape(line.text)} {_folded_links(line.paragraphs)}"
        + _portrayal(analysis.portrayals.get(line.party))
        + (f" <q>{escape(line.evidence)}</q> {_link(line.evidence_paragraph or 0)}" if line.evidence else "")
        + "</li>"
        for line in party_lines(analysis)
    )
    return f'<section id="sl-lines"><h2>{say("lines")}</h2><ul>{rows}</ul></section>'


def _portrayal(sentence: SummarySentence | None) -> str:
    return f' <span class="sl-written">{escape(sentence.text)}</span> {_links(sentence.paragraphs)}' if sentence else ""


def _course(analysis: Analysis, parties: Sequence[Party]) -> str:
    charts = "".join(
        f"<figure><figcaption>{escape(party.name)}</figcaption>{course(analysis, party)}</figure>" for party in parties
    )
    return (
        f'<section id="sl-course"><h2>{say("course")}</h2><p class="sl-hint">{say("course_info")}</p>{charts}</section>'
    )


def _totals(analysis: Analysis, parties: Sequence[Party]) -> str:
    rows = ""
    for party in parties:
        counts = voice_counts(analysis, party.name)
        cells = [
            " ".join(
                f'<span class="sl-count {stance}">{SIGNS[stance]}{counts[stance, voice]} {say(stance)}</span>'
                for stance in (Stance.FAVORABLE, Stance.CRITICAL)
                if counts[stance, voice]
            )
            or "–"
            for voice in (Voice.AUTHOR, Voice.QUOTED)
        ]
        cells += [str(counts[stance, Voice.NONE] or "–") for stance in (Stance.NEUTRAL, Stance.ABSENT)]
        rows += f'<tr><th scope="row">{escape(party.name)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
    columns = ("totals_party", "totals_author", "totals_quoted", "totals_neutral", "totals_absent")
    head = "".join(f'<th scope="col">{say(column)}</th>' for column in columns)
    return (
        f'<section id="sl-totals"><h2>{say("totals")}</h2><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{say("totals")}"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>'
    )


def _disagree() -> str:
    """The controls of the reader's own labels; `page.js` works them."""
    return (
        f'<details id="sl-disagree" open><summary>{say("disagree")}</summary>'
        f'<p class="sl-hint">{say("disagree_info")}</p>'
        f'<p class="sl-tools"><button type="button" data-do="download">{say("disagree_download")}</button>'
        f'<label class="sl-pick">{say("disagree_load")}'
        '<input type="file" accept=".jsonl,.json" data-do="load"></label>'
        f'<button type="button" data-do="clear">{say("disagree_clear")}</button>'
        f'<label><input type="checkbox" data-do="blind"> {say("disagree_blind")}</label>'
        '<span id="sl-status" role="status" aria-live="polite"></span></p></details>'
    )


def _chooser(parties: Sequence[Party]) -> str:
    radios = "".join(
        f'<label><input type="radio" name="sl-party" value="{number}"{" checked" if not number else ""}> '
        f"{escape(party.name)}</label>"
        for number, party in enumerate(parties)
    )
    return (
        f'<fieldset id="sl-party"><legend>{say("reading_party")}</legend>{radios}'
        f'<label class="sl-light"><input type="checkbox" data-do="mentions" checked> {say("reading_mentions")}</label>'
        f'</fieldset><p class="sl-hint">{say("reading_info")}</p>'
    )


def _chip(paragraph: Paragraph, number: int, label: StanceLabel) -> str:
    said = ", ".join(filter(None, (_share(label), say("unsure") if label.unsure else "", voice_phrase(label))))
    return (
        f'<button type="button" class="sl-chip {label.stance}" data-cell="{paragraph.index},{number}" '
        f'data-said="{escape(f"{label.party}: {label.stance} {said}")}" aria-expanded="false" '
        f'tabindex="{-1 if number else 0}">'
        f'<span class="sl-ours"><span class="sl-sign" aria-hidden="true">{SIGNS[label.stance]}</span>'
        f'<span class="sl-hidden">{say(label.stance)} </span></span>{escape(label.party)}</button>'
    )


def _stance(label: StanceLabel) -> str:
    unsure = f' <span class="sl-unsure">{say("unsure")}</span>' if label.unsure else ""
    share = f" {_share(label)}" if _share(label) else ""
    return f'<span class="sl-sign" aria-hidden="true">{SIGNS[label.stance]}</span>{say(label.stance)}{share}{unsure}'


def _share(label: StanceLabel) -> str:
    return "" if label.stance is Stance.ABSENT else f"{label.probability or 0.0:.0%}"


def _opening(paragraph: Paragraph) -> str:
    return " ".join(paragraph.text.split()[:7])[:80]


def _link(index: int, stop: bool = True) -> str:
    """A link to a paragraph; one without a `stop` of the Tab key stands beside a button that leads there too."""
    name = say("paragraph_number", number=index + 1)
    unstopped = "" if stop else ' tabindex="-1"'
    return f'<a href="#sl-p{index + 1}" aria-label="{name}"{unstopped}>¶{index + 1}</a>'


def _links(indices: Iterable[int]) -> str:
    return " ".join(map(_link, indices))


def _folded_links(indices: Sequence[int]) -> str:
    """The first links; the others where a reader asks for them."""
    first, rest = indices[:_FEW_LINKS], indices[_FEW_LINKS:]
    if not rest:
        return _links(first)
    more = say("lines_more", count=len(rest))
    return f'{_links(first)} <details class="sl-more"><summary>{more}</summary>{_links(rest)}</details>'


def _marked(paragraph: Paragraph, parties: Sequence[Party], labels: Sequence[StanceLabel | None]) -> str:
    """The paragraph cut where a mention or an evidence begins or ends; each piece says whose it is."""
    mentions = [[Span(m.start, m.end) for m in party.in_paragraph(paragraph.index)] for party in parties]
    evidence = [[label.evidence] if label and label.evidence else [] for label in labels]
    spans = [span for some in (*mentions, *evidence) for span in some]
    cuts = sorted({0, len(paragraph.text), *(span.start for span in spans), *(span.end for span in spans)})
    html = ""
    for start, end in pairwise(cuts):
        piece = escape(paragraph.text[start:end])
        whose = [
            f' data-{name}="{" ".join(map(str, numbers))}"'
            for name, found in (("mention", mentions), ("evidence", evidence))
            if (numbers := [n for n, some in enumerate(found) if any(s.start <= start and end <= s.end for s in some)])
        ]
        html += f"<span{''.join(whose)}>{piece}</span>" if whose else piece
    return html


def _data(analysis: Analysis) -> str:
    """What the script needs, as an attribute; the browser makes it text again, never HTML."""
    labels = analysis.by_item()
    text = analysis.article
    data = {
        "id": hashlib.sha256(text.text.encode()).hexdigest()[:16],
        "title": text.read(text.title),
        "paragraphs": [paragraph.text for paragraph in text.paragraphs],
        "parties": [
            {"name": p.name, "kind": p.kind.value, "main": p.main, "aliases": p.aliases} for p in analysis.parties
        ],
        "labels": {
            f"{paragraph.index},{number}": _label(paragraph, labels[paragraph.index, party.name])
            for paragraph in text.paragraphs
            for number, party in enumerate(analysis.parties)
            if (paragraph.index, party.name) in labels
        },
        "signs": {stance.value: sign for stance, sign in SIGNS.items()},
        "say": {key: words for key, words in STRINGS.items() if key.startswith(_SEEN_BY_SCRIPT)},
    }
    return f'<div id="sl-data" hidden data-json="{escape(json.dumps(data, ensure_ascii=False))}"></div>'


def _label(paragraph: Paragraph, label: StanceLabel) -> Mapping[str, Any]:
    return {
        "stance": label.stance.value,
        "share": _share(label),
        "unsure": label.unsure,
        "voice": voice_phrase(label),
        "evidence": paragraph.read(label.evidence),
    }
