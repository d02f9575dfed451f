"""The four tables of the result, as Arrow: articles, items, summaries and errors; docs/corpus.md describes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ...domain import Analysis, Stance
from ..input.rows import BadRow, Row

Values = Mapping[str, Any]

SCHEMAS: Mapping[str, pa.Schema] = {
    "articles": pa.schema(
        {
            "row": pa.int64(),
            "id": pa.string(),
            "outlet": pa.string(),
            "date": pa.string(),
            "title": pa.string(),
            "characters": pa.int32(),
            "paragraphs": pa.int32(),
            "parties": pa.int32(),
            "warnings": pa.list_(pa.string()),
        }
    ),
    "items": pa.schema(
        {
            "row": pa.int64(),
            "id": pa.string(),
            "paragraph": pa.int32(),
            "start": pa.int32(),
            "end": pa.int32(),
            "party": pa.string(),
            "kind": pa.string(),
            "main": pa.bool_(),
            "stance": pa.string(),
            **{stance.value: pa.float64() for stance in Stance},
            "unsure": pa.bool_(),
            "voice": pa.string(),
            "holder": pa.string(),
            "evidence": pa.string(),
        }
    ),
    "summaries": pa.schema(
        {
            "row": pa.int64(),
            "id": pa.string(),
            "sentence": pa.int32(),
            "text": pa.string(),
            "paragraphs": pa.list_(pa.int32()),
            "method": pa.string(),
            "written": pa.bool_(),
            "party": pa.string(),
        }
    ),
    "errors": pa.schema({"row": pa.int64(), "id": pa.string(), "reason": pa.string(), "message": pa.string()}),
}


@dataclass(frozen=True, slots=True)
class Tables:
    """A shard's rows of each table, by the table's name."""

    by_name: Mapping[str, pa.Table]

    @classmethod
    def of(cls, judged: Iterable[tuple[Row, Analysis]], bad: Iterable[BadRow]) -> "Tables":
        """The tables of judged and of bad rows; both come in the order of the input."""
        pairs = list(judged)
        values: Mapping[str, list[Values]] = {
            "articles": [_article(row, analysis) for row, analysis in pairs],
            "items": [item for row, analysis in pairs for item in _items(row, analysis)],
            "summaries": [sentence for row, analysis in pairs for sentence in _sentences(row, analysis)],
            "errors": [
                {"row": row.number, "id": row.id, "reason": row.reason.value, "message": row.message} for row in bad
            ],
        }
        return cls({name: pa.Table.from_pylist(values[name], schema) for name, schema in SCHEMAS.items()})


def _article(row: Row, analysis: Analysis) -> Values:
    return {
        "row": row.number,
        "id": row.id,
        "outlet": row.outlet,
        "date": row.date,
        "title": analysis.article.read(analysis.article.title) or None,
        "characters": len(analysis.article.text),
        "paragraphs": len(analysis.article.paragraphs),
        "parties": len(analysis.parties),
        "warnings": list(analysis.warnings),
    }


def _items(row: Row, analysis: Analysis) -> Iterable[Values]:
    parties = {party.name: party for party in analysis.parties}
    for label in analysis.labels:
        paragraph, party = analysis.article.paragraphs[label.paragraph], parties[label.party]
        probabilities = label.probabilities or {}
        yield {
            "row": row.number,
            "id": row.id,
            "paragraph": label.paragraph,
            "start": paragraph.start,
            "end": paragraph.end,
            "party": label.party,
            "kind": party.kind.value,
            "main": party.main,
            "stance": label.stance.value,
            **{stance.value: round(probabilities.get(stance, 0.0), 4) for stance in Stance},
            "unsure": label.unsure,
            "voice": label.voice.value if label.voice else None,
            "holder": label.holder,
            "evidence": paragraph.read(label.evidence) or None,
        }


def _sentences(row: Row, analysis: Analysis) -> Iterable[Values]:
    """The article's own sentences, then what the reader of the page gets: the written summary and one on each party."""
    groups = [("extractive", "", analysis.summary.sentences)]
    if analysis.shown is not analysis.summary:
        groups.append(("written", "", analysis.shown.sentences))
    groups += [("portrayal", party, (sentence,)) for party, sentence in analysis.portrayals.items()]
    for method, party, sentences in groups:
        for number, sentence in enumerate(sentences):
            yield {
                "row": row.number,
                "id": row.id,
                "sentence": number,
                "text": sentence.text,
                "paragraphs": list(sentence.paragraphs),
                "method": method,
                "written": sentence.written,
                "party": party or None,
            }
