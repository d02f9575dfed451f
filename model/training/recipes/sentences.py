"""`python -m model.training.recipes.sentences`: learn which of an article's sentences a summary is made of."""

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from ...networks.encoder import Encoder
from ...networks.encoder_weights import encoder_folder
from ...networks.file_record import note_shipped
from ...networks.span_states import Places, span_states
from ...settings import SUMMARY_WORDS
from ...summary.extractive import candidates_of, chosen, sentences_of
from ...summary.sentence_choice import FEATURES, LEARNT, Candidate, SentenceChoice, features_of
from ..command import run_on_press
from ..components import components_of
from ..press import PRESS, press_articles

COMPONENTS, SHARE = 256, 0.3
"""How many principal components of the states the regression sees, and their standard deviation beside features whose
standard deviation is 1."""
STRENGTH = 30.0
"""The L2 penalty."""
FOLDS = 5
LEAD = 3
TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Example:
    """An article's candidates with features and states, how much of the reference each is, and the reference."""

    candidates: Sequence[Candidate]
    features: Tensor
    states: Tensor
    worth: Tensor
    reference: str
    lead: str
    genre: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn and write; returns 0, or 1 after an error message."""
    return run_on_press(train, "sentences", __doc__, LEARNT, arguments)


def train(options: argparse.Namespace) -> None:
    """Learn from the training articles, score in folds and on development, write what is learnt."""
    encoder = Encoder.from_folder(encoder_folder())
    examples = list(read_examples(PRESS / "training.jsonl", options.corpora, encoder))
    held_out: list[tuple[Example, str]] = []
    for fold in range(FOLDS):
        learnt = learn([e for at, e in enumerate(examples) if at % FOLDS != fold])
        held_out += [(example, summary_of(learnt, example)) for example in examples[fold::FOLDS]]
    logging.info("training, %d folds: %s", FOLDS, told(held_out))
    learnt = learn(examples)
    development = list(read_examples(PRESS / "development.jsonl", options.corpora, encoder))
    logging.info("development: %s", told([(example, summary_of(learnt, example)) for example in development]))
    row = {"weights": learnt.weights, "states": learnt.states}
    options.out.write_text(json.dumps(row, indent=0) + "\n", encoding="utf-8")
    note_shipped(options.out)


def read_examples(labels: Path, corpora: Path, encoder: Encoder) -> Iterator[Example]:
    """Each article of `labels` that has a reference summary."""
    for row, parsed in press_articles(labels, corpora):
        candidates = candidates_of(parsed.paragraphs)
        if not row["summary"] or not candidates:
            continue
        (states,) = span_states(encoder, [Places(parsed.texts, sentences_of(parsed))])
        own = states[[1 + candidate.number for candidate in candidates]]
        sentences = [sentence["text"] for sentence in row["summary"]]
        lead = [line for paragraph in parsed.paragraphs for line in paragraph.lines][:LEAD]
        yield Example(
            candidates,
            features_of(candidates, own, states[0]),
            own,
            torch.tensor([worth(candidate.text, sentences) for candidate in candidates]),
            "\n".join(sentences),
            "\n".join(lead),
            row["genre"],
        )


def worth(sentence: str, reference: Sequence[str]) -> float:
    """How much of a reference `sentence` is: ROUGE-1 and -2 with its likest sentences, and ROUGE-2 with the whole."""
    scores = [_rouge().score(own, sentence) for own in reference]
    whole = _rouge().score(" ".join(reference), sentence)["rouge2"].fmeasure
    one, two = (max(score[name].fmeasure for score in scores) for name in ("rouge1", "rouge2"))
    return float((one + two) / 2 + whole)


def learn(examples: Sequence[Example]) -> SentenceChoice:
    """A ridge regression on what each sentence is worth beside the others of its article.

    What it learns of the states' principal components comes out as weights of the states themselves.
    """
    worths = torch.cat([(e.worth - e.worth.mean()) / (e.worth.std(correction=0) + TINY) for e in examples]).numpy()
    of_features = StandardScaler()
    features = of_features.fit_transform(torch.cat([example.features for example in examples]).numpy())
    components, turned = components_of(torch.cat([example.states for example in examples]).numpy(), COMPONENTS, SHARE)
    found = Ridge(alpha=STRENGTH).fit(np.hstack([features, components]), worths).coef_
    by_feature = found[: len(FEATURES)] / of_features.scale_
    by_state = turned @ found[len(FEATURES) :]
    return SentenceChoice(
        {name: round(float(weight), 4) for name, weight in zip(FEATURES, by_feature, strict=True)},
        [round(float(weight), 4) for weight in by_state],
    )


def summary_of(choice: SentenceChoice, example: Example) -> str:
    """The summary that a choice gives, a sentence a line."""
    scores = choice.scores(example.features, example.states)
    return "\n".join(candidate.text for candidate in chosen(example.candidates, scores, SUMMARY_WORDS))


def told(summaries: Sequence[tuple[Example, str]]) -> str:
    """Mean ROUGE-Lsum of the summaries and of the leads, in all and by genre, in words."""
    sums: dict[str, Counter[str]] = {}
    for example, summary in summaries:
        for group in ("all", example.genre):
            row = sums.setdefault(group, Counter())
            row["n"] += 1
            for name, text in (("own", summary), ("lead", example.lead)):
                row[name] += _rouge().score(example.reference, text)["rougeLsum"].fmeasure
    rows = [f"{group} {row['own'] / row['n']:.3f} (lead {row['lead'] / row['n']:.3f})" for group, row in sums.items()]
    return ", ".join(rows)


class _Kept:
    """rouge_score's own tokenizer with stems, its words kept: a sentence is compared many times."""

    def __init__(self) -> None:
        from rouge_score.tokenizers import DefaultTokenizer

        self.tokenize = cache(DefaultTokenizer(use_stemmer=True).tokenize)


@cache
def _rouge() -> Any:
    from rouge_score.rouge_scorer import RougeScorer  # two seconds to import

    return RougeScorer(["rouge1", "rouge2", "rougeLsum"], tokenizer=_Kept())


if __name__ == "__main__":
    sys.exit(main())
