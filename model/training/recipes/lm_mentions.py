"""`python -m model.training.recipes.lm_mentions` (`make train-lm-mentions`): the mention finder's weights.

It goes on where it stopped. It learns whether paragraphs refer to a party by our labels, and with which words, and
asks most where nothing else finds it, finds it wrongly, or finds a part of what refers to it.
"""

import argparse
import json
import logging
import random
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ...language_model.truncated import packed, states_of
from ...parties.lm_mentions import LmMentionFinder, MentionHead, MentionWeights
from ..batches import make_batches
from ..command import add_earlier, folder_of, parsed, run
from ..earlier import other_file
from ..examples import LABELS, PARAGRAPH_SHARE, in_development
from ..lm_layers import begun, default_language_model, learn
from ..loop import Course, save_weights, trainable
from .lm_mention_cases import Case, Marked, marked, read_cases
from .lm_mention_scores import answers_on, fit_doubt, fit_threshold, scores_of

LAYERS, RANK, SCALE = 16, 8, 2.0
"""How many of the language model's 28 layers read, and its adapters' rank."""
EPOCHS, LEARNING_RATE, BATCH = 2, 3e-4, 4
"""`BATCH` are the sheets of a step."""
FURTHER_RATE = 2e-4
"""The learning rate of what follows an earlier run's weights."""
_PACK = 1536  # tokens whose states are kept for a backward pass at once: 6 GB
DENSEST, OWN_SHARE = 0.5, 0.08
"""Of our own articles' tokens, the share of the sheets on which most parties are not found, and what an epoch reads."""
FOUND_SHARE, WORDS_SHARE = 0.3, 0.1
"""The weight in the loss of whether a paragraph refers to a party that is found anyway, and of a token."""


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


def loss_of(network: PreTrainedModel, head: MentionHead, some: Sequence[Marked]) -> Tensor:
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
    parser = argparse.ArgumentParser(prog="python -m model.training.recipes.lm_mentions", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with wikinews.jsonl and ungd.jsonl")
    parser.add_argument("--run", type=Path, default=Path("runs/pointer"), help="checkpoint and log; resumed if there")
    parser.add_argument("--out", type=Path, help="where to write the weights (default: RUN/lm_mentions.safetensors)")
    add_earlier(parser, "fit threshold and doubt of the mean of --earlier")
    parser.add_argument("--seed", type=int, default=1)
    return run(train, parsed(parser, arguments))


def train(options: argparse.Namespace) -> None:
    """Learn or take weights as they are, fit threshold and doubt, write the weights."""
    out = other_file(options.out or options.run / "lm_mentions.safetensors", options.earlier)
    cases = list(read_cases(LABELS, options.corpora))
    training = [case for case in cases if not in_development(case.group, PARAGRAPH_SHARE)]
    development = [case for case in cases if in_development(case.group, PARAGRAPH_SHARE)]
    language_model = default_language_model()
    network, head, origin = begun(language_model, (LAYERS, RANK, SCALE), MentionHead, options.seed, options.earlier)
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
    pointer = LmMentionFinder.of(language_model, MentionWeights.load(out))
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


if __name__ == "__main__":
    sys.exit(main())
