"""An Analysis as JSON, whole."""

import json
from typing import Any

from ..domain import Analysis, Mention, Span, StanceLabel, Summary, SummarySentence
from ..stance.aggregates import party_lines


def to_json(analysis: Analysis) -> str:
    """The whole analysis as JSON: offsets are characters, paragraphs count from 0."""
    return json.dumps(to_dict(analysis), ensure_ascii=False, indent=1)


def to_dict(analysis: Analysis) -> dict[str, Any]:
    """The whole analysis as plain values; docs/json.md says what the keys mean."""
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
        "warnings": list(analysis.warnings),
        "versions": dict(analysis.versions),
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "method": summary.method,
        "sentences": [_sentence(sentence) for sentence in summary.sentences],
        "rejected": summary.rejected,
    }


def _sentence(sentence: SummarySentence) -> dict[str, Any]:
    return {"text": sentence.text, "paragraphs": list(sentence.paragraphs), "written": sentence.written}


def _stance(text: str, label: StanceLabel) -> dict[str, Any]:
    return {
        "paragraph": label.paragraph,
        "party": label.party,
        "stance": label.stance.value,
        "probabilities": _shares(label),
        "unsure": label.unsure,
        "voice": label.voice.value if label.voice else None,
        "holder": _holder(label),
        "evidence": _span(text, label.evidence),
        "note": label.note,
    }


def _holder(label: StanceLabel) -> dict[str, Any] | None:
    """Who is quoted, and which words of the paragraph say so; one whom a reader named has none."""
    if label.holder is None:
        return None
    span = label.holder_span
    return {"text": label.holder, "start": span and span.start, "end": span and span.end}


def _shares(label: StanceLabel) -> dict[str, float] | None:
    """None for a reader's label, which has no probabilities."""
    if label.probabilities is None:
        return None
    return {stance.value: round(share, 4) for stance, share in label.probabilities.items()}


def _span(text: str, span: Span | None) -> dict[str, Any] | None:
    return {"text": text[span.start : span.end], "start": span.start, "end": span.end} if span else None


def _mention(mention: Mention) -> dict[str, int]:
    return {"paragraph": mention.paragraph, "start": mention.start, "end": mention.end}
