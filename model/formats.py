"""An Analysis as JSON (whole), as a plain table, and as Markdown."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from model.domain import Analysis, Mention, Span, Stance, StanceLabel, Summary, SummarySentence, Unread, Voice
from model.lines import party_lines

SIGNS = {Stance.FAVORABLE: "+", Stance.CRITICAL: "−", Stance.NEUTRAL: "=", Stance.ABSENT: "·"}
"""One sign a stance, so that nobody depends on color."""


def to_json(analysis: Analysis) -> str:
    """The whole analysis as JSON: offsets are characters, paragraphs count from 0."""
    return json.dumps(to_dict(analysis), ensure_ascii=False, indent=1)


def to_dict(analysis: Analysis) -> dict[str, Any]:
    """The whole analysis as plain values; the keys are documented in the README."""
    article = analysis.article
    return {
        "text": article.text,
        "spans": {
            key: {"start": span.start, "end": span.end} if span else None
            for key, span in (("title", article.title), ("byline", article.byline), ("dateline", article.dateline))
        },
        "title": article.read(article.title),
        "byline": article.read(article.byline),
        "dateline": article.read(article.dateline),
        "captions": [_span(article.text, span) for span in article.captions],
        "notes": [_span(article.text, span) for span in article.notes],
        "parties": [
            {
                "name": party.name,
                "kind": party.kind.value,
                "main": party.main,
                "exact": party.exact,
                "aliases": list(party.aliases),
                "mentions": [_mention(mention) for mention in party.mentions],
            }
            for party in analysis.parties
        ],
        "paragraphs": [{"index": p.index, "text": p.text, "start": p.start, "end": p.end} for p in article.paragraphs],
        "stances": [_stance(article.paragraphs[label.paragraph].text, label) for label in analysis.labels],
        "lines": [
            {"party": line.party, "text": line.text, "paragraphs": list(line.paragraphs), "evidence": line.evidence}
            for line in party_lines(analysis)
        ],
        "summary": _summary(analysis.summary),
        "written": _summary(analysis.written) if analysis.written else None,
        "portrayals": {party: _sentence(sentence) for party, sentence in analysis.portrayals.items()},
        "second_opinion": [_second(answer) for answer in analysis.second],
        "warnings": list(analysis.warnings),
        "versions": dict(analysis.versions),
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "method": summary.method,
        "sentences": [_sentence(sentence) for sentence in summary.sentences],
        "rejected": summary.rejected,
        "sections": summary.sections,
    }


def _sentence(sentence: SummarySentence) -> dict[str, Any]:
    return {"text": sentence.text, "paragraphs": list(sentence.paragraphs), "written": sentence.written}


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


def to_table(analysis: Analysis) -> str:
    """Title, summary and a matrix of paragraphs × parties for a terminal; paragraphs count from 1."""
    names = [party.name for party in analysis.parties]
    labels = analysis.by_item()
    widths = [max(len(name), 12) for name in names]
    lines = [analysis.article.read(analysis.article.title)] if analysis.article.title else []
    lines += [f"! {warning}" for warning in analysis.warnings]
    lines += ["", "Summary"]
    lines += [f"  {text} {cited}" for text, cited in _summary_lines(analysis)]
    lines += ["", *(f"  {line}" for line in _party_lines(analysis))] if names else []
    if names:
        lines += ["", "  ¶  " + "  ".join(name.ljust(width) for name, width in zip(names, widths, strict=True))]
        for paragraph in analysis.article.paragraphs:
            cells = [
                _cell(labels[paragraph.index, name]).ljust(width) for name, width in zip(names, widths, strict=True)
            ]
            lines.append(f"{paragraph.index + 1:>3}  " + "  ".join(cells).rstrip())
        evidence = [f"  {line}" for line in _evidence_lines(analysis)]
        lines += ["", "Evidence (? marks a label that is unsure)", *evidence] if evidence else []
    return _plain("\n".join(lines).strip())


def to_markdown(analysis: Analysis) -> str:
    """The same as a Markdown document, the article's own text escaped; paragraphs count from 1."""
    article = analysis.article
    title = article.read(article.title)
    lines = [f"# {escape_markdown(title)}", ""] if title else []
    lines += [f"> {escape_markdown(warning)}\n" for warning in analysis.warnings]
    lines += ["## Summary", ""]
    lines += [f"- {escape_markdown(text)} {cited}" for text, cited in _summary_lines(analysis)]
    names = [party.name for party in analysis.parties]
    labels = analysis.by_item()
    lines += ["", "## Parties", "", *(f"- {escape_markdown(line)}" for line in _party_lines(analysis))] if names else []
    if names:
        lines += ["", "## Stance", "", "| ¶ | " + " | ".join(map(escape_markdown, names)) + " |"]
        lines.append("|---|" + "---|" * len(names))
        for paragraph in article.paragraphs:
            cells = [_cell(labels[paragraph.index, name]) for name in names]
            lines.append(f"| {paragraph.index + 1} | " + " | ".join(cells) + " |")
        evidence = [f"- {escape_markdown(line)}" for line in _evidence_lines(analysis)]
        lines += (
            ["", "## Evidence", "", "A question mark marks a label that is unsure.", "", *evidence] if evidence else []
        )
    return "\n".join(lines) + "\n"


def escape_markdown(text: str) -> str:
    """`text` on one line with every sign that Markdown or HTML could act on made harmless."""
    flat = _plain(" ".join(text.split()))
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>&$~:^=])", r"\\\1", flat)


def _cell(label: StanceLabel) -> str:
    if label.stance is Stance.ABSENT or label.probability is None:
        return f"{SIGNS[label.stance]} {label.stance}"
    return f"{SIGNS[label.stance]} {label.stance} {label.probability:.0%}{' ?' if label.unsure else ''}"


def voice_phrase(label: StanceLabel) -> str:
    """Whose voice takes the stance, in words; "" where nobody takes one or nobody said."""
    if label.voice is Voice.QUOTED:
        return f"quoted: {' '.join(label.holder.split())}" if label.holder else "quoted"
    return "author’s voice" if label.voice is Voice.AUTHOR else ""


def _summary_lines(analysis: Analysis) -> Iterator[tuple[str, str]]:
    """The shown summary's sentences and citations; in a written one, the article's own are between quotation marks."""
    for sentence in analysis.shown.sentences:
        own = analysis.shown is analysis.written and not sentence.written
        yield f"“{sentence.text}”" if own else sentence.text, _citation(sentence.paragraphs)


def _party_lines(analysis: Analysis) -> Iterator[str]:
    for line in party_lines(analysis):
        where = f" {_citation(line.paragraphs)}" if line.paragraphs else ""
        yield f"{line.party}: {line.text}{where}{f' “{line.evidence}”' if line.evidence else ''}"
        if portrayal := analysis.portrayals.get(line.party):
            yield f"{line.party}: {portrayal.text} {_citation(portrayal.paragraphs)}"


def _evidence_lines(analysis: Analysis) -> Iterator[str]:
    """One line for each stance that is not neutral: where, toward whom, whose voice, and the sentence."""
    for label in analysis.labels:
        if label.evidence:
            text = analysis.article.paragraphs[label.paragraph].read(label.evidence)
            yield (
                f"¶{label.paragraph + 1} {SIGNS[label.stance]} {label.party} ({voice_phrase(label)}): "
                f"“{' '.join(text.split())}”"
            )


def _stance(text: str, label: StanceLabel) -> dict[str, Any]:
    return {
        "paragraph": label.paragraph,
        "party": label.party,
        "stance": label.stance.value,
        "probabilities": _shares(label),
        "unsure": label.unsure,
        "careful": label.careful,
        "voice": label.voice.value if label.voice else None,
        "holder": _span(text, label.holder_span),
        "evidence": _span(text, label.evidence),
    }


def _second(answer: StanceLabel | Unread) -> dict[str, Any]:
    item = {"paragraph": answer.paragraph, "party": answer.party}
    if isinstance(answer, Unread):
        return {**item, "stance": None, "reply": answer.reply, "reason": answer.reason}
    return {**item, "stance": answer.stance.value, "probabilities": _shares(answer)}


def _shares(label: StanceLabel) -> dict[str, float]:
    return {stance.value: round(share, 4) for stance, share in (label.probabilities or {}).items()}


def _citation(paragraphs: tuple[int, ...]) -> str:
    return "(" + ", ".join(f"¶{index + 1}" for index in paragraphs) + ")"


def _plain(text: str) -> str:
    """Without control characters, which a terminal might obey."""
    return "".join(character for character in text if character.isprintable() or character == "\n")


def _span(text: str, span: Span | None) -> dict[str, Any] | None:
    return {"text": text[span.start : span.end], "start": span.start, "end": span.end} if span else None


def _mention(mention: Mention) -> dict[str, int]:
    return {"paragraph": mention.paragraph, "start": mention.start, "end": mention.end}
