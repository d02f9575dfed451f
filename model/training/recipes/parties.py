"""`python -m model.training.recipes.parties`: learn which of an article's actors a reader chooses as its parties."""

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from ...errors import LabelError
from ...names.plain import plain_name
from ...networks.encoder import Encoder
from ...networks.encoder_weights import encoder_folder
from ...networks.file_record import note_shipped
from ...networks.text_states import text_states
from ...parties.actors import Actor, actors_of
from ...parties.coreference import article_encoder, learnt_version
from ...parties.finder import entities_of, note_references
from ...parties.ranking import LEARNT, Features, Ranking, actor_states, features_of, is_word, with_references
from ..command import run_on_press
from ..components import logistic
from ..json_lines import json_lines
from ..press import PRESS, press_articles

SEEN = 4
"""In how many articles a word has to be met to get a weight."""
STRENGTH = 0.5
"""The inverse of the L2 penalty."""
COMPONENTS, SHARE = 128, 0.3
"""How many principal components of the states the regression sees, and their standard deviation beside features that
are at most 1: less counts less, since the penalty is the same."""
MIN_PROBABILITY, MAIN_PROBABILITY, AFFILIATED_PROBABILITY = 0.05, 0.3, 0.9
MIN_MAIN, MAX_MAIN, MAX_PARTIES = 2, 6, 10
"""`Ranking`'s, chosen in folds: less than 14 % of main parties are then chosen by neither reader. Ten parties are as
many as development gains from."""
FOLDS = 5
Names = frozenset[str]
"""The names of a party, as `plain_name` has them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An article's actors with features and states `(actors, hidden)`, and the names of each party a reader chose.

    `by_names` are the features before references are known; `second` are the parties of another, blind reader, whose
    choice is scored and not learnt.
    """

    actors: Sequence[Actor]
    by_names: Sequence[Features]
    features: Sequence[Features]
    states: Tensor
    chosen: Sequence[Names]
    second: Sequence[Names] = ()


def sharing(actor: Actor, parties: Sequence[Names]) -> list[int]:
    """Which of the parties share a name with `actor`."""
    names = {plain_name(name) for name in (actor.name, *actor.other_names)}
    return [number for number, party in enumerate(parties) if party & names]


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn and write; returns 0, or 1 after an error message."""
    return run_on_press(train, "parties", __doc__, LEARNT, arguments)


def train(options: argparse.Namespace) -> None:
    """Learn from the training articles, score them in folds and development, write what is learnt."""
    encoder = article_encoder(encoder_folder())
    choices = list(read_choices(PRESS / "training.jsonl", options.corpora, encoder))
    folds = [
        score(learn([c for at, c in enumerate(choices) if at % FOLDS != fold]), choices[fold::FOLDS])
        for fold in range(FOLDS)
    ]
    logging.info("training, %d folds: %s", FOLDS, shares(sum(folds, Counter())))
    learnt = learn(choices)
    development = list(read_choices(PRESS / "development.jsonl", options.corpora, encoder))
    logging.info("development: %s", shares(score(learnt, development)))
    weights = dict(sorted(learnt.weights.items()))
    text = json.dumps({**asdict(learnt), "weights": weights}, indent=0)
    options.out.write_text(text + "\n", encoding="utf-8")
    note_shipped(options.out)
    logging.info("%d weights in %s", len(weights), options.out)


def read_choices(labels: Path, corpora: Path, encoder: Encoder) -> Iterator[Choice]:
    """What two readers chose in each article of `labels`, read by the encoder.

    The second one's choice is in the file beside `labels` (`…_second_parties.jsonl`).

    Raises:
        LabelError: the corpus lacks an article, or the file beside `labels` its parties.
    """
    beside = labels.with_name(f"{labels.stem}_second_parties.jsonl")
    second = {row["id"]: row["parties"] for row in json_lines(beside)} if beside.is_file() else {}
    for row, parsed in press_articles(labels, corpora):
        table = entities_of(parsed.title, parsed.paragraphs)
        actors = actors_of(table)
        (read,) = text_states(encoder, [parsed.texts])
        features = features_of(actors, table.texts)
        by_names = with_references(features, actors, len(parsed.paragraphs))
        note_references(table, actors, actors, read)
        features = with_references(features, actors, len(parsed.paragraphs))
        if row["id"] not in second:
            raise LabelError(f"expected the second reader's parties of {row['id']!r} in {beside}, found none")
        chosen, others = _names(row["parties"]), _names(second[row["id"]])
        yield Choice(actors, by_names, features, actor_states(actors, read), chosen, others)


def _names(parties: Sequence[Mapping[str, Any]]) -> list[Names]:
    return [frozenset(map(plain_name, (party["name"], *party["aliases"]))) for party in parties]


def learn(choices: Sequence[Choice]) -> Ranking:
    """A logistic regression over the actors of all articles; a word that few articles have gets no weight.

    What it learns of the states' principal components comes out as weights of the states themselves.
    """
    articles = Counter(name for choice in choices for name in {name for f in choice.features for name in f})
    rows, states, targets = [], [], []
    for choice in choices:
        for features, state, target in zip(choice.features, choice.states.numpy(), targets_of(choice), strict=True):
            if target is not None:
                rows.append({name: f for name, f in features.items() if articles[name] >= SEEN or not is_word(name)})
                states.append(state)
                targets.append(target)
    found, by_state, bias = logistic(rows, np.array(states), targets, COMPONENTS, SHARE, STRENGTH)
    weights = {name: round(float(weight), 3) for name, weight in found.items()}
    return Ranking(
        {name: weight for name, weight in weights.items() if weight},
        [round(float(weight), 4) for weight in by_state],
        round(bias, 3),
        *(MIN_PROBABILITY, MAIN_PROBABILITY, AFFILIATED_PROBABILITY),
        *(MIN_MAIN, MAX_MAIN, MAX_PARTIES),
        learnt_version(),
    )


def targets_of(choice: Choice) -> list[bool | None]:
    """Whether the first reader chose each actor: of several by whom one party goes, it is the most mentioned entity.

    Another entity of that party, a leader beside the state, is neither right nor wrong (None).
    """
    matched = [sharing(actor, choice.chosen) for actor in choice.actors]
    best: dict[int, int] = {}
    for number, (actor, some) in enumerate(zip(choice.actors, matched, strict=True)):
        for party in some:
            first = choice.actors[best[party]] if party in best else None
            if first is None or _evidence(actor) > _evidence(first):
                best[party] = number
    right = set(best.values())
    return [
        number in right or (None if some and actor.entity is not None else False)
        for number, (actor, some) in enumerate(zip(choice.actors, matched, strict=True))
    ]


def _evidence(actor: Actor) -> tuple[bool, int]:
    return actor.entity is not None, len(actor.mentions)


def score(ranking: Ranking, choices: Sequence[Choice]) -> Counter[str]:
    """Counts of the first reader's parties, of those found among the main ones, of main parties and of wrong ones.

    A main party is junk that neither reader chose.
    """
    counts: Counter[str] = Counter()
    for choice in choices:
        likely = set(ranking.likeliest(choice.by_names, choice.states))
        pairs = enumerate(zip(choice.by_names, choice.features, strict=True))
        features = [closer if at in likely else plain for at, (plain, closer) in pairs]
        parties, main = ranking.choose(choice.actors, ranking.probabilities(features, choice.states))
        matched = [sharing(actor, choice.chosen) for actor in parties]
        once = Counter(party for some in matched[:main] for party in some)
        counts["readers"] += len(choice.chosen)
        counts["found"] += len(once)
        counts["anywhere"] += len({party for some in matched for party in some})
        counts["main"] += main
        counts["junk"] += sum(not sharing(actor, (*choice.chosen, *choice.second)) for actor in parties[:main])
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
