"""`python -m model.training.pointer` (`make train-pointer`): the recipe of the pointer's weights.

It goes on where it stopped. It learns from the paragraphs in which nothing else finds a party: whether they refer to
it by our labels, and with which words.
"""

import argparse
import json
import logging
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from sklearn.metrics import average_precision_score
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from model.adapter import add_adapters
from model.blind import name_in
from model.first_layers import first_layers, packed, states_of
from model.language import read
from model.parties import parties_of
from model.pointer import POINTER, Pointer, PointerHead, PointerWeights, Sheet, sheets_of
from model.requests import PartyRequest
from model.training.command import run
from model.training.data import LABELS, PARAGRAPH_SHARE, group_of, in_development, labelled_articles
from model.training.layers import default_language_model, learn
from model.training.loop import Course, make_batches, save_weights, trainable

LAYERS, RANK, SCALE = 16, 8, 2.0
"""How many of the language model's 28 layers read, and its adapters' rank."""
EPOCHS, LEARNING_RATE, BATCH = 1, 3e-4, 4
"""`BATCH` are the sheets of a step."""
_PACK = 1536  # tokens whose states are kept for a backward pass at once: 6 GB
DENSEST = 0.45
"""The share of our own articles' tokens that is read: the sheets on which most parties a token are not found."""
FOUND_ASKED = 0.12
"""The share of the parties named in a paragraph that is asked about there; those that are not named are all asked."""
FOUND_SHARE, WORDS_SHARE = 0.3, 0.5
"""The weight in the loss of whether a paragraph refers to a party that is found anyway, and of which words do."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Whether and where a paragraph refers to a party, by the reader; whether Sidelight finds it, and a name."""

    present: bool
    marked: tuple[tuple[int, int], ...]
    found: bool
    named: bool


@dataclass(frozen=True, slots=True)
class Case:
    """An article with the labels of its paragraphs' parties; `group` as in `Example`."""

    group: str
    corpus: str
    title: str
    texts: Sequence[str]
    truths: Mapping[tuple[int, str], Truth]


@dataclass(frozen=True, slots=True)
class Marked:
    """A sheet with what is true of its questions."""

    sheet: Sheet
    truths: Sequence[Truth]


def read_cases(labels: Path, corpora: Path) -> Iterator[Case]:
    """Every labelled article and speech.

    Raises:
        LabelError: a label names an article that the corpora lack.
    """
    for identifier, title, texts, some in labelled_articles(labels, corpora):
        title_reading, *readings = read([title, *texts])
        requests = [PartyRequest(name) for name in dict.fromkeys(row["party"] for row in some)]
        parties = {party.name: party for party in parties_of(title, readings, title_reading, requests)}
        truths = {}
        for row in some:
            place = row["paragraph"]
            found = parties[row["party"]].in_paragraph(place)
            truths[place, row["party"]] = Truth(
                row["stance"] != "absent",
                tuple((start, end) for start, end in row["mentions"]),
                bool(found),
                any(name_in(texts[place], mention) for mention in found),
            )
        yield Case(group_of(identifier), identifier.split("-")[0], title, texts, truths)


def marked(tokenizer: PreTrainedTokenizerBase, case: Case, rng: random.Random) -> Iterator[Marked]:
    """The sheets of an article on which a party is asked about that is not found, with questions in an order drawn."""
    asked: dict[int, list[str]] = {}
    for (place, party), truth in case.truths.items():
        if not truth.found or (truth.present and not truth.named) or rng.random() < FOUND_ASKED:
            asked.setdefault(place, []).append(party)
    for some in asked.values():
        rng.shuffle(some)
    for sheet in sheets_of(tokenizer, case.title, case.texts, asked):
        truths = [case.truths[q.paragraph, q.party] for q in sheet.questions]
        if not all(truth.found for truth in truths):
            yield Marked(sheet, truths)


def densest(some: Sequence[Marked], share: float) -> list[Marked]:
    """Those with most unfound parties a token, up to `share` of all tokens."""
    order = sorted(some, key=lambda one: -sum(not truth.found for truth in one.truths) / (len(one.sheet.ids) + 40))
    most = share * sum(len(one.sheet.ids) for one in some)
    kept: list[Marked] = []
    total = 0
    for one in order:
        if total >= most:
            break
        kept.append(one)
        total += len(one.sheet.ids)
    return kept


def packs(batch: Sequence[Marked]) -> Iterator[list[Marked]]:
    """A batch in parts of at most `_PACK` tokens, or one sheet, that are read side by side."""
    return packed(batch, lambda one: len(one.sheet.ids), _PACK)


def loss_of(network: PreTrainedModel, head: PointerHead, some: Sequence[Marked]) -> Tensor:
    """Summed over the questions: cross-entropy of a reference, and -log of what falls on the marked words."""
    ids = [token for one in some for token in one.sheet.ids]
    places = torch.cat([one.sheet.places() for one in some])
    seen = torch.block_diag(*(one.sheet.seen() for one in some)).bool()  # type: ignore[no-untyped-call]
    states = states_of(network, ids, places, seen)
    loss = states.new_zeros(())
    for one, own in zip(some, torch.split(states, [len(one.sheet.ids) for one in some]), strict=True):
        for q, truth in zip(one.sheet.questions, one.truths, strict=True):
            shares, present = head(own[q.end], own[q.tokens])
            wrong = nn.functional.binary_cross_entropy_with_logits(present.float(), torch.tensor(float(truth.present)))
            loss = loss + (FOUND_SHARE if truth.found and truth.present else 1.0) * wrong
            right = torch.tensor([any(a < end and start < b for a, b in truth.marked) for start, end in q.offsets])
            if right.any():
                loss = loss - WORDS_SHARE * shares.float()[right].logsumexp(dim=0)
    return loss


def items_of(some: Sequence[Marked]) -> int:
    """How many questions the sheets have."""
    return sum(len(one.truths) for one in some)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.pointer", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with wikinews.jsonl and ungd.jsonl")
    parser.add_argument("--run", type=Path, default=Path("runs/pointer"), help="checkpoint and log; resumed if there")
    parser.add_argument("--out", type=Path, default=POINTER, help="where to write the weights")
    parser.add_argument("--seed", type=int, default=1)
    return run(train, parser.parse_args(arguments))


def train(options: argparse.Namespace) -> None:
    """Learn, fit the threshold, write the weights."""
    cases = list(read_cases(LABELS, options.corpora))
    training = [case for case in cases if not in_development(case.group, PARAGRAPH_SHARE)]
    development = [case for case in cases if in_development(case.group, PARAGRAPH_SHARE)]
    language_model = default_language_model()
    tokenizer = language_model.tokenizer
    torch.manual_seed(options.seed)
    network = first_layers(language_model.network.base_model, LAYERS)
    add_adapters(network, RANK, SCALE)
    head = PointerHead(network.config.hidden_size)
    steps: list[list[Marked]] = []
    for epoch in range(EPOCHS):
        rng = random.Random(f"{options.seed}/{epoch}")
        own, real = (
            [one for case in training if (case.corpus == "own") is ours for one in marked(tokenizer, case, rng)]
            for ours in (True, False)
        )
        steps += make_batches([*real, *densest(own, DENSEST)], BATCH, rng, lambda one: len(one.sheet.ids))
    course = Course(trainable(network, head), LEARNING_RATE, 0.01, len(steps), 0.06, options.run, 0.01)
    learn(
        network,
        head,
        [list(packs(batch)) for batch in steps],
        partial(loss_of, network, head),
        items_of,
        course,
        options.seed,
    )
    course.settle()
    metadata = {"seed": str(options.seed), "layers": str(LAYERS), "language_model": language_model.version}
    save_weights(options.out, network, head, metadata | {"threshold": "0.5"}, "pointer")
    pointer = Pointer.of(language_model, PointerWeights.load(options.out))
    answers = {corpus: answers_on(pointer, development, corpus) for corpus in sorted({c.corpus for c in cases})}
    threshold = fit_threshold([answer for corpus, some in answers.items() if corpus != "own" for answer in some])
    result = {"threshold": threshold} | {corpus: scores_of(some, threshold) for corpus, some in answers.items()}
    logging.info("%s", json.dumps(result, indent=1))
    (options.run / "report.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    save_weights(options.out, network, head, metadata | {"threshold": str(threshold)}, "pointer")
    logging.info("wrote %s (%.1f MB)", options.out, options.out.stat().st_size / 1e6)


Answer = tuple[float, Truth, bool]
"""The probability of a reference, what is true, and whether a reader marked the word on which most falls."""


def answers_on(pointer: Pointer, cases: Sequence[Case], corpus: str) -> list[Answer]:
    """What the pointer says where nothing else finds a party."""
    answers: list[Answer] = []
    for case in cases:
        if case.corpus != corpus:
            continue
        asked: dict[int, list[str]] = {}
        for (place, party), truth in case.truths.items():
            if not truth.found:
                asked.setdefault(place, []).append(party)
        for q, shares, present in pointer.point(case.title, case.texts, asked):
            truth = case.truths[q.paragraph, q.party]
            start, end = q.offsets[int(shares.argmax())]
            answers.append((present, truth, any(a < end and start < b for a, b in truth.marked)))
    return answers


def fit_threshold(answers: Sequence[Answer]) -> float:
    """The probability from which on a reference is believed so that most answers are right."""
    best, gain, total = 1.0, 0, 0
    for present, truth, _ in sorted(answers, key=lambda answer: -answer[0]):
        total += 1 if truth.present else -1
        if total > gain:
            best, gain = present, total
    return round(best - 5e-4, 3)


def scores_of(answers: Sequence[Answer], threshold: float) -> dict[str, float]:
    """Scores in 0–1, and counts."""
    present = [t.present for _, t, _ in answers]
    called = [p >= threshold for p, *_ in answers]
    both = sum(a and b for a, b in zip(present, called, strict=True))
    return {
        "items": len(answers),
        "present": sum(present),
        "average_precision": float(average_precision_score(present, [p for p, *_ in answers])),
        "precision": both / max(1, sum(called)),
        "recall": both / max(1, sum(present)),
        "words_right": sum(right for _, t, right in answers if t.present) / max(1, sum(present)),
    }


if __name__ == "__main__":
    sys.exit(main())
