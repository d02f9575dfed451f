"""`python -m model.training.recipes.boilerplate`: learn which lines of a pasted article are not the article's text."""

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from ...article.boilerplate_regression import LEARNT, BoilerplateRegression, Features, features_of, is_word
from ...article.spans import WHITE
from ...networks.file_record import note_shipped
from ...settings import DATA
from ..command import run_on_press
from ..json_lines import json_lines
from ..press import PRESS, press_rows

SEEN = 5
"""On how many lines a word has to be met to get a weight."""
STRENGTH = 1.0
"""The inverse of the L2 penalty."""
LIMIT = 0.6
"""From which probability on a line is boilerplate; chosen in folds by outlet."""
FOLDS = 5
OWN_PLACES = ((8, 0), (8, 8))
"""How many lines stand before and after a line that we wrote: it is read as the last one and as one of the middle."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line's features, whether readers call it boilerplate, and the outlet whose page it comes from."""

    features: Features
    boilerplate: bool
    outlet: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn and write; returns 0, or 1 after an error message."""
    return run_on_press(train, "boilerplate", __doc__, LEARNT, arguments)


def train(options: argparse.Namespace) -> None:
    """Learn from the training articles, score in folds by outlet and on development, write what is learnt."""
    own, lines = list(own_lines()), list(read_lines(PRESS / "training_boilerplate.jsonl", options.corpora))
    outlets = sorted({line.outlet for line in lines})
    counts: Counter[str] = Counter()
    for fold in range(FOLDS):
        left_out = set(outlets[fold::FOLDS])
        learnt = learn([*own, *(line for line in lines if line.outlet not in left_out)])
        counts += score(learnt, [line for line in lines if line.outlet in left_out])
    logging.info("training, %d folds by outlet: %s", FOLDS, shares(counts))
    learnt = learn([*own, *lines])
    development = list(read_lines(PRESS / "development_boilerplate.jsonl", options.corpora))
    logging.info("development: %s", shares(score(learnt, development)))
    weights = dict(sorted(learnt.weights.items()))
    options.out.write_text(json.dumps(asdict(replace(learnt, weights=weights)), indent=0) + "\n", encoding="utf-8")
    note_shipped(options.out)
    logging.info("%d weights in %s", len(weights), options.out)


def read_lines(labels: Path, corpora: Path) -> Iterator[Line]:
    """The lines of each article of `labels` that are boilerplate or not; those that are it in part are left out.

    Raises:
        LabelError: the corpus lacks an article.
    """
    rows = json_lines(labels)
    articles = press_rows(corpora, [row["id"] for row in rows])
    for row in rows:
        article = articles[row["id"]]
        texts = [" ".join(text.strip(WHITE).split()) for text in article["paragraphs"]]
        for number, features in enumerate(features_of(texts)):
            if features and number not in row["part"]:
                yield Line(features, number in row["boilerplate"], article["source"])


def own_lines() -> Iterator[Line]:
    """The lines that we wrote, in each of their places."""
    for row in json_lines(DATA / "boilerplate_lines.jsonl"):
        for before, after in OWN_PLACES:
            features = list(features_of([*[""] * before, row["line"], *[""] * after]))[before]
            if features:
                yield Line(features, row["boilerplate"], "")


def learn(lines: Sequence[Line]) -> BoilerplateRegression:
    """A logistic regression over the lines; a word that few lines have gets no weight."""
    met = Counter(name for line in lines for name in line.features)
    rows = [{name: f for name, f in line.features.items() if met[name] >= SEEN or not is_word(name)} for line in lines]
    names = DictVectorizer(sparse=False)
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(
        names.fit_transform(rows), [line.boilerplate for line in lines]
    )
    weights = {
        name: round(float(weight), 2)
        for name, weight in zip(names.get_feature_names_out(), model.coef_[0], strict=True)
    }
    kept = {name: weight for name, weight in weights.items() if weight}
    return BoilerplateRegression(kept, round(float(model.intercept_[0]), 2), LIMIT)


def score(regression: BoilerplateRegression, lines: Sequence[Line]) -> Counter[str]:
    """Counts of lines that are boilerplate, that the regression calls so, and that are and are called so."""
    counts: Counter[str] = Counter()
    for line in lines:
        called = regression.probability(line.features) >= regression.limit
        counts["lines"] += 1
        counts["are"] += line.boilerplate
        counts["called"] += called
        counts["right"] += called and line.boilerplate
    return counts


def shares(counts: Counter[str]) -> str:
    """The counts of `score` in words."""
    found, right = counts["right"] / counts["are"], counts["right"] / counts["called"]
    told = f"found {found:.1%} of {counts['are']}, right {right:.1%} of {counts['called']}"
    return f"{told}, of {counts['lines']:,} lines"


if __name__ == "__main__":
    sys.exit(main())
