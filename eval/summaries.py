"""How good the summaries are: likeness to people's references, beside the lead, and whether the article says it."""

import hashlib
import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from eval.gold import GoldArticle
from eval.judges import Reply
from model.article.nlp import sentences
from model.domain import SummarySentence
from model.summary.surface_checks import invented_quotations, missing_numbers, names_of, strange_names

ROUGE = ("rouge1", "rouge2", "rougeLsum")
_LEAD = 3


def summary_scores(
    gold: Sequence[GoldArticle], replies: Sequence[Reply], folder: Path | None = None, program: str = ""
) -> dict[str, Any] | None:
    """Means over the articles that have a reference, and over each genre; None where no article has a summary.

    An article without a summary has 0.

    `rouge1`, `rouge2` and `rougeLsum` are F1 (stemmed, a sentence a line) against the one of an article's references
    that has the better `rougeLsum`; `lead3` has the same of its first three sentences. `supported` is the share of
    sentences that are the article's own word for word, or were written and passed the check; `strange` counts
    sentences with a number, name or quotation that the article lacks; `compression` is the summary's words by the
    article's.

    In `folder` each article's scores are kept, while `program`, the version of the checks, and this file are the same.
    """
    found: dict[str, list[dict[str, float]]] = {}
    written = any(reply.summary for reply in replies)
    for article, reply in zip(gold, replies, strict=True):
        if article.summaries and written:
            found.setdefault(article.genre, []).append(_kept(article, reply.summary, folder, program))
    rows = [row for some in found.values() for row in some]
    return _means(rows) | {"by": {genre: _means(some) for genre, some in sorted(found.items())}} if rows else None


def _kept(
    article: GoldArticle, summary: Sequence[SummarySentence], folder: Path | None, program: str
) -> dict[str, float]:
    """The scores of a summary and of the article's lead, made once."""
    own = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    asked = [program, own, article.article.text, article.summaries, [asdict(sentence) for sentence in summary]]
    path = folder / f"summary-{hashlib.sha256(json.dumps(asked).encode()).hexdigest()}.json" if folder else None
    try:
        if path:
            return {str(key): float(value) for key, value in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError):
        pass  # missing or cut off
    row = _scores(article, summary)
    row |= {f"lead3.{key}": value for key, value in _scores(article, lead(article)).items()}
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(row), encoding="utf-8")
    return row


@cache
def _scorer() -> Any:
    from rouge_score.rouge_scorer import RougeScorer  # two seconds to import

    return RougeScorer(list(ROUGE), use_stemmer=True)


def lead(article: GoldArticle) -> tuple[SummarySentence, ...]:
    """The article's first three sentences."""
    found = []
    for paragraph in article.article.paragraphs:
        for span in sentences(paragraph.text):
            found.append(SummarySentence(" ".join(paragraph.read(span).split()), (paragraph.index,)))
            if len(found) == _LEAD:
                return tuple(found)
    return tuple(found)


def _scores(article: GoldArticle, summary: Sequence[SummarySentence]) -> dict[str, float]:
    shown = "\n".join(sentence.text for sentence in summary)
    rounds = [_scorer().score("\n".join(reference.split(". ")), shown) for reference in article.summaries]
    paragraphs = [" ".join(paragraph.text.split()) for paragraph in article.article.paragraphs]
    source = "\n".join([article.article.read(article.article.title), *paragraphs])
    best = max(rounds, key=lambda score: score["rougeLsum"].fmeasure)
    return {name: best[name].fmeasure for name in ROUGE} | {
        "supported": _mean(
            sentence.written or any(sentence.text in paragraphs[index] for index in sentence.paragraphs)
            for sentence in summary
        ),
        "strange": float(sum(_strange(sentence.text, source) for sentence in summary)),
        "written": _mean(sentence.written for sentence in summary),
        "words": float(len(shown.split())),
        "compression": len(shown.split()) / len(source.split()),
    }


def _mean(values: Iterable[float]) -> float:
    """Their mean; 0 of none."""
    return statistics.fmean([*values] or [0.0])


def _strange(sentence: str, source: str) -> bool:
    return bool(
        missing_numbers(sentence, source)
        or invented_quotations(sentence, source)
        or strange_names(names_of(sentence), source)
    )


def _means(rows: Sequence[dict[str, float]]) -> dict[str, Any]:
    means: dict[str, Any] = {"articles": len(rows), "lead3": {}}
    for key in rows[0]:
        value = sum(row[key] for row in rows) if key.endswith("strange") else statistics.fmean(row[key] for row in rows)
        if key.startswith("lead3."):
            means["lead3"][key.removeprefix("lead3.")] = value
        else:
            means[key] = value
    return means
