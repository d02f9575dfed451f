"""Runs the product's own pipeline over gold articles and pairs its labels with the gold ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tqdm import tqdm

from eval.gold import GoldArticle
from model.domain import Party, Stance, StanceLabel
from model.parties import find_parties
from model.pipeline import Analyzer


@dataclass(frozen=True, slots=True)
class Judged:
    """One item: whose article, the gold label, and what Sidelight said."""

    article: str
    gold: StanceLabel
    predicted: StanceLabel


def judge(analyzer: Analyzer, gold: Sequence[GoldArticle]) -> list[Judged]:
    """Every labelled item with its prediction, made as the page makes it for parties that the user names."""
    judged = []
    for article in tqdm(gold, desc="judging", unit="article", disable=None):
        parties = [_with_mentions(party, article) for party in find_parties(article.article, article.requests)]
        predicted = {(p.paragraph, p.party): p for p in analyzer.classifier.classify(article.article, parties)}
        judged += [Judged(article.id, label, predicted[label.paragraph, label.party]) for label in article.labels]
    return judged


def _with_mentions(party: Party, article: GoldArticle) -> Party:
    """The party with those of the gold file's mentions that were not found."""
    missing = [
        mention
        for mention in article.mentions.get(party.name, ())
        if not any(m.start < mention.end and mention.start < m.end for m in party.in_paragraph(mention.paragraph))
    ]
    return replace(party, mentions=tuple(sorted((*party.mentions, *missing)))) if missing else party


def stances(judged: Sequence[Judged]) -> tuple[list[Stance], list[Stance]]:
    """Gold and predicted stances, item by item."""
    return [item.gold.stance for item in judged], [item.predicted.stance for item in judged]
