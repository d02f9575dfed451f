"""`python -m model.training.pointer` (`make train-pointer`): the recipe of the pointer's weights.

It goes on where it stopped. It learns whether paragraphs refer to a party by our labels, and with which words, and
asks most where nothing else finds it, finds it wrongly, or finds a part of what refers to it.
"""

import argparse
import json
import logging
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path

import torch
from sklearn.metrics import average_precision_score
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from model.first_layers import packed, states_of
from model.language import read
from model.parties import parties_of
from model.pointer import LIKELY, Pointer, PointerHead, PointerWeights, Sheet, certain, sheets_of
from model.requests import PartyRequest
from model.training.command import add_earlier, folder_of, parsed, run
from model.training.data import LABELS, PARAGRAPH_SHARE, group_of, in_development, labelled_articles
from model.training.earlier import other_file
from model.training.layers import begun, default_language_model, learn
from model.training.loop import Course, make_batches, save_weights, trainable

LAYERS, RANK, SCALE = 16, 8, 2.0
"""How many of the language model's 28 layers read, and its adapters' rank."""
EPOCHS, LEARNING_RATE, BATCH = 2, 3e-4, 4
"""`BATCH` are the sheets of a step."""
FURTHER_RATE = 2e-4
"""The learning rate of what follows an earlier run's weights."""
_PACK = 1536  # tokens whose states are kept for a backward pass at once: 6 GB
DENSEST, OWN_SHARE = 0.5, 0.08
"""Of our own articles' tokens, the share of the sheets on which most parties are not found, and what an epoch reads."""
FOUND_ASKED, EASY_SHARE = 0.2, 0.12
"""The share that is asked about of the parties of which all is found that refers to them in a paragraph, and the share
that is read of the sheets on which every party is there and found."""
DROPPED_RIGHT = 0.9
"""How many of the items that are found otherwise and doubted have to be absent."""
FOUND_SHARE, WORDS_SHARE = 0.3, 0.1
"""The weight in the loss of whether a paragraph refers to a party that is found anyway, and of a token."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Whether and where a paragraph refers to a party, by the reader, and where Sidelight finds it.

    What it finds is `certain` if the pointer may not drop it.
    """

    present: bool
    marked: tuple[tuple[int, int], ...]
    found: tuple[tuple[int, int], ...]
    certain: bool = False

    def marks(self, offsets: Sequence[tuple[int, int]]) -> list[bool]:
        """Which of the tokens with these characters the reader marked."""
        return [any(a < end and start < b for a, b in self.marked) for start, end in offsets]

    @property
    def whole(self) -> bool:
        """Whether all that the reader marked is found, and nothing in a paragraph that does not refer to the party."""
        if not self.present or not self.marked:
            return self.present == bool(self.found)
        return all(any(a < end and start < b for a, b in self.found) for start, end in self.marked)


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
            place, party = row["paragraph"], parties[row["party"]]
            found = party.in_paragraph(place)
            truths[place, party.name] = Truth(
                row["stance"] != "absent",
                tuple((start, end) for start, end in row["mentions"]),
                tuple((m.start, m.end) for m in found),
                certain(party, found, texts[place]),
            )
        yield Case(group_of(identifier), identifier.split("-")[0], title, texts, truths)


def marked(tokenizer: PreTrainedTokenizerBase, case: Case, rng: random.Random) -> Iterator[Marked]:
    """The sheets of an article on which somebody has something to learn, with questions in an order drawn."""
    asked: dict[int, list[str]] = {}
    for (place, party), truth in case.truths.items():
        if not truth.found or not truth.whole or rng.random() < FOUND_ASKED:
            asked.setdefault(place, []).append(party)
    for some in asked.values():
        rng.shuffle(some)
    for sheet in sheets_of(tokenizer, case.title, case.texts, asked):
        truths = [case.truths[q.paragraph, q.party] for q in sheet.questions]
        if rng.random() < EASY_SHARE or not all(truth.present and truth.found for truth in truths):
            yield Marked(sheet, truths)


def densest(some: Sequence[Marked], rng: random.Random) -> list[Marked]:
    """Our own sheets for an epoch: drawn from those with most unfound parties a token."""
    order = sorted(some, key=lambda one: -sum(not truth.found for truth in one.truths) / (len(one.sheet.ids) + 40))
    total = sum(len(one.sheet.ids) for one in some)
    kept = up_to(order, DENSEST * total)
    rng.shuffle(kept)
    return up_to(kept, OWN_SHARE * total)


def up_to(some: Sequence[Marked], most: float) -> list[Marked]:
    """The first ones, until they have `most` tokens together."""
    totals = accumulate((len(one.sheet.ids) for one in some), initial=0)
    return [one for one, before in zip(some, totals, strict=False) if before < most]


def packs(batch: Sequence[Marked]) -> Iterator[list[Marked]]:
    """A batch in parts of at most `_PACK` tokens, or one sheet, that are read side by side."""
    return packed(batch, lambda one: len(one.sheet.ids), _PACK)


def loss_of(network: PreTrainedModel, head: PointerHead, some: Sequence[Marked]) -> Tensor:
    """Summed over the questions: cross-entropy of a reference at all, and of each token."""
    ids = [token for one in some for token in one.sheet.ids]
    places = torch.cat([one.sheet.places() for one in some])
    seen = torch.block_diag(*(one.sheet.seen() for one in some)).bool()  # type: ignore[no-untyped-call]
    states = states_of(network, ids, places, seen)
    loss = states.new_zeros(())
    for one, own in zip(some, torch.split(states, [len(one.sheet.ids) for one in some]), strict=True):
        for q, truth in zip(one.sheet.questions, one.truths, strict=True):
            each, present = head(own[q.end], own[q.tokens])
            wrong = nn.functional.binary_cross_entropy_with_logits(present.float(), torch.tensor(float(truth.present)))
            loss = loss + (FOUND_SHARE if truth.found and truth.present else 1.0) * wrong
            right = truth.marks(q.offsets)
            if any(right) == truth.present:
                loss = loss + WORDS_SHARE * nn.functional.binary_cross_entropy_with_logits(
                    each.float(), torch.tensor(right).float(), reduction="sum"
                )
    return loss


def items_of(some: Sequence[Marked]) -> int:
    """How many questions the sheets have."""
    return sum(len(one.truths) for one in some)


def steps_of(tokenizer: PreTrainedTokenizerBase, training: Sequence[Case], seed: int) -> list[list[list[Marked]]]:
    """The sheets of each step of all epochs, in packs."""
    steps: list[list[list[Marked]]] = []
    for epoch in range(EPOCHS):
        rng = random.Random(f"{seed}/{epoch}")
        own, real = (
            [one for case in training if (case.corpus == "own") is ours for one in marked(tokenizer, case, rng)]
            for ours in (True, False)
        )
        batches = make_batches([*real, *densest(own, rng)], BATCH, rng, lambda one: len(one.sheet.ids))
        steps += [list(packs(batch)) for batch in batches]
    return steps


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.pointer", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with wikinews.jsonl and ungd.jsonl")
    parser.add_argument("--run", type=Path, default=Path("runs/pointer"), help="checkpoint and log; resumed if there")
    parser.add_argument("--out", type=Path, help="where to write the weights (default: RUN/pointer.safetensors)")
    add_earlier(parser, "fit threshold and doubt of the mean of --earlier")
    parser.add_argument("--seed", type=int, default=1)
    return run(train, parsed(parser, arguments))


def train(options: argparse.Namespace) -> None:
    """Learn or take weights as they are, fit threshold and doubt, write the weights."""
    out = other_file(options.out or options.run / "pointer.safetensors", options.earlier)
    cases = list(read_cases(LABELS, options.corpora))
    training = [case for case in cases if not in_development(case.group, PARAGRAPH_SHARE)]
    development = [case for case in cases if in_development(case.group, PARAGRAPH_SHARE)]
    language_model = default_language_model()
    network, head, origin = begun(language_model, (LAYERS, RANK, SCALE), PointerHead, options.seed, options.earlier)
    folder = folder_of(options, origin)
    if not options.as_is:
        steps = steps_of(language_model.tokenizer, training, options.seed)
        rate = FURTHER_RATE if options.earlier else LEARNING_RATE
        course = Course(trainable(network, head), rate, 0.01, len(steps), 0.06, folder, 0.01)
        learn(network, head, steps, partial(loss_of, network, head), items_of, course, options.seed)
        course.settle()
    metadata = {"seed": str(options.seed), "earlier": origin, "layers": str(LAYERS)}
    metadata |= {"language_model": language_model.version}
    save_weights(out, network, head, metadata | {"threshold": "0.5", "doubt": "0.5"}, "pointer")
    pointer = Pointer.of(language_model, PointerWeights.load(out))
    answers = {corpus: answers_on(pointer, development, corpus) for corpus in sorted({c.corpus for c in cases})}
    on_real = [answer for corpus, some in answers.items() if corpus != "own" for answer in some]
    threshold, doubt = fit_threshold(on_real), fit_doubt(on_real)
    result: dict[str, object] = {"threshold": threshold, "doubt": doubt}
    result |= {corpus: scores_of(some, threshold, doubt) for corpus, some in answers.items()}
    logging.info("%s", json.dumps(result, indent=1))
    (folder / "report.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    fitted = {"threshold": str(threshold), "doubt": str(doubt)}
    save_weights(out, network, head, metadata | fitted, "pointer")
    logging.info("wrote %s (%.1f MB)", out, out.stat().st_size / 1e6)


@dataclass(frozen=True, slots=True)
class Answer:
    """The probability that a paragraph refers to a party, what is true, and what that says of each token.

    `each` are the tokens' probabilities, `marked` says which of them a reader marked.
    """

    present: float
    truth: Truth
    each: Sequence[float]
    marked: Sequence[bool]

    @property
    def pointed(self) -> bool:
        """Whether any token likely refers to the party, and nothing else finds it."""
        return not self.truth.found and max(self.each) >= LIKELY


def answers_on(pointer: Pointer, cases: Sequence[Case], corpus: str) -> list[Answer]:
    """What the pointer says of every item."""
    answers: list[Answer] = []
    for case in cases:
        if case.corpus != corpus:
            continue
        asked: dict[int, list[str]] = {}
        for place, party in case.truths:
            asked.setdefault(place, []).append(party)
        for q, each, present in pointer.point(case.title, case.texts, asked):
            truth = case.truths[q.paragraph, q.party]
            answers.append(Answer(present, truth, each.tolist(), truth.marks(q.offsets)))
    return answers


def fit_threshold(answers: Sequence[Answer]) -> float:
    """The probability from which on a reference is believed where nothing else is found, so that most are right."""
    pointed = sorted((a for a in answers if a.pointed), key=lambda a: -a.present)
    count = _most_right([answer.truth.present for answer in pointed])
    return round(pointed[count - 1].present - 5e-4, 3) if count else 1.0


def fit_doubt(answers: Sequence[Answer]) -> float:
    """The probability below which what else is found is not believed; 0 believes all.

    Rules are mostly right: it is the most, in twentieths, at which `DROPPED_RIGHT` of those that it drops are absent.
    """
    found = [a for a in answers if a.truth.found and not a.truth.certain]
    for step in range(20, 0, -1):
        dropped = [not a.truth.present for a in found if a.present < step / 20]
        if dropped and sum(dropped) >= DROPPED_RIGHT * len(dropped):
            return step / 20
    return 0.0


def _most_right(rights: Sequence[bool]) -> int:
    """How many of the first to take, so that the right ones outnumber the others by most."""
    gains = list(accumulate((1 if right else -1 for right in rights), initial=0))
    return gains.index(max(gains))


def scores_of(answers: Sequence[Answer], threshold: float, doubt: float) -> dict[str, float]:
    """Scores in 0–1, and counts: of items that nothing else finds, of doubtful others, and of present ones' tokens."""
    unfound = [a for a in answers if not a.truth.found]
    found = [a for a in answers if a.truth.found and not a.truth.certain]
    called = [a for a in answers if a.pointed and a.present >= threshold]
    dropped = [a for a in found if a.present < doubt]
    there = [a for a in unfound if a.truth.present]
    tokens = [pair for a in answers if a.truth.present for pair in zip(a.each, a.marked, strict=True)]
    return {
        "unfound": len(unfound),
        "unfound_present": len(there),
        "average_precision": _average_precision([(a.present, a.truth.present) for a in unfound]),
        "found_rightly": sum(a.truth.present for a in called),
        "found_wrongly": sum(not a.truth.present for a in called),
        "words_right": sum(a.marked[a.each.index(max(a.each))] for a in there) / max(1, len(there)),
        "doubtful": len(found),
        "dropped_rightly": sum(not a.truth.present for a in dropped),
        "dropped_wrongly": sum(a.truth.present for a in dropped),
        "tokens_average_precision": _average_precision(tokens),
    }


def _average_precision(some: Sequence[tuple[float, bool]]) -> float:
    return float(average_precision_score([right for _, right in some], [value for value, _ in some]))


if __name__ == "__main__":
    sys.exit(main())
