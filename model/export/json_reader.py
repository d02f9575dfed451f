"""An analysis saved as JSON, read back: the file comes from outside, so that everything in it is checked."""

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from ..article.files import read_file, read_text
from ..domain import (
    Analysis,
    Article,
    Kind,
    Mention,
    Paragraph,
    Party,
    Span,
    Stance,
    StanceLabel,
    Summary,
    SummarySentence,
    Voice,
)
from ..errors import ArticleError
from ..settings import LONGEST_ARTICLE, MOST_PARAGRAPHS
from ..stance.corrections import holder_name

T = TypeVar("T")
_MOST_PARTIES, _MOST_MENTIONS, _MOST_ROWS = 50, 50_000, 5_000


def from_json(raw: str) -> Analysis:
    """The analysis that `model.export.json_format.to_json` wrote.

    Raises:
        ArticleError: it is no such JSON, or its parts do not fit each other.
    """
    try:
        values = json.loads(raw)
        json.dumps(values, ensure_ascii=False).encode()  # half a character, escaped, is no text
        return from_dict(values)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        raise ArticleError(
            f"expected an analysis as Sidelight saves it (JSON), got {type(error).__name__}: {str(error)[:200]}; "
            "save it again from the page or with --format json"
        ) from error


def read_file_or_saved(path: Path) -> Analysis | str:
    """The analysis that a .json file holds, or else the text of an article.

    Raises:
        ArticleError: it cannot be read, or holds neither.
    """
    return from_json(read_text(path)) if path.suffix.lower() == ".json" else read_file(path)


def from_dict(values: Mapping[str, Any]) -> Analysis:
    """The analysis from `to_dict`'s values; raises what Python raises where they are other ones."""
    text = _typed(values["text"], str)
    _check_sizes(text, values)
    paragraphs = tuple(
        Paragraph(index, *_bounds(row, len(text)), text[row["start"] : row["end"]])
        for index, row in enumerate(values["paragraphs"])
    )
    if any(left.end > right.start for left, right in pairwise(paragraphs)):
        raise ValueError("paragraphs overlap")
    if any(not paragraph.text.strip() for paragraph in paragraphs):
        raise ValueError("a paragraph is empty")
    article = Article(
        text,
        paragraphs,
        title=_span(values["spans"]["title"], len(text)),
        byline=_span(values["spans"]["byline"], len(text)),
        dateline=_span(values["spans"]["dateline"], len(text)),
        captions=_spans(values["captions"], len(text)),
        notes=_spans(values["notes"], len(text)),
    )
    parties = tuple(sorted((_party(row, paragraphs) for row in values["parties"]), key=lambda party: not party.main))
    names = {party.name for party in parties}
    labels = tuple(_label(row, paragraphs, names) for row in values["stances"])
    items = {(label.paragraph, label.party) for label in labels}
    if len(names) < len(parties) or len(items) < len(labels) or len(items) != len(names) * len(paragraphs):
        raise ValueError("one stance for each paragraph and party is missing or there twice")
    return Analysis(
        article,
        parties,
        labels,
        _summary(values["summary"], paragraphs),
        tuple(_typed(warning, str) for warning in values["warnings"]),
        {_typed(key, str): _typed(value, str) for key, value in values["versions"].items()},
        _summary(values["written"], paragraphs) if values.get("written") else None,
        {
            name: _sentence(row, paragraphs)
            for name, row in values.get("portrayals", {}).items()
            if _typed(name, str) in names
        },
    )


def _check_sizes(text: str, values: Mapping[str, Any]) -> None:
    """Refuse more of anything than an analysis can have, before any of it is built."""
    parties, paragraphs = values["parties"], values["paragraphs"]
    summaries = [values["summary"], values.get("written") or {"sentences": ()}]
    sizes = (
        ("characters", len(text), LONGEST_ARTICLE),
        ("parties", len(parties), _MOST_PARTIES),
        ("paragraphs", len(paragraphs), MOST_PARAGRAPHS),
        ("mentions", sum(len(row["mentions"]) for row in parties), _MOST_MENTIONS),
        ("other names", sum(len(row["aliases"]) for row in parties), _MOST_ROWS),
        ("stances", len(values["stances"]), len(parties) * len(paragraphs)),
        ("sentences", sum(len(summary["sentences"]) for summary in summaries), _MOST_ROWS),
        *((rows, len(values[rows]), _MOST_ROWS) for rows in ("captions", "notes", "warnings", "versions")),
    )
    for what, count, most in sizes:
        if count > most:
            raise ValueError(f"{count:,} {what}, at most {most:,}")


def _summary(row: Mapping[str, Any], paragraphs: tuple[Paragraph, ...]) -> Summary:
    return Summary(
        tuple(_sentence(sentence, paragraphs) for sentence in row["sentences"]),
        _typed(row["method"], str),
        _typed(row.get("rejected", 0), int),
    )


def _sentence(row: Mapping[str, Any], paragraphs: tuple[Paragraph, ...]) -> SummarySentence:
    return SummarySentence(
        _typed(row["text"], str),
        tuple(_paragraph(index, paragraphs).index for index in row["paragraphs"]),
        _typed(row.get("written", False), bool),
    )


def _party(row: Mapping[str, Any], paragraphs: tuple[Paragraph, ...]) -> Party:
    return Party(
        _typed(row["name"], str),
        Kind(row["kind"]),
        tuple(_typed(alias, str) for alias in row["aliases"]),
        tuple(_mention(mention, paragraphs) for mention in row["mentions"]),
        _typed(row["main"], bool),
        _typed(row.get("exact", False), bool),
    )


def _mention(row: Mapping[str, Any], paragraphs: tuple[Paragraph, ...]) -> Mention:
    paragraph = _paragraph(row["paragraph"], paragraphs)
    return Mention(paragraph.index, *_bounds(row, len(paragraph.text)))


def _label(row: Mapping[str, Any], paragraphs: tuple[Paragraph, ...], names: set[str]) -> StanceLabel:
    paragraph = _paragraph(row["paragraph"], paragraphs)
    holder, holder_span = _holder(row["holder"], paragraph.text)
    return StanceLabel(
        paragraph.index,
        _known(row["party"], names),
        Stance(row["stance"]),
        _shares(row),
        Voice(row["voice"]) if row["voice"] else None,
        holder=holder,
        holder_span=holder_span,
        evidence=_span(row["evidence"], len(paragraph.text)),
        unsure=_typed(row["unsure"], bool),
        note=_typed(row.get("note", ""), str),
    )


def _holder(row: Mapping[str, Any] | None, text: str) -> tuple[str | None, Span | None]:
    """Who is quoted, and which words of the paragraph `text` say so; one whom a reader named has none."""
    if row is None:
        return None, None
    name, span = _typed(row["text"], str), None if row["start"] is None else _span(row, len(text))
    if span is None or text[span.start : span.end] != name:
        name = holder_name(name)
    return (name, span) if name else (None, None)


def _paragraph(index: object, paragraphs: tuple[Paragraph, ...]) -> Paragraph:
    number = _typed(index, int)
    if not 0 <= number < len(paragraphs):
        raise ValueError(f"there is no paragraph {str(number)[:80]}")
    return paragraphs[number]


def _known(party: object, names: set[str]) -> str:
    if party not in names:
        raise ValueError(f"no party is named {str(party)[:80]!r}")
    return str(party)


def _shares(row: Mapping[str, Any]) -> dict[Stance, float] | None:
    """Those of the stances; a reader's label has none, for which older files have {}, as for absent parties."""
    shares = row["probabilities"]
    if shares is None or (not shares and row["stance"] != Stance.ABSENT):
        return None
    return {stance: _share(shares.get(stance.value, 0.0)) for stance in Stance}


def _span(row: Mapping[str, Any] | None, length: int) -> Span | None:
    return Span(*_bounds(row, length)) if row is not None else None


def _share(value: object) -> float:
    share = float(value) if isinstance(value, int | float) else -1.0
    if not 0 <= share <= 1:
        raise ValueError(f"{str(value)[:80]!r} is no probability")
    return share


def _spans(rows: list[Mapping[str, Any]], length: int) -> tuple[Span, ...]:
    return tuple(Span(*_bounds(row, length)) for row in rows)


def _bounds(row: Mapping[str, Any], length: int) -> tuple[int, int]:
    start, end = _typed(row["start"], int), _typed(row["end"], int)
    if not 0 <= start <= end <= length:
        raise ValueError(f"the span {start} to {end} lies outside of its text")
    return start, end


def _typed(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{str(value)[:80]!r} is no {kind.__name__}")
    if isinstance(value, str) and len(value) > LONGEST_ARTICLE:
        raise ValueError(f"a text of {len(value):,} characters, at most {LONGEST_ARTICLE:,}")
    return value
