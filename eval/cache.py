"""Replies kept by content: what a judge said of an article is not asked again while nothing that decides it changes."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from eval.gold import GoldArticle
from eval.judges import Judge, Reply
from model.domain import Kind, Party, Span, Stance, StanceLabel, SummarySentence, Voice


@dataclass
class Asked:
    """What a judge said of each article, how many it was asked about, and how long it took; the others were kept."""

    replies: list[Reply] = field(default_factory=list)
    number: int = 0
    seconds: float = 0.0


def ask(judges: Sequence[Judge], gold: Sequence[GoldArticle], folder: Path | None) -> list[Asked]:
    """What each judge says of `gold`, all of them of one article before the next, which is read once; kept in `folder`.

    Each reply is written as soon as it is there, so that a run that was cut off goes on where it stopped.
    """
    found = [Asked() for _ in judges]
    for article in tqdm(gold, desc=judges[0].name, unit="article", disable=None):
        for judge, asked in zip(judges, found, strict=True):
            path = folder / f"{_key(judge, article)}.json" if folder else None
            reply = _read(path) if path else None
            if reply is None:
                start = time.perf_counter()
                reply = judge.judge(article)
                asked.seconds += time.perf_counter() - start
                asked.number += 1
                if path:
                    _write(reply, path)
            asked.replies.append(reply)
    return found


def _key(judge: Judge, article: GoldArticle) -> str:
    asked = {
        "judge": judge.name,
        "versions": dict(judge.versions),
        "text": article.article.text,
        "paragraphs": [paragraph.text for paragraph in article.article.paragraphs],
        "requests": [asdict(request) for request in article.requests],
        "mentions": {name: [asdict(m) for m in mentions] for name, mentions in article.mentions.items()},
        "labels": [[label.paragraph, label.party] for label in article.labels],
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> Reply | None:
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        labels = [_label(value) for value in row["labels"]]
        falls = [(float(own), float(other)) for own, other in row["falls"]]
        names = {kind: (int(hits), int(items)) for kind, (hits, items) in row["names"].items()}
        return Reply(
            {(label.paragraph, label.party): label for label in labels},
            falls,
            names,
            tuple(map(_sentence, row["summary"])),
            tuple(Party(p["name"], Kind(p["kind"]), tuple(p["aliases"]), main=p["main"]) for p in row["found"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # missing, cut off or of an older form: ask again


def _write(reply: Reply, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    row = {
        "labels": [asdict(label) for label in reply.labels.values()],
        "falls": reply.falls,
        "names": reply.names,
        "summary": [asdict(sentence) for sentence in reply.summary],
        "found": [
            {"name": party.name, "kind": party.kind, "aliases": party.aliases, "main": party.main}
            for party in reply.found
        ],
    }
    part = path.with_suffix(".part")
    part.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    part.replace(path)


def _sentence(value: dict[str, Any]) -> SummarySentence:
    return SummarySentence(str(value["text"]), tuple(map(int, value["paragraphs"])), bool(value["written"]))


def _label(value: dict[str, Any]) -> StanceLabel:
    def span(row: dict[str, int] | None) -> Span | None:
        return Span(row["start"], row["end"]) if row else None

    return StanceLabel(
        **{
            **value,
            "stance": Stance(value["stance"]),
            "probabilities": {Stance(k): v for k, v in value["probabilities"].items()}
            if value["probabilities"]
            else None,
            "voice": Voice(value["voice"]) if value["voice"] else None,
            "holder_span": span(value["holder_span"]),
            "evidence": span(value["evidence"]),
        }
    )
