"""`python -m model.training.recipes.parties`: learn which of an article's actors a reader chooses as its parties."""

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MaxAbsScaler

from ...article.nlp import parse_articles
from ...article.splitter import join_article
from ...errors import LabelError
from ...names.plain import plain_name
from ...networks.file_record import note_shipped
from ...parties.finder import entities_of
from ...parties.ranking.actors import Actor, actors_of
from ...parties.ranking.regression import LEARNT, Features, Ranking, features_of, is_word
from ...settings import DATA
from ..command import run

PRESS = DATA / "press"
SEEN = 4
"""In how many articles a word has to be met to get a weight."""
STRENGTH = 0.5
"""The inverse of the L2 penalty."""
POSSIBLE, SURE, LEAST, MOST, FOUND = 0.05, 0.4, 2, 6, 8
"""`Ranking`'s, chosen on development."""
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """An article's actors with their features, and the names of each party that its reader chose."""

    actors: Sequence[Actor]
    features: Sequence[Features]
    chosen: Sequence[frozenset[str]]

    def parties(self, actor: Actor) -> list[int]:
        """Which of the reader's parties share a name with `actor`."""
        names = {plain_name(name) for name in (actor.name, *actor.other_names)}
        return [number for number, party in enumerate(self.chosen) if party & names]


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn and write; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.recipes.parties", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with news.jsonl")
    parser.add_argument("--out", type=Path, default=LEARNT)
    return run(train, parser.parse_args(arguments))


def train(options: argparse.Namespace) -> None:
    """Learn from the training articles, score them in folds and development, write what is learnt."""
    choices = list(read_choices(PRESS / "training.jsonl", options.corpora))
    folds = [
        score(learn([c for at, c in enumerate(choices) if at % FOLDS != fold]), choices[fold::FOLDS])
        for fold in range(FOLDS)
    ]
    logging.info("training, %d folds: %s", FOLDS, shares(sum(folds, Counter())))
    learnt = learn(choices)
    development = list(read_choices(PRESS / "development.jsonl", options.corpora))
    logging.info("development: %s", shares(score(learnt, development)))
    row = {name: getattr(learnt, name) for name in ("possible", "sure", "least", "most", "found", "bias")}
    weights = dict(sorted(learnt.weights.items()))
    options.out.write_text(json.dumps({**row, "weights": weights}, indent=0) + "\n", encoding="utf-8")
    note_shipped(options.out)
    logging.info("%d weights in %s", len(weights), options.out)


def read_choices(labels: Path, corpora: Path) -> Iterator[Choice]:
    """What a reader chose in each article of `labels`.

    Raises:
        LabelError: the corpus lacks an article.
    """
    corpus = corpora / "news.jsonl"
    lines = corpus.read_text(encoding="utf-8").splitlines() if corpus.is_file() else []
    texts: Mapping[str, Any] = {row["id"]: row for row in map(json.loads, lines)}
    for row in map(json.loads, labels.read_text(encoding="utf-8").splitlines()):
        if row["id"] not in texts:
            raise LabelError(f"expected the text of {row['id']!r} in {corpus}, found none; --corpora names its folder")
        text = texts[row["id"]]
        (parsed,) = parse_articles([join_article(text["title"], text["paragraphs"])])
        table = entities_of(parsed.title, parsed.paragraphs)
        actors = actors_of(table)
        chosen = [frozenset(map(plain_name, (party["name"], *party["aliases"]))) for party in row["parties"]]
        yield Choice(actors, features_of(actors, table.texts), chosen)


def learn(choices: Sequence[Choice]) -> Ranking:
    """A logistic regression over the actors of all articles; a word that few articles have gets no weight."""
    articles = Counter(name for choice in choices for name in {name for f in choice.features for name in f})
    rows, targets = [], []
    for choice in choices:
        for features, target in zip(choice.features, targets_of(choice), strict=True):
            if target is not None:
                rows.append({name: f for name, f in features.items() if articles[name] >= SEEN or not is_word(name)})
                targets.append(target)
    names, scale = DictVectorizer(), MaxAbsScaler()
    model = LogisticRegression(C=STRENGTH, max_iter=300)
    model.fit(scale.fit_transform(names.fit_transform(rows)), targets)
    found = zip(names.get_feature_names_out(), model.coef_[0] / scale.scale_, strict=True)
    weights = {name: round(float(weight), 3) for name, weight in found}
    return Ranking(
        {name: weight for name, weight in weights.items() if weight},
        round(float(model.intercept_[0]), 3),
        *(POSSIBLE, SURE, LEAST, MOST, FOUND),
    )


def targets_of(choice: Choice) -> list[bool | None]:
    """Whether a reader chose each actor: of several by whom one party goes, the most mentioned entity is it.

    Another entity of that party, a leader beside the state, is neither right nor wrong (None).
    """
    matched = [choice.parties(actor) for actor in choice.actors]
    best: dict[int, int] = {}
    for number, (actor, parties) in enumerate(zip(choice.actors, matched, strict=True)):
        for party in parties:
            first = choice.actors[best[party]] if party in best else None
            if first is None or _evidence(actor) > _evidence(first):
                best[party] = number
    right = set(best.values())
    return [
        number in right or (None if parties and actor.entity is not None else False)
        for number, (actor, parties) in enumerate(zip(choice.actors, matched, strict=True))
    ]


def _evidence(actor: Actor) -> tuple[bool, int]:
    return actor.entity is not None, len(actor.mentions)


def score(ranking: Ranking, choices: Sequence[Choice]) -> Counter[str]:
    """Counts of readers' parties, of those found among the main ones, of main parties and of those that are wrong."""
    counts: Counter[str] = Counter()
    for choice in choices:
        parties, main = ranking.choose(choice.actors, [ranking.probability(f) for f in choice.features])
        matched = [choice.parties(actor) for actor in parties]
        once = Counter(party for some in matched[:main] for party in some)
        counts["readers"] += len(choice.chosen)
        counts["found"] += len(once)
        counts["anywhere"] += len({party for some in matched for party in some})
        counts["main"] += main
        counts["junk"] += sum(not some for some in matched[:main])
        counts["twice"] += sum(times - 1 for times in once.values())
        counts["merged"] += sum(len(some) > 1 for some in matched[:main])
    return counts


def shares(counts: Counter[str]) -> str:
    """The counts of `score` in words: found of readers' parties, the rest of main ones."""
    told = [f"{name} {counts[name] / counts['readers']:.1%}" for name in ("found", "anywhere")]
    told += [f"{name} {counts[name] / counts['main']:.1%}" for name in ("junk", "twice", "merged")]
    return f"{', '.join(told)} of {counts['readers']} readers' and {counts['main']} main parties"


if __name__ == "__main__":
    sys.exit(main())
