"""`python -m model.training.recipes.references`: learn which words refer to a party where no rule sees it."""

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from ...article.nlp import parse
from ...parties.candidates import candidates, features, scenes
from ...parties.finder import named_parties
from ...parties.reference_classifier import LEARNT, ReferenceClassifier
from ...parties.requests import PartyRequest
from ..command import run
from ..examples import LABELS, PARAGRAPH_SHARE, group_of, in_development, labelled_articles

SEEN = 20
"""How often a feature has to be met to get a weight."""
STRENGTH = 0.02
"""The inverse of the L1 penalty, under which most features get none."""
UNSEEN_WEIGHT = 5.0
"""How much more a phrase counts where rules see no reference to the party: there the weights are used."""
THRESHOLD = 0.5
"""A phrase refers to a party if that is more likely than not."""


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph and a party: whether it refers to it by the reader, whether by the rules, and its phrases' features.

    `refers` says of each phrase whether the reader marked it; phrases that the rules found are left out.
    """

    group: str
    corpus: str
    present: bool
    seen: bool
    phrases: Sequence[Sequence[str]]
    refers: Sequence[bool]


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn and write; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.recipes.references", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with wikinews.jsonl and ungd.jsonl")
    parser.add_argument("--out", type=Path, default=LEARNT)
    return run(train, parser.parse_args(arguments))


def train(options: argparse.Namespace) -> None:
    """Learn from the training articles, score on the others, write what is learnt."""
    items = list(read_items(LABELS, options.corpora))
    held = [item for item in items if in_development(item.group, PARAGRAPH_SHARE)]
    learnt = learn([item for item in items if not in_development(item.group, PARAGRAPH_SHARE)])
    logging.info("%d features have a weight", len(learnt.weights))
    for corpus in sorted({item.corpus for item in items}):
        logging.info("%s: %s", corpus, json.dumps(scores(learnt, [item for item in held if item.corpus == corpus])))
    row = {"threshold": learnt.threshold, "bias": learnt.bias, "weights": dict(sorted(learnt.weights.items()))}
    options.out.write_text(json.dumps(row, indent=0) + "\n", encoding="utf-8")


def read_items(labels: Path, corpora: Path) -> Iterator[Item]:
    """Every labelled paragraph and party, absent ones too.

    Raises:
        LabelError: a label names an article that the corpora lack.
    """
    for identifier, title, texts, some in labelled_articles(labels, corpora):
        parsed_title, *readings = parse([title, *texts])
        requests = [PartyRequest(name) for name in dict.fromkeys(row["party"] for row in some)]
        parties = named_parties(parsed_title, readings, requests)
        numbers = {party.name: number for number, party in enumerate(parties)}
        staged = scenes(parties, len(texts))
        for row in some:
            place, number = row["paragraph"], numbers[row["party"]]
            scene, marked = staged[place], row["mentions"]
            known = [span for *span, party in scene.mentions if party == number]
            phrases, refers = [], []
            for phrase in candidates(readings[place]):
                if not any(start < phrase.end and phrase.start < end for start, end in known):
                    phrases.append(tuple(features(phrase, scene, number, scene.last(phrase.start))))
                    refers.append(any(start <= phrase.at < end for start, end in marked))
            yield Item(
                group_of(identifier), identifier.split("-")[0], row["stance"] != "absent", bool(known), phrases, refers
            )


def learn(items: Iterable[Item]) -> ReferenceClassifier:
    """A sparse logistic regression over the phrases of all items."""
    rows = [
        (phrase, refers, item.seen) for item in items for phrase, refers in zip(item.phrases, item.refers, strict=True)
    ]
    names = CountVectorizer(analyzer=lambda phrase: phrase, binary=True, min_df=SEEN)  # a phrase is its features
    table = names.fit_transform([phrase for phrase, *_ in rows])
    weights = [1.0 if seen else UNSEEN_WEIGHT for *_, seen in rows]
    model = LogisticRegression(C=STRENGTH, l1_ratio=1.0, solver="liblinear", max_iter=200, random_state=1)
    model.fit(table, [refers for _, refers, _ in rows], sample_weight=weights)
    found = {
        name: round(float(weight), 3)
        for name, weight in zip(names.get_feature_names_out(), model.coef_[0], strict=True)
    }
    bias = round(float(model.intercept_[0]), 3)
    return ReferenceClassifier({feature: weight for feature, weight in found.items() if weight}, bias, THRESHOLD)


def scores(referents: ReferenceClassifier, items: Sequence[Item]) -> dict[str, int]:
    """How many items are present and absent, and how many of them rules, and rules and `referents`, call present."""
    found = Counter[str]()
    for item in items:
        kind = "present" if item.present else "absent"
        found[kind] += 1
        found[f"{kind}, by rules"] += item.seen
        found[f"{kind}, by both"] += item.seen or any(map(referents.believes, item.phrases))
    return dict(sorted(found.items()))


if __name__ == "__main__":
    sys.exit(main())
