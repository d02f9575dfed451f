"""Rows of the labels with the language model: an article's main party alone against eight parties."""

from collections.abc import Iterator, Mapping
from functools import partial

from ..article.splitter import split_article
from ..domain import Analysis, Article
from ..parties.requests import PartyRequest
from ..pipeline import Analyzer
from .measure import Left, Row, ratios, row, seconds
from .writing import default_model

_COUNT = 8
_OTHERS = ("Canada", "France", "Ghana", "Japan", "Kenya", "Peru", "Poland")
"""Asked for where an article has fewer parties."""


def careful_rows(articles: Mapping[str, str], rounds: int) -> Iterator[Row | Left]:
    """Each article's labels by both readings: the time with one party and with eight, and how it grows."""
    model = default_model()
    if isinstance(model, Left):
        yield model
        return
    analyzer = Analyzer.from_pretrained(language_model=model)
    if analyzer.ensemble is None:
        yield Left("labels of both readings", "no weights of the reader for this model and encoder")
        return
    for name, text in articles.items():
        article = split_article(text)
        *_, analysis = analyzer.stages(article)
        own = [party.name for party in analysis.parties]
        parties = [*own, *(other for other in _OTHERS if other not in own)][:_COUNT]
        one, all_of_them = (partial(_read, analyzer, article, parties[:count]) for count in (1, _COUNT))
        taken = seconds({"1 party": one, f"{_COUNT} parties": all_of_them}, rounds)
        group = f"language model: {name}, {len(article.paragraphs)} paragraphs"
        for count, times in taken.items():
            yield row(group, f"labels of both readings, {count}", times, "s")
        few, many = taken.values()
        yield row(group, f"{_COUNT} parties against 1", ratios(many, few), "× time", "≤ 1.5")


def _read(analyzer: Analyzer, article: Article, parties: list[str]) -> Analysis:
    """The article's labels as the page has them in the end, before a summary is written."""
    analyzer.forget()
    *_, analysis = analyzer.stages(article, [PartyRequest(name) for name in parties])
    *_, analysis = [analysis, *analyzer.refine_with_lm(analysis)]
    return analysis
