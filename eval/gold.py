"""Gold files: articles with hand labels, one a line; every line is checked before anything is scored."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from model.article.splitter import join_article, split_article
from model.domain import Article, Mention, Stance, StanceLabel, Voice
from model.errors import ArticleError, LabelError
from model.parties.requests import PartyRequest
from model.training.json_lines import json_lines

T = TypeVar("T")
E = TypeVar("E", Stance, Voice)
_DECIDES = {"gold", "adjudicated", "consensus"}


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """An article, the parties asked about, and one hand label per item.

    `mentions` are those that the file gives for a party, if any; `disputed` counts items left out
    because annotators differ and nobody settled it; `kinds` are the parties' kinds in the file's
    words; `summaries` are reference summaries. `open_text` is False for a text that may not be copied;
    `second_requests` are the parties that a second reader chose, `references` how a paragraph refers to a party (name,
    pronoun, description, or only theirs: its act or plan).
    """

    id: str
    article: Article
    requests: tuple[PartyRequest, ...]
    mentions: Mapping[str, tuple[Mention, ...]]
    labels: tuple[StanceLabel, ...]
    disputed: int = 0
    genre: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    summaries: tuple[str, ...] = ()
    open_text: bool = True
    second_requests: tuple[PartyRequest, ...] = ()
    references: Mapping[tuple[int, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """Where a gold article stands, for messages."""

    file: Path
    number: int

    def fail(self, expected: str, found: object) -> LabelError:
        """The error to raise."""
        return LabelError(f"{self.file}:{self.number}: expected {expected}, found {found!r}")


def read_gold(files: Sequence[Path], texts: Path | None = None, corpora: Path | None = None) -> list[GoldArticle]:
    """All gold articles of `files`; a folder stands for the JSONL files in it.

    A line with `paragraph_sha256` instead of `paragraphs` is stand-off: its text is taken from
    `texts`/<id>.txt, or from `corpora`/<corpus>.jsonl where the line names a corpus, and left out where that is not
    at hand.

    Raises:
        LabelError: a file or line breaks the format; the message names file and line.
    """
    found = [gold for file in _files(files) for gold in _read_file(file, texts, corpora)]
    twice = [identifier for identifier, count in Counter(gold.id for gold in found).items() if count > 1]
    if twice:
        raise LabelError(f"expected each article id once, found {twice[0]!r} more than once in {[*map(str, files)]}")
    return found


def without_text(files: Sequence[Path], texts: Path | None = None, corpora: Path | None = None) -> list[str]:
    """The ids of the articles that `read_gold` leaves out, because their text is not at hand."""
    return [
        row["id"]
        for file in _files(files)
        for _, row in read_lines(file)
        if "paragraph_sha256" in row and _text_file(row, texts, corpora) is None
    ]


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files, and for a folder the JSONL files in it."""
    for path in paths:
        if path.is_dir():
            inside = sorted(path.glob("*.jsonl"))
            if not inside:
                raise LabelError(f"expected JSONL files in the folder {path}, found none")
            yield from inside
        else:
            yield path


def read_lines(file: Path) -> Iterator[tuple[Line, dict[str, Any]]]:
    """The JSON objects of a file with their line numbers; blank lines are passed over."""
    if not file.is_file():
        raise LabelError(f"expected a JSONL file, found nothing at {file}")
    for number, raw in enumerate(file.read_bytes().split(b"\n"), 1):
        line = Line(file, number)
        try:
            value = json.loads(raw) if raw.strip() else None
        except UnicodeDecodeError as error:
            raise line.fail("UTF-8 text", raw[error.start : error.end]) from error
        except json.JSONDecodeError as error:
            raise line.fail(f"JSON ({error.msg})", error.doc[max(0, error.pos - 20) : error.pos + 20]) from error
        if raw.strip():
            if not isinstance(value, dict):
                raise line.fail("a JSON object", value)
            yield line, value


def _read_file(file: Path, texts: Path | None, corpora: Path | None) -> Iterator[GoldArticle]:
    for line, row in read_lines(file):
        identifier = _get(line, row, "id", str)
        article = _article(line, row, identifier, texts, corpora)
        if article is None:
            continue
        parties = _get(line, row, "parties", list)
        names = [_get(line, party, "name", str) for party in parties]
        if len(set(names)) < len(names):
            raise line.fail("each party once", [name for name, count in Counter(names).items() if count > 1])
        labels, disputed = _labels(line, row, len(article.paragraphs), names)
        yield GoldArticle(
            id=identifier,
            article=article,
            requests=_requests(line, parties),
            mentions={
                name: tuple(_mention(line, mention, article) for mention in _list(line, party, "mentions"))
                for name, party in zip(names, parties, strict=True)
            },
            labels=labels,
            disputed=disputed,
            genre=str(row.get("genre") or ""),
            kinds={name: str(party.get("kind") or "") for name, party in zip(names, parties, strict=True)},
            summaries=tuple(_strings(line, _summaries(row))),
            open_text="paragraph_sha256" not in row,
            second_requests=_requests(line, _list(line, row, "second_parties")),
            references={
                (label["paragraph"], label["party"]): label["reference"]
                for label in row["labels"]
                if label.get("reference")
            },
        )


def _requests(line: Line, parties: Sequence[Any]) -> tuple[PartyRequest, ...]:
    return tuple(
        PartyRequest(_get(line, party, "name", str), tuple(_strings(line, party.get("aliases") or [])))
        for party in parties
    )


def _summaries(row: dict[str, Any]) -> list[Any]:
    """The reference summaries as texts; one may be a list of sentences with their paragraphs."""
    found = [row[key] for key in ("summary", "second_summary") if row.get(key)]
    return [" ".join(part["text"] for part in some) if isinstance(some, list) else some for some in found]


def _article(
    line: Line, row: dict[str, Any], identifier: str, texts: Path | None, corpora: Path | None
) -> Article | None:
    if "paragraph_sha256" not in row:
        paragraphs = _strings(line, _get(line, row, "paragraphs", list))
        if not paragraphs or not all(text.strip() for text in paragraphs):
            raise line.fail("paragraphs that are not empty", paragraphs)
        return join_article(str(row.get("title") or ""), paragraphs)
    hashes = _strings(line, _get(line, row, "paragraph_sha256", list))
    if Path(identifier).name != identifier:
        raise line.fail("an id that is a plain file name", identifier)
    path = _text_file(row, texts, corpora)
    if path is None:
        return None
    try:
        article = (
            corpus_articles(path)[identifier] if row.get("corpus") else split_article(path.read_text(encoding="utf-8"))
        )
    except (UnicodeDecodeError, ArticleError, KeyError) as error:
        raise line.fail(f"a readable UTF-8 article in {path}", str(error)) from error
    found = [hashlib.sha256(paragraph.text.encode()).hexdigest() for paragraph in article.paragraphs]
    if [own[: len(hashed)] for own, hashed in zip(found, hashes, strict=False)] != hashes or len(found) != len(hashes):
        raise line.fail(f"the {len(hashes)} paragraphs that were labelled in {path}", f"{len(found)} others")
    return article


def _text_file(row: Mapping[str, Any], texts: Path | None, corpora: Path | None) -> Path | None:
    """Where the text of a stand-off article is; None if it is not at hand."""
    corpus = row.get("corpus")
    path = corpora / f"{corpus}.jsonl" if corpora and corpus else texts / f"{row['id']}.txt" if texts else None
    return path if path and path.is_file() else None


@cache
def corpus_articles(path: Path) -> Mapping[str, Article]:
    """The articles of a corpus by id: JSONL with `id`, `title` and `paragraphs`."""
    return {row["id"]: join_article(row["title"], row["paragraphs"]) for row in json_lines(path)}


def _labels(
    line: Line, row: dict[str, Any], paragraphs: int, names: Sequence[str]
) -> tuple[tuple[StanceLabel, ...], int]:
    """One label per item: the only one, the adjudicated one, or the one that most annotators gave."""
    given: dict[tuple[int, str], list[tuple[str, StanceLabel]]] = {}
    for value in _get(line, row, "labels", list):
        paragraph = _get(line, value, "paragraph", int)
        party = _get(line, value, "party", str)
        if not 0 <= paragraph < paragraphs:
            raise line.fail(f"a paragraph from 0 to {paragraphs - 1}", paragraph)
        if party not in names:
            raise line.fail(f"one of the parties {list(names)}", party)
        stance = _one_of(line, Stance, value.get("stance"))
        voice = _one_of(line, Voice, value["voice"]) if value.get("voice") else None
        label = StanceLabel(paragraph, party, stance, voice=voice, holder=value.get("holder") or None)
        others = given.setdefault((paragraph, party), [])
        annotator = str(value.get("annotator") or "")
        if any(annotator == other for other, _ in others):
            raise line.fail("one label per item and annotator", (paragraph, party, annotator))
        others.append((annotator, label))
    chosen = [_settle(labels) for labels in given.values()]
    return tuple(label for label in chosen if label is not None), sum(label is None for label in chosen)


def _settle(labels: Sequence[tuple[str, StanceLabel]]) -> StanceLabel | None:
    for annotator, label in labels:
        if annotator.lower() in _DECIDES:
            return label
    (stance, count), *others = Counter(label.stance for _, label in labels).most_common()
    if others and others[0][1] == count:
        return None
    return next(label for _, label in labels if label.stance == stance)


def _mention(line: Line, value: Any, article: Article) -> Mention:
    paragraph, start, end = (_get(line, value, key, int) for key in ("paragraph", "start", "end"))
    if not 0 <= paragraph < len(article.paragraphs):
        raise line.fail(f"a mention in paragraph 0 to {len(article.paragraphs) - 1}", paragraph)
    if not 0 <= start < end <= len(article.paragraphs[paragraph].text):
        raise line.fail(f"a mention within 0–{len(article.paragraphs[paragraph].text)}", (start, end))
    return Mention(paragraph, start, end)


def _get(line: Line, row: Any, key: str, kind: type[T]) -> T:
    value = row.get(key) if isinstance(row, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise line.fail(f"{key!r} to be {kind.__name__}", value if isinstance(row, dict) else row)
    return value


def _list(line: Line, row: Any, key: str) -> list[Any]:
    """The list under `key`, [] where it is missing or null."""
    return [] if row.get(key) is None else _get(line, row, key, list)


def _strings(line: Line, values: Any) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise line.fail("a list of strings", values)
    return values


def _one_of(line: Line, kind: type[E], value: Any) -> E:
    try:
        return kind(value)
    except ValueError:
        raise line.fail(f"one of {', '.join(kind)}", value) from None
