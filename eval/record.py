"""A run of the evaluation as one JSON file: items, predictions, scores, and all that they depend on."""

import hashlib
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.gold import GoldArticle
from eval.intervals import Counts, counts_by_article, intervals
from eval.judges import Judge, Reply
from eval.metrics import krippendorff_alpha, main_scores, score
from eval.summaries import summary_scores
from eval.versions import commit, machine
from model.domain import OPPOSITE, PRESENT, VOICES, Span, Stance, StanceLabel, Voice
from model.errors import LabelError
from model.training.calibrate import bins_of, error_of

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Item:
    """One gold item and what the judge said of it; `predicted` None is an item that the judge could not read."""

    article: str
    genre: str
    kind: str
    paragraph: int
    party: str
    gold: Stance
    gold_voice: Voice | None
    predicted: Stance | None
    voice: Voice | None
    probabilities: dict[str, float]
    unsure: bool
    evidence: str
    text: str

    @property
    def key(self) -> tuple[str, int, str]:
        """What makes the item the same in two runs."""
        return self.article, self.paragraph, self.party

    @property
    def right(self) -> bool:
        """Whether the prediction is the gold label."""
        return self.predicted is self.gold

    @property
    def scored(self) -> Stance:
        """The prediction; for an unread item a label that is wrong: absent, or neutral where the gold is absent."""
        return self.predicted or (Stance.NEUTRAL if self.gold is Stance.ABSENT else Stance.ABSENT)


def counts_of(items: Sequence[Item]) -> Counts:
    """The items' confusion counts by article."""
    return counts_by_article(
        [item.article for item in items], [item.gold for item in items], [item.scored for item in items]
    )


def items_of(article: GoldArticle, labels: Mapping[tuple[int, str], StanceLabel]) -> list[Item]:
    """The article's gold items beside the labels that a judge gave."""
    return [_item(article, gold, labels.get((gold.paragraph, gold.party))) for gold in article.labels]


def items_of_all(gold: Sequence[GoldArticle], replies: Sequence[Reply]) -> list[Item]:
    """The items of a whole run, article by article."""
    return [item for article, reply in zip(gold, replies, strict=True) for item in items_of(article, reply.labels)]


def _item(article: GoldArticle, gold: StanceLabel, predicted: StanceLabel | None) -> Item:
    text = article.article.paragraphs[gold.paragraph].text if article.open_text else ""

    def words(span: Span | None) -> str:
        return text[span.start : span.end] if span else ""

    return Item(
        article=article.id,
        genre=article.genre,
        kind=article.kinds.get(gold.party, ""),
        paragraph=gold.paragraph,
        party=gold.party,
        gold=gold.stance,
        gold_voice=gold.voice,
        predicted=predicted.stance if predicted else None,
        voice=predicted.voice if predicted else None,
        probabilities={s.value: round(p, 4) for s, p in ((predicted and predicted.probabilities) or {}).items()},
        unsure=bool(predicted and predicted.unsure),
        evidence=words(predicted.evidence if predicted else None),
        text=text,
    )


def scores_of(items: Sequence[Item], seed: int = 1) -> dict[str, Any]:
    """All scores over items, with intervals; an unread item counts as wrong.

    Raises:
        LabelError: there are no items.
    """
    if not items:
        raise LabelError("expected labelled items, found none; look at --only, --limit and the gold files")
    heard = [item for item in items if item.gold_voice in VOICES and item.voice in VOICES]
    sure = [item for item in items if not item.unsure and item.predicted]
    judged = [item for item in items if item.probabilities and item.predicted not in (None, Stance.ABSENT)]
    bins = bins_of([(max(item.probabilities.values()), item.right) for item in judged])
    return score([item.gold for item in items], [item.scored for item in items]) | {
        "alpha": krippendorff_alpha([(item.gold, item.scored) for item in items]),
        "intervals": intervals(counts_of(items), seed),
        "voice": _share(item.gold_voice is item.voice for item in heard),
        "sure": _share(item.right for item in sure),
        "unsure": sum(item.unsure for item in items),
        "unread": sum(item.predicted is None for item in items),
        "reliability": bins,
        "calibration_error": error_of(bins) if bins else None,
        "opposite": _share((i.gold, i.predicted) in OPPOSITE.items() for i in items if i.gold in PRESENT),
        "taken_for_absent": _share(item.scored is Stance.ABSENT for item in items if item.gold in PRESENT),
    }


def record_of(
    judge: Judge, gold: Sequence[GoldArticle], replies: Sequence[Reply], files: Iterable[Path], seed: int,
    folder: Path | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The record of a run; without times, which the caller adds. Scores of summaries are kept in `folder`."""
    items = items_of_all(gold, replies)
    columns = [column.name for column in fields(Item)]
    return {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "judge": judge.name,
        "versions": dict(judge.versions),
        "commit": commit(),
        "machine": machine(),
        "seed": seed,
        "gold": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()},
        "articles": len(gold),
        "disputed": sum(article.disputed for article in gold),
        "scores": scores_of(items, seed),
        "by": {name: _groups(items, name, seed) for name in ("genre", "kind", "gold_voice", "article")}
        | {"reference": _by_reference(gold, items, seed)},
        "evidence": _evidence([fall for reply in replies for fall in reply.falls]),
        "names": _names(replies),
        "summary": summary_scores(gold, replies, folder, judge.versions.get("program", "")),
        "items": [{name: getattr(item, name) for name in columns} for item in items],
    }


def read_record(path: Path) -> tuple[dict[str, Any], list[Item]]:
    """A record and its items.

    Raises:
        LabelError: the file is not a record of this format.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["format"] != FORMAT:
            raise LabelError(f"expected a record of format {FORMAT} in {path}, got {record['format']}; run it again")
        return record, [_read_item(row) for row in record["items"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LabelError(
            f"expected a record of `python -m eval` in {path}, got {type(error).__name__}: {error}"
        ) from error


def write_record(record: Mapping[str, Any], path: Path) -> None:
    """Write the record as JSON, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def _read_item(row: Mapping[str, Any]) -> Item:
    return Item(
        **{
            **row,
            "gold": Stance(row["gold"]),
            "gold_voice": Voice(row["gold_voice"]) if row["gold_voice"] else None,
            "predicted": Stance(row["predicted"]) if row["predicted"] else None,
            "voice": Voice(row["voice"]) if row["voice"] else None,
        }
    )


def _groups(items: Sequence[Item], name: str, seed: int) -> dict[str, dict[str, Any]]:
    values = sorted({getattr(item, name) for item in items} - {"", None})
    groups = {value: [item for item in items if getattr(item, name) == value] for value in values}
    return {value: _short(some, seed) for value, some in groups.items()}


def _by_reference(gold: Sequence[GoldArticle], items: Sequence[Item], seed: int) -> dict[str, dict[str, Any]]:
    """The present items by how the paragraph refers to the party, where the gold says so."""
    references = {article.id: article.references for article in gold}
    groups: dict[str, list[Item]] = {}
    for item in items:
        if how := references[item.article].get((item.paragraph, item.party)):
            groups.setdefault(how, []).append(item)
    return {how: _short(some, seed) for how, some in sorted(groups.items())}


def _short(items: Sequence[Item], seed: int) -> dict[str, Any]:
    counts = counts_of(items)
    return main_scores(counts.sum(axis=0)) | {"intervals": intervals(counts, seed)}


def _share(hits: Iterable[bool]) -> dict[str, Any]:
    values = list(hits)
    return {"items": len(values), "accuracy": statistics.fmean(values) if values else None}


def _evidence(falls: Sequence[tuple[float, float]]) -> dict[str, Any] | None:
    if not falls:
        return None
    return {
        "items": len(falls),
        "largest": statistics.fmean(own > other for own, other in falls),
        "fall": statistics.fmean(own for own, _ in falls),
        "fall_other": statistics.fmean(other for _, other in falls),
    }


def _names(replies: Sequence[Reply]) -> dict[str, dict[str, Any]]:
    kinds = sorted({kind for reply in replies for kind in reply.names})
    sums = {kind: [sum(reply.names.get(kind, (0, 0))[i] for reply in replies) for i in (0, 1)] for kind in kinds}
    return {kind: {"items": count, "followed": hits / count if count else None} for kind, (hits, count) in sums.items()}
