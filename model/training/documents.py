"""Labelled articles, speeches and sentences as one kind of document: texts, parties with their mentions, labels."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..article.nlp import ParsedText, parse
from ..domain import Party, Span, Stance, Voice
from ..errors import LabelError
from ..networks.encoder import Encoder
from ..networks.text_states import TextStates, text_states
from ..parties.finder import requested_parties
from ..parties.requests import PartyRequest
from .examples import (
    LABELS,
    PARAGRAPH_SHARE,
    SENTENCE_SHARE,
    Example,
    group_of,
    in_development,
    labelled_articles,
    labelled_holder,
    read_newsmtsc,
)
from .json_lines import json_lines
from .press import PRESS

SPANS = Mapping[int, tuple[Span, ...]]
_LEAST = 3
"""Letters of a word that tells a name."""


@dataclass(frozen=True, slots=True)
class LabelledParty:
    """A party of a document, and where paragraphs refer to it.

    `found` is what Sidelight finds, `marked` what a reader marked; None where nobody marked any. `kind` is the label
    files' word.
    """

    name: str
    kind: str
    found: SPANS
    marked: SPANS | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A reader's label of a paragraph toward a party, by the party's place in the document.

    `voice`, `evidence` (what carries the stance) and `holder` are None where nobody said. `holder` has the places that
    refer to whoever is quoted, any of which is right, and none where the paragraph does not refer to them.
    """

    paragraph: int
    party: int
    stance: Stance
    voice: Voice | None = None
    evidence: Span | None = None
    holder: tuple[Span, ...] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A labelled text; `group` (article, story, topic or speaker) is never split between sets, `source` its corpus."""

    id: str
    source: str
    group: str
    texts: tuple[str, ...]
    parties: tuple[LabelledParty, ...]
    targets: tuple[Target, ...]


@dataclass(frozen=True)
class Documents:
    """What is learnt from, and what is left out for choices, by source."""

    training: list[Document] = field(default_factory=list)
    development: list[Document] = field(default_factory=list)


def read_documents(corpora: Path, newsmtsc: Path, encoder: Encoder, *, training: bool = True) -> Documents:
    """All labelled documents: real press, our articles, Wikinews, speeches, and NewsMTSC's sentences.

    `encoder` is the one that reads an article for its parties. Without `training` only the documents of
    development are read.

    Raises:
        LabelError: a corpus is not there, or a label names a text that it lacks.
    """
    found = Documents(
        list(read_press(PRESS / "training.jsonl", corpora, encoder)) if training else [],
        list(read_press(PRESS / "development.jsonl", corpora, encoder)),
    )
    for document in read_paragraph_labels(LABELS, corpora, encoder, training=training):
        (found.development if in_development(document.group, PARAGRAPH_SHARE) else found.training).append(document)
    for number, example in enumerate(read_newsmtsc(newsmtsc)):
        document = _sentence(number, example)
        (found.development if in_development(document.group, SENTENCE_SHARE) else found.training).append(document)
    return found


@dataclass(frozen=True, slots=True)
class PressRow:
    """An article of a press file: its text, its parties with their `aliases`, and the labels as they are written."""

    id: str
    title: str
    paragraphs: Sequence[str]
    parties: Sequence[Mapping[str, Any]]
    labels: Sequence[Mapping[str, Any]]

    @property
    def requests(self) -> list[PartyRequest]:
        """The parties as a reader would ask for them."""
        return [PartyRequest(party["name"], tuple(party["aliases"])) for party in self.parties]


def press_rows(labels: Path, corpora: Path) -> Iterator[PressRow]:
    """The articles of a press file, with the further parties of the file beside it (`…_further.jsonl`) if there is one.

    Raises:
        LabelError: an article's text is not at hand, or another one than was labelled.
    """
    texts = _press_texts(corpora)
    beside = labels.with_name(f"{labels.stem}_further.jsonl")
    further = {row["id"]: row for row in json_lines(beside)} if beside.is_file() else {}
    for number, row in enumerate(json_lines(labels), 1):
        title, paragraphs = texts.get(row["id"], ("", []))
        if [_digest(text) for text in paragraphs] != row["paragraph_sha256"]:
            raise LabelError(f"expected the text that was labelled in {labels}:{number}, got another for {row['id']!r}")
        both = [row, further[row["id"]]] if row["id"] in further else [row]
        yield PressRow(
            row["id"],
            title,
            paragraphs,
            [party for some in both for party in some["parties"]],
            [label for some in both for label in some["labels"]],
        )


def read_press(labels: Path, corpora: Path, encoder: Encoder) -> Iterator[Document]:
    """The articles of a press file; `marked` are the names and what a reader marked (`…_references.jsonl`).

    Raises:
        LabelError: an article's text is not at hand, or another one than was labelled.
    """
    beside = labels.with_name(f"{labels.stem}_references.jsonl")
    references = {row["id"]: row["parties"] for row in json_lines(beside)} if beside.is_file() else {}
    for row in press_rows(labels, corpora):
        places = {party["name"]: place for place, party in enumerate(row.parties)}
        texts = [row.title, *row.paragraphs]
        parsed = parse(texts)
        found = _found(parsed, row.requests, *text_states(encoder, [texts]))
        named = _found(parsed, row.requests)
        marked = {
            party["party"]: _with(named[party["party"]], [*party["refers"], *party["theirs"]])
            for party in references.get(row.id, ())
        }
        refers = {party["party"]: _with({}, party["refers"]) for party in references.get(row.id, ())}
        speakers = {
            name.lower(): refers.get(party["name"], {})
            for party in reversed(row.parties)  # of two with one name the first counts
            for name in (party["name"], *party["aliases"])
        }
        yield Document(
            row.id,
            "press",
            row.id,
            tuple(row.paragraphs),
            tuple(LabelledParty(p["name"], p["kind"], found[p["name"]], marked.get(p["name"])) for p in row.parties),
            tuple(
                _press_target(item, places[item["party"]], row.paragraphs[item["paragraph"]], speakers)
                for item in row.labels
            ),
        )


def read_paragraph_labels(
    labels: Path, corpora: Path, encoder: Encoder, *, training: bool = True
) -> Iterator[Document]:
    """Our articles, Wikinews and speeches, with the items that are labelled; without `training` those of development.

    Raises:
        LabelError: a label names a text that the corpora lack.
    """
    for identifier, title, paragraphs, rows in labelled_articles(labels, corpora):
        if not training and not in_development(group_of(identifier), PARAGRAPH_SHARE):
            continue
        names = sorted({row["party"] for row in rows})
        kinds = {row["party"]: row["kind"] for row in rows}
        texts = [title, *paragraphs]
        found = _found(parse(texts), [PartyRequest(name) for name in names], *text_states(encoder, [texts]))
        marked: dict[str, dict[int, tuple[Span, ...]]] = {name: {} for name in names}
        for row in rows:
            marked[row["party"]][row["paragraph"]] = tuple(Span(*pair) for pair in row["mentions"])
        yield Document(
            identifier,
            identifier.split("-")[0],
            group_of(identifier),
            tuple(paragraphs),
            tuple(LabelledParty(name, kinds[name], found[name], marked[name]) for name in names),
            tuple(_target(row, names.index(row["party"])) for row in rows),
        )


def _sentence(number: int, example: Example) -> Document:
    parties = tuple(
        LabelledParty(target.party, target.kind, {0: target.spans}, {0: target.spans}) for target in example.targets
    )
    targets = tuple(
        Target(0, place, t.stance, t.voice, t.evidence, t.holder) for place, t in enumerate(example.targets)
    )
    return Document(f"newsmtsc-{number}", "newsmtsc", example.group, (example.text,), parties, targets)


def _found(
    parsed: Sequence[ParsedText], requests: Sequence[PartyRequest], read: TextStates | None = None
) -> dict[str, SPANS]:
    """Where Sidelight finds the parties asked for, by name and paragraph; without `read` their names alone.

    `parsed` has the title first.
    """
    parties = requested_parties(parsed[0], parsed[1:], requests, read)
    return {request.name: _by_paragraph(party) for request, party in zip(requests, parties, strict=True)}


def _with(named: SPANS, references: Sequence[Sequence[int]]) -> SPANS:
    """The names together with references, given as paragraph, start and end, that do not overlap what is there."""
    found = {paragraph: list(spans) for paragraph, spans in named.items()}
    for paragraph, start, end in references:
        spans = found.setdefault(paragraph, [])
        if not any(span.start < end and start < span.end for span in spans):
            spans.append(Span(start, end))
    return {paragraph: tuple(sorted(spans, key=lambda span: span.start)) for paragraph, spans in found.items()}


def _by_paragraph(party: Party) -> dict[int, tuple[Span, ...]]:
    return {index: tuple(Span(m.start, m.end) for m in some) for index, some in party.by_paragraph().items()}


def _target(row: Mapping[str, Any], party: int) -> Target:
    voice = Voice(row["voice"])
    return Target(
        row["paragraph"],
        party,
        Stance(row["stance"]),
        None if voice is Voice.NONE else voice,
        Span(*row["evidence"]) if row["evidence"] else None,
        labelled_holder(row),
    )


def _press_target(row: Mapping[str, Any], party: int, text: str, speakers: Mapping[str, SPANS]) -> Target:
    """A label of a press file; `speakers` has what refers to a party, by each of its names: it may be the holder."""
    voice = Voice(row["voice"])
    called = row.get("holder") or ""
    holder = _holder_in(text, called) if voice is Voice.QUOTED else None
    if holder == ():
        holder = speakers.get(called.lower(), {}).get(row["paragraph"], ())
    return Target(
        row["paragraph"],
        party,
        Stance(row["stance"]),
        None if voice is Voice.NONE else voice,
        Span(*row["evidence"]) if row.get("evidence") else None,
        holder,
    )


def _holder_in(text: str, holder: str) -> tuple[Span, ...] | None:
    """Where a paragraph first has what a reader of press called the holder, in full, or else the name's last word.

    Nowhere where it has no word of it either, and None where it has one: it may call the holder otherwise.
    """
    words = re.findall(r"\w[\w’'-]*", holder.removesuffix("’s").removesuffix("'s"))
    last = words[-1] if words and words[-1][0].isupper() and len(words[-1]) >= _LEAST else ""
    for name, flags in ((holder, re.IGNORECASE), (last, re.NOFLAG)):
        if name and (found := re.search(rf"\b{re.escape(name)}\b", text, flags)):
            return (Span(*found.span()),)
    known = {word.lower() for word in re.findall(r"\w+", text)}
    return None if any(word.lower() in known for word in words if len(word) >= _LEAST) else ()


def _press_texts(corpora: Path) -> dict[str, tuple[str, list[str]]]:
    path = corpora / "news.jsonl"
    if not path.is_file():
        raise LabelError(f"expected the press corpus in {path}, got no such file; name the folder that has it")
    return {row["id"]: (row["title"], row["paragraphs"]) for row in json_lines(path)}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
