"""Other people's sets in our gold shape: NewsMTSC, PerSenT, and a table of one's own; local files or the Hub."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.gold import GoldArticle
from model.article.splitter import join_article
from model.domain import Mention, Stance, StanceLabel, Voice
from model.errors import LabelError
from model.parties.requests import PartyRequest
from model.training.examples import POLARITY

_PERSENT = {"Negative": Stance.CRITICAL, "Neutral": Stance.NEUTRAL, "Positive": Stance.FAVORABLE}
_SUFFIXES = {".jsonl": "json", ".json": "json", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet"}


def newsmtsc(source: str) -> list[GoldArticle]:
    """NewsMTSC (https://aclanthology.org/2021.eacl-main.142): sentences as articles of one paragraph, mentions given.

    Polarity is not our codebook: it counts bad news as negative.
    """
    found = []
    for number, row in enumerate(_rows(source)):
        text, targets = _need(source, number, row, "sentence_normalized", "targets")
        names = [f"{target['mention']} ({target['from']})" for target in targets]
        found.append(
            GoldArticle(
                id=str(row.get("primary_gid") or f"newsmtsc-{number}"),
                article=join_article("", [text]),
                requests=tuple(
                    PartyRequest(name, (target["mention"],), exact=True)
                    for name, target in zip(names, targets, strict=True)
                ),
                mentions={
                    name: (Mention(0, target["from"], target["to"]),)
                    for name, target in zip(names, targets, strict=True)
                },
                labels=tuple(
                    StanceLabel(0, name, _mapped(source, number, POLARITY, target["polarity"]))
                    for name, target in zip(names, targets, strict=True)
                ),
                genre="sentence",
                kinds=dict.fromkeys(names, "person"),
            )
        )
    return found


def persent(source: str) -> list[GoldArticle]:
    """PerSenT (https://aclanthology.org/2020.coling-main.1): paragraphs of an article toward one person.

    Columns `DOCUMENT_INDEX`, `TITLE`, `TARGET_ENTITY`, `DOCUMENT` (a paragraph a line) and
    `Paragraph0` … with "Positive", "Neutral", "Negative" or nothing. A paragraph without a label is
    not scored; its labels have no absent.
    """
    found = []
    for number, row in enumerate(_rows(source)):
        text, name = _need(source, number, row, "DOCUMENT", "TARGET_ENTITY")
        paragraphs = [line.strip() for line in text.splitlines() if line.strip()]
        labels = tuple(
            StanceLabel(index, name, _mapped(source, number, _PERSENT, row[f"Paragraph{index}"]))
            for index in range(len(paragraphs))
            if row.get(f"Paragraph{index}")
        )
        found.append(
            GoldArticle(
                id=f"persent-{row.get('DOCUMENT_INDEX', number)}",
                article=join_article(str(row.get("TITLE") or ""), paragraphs),
                requests=(PartyRequest(name),),
                mentions={},
                labels=labels,
                genre="news",
                kinds={name: "person"},
            )
        )
    return found


def table(source: str) -> list[GoldArticle]:
    """A CSV or JSONL of one's own: a row an item, with `text`, `party`, `stance`; `id`, `paragraph`, `title`, `voice`.

    Rows of one `id` are an article, whose paragraphs come in the order of `paragraph`; without an
    `id`, each text is an article of its own.
    """
    groups: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for number, row in enumerate(_rows(source)):
        _need(source, number, row, "text", "party", "stance")
        name = f"row-{row['text']}" if row.get("id") in (None, "") else str(row["id"])  # 0 is an id too
        groups.setdefault(name, []).append((number, row))
    return [_of_rows(source, name, rows) for name, rows in groups.items()]


SETS: Mapping[str, Callable[[str], list[GoldArticle]]] = {"newsmtsc": newsmtsc, "persent": persent, "table": table}
"""The loaders by the names that `--set` takes."""


def _of_rows(source: str, name: str, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> GoldArticle:
    texts: dict[int, str] = {}
    for number, row in rows:
        place = _place(source, number, row)
        if texts.setdefault(place, row["text"]) != row["text"]:
            raise LabelError(f"{source}, row {number + 1}: expected one text for paragraph {place} of {name}, got two")
    order = {place: index for index, place in enumerate(sorted(texts))}
    parties = list(dict.fromkeys(row["party"] for _, row in rows))
    labels = []
    seen = set()
    for number, row in rows:
        key = order[_place(source, number, row)], row["party"]
        if key in seen:
            raise LabelError(f"{source}, row {number + 1}: expected each item once, got {row['party']!r} again")
        seen.add(key)
        try:
            voice = Voice(row["voice"]) if row.get("voice") else None
            labels.append(StanceLabel(*key, Stance(row["stance"]), voice=voice))
        except ValueError as error:
            raise LabelError(
                f"{source}, row {number + 1}: expected a stance of {', '.join(Stance)} and a voice of "
                f"{', '.join(Voice)}, got {error}"
            ) from error
    return GoldArticle(
        id=name[:80],
        article=join_article(str(rows[0][1].get("title") or ""), [texts[place] for place in sorted(texts)]),
        requests=tuple(PartyRequest(party) for party in parties),
        mentions={},
        labels=tuple(labels),
    )


def _place(source: str, number: int, row: Mapping[str, Any]) -> int:
    """The number of a row's paragraph, 0 without one."""
    told = row.get("paragraph") or 0
    try:
        place = int(told)
    except (ValueError, TypeError, OverflowError):
        place = None
    if place is None or (isinstance(told, float) and place != told):
        raise LabelError(f"{source}, row {number + 1}: expected a whole number as the paragraph, got {told!r}")
    return place


def _rows(source: str) -> Iterable[Mapping[str, Any]]:
    """The rows of a local file, or of a data set on the Hub ("owner/name" or "owner/name:split")."""
    from datasets import load_dataset  # it imports pandas and pyarrow, which our own gold does not need

    path = Path(source)
    try:
        if path.is_file():
            kind = _SUFFIXES.get(path.suffix.lower())
            if kind is None:
                raise LabelError(f"expected one of {', '.join(_SUFFIXES)} as the ending of {path}, got {path.suffix!r}")
            more = {"sep": "\t"} if path.suffix.lower() == ".tsv" else {}
            return load_dataset(kind, data_files=str(path), split="train", **more)  # type: ignore[no-any-return]
        name, _, split = source.partition(":")
        if path.suffix or name.count("/") != 1:
            raise LabelError(f"expected a file or the name of a data set on the Hub, found nothing at {source}")
        return load_dataset(name, split=split or "test")  # type: ignore[no-any-return]
    except LabelError:
        raise
    except Exception as error:  # datasets raises what its many readers raise
        raise LabelError(f"expected a readable data set in {source}, got {type(error).__name__}: {error}") from error


def _need(source: str, number: int, row: Mapping[str, Any], *columns: str) -> list[Any]:
    missing = [column for column in columns if not row.get(column)]
    if missing:
        raise LabelError(
            f"{source}, row {number + 1}: expected the columns {', '.join(columns)}, {missing[0]} is missing"
        )
    return [row[column] for column in columns]


def _mapped(source: str, number: int, labels: Mapping[Any, Stance], value: Any) -> Stance:
    if value not in labels:
        raise LabelError(f"{source}, row {number + 1}: expected one of {', '.join(map(str, labels))}, got {value!r}")
    return labels[value]
