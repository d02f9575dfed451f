"""Training text and labels: NewsMTSC's sentences and our stand-off paragraph labels, as one kind of example."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..domain import Span, Stance, Voice
from ..errors import LabelError
from ..names.gazetteer import states
from ..settings import DATA
from .json_lines import json_lines

LABELS = DATA / "labels"
"""Our paragraph labels: JSONL, one item a line, no text."""

SENTENCE_LABELS = LABELS / "sentences" / "newsmtsc.jsonl"
"""Our labels of what else some of NewsMTSC's sentences name, besides the persons that it labels."""

OWN_TEXTS = DATA / "texts"
"""Articles that we wrote for training: JSONL of `id`, `title`, `genre`, `paragraphs`."""

SENTENCE_SHARE, PARAGRAPH_SHARE = 10, 5
"""One NewsMTSC article in ten and one of our articles, topics or speakers in five are left out for development."""

POLARITY = {2.0: Stance.CRITICAL, 4.0: Stance.NEUTRAL, 6.0: Stance.FAVORABLE}
"""NewsMTSC's polarities as stances."""


@dataclass(frozen=True, slots=True)
class Target:
    """One party of an example: where the text refers to it, and the stance toward it (never absent).

    `voice`, `evidence` (the clause that carries the stance) and `holder` are None where nobody
    said. `holder` is () where the text names nobody. `kind` is the label files' word.
    """

    spans: tuple[Span, ...]
    stance: Stance
    party: str = ""
    kind: str = ""
    voice: Voice | None = None
    evidence: Span | None = None
    holder: tuple[Span, ...] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the parties labelled in it; `group` (article, topic or speaker) is never split between sets."""

    text: str
    group: str
    targets: tuple[Target, ...]


def in_development(group: str, share: int) -> bool:
    """Whether `group` is left out for development: one in `share`, by the SHA-256 of its name."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % share == 0


def split(examples: Iterable[Example], share: int) -> tuple[list[Example], list[Example]]:
    """Training and development examples, cut by group."""
    train: list[Example] = []
    development: list[Example] = []
    for example in examples:
        (development if in_development(example.group, share) else train).append(example)
    return train, development


def read_newsmtsc(path: Path, labels: Path = SENTENCE_LABELS) -> list[Example]:
    """NewsMTSC's sentences, grouped by article (the first three parts of `primary_gid`); `labels` add to its own.

    Raises:
        LabelError: there is no such file, or a label names a sentence that NewsMTSC lacks, or a span outside of it.
    """
    rows = _rows(path)
    others = _read_labels([labels], {(row["primary_gid"], 0): row["sentence_normalized"] for row in rows})
    return [
        Example(
            text=row["sentence_normalized"],
            group="_".join(row["primary_gid"].split("_")[:3]),
            targets=tuple(
                Target(
                    (Span(target["from"], target["to"]),),
                    POLARITY[target["polarity"]],
                    party=target["mention"],
                    kind="person",
                )
                for target in row["targets"]
            )
            + tuple(others.get((row["primary_gid"], 0), ())),
        )
        for row in rows
    ]


def labelled_articles(
    labels: Path, corpora: Path
) -> Iterator[tuple[str, str, Sequence[str], Sequence[dict[str, Any]]]]:
    """Id, title, paragraphs and label rows, absent items too, of every labelled article and speech.

    Raises:
        LabelError: a label names an article that the corpora lack.
    """
    articles = read_articles(corpora)
    rows: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(labels.glob("*.jsonl")):
        for row in json_lines(file):
            rows.setdefault(row["id"], []).append(row)
    for identifier, some in rows.items():
        if identifier not in articles:
            raise LabelError(f"expected the id of an article of {corpora} in {labels}, got {identifier!r}")
        yield identifier, *articles[identifier], some


def _read_labels(files: Iterable[Path], texts: Mapping[tuple[str, int], str]) -> dict[tuple[str, int], list[Target]]:
    """The targets of each labelled text, by its id and paragraph."""
    targets: dict[tuple[str, int], list[Target]] = {}
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            item = json.loads(line)
            key = (item["id"], item["paragraph"])
            if key not in texts:
                raise LabelError(f"expected a paragraph of the corpora in {file}:{number}, got {key}")
            spans = tuple(Span(*pair) for pair in item["mentions"])
            if any(not 0 <= span.start < span.end <= len(texts[key]) for span in spans):
                raise LabelError(
                    f"expected spans within 0–{len(texts[key])} in {file}:{number}, got {item['mentions']}"
                )
            found = targets.setdefault(key, [])
            if spans:
                found.append(_target(item, spans))
    return targets


def _target(item: Mapping[str, Any], spans: tuple[Span, ...]) -> Target:
    voice = Voice(item["voice"])
    return Target(
        spans,
        Stance(item["stance"]),
        party=item["party"],
        kind=item["kind"],
        voice=None if voice is Voice.NONE else voice,
        evidence=Span(*item["evidence"]) if item["evidence"] else None,
        holder=labelled_holder(item),
    )


def labelled_holder(row: Mapping[str, Any]) -> tuple[Span, ...] | None:
    """Whose view a label of a paragraph is: () where the paragraph names nobody, None where it is not quoted."""
    if row["holder"]:
        return (Span(*row["holder"]),)
    return () if Voice(row["voice"]) is Voice.QUOTED else None


def group_of(identifier: str) -> str:
    """The article of a paragraph, or the other one of ours whose topic it shares; the speaking state of a speech's."""
    if identifier.startswith("ungd-"):
        return "-".join(identifier.split("-")[:2])
    return _on_one_topic().get(identifier, identifier)


@cache
def _on_one_topic() -> dict[str, str]:
    lines = (OWN_TEXTS / "topics.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return {article: other for article, other in (line.split("\t") for line in lines)}  # noqa: C416  # dict() takes lists


def read_articles(corpora: Path) -> dict[str, tuple[str, list[str]]]:
    """Title and paragraphs of every text by its id; a paragraph of a speech is titled by who speaks.

    Raises:
        LabelError: a corpus is not there.
    """
    articles: dict[str, tuple[str, list[str]]] = {}
    for file in [corpora / "wikinews.jsonl", *sorted(OWN_TEXTS.glob("*.jsonl"))]:
        for row in _rows(file):
            articles[row["id"]] = row["title"], list(row["paragraphs"])
    speakers = {state.code: state.name for state in states()}
    for row in _rows(corpora / "ungd.jsonl"):
        speaker = speakers.get(row["speaker"], row["speaker"])
        title = f"Address by {speaker} to the United Nations General Assembly"
        articles[row["id"]] = title, [row["text"]]
    return articles


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    from datasets import load_dataset  # it imports pandas and pyarrow, and the evaluation reads labels alone

    if not path.is_file():
        raise LabelError(f"expected a corpus in {path}, got no such file; name the folder or file that has it")
    return load_dataset("json", data_files=str(path), split="train")  # type: ignore[no-any-return]
