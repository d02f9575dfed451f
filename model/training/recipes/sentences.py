"""`python -m model.training.recipes.sentences`: learn which of an article's sentences a summary is made of."""

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
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
from ...networks.text_states import text_states
from ...parties.coreference import article_encoder, learnt_version
from ...settings import SUMMARY_WORDS
from ...summary.extractive import candidates_of, chosen, sentence_states, showable, wordings
from ...summary.sentence_choice import FEATURES, LEARNT, Candidate, SentenceChoice, features_of
from ...summary.wording import Wording
from ..command import run_on_press
from ..components import components_of, logistic
from ..json_lines import json_lines
from ..press import PRESS, press_articles

COMPONENTS, SHARE = 256, 0.3
"""How many principal components of the states the regressions see, and their standard deviation beside features whose
standard deviation, or largest value, is 1."""
STRENGTH = 30.0
"""The L2 penalty of what a sentence is worth."""
JUDGED = 1.0
"""How much a reader's judgement of a sentence's worth counts beside its likeness to the reference."""
ALONE_COMPONENTS, ALONE_STRENGTH, SEEN = 128, 0.5, 5
"""For whether a sentence stands alone: components, the inverse of the L2 penalty, and in how many judged sentences a
feature has to be met to get a weight."""
ENOUGH = 0.5
"""The probability from which a sentence is believed to stand alone: as many of those shown do as with the limit and the
labels before, in folds and on development."""
FOLDS = 5
LEAD = 3
TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reader said of a sentence: whether it can be shown alone, and its worth, 0 to 2."""

    alone: bool
    worth: int


@dataclass(frozen=True, slots=True)
class Example:
    """An article's candidates with features, wordings and states, how much of the reference each is, the reference.

    `points` has the article's key points, as two readers see them, each as the candidates that make it by themselves.
    `judged` has what a reader said of some of the candidates, `alone` whether they or those that make a point can be
    shown alone. All name a candidate by its index.
    """

    candidates: Sequence[Candidate]
    features: Tensor
    wordings: Sequence[Wording]
    states: Tensor
    worth: Tensor
    points: Sequence[Set[int]]
    judged: Mapping[int, Judgement]
    alone: Mapping[int, bool]
    reference: str
    lead: str
    genre: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn and write; returns 0, or 1 after an error message."""
    return run_on_press(train, "sentences", __doc__, LEARNT, arguments)


def train(options: argparse.Namespace) -> None:
    """Learn from the training articles, score in folds and on development, write what is learnt."""
    encoder = article_encoder(encoder_folder())
    examples = list(read_examples(PRESS / "training.jsonl", options.corpora, encoder))
    held_out: list[tuple[Example, Sequence[Candidate]]] = []
    for fold in range(FOLDS):
        learnt = learn([e for at, e in enumerate(examples) if at % FOLDS != fold])
        held_out += [(example, summary_of(learnt, example)) for example in examples[fold::FOLDS]]
    logging.info("training, %d folds: %s", FOLDS, told(held_out))
    learnt = learn(examples)
    development = list(read_examples(PRESS / "development.jsonl", options.corpora, encoder))
    logging.info("development: %s", told([(example, summary_of(learnt, example)) for example in development]))
    options.out.write_text(json.dumps(asdict(learnt), indent=0) + "\n", encoding="utf-8")
    note_shipped(options.out)


def read_examples(labels: Path, corpora: Path, encoder: Encoder) -> Iterator[Example]:
    """Each article of `labels` that has a reference summary, with what readers said of its sentences beside `labels`.

    That is `…_sentences.jsonl`, their judgements, and `…_points.jsonl`, which sentences make the key points and whether
    these stand alone; where both judge a sentence, the former counts.
    """
    judgements = read_judgements(labels.with_name(f"{labels.stem}_sentences.jsonl"))
    of_points = {row["id"]: row for row in json_lines(labels.with_name(f"{labels.stem}_points.jsonl"))}
    for row, parsed in press_articles(labels, corpora):
        candidates = candidates_of(parsed)
        if not row["summary"] or not candidates:
            continue
        states = sentence_states(parsed, candidates, *text_states(encoder, [parsed.texts]))
        own = states[1:]
        known, said = judgements.get(row["id"], {}), of_points[row["id"]]
        starts = {(candidate.paragraph, candidate.span.start): at for at, candidate in enumerate(candidates)}
        points = [*said["points"], *said["second"]]
        made = [{starts[p, start] for p, start in point if (p, start) in starts} for point in points]
        judged = {starts[start]: judgement for start, judgement in known.items() if start in starts}
        alone = {starts[p, start]: verdict == "ok" for p, start, verdict in said["alone"] if (p, start) in starts}
        sentences = [sentence["text"] for sentence in row["summary"]]
        lead = [line for paragraph in parsed.paragraphs for line in paragraph.lines][:LEAD]
        yield Example(
            candidates,
            features_of(candidates, own, states[0]),
            list(wordings(parsed, candidates)),
            own,
            torch.tensor([worth(candidate.text, sentences) for candidate in candidates]),
            [point for point in made if point],
            judged,
            alone | {at: judgement.alone for at, judgement in judged.items()},
            "\n".join(sentences),
            "\n".join(lead),
            row["genre"],
        )


def read_judgements(path: Path) -> dict[str, dict[tuple[int, int], Judgement]]:
    """What readers said of sentences, by the article's id, and by the paragraph and where in it the sentence begins."""
    return {
        row["id"]: {(s["paragraph"], s["start"]): Judgement(s["alone"] == "ok", s["worth"]) for s in row["sentences"]}
        for row in json_lines(path)
    }


def worth(sentence: str, reference: Sequence[str]) -> float:
    """How much of a reference `sentence` is: ROUGE-1 and -2 with its likest sentences, and ROUGE-2 with the whole."""
    scores = [_rouge().score(own, sentence) for own in reference]
    whole = _rouge().score(" ".join(reference), sentence)["rouge2"].fmeasure
    one, two = (max(score[name].fmeasure for score in scores) for name in ("rouge1", "rouge2"))
    return float((one + two) / 2 + whole)


def learn(examples: Sequence[Example]) -> SentenceChoice:
    """Regressions on what a sentence is worth beside the others of its article, and on whether it stands alone.

    Worth is learnt twice, from the reference and from a reader's judgement, and added up. What the regressions learn of
    the states' principal components comes out as weights of the states themselves.
    """
    by_reference = _worth(
        [example.features for example in examples],
        [example.states for example in examples],
        [(e.worth - e.worth.mean()) / (e.worth.std(correction=0) + TINY) for e in examples],
    )
    judged = [(e, list(e.judged), torch.tensor([float(j.worth) for j in e.judged.values()])) for e in examples]
    judged = [one for one in judged if one[1]]
    by_reader = _worth(
        [e.features[some] for e, some, _ in judged],
        [e.states[some] for e, some, _ in judged],
        [worths - worths.mean() for _, _, worths in judged],
    )
    features, states = (one + JUDGED * other for one, other in zip(by_reference, by_reader, strict=True))
    alone, alone_states, bias = _alone(examples)
    return SentenceChoice(
        worth={name: round(float(weight), 4) for name, weight in zip(FEATURES, features, strict=True)},
        worth_states=_rounded(states),
        alone={name: round(float(weight), 4) for name, weight in sorted(alone.items())},
        alone_states=_rounded(alone_states),
        alone_bias=round(bias, 4),
        enough=ENOUGH,
        learnt_on=learnt_version(),
    )


def _worth(features: Sequence[Tensor], states: Sequence[Tensor], worths: Sequence[Tensor]) -> tuple[Any, Any]:
    """The weights of `FEATURES` and of the states that give the sentences' worths, article by article."""
    standard = StandardScaler()
    seen = standard.fit_transform(torch.cat(list(features)).numpy())
    components, turned = components_of(torch.cat(list(states)).numpy(), COMPONENTS, SHARE)
    found = Ridge(alpha=STRENGTH).fit(np.hstack([seen, components]), torch.cat(list(worths)).numpy()).coef_
    return found[: len(FEATURES)] / standard.scale_, turned @ found[len(FEATURES) :]


def _alone(examples: Sequence[Example]) -> tuple[dict[str, float], Any, float]:
    """The weights of wording and states, and the bias, of the logit that a judged sentence stands alone."""
    rows = [(e.wordings[at], e.states[at], alone) for e in examples for at, alone in e.alone.items()]
    met = Counter(name for wording, _, _ in rows for name in wording)
    known = [{name: value for name, value in wording.items() if met[name] >= SEEN} for wording, _, _ in rows]
    states = torch.stack([state for _, state, _ in rows]).numpy()
    return logistic(known, states, [alone for _, _, alone in rows], ALONE_COMPONENTS, SHARE, ALONE_STRENGTH)


def _rounded(weights: Any) -> list[float]:
    return [round(float(weight), 4) for weight in weights]


def summary_of(choice: SentenceChoice, example: Example) -> list[Candidate]:
    """The sentences that a choice gives."""
    scores = choice.scores(example.features, example.states)
    kept = showable(choice, example.candidates, example.wordings, example.states)
    return chosen([example.candidates[index] for index in kept], scores[kept], SUMMARY_WORDS)


def told(summaries: Sequence[tuple[Example, Sequence[Candidate]]]) -> str:
    """The summaries and the leads in words: mean ROUGE-Lsum in all and by genre, and what readers said of sentences.

    That is how many of the key points they make that a sentence makes, how many stand alone, and their mean worth.
    """
    sums: dict[str, Counter[str]] = {}
    worths: list[int] = []
    alone: list[bool] = []
    made: list[bool] = []
    for example, summary in summaries:
        text = "\n".join(sentence.text for sentence in summary)
        shown = {at for at, candidate in enumerate(example.candidates) if candidate in summary}
        worths += [judgement.worth for at, judgement in example.judged.items() if at in shown]
        alone += [one for at, one in example.alone.items() if at in shown]
        made += [not shown.isdisjoint(point) for point in example.points]
        for group in ("all", example.genre):
            row = sums.setdefault(group, Counter())
            row["n"] += 1
            for name, summed in (("own", text), ("lead", example.lead)):
                row[name] += _rouge().score(example.reference, summed)["rougeLsum"].fmeasure
    rows = [f"{group} {row['own'] / row['n']:.3f} (lead {row['lead'] / row['n']:.3f})" for group, row in sums.items()]
    points = f"{np.mean(made or [False]):.3f} of the key points"
    share, worth = np.mean(alone or [False]), np.mean(worths or [0])
    return f"{', '.join(rows)}; {points}; of {len(alone)} judged {share:.3f} stand alone, worth {worth:.2f}"


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
