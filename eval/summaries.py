"""How good the summaries are: likeness to people's references, beside the lead, and whether the article says it."""

import statistics
from collections.abc import Sequence
from typing import Any

from rouge_score.rouge_scorer import RougeScorer

from eval.gold import GoldArticle
from eval.judges import Reply
from model.article.nlp import sentences
from model.domain import SummarySentence
from model.summary.surface_checks import invented_quotations, missing_numbers, names_of, strange_names

ROUGE = ("rouge1", "rouge2", "rougeLsum")
_LEAD = 3


def summary_scores(gold: Sequence[GoldArticle], replies: Sequence[Reply]) -> dict[str, Any] | None:
    """Means over the articles that have a reference and a summary, and over each genre; None without any.

    `rouge1`, `rouge2` and `rougeLsum` are F1 (stemmed, a sentence a line) against the better of an article's
    references; `lead3` has the same of its first three sentences. `supported` is the share of sentences that are
    the article's own word for word, or were written and passed the check; `strange` counts sentences with a
    number, name or quotation that the article lacks; `compression` is the summary's words by the article's.
    """
    scorer = RougeScorer(list(ROUGE), use_stemmer=True)
    found: dict[str, list[dict[str, float]]] = {}
    for article, reply in zip(gold, replies, strict=True):
        if article.summaries and reply.summary:
            row = _scores(scorer, article, reply.summary)
            row |= {f"lead3.{key}": value for key, value in _scores(scorer, article, lead(article)).items()}
            found.setdefault(article.genre, []).append(row)
    rows = [row for some in found.values() for row in some]
    return _means(rows) | {"by": {genre: _means(some) for genre, some in sorted(found.items())}} if rows else None


def lead(article: GoldArticle) -> tuple[SummarySentence, ...]:
    """The article's first three sentences."""
    found = []
    for paragraph in article.article.paragraphs:
        for span in sentences(paragraph.text):
            found.append(SummarySentence(" ".join(paragraph.read(span).split()), (paragraph.index,)))
            if len(found) == _LEAD:
                return tuple(found)
    return tuple(found)


def _scores(scorer: RougeScorer, article: GoldArticle, summary: Sequence[SummarySentence]) -> dict[str, float]:
    shown = "\n".join(sentence.text for sentence in summary)
    rounds = [scorer.score("\n".join(reference.split(". ")), shown) for reference in article.summaries]
    paragraphs = [" ".join(paragraph.text.split()) for paragraph in article.article.paragraphs]
    source = "\n".join([article.article.read(article.article.title), *paragraphs])
    return {name: max(score[name].fmeasure for score in rounds) for name in ROUGE} | {
        "supported": statistics.fmean(
            sentence.written or any(sentence.text in paragraphs[index] for index in sentence.paragraphs)
            for sentence in summary
        ),
        "strange": float(sum(_strange(sentence.text, source) for sentence in summary)),
        "written": statistics.fmean(sentence.written for sentence in summary),
        "words": float(len(shown.split())),
        "compression": len(shown.split()) / len(source.split()),
    }


def _strange(sentence: str, source: str) -> bool:
    return bool(
        missing_numbers(sentence, source)
        or invented_quotations(sentence, [source])
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
