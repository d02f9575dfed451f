"""`python -m model.training.recipes.rewriting`: teach the default language model to rewrite sentences.

First it learns how readers rewrote sentences; then, of sentences that it wrote itself, those that readers found right,
and how they would put the others.
"""

import argparse
import logging
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

import torch
from transformers import PreTrainedModel

from ...language_model.prompts import Prompt
from ...language_model.weights import REWRITING, quantized_file
from ...networks.file_record import note_shipped
from ...networks.lora import adapter_state
from ..activated_lora import Chat, Turn, load_chat, load_network, read_prompts, reply_loss, with_adapter, write_gguf
from ..command import run
from ..loop import Course, low_precision
from ..press import PRESS
from ..rewritings import SUPPORTED, read_rewritings
from ..steps import learn

RANK, SCALE = 8, 2.0
AT_ONCE, BATCHES = 4, 4
"""The replies of a batch, and the batches of a step."""
LEARNING_RATE, JUDGING_RATE, WARM_UP, NEWEST = 4e-4, 2e-4, 0.04, 0.1
REPLAYED = 300
"""Rewritten sentences that are learnt again beside the judged ones."""
BELIEVED = 0.3
"""What a token counts, beside others of its batch, of a sentence that the model wrote and a reader found right."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn and write; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.recipes.rewriting", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with news.jsonl")
    parser.add_argument(
        "--run",
        type=Path,
        default=Path("runs/rewriting"),
        help="the folder of the prompts' states, 14 GB, and of two checkpoints; resumed if there",
    )
    parser.add_argument("--out", type=Path, default=REWRITING)
    parser.add_argument("--seed", type=int, default=1)
    return run(train, parser.parse_args(arguments))


def train(options: argparse.Namespace) -> None:
    """Learn from the training articles, score on development, write."""
    torch.manual_seed(options.seed)
    folder = quantized_file().parent
    chat, prompt = load_chat(folder), Prompt.load("rewrite")
    rewritten, development, judged = (
        list(turns_of(PRESS / f"{name}.jsonl", options.corpora, chat, prompt))
        for name in ("training_rewritten", "development_rewritten", "training_judged_rewritings")
    )
    states = options.run / "prompts"
    dtype = torch.bfloat16 if low_precision() else torch.float32
    read_prompts([*rewritten, *development, *judged], states, lambda: load_network(folder, dtype))
    network = load_network(folder, dtype)
    logging.info("development, untaught: %.3f a token", score(network, development, states))
    parameters = with_adapter(network, RANK, SCALE)
    again = random.Random(options.seed).sample(rewritten, REPLAYED)
    for name, turns, rate in (("rewriting", rewritten, LEARNING_RATE), ("judging", [*judged, *again], JUDGING_RATE)):
        steps = steps_of(turns, options.seed)
        course = Course(parameters, rate, 0.0, len(steps), WARM_UP, options.run / name, newest=NEWEST)
        learn(
            [network],
            steps,
            lambda batch: reply_loss(network, batch, states),
            course,
            options.seed,
            low_precision=low_precision(),
        )
        logging.info("development after %s: %.3f a token", name, score(network, development, states))
    write_gguf(options.out, adapter_state(network.base_model), chat.opening)
    note_shipped(options.out)


def turns_of(path: Path, corpora: Path, chat: Chat, prompt: Prompt) -> Iterator[Turn]:
    """What there is to learn from the rewritings of a file: how they were put, and how a reader judged them.

    Raises:
        LabelError: the corpus lacks an article.
    """
    for one in read_rewritings(path, corpora):
        asked = prompt.fill({"window": one.lines})
        if "verdict" not in one.row:
            yield chat.turn(asked, one.reply)
        elif one.row["verdict"] == SUPPORTED and one.row["alone"]:
            yield chat.turn(asked, one.reply, BELIEVED)
        if one.right:
            yield chat.turn(asked, one.right)


def steps_of(turns: Sequence[Turn], seed: int) -> list[list[list[Turn]]]:
    """Each step's batches, of replies of like lengths; all are seen once."""
    order = random.Random(seed).sample(turns, len(turns))
    steps = []
    for start in range(0, len(order) - AT_ONCE * BATCHES + 1, AT_ONCE * BATCHES):
        some = sorted(order[start : start + AT_ONCE * BATCHES], key=lambda turn: len(turn.reply))
        steps.append([some[at : at + AT_ONCE] for at in range(0, len(some), AT_ONCE)])
    return steps


@torch.inference_mode()
def score(network: PreTrainedModel, turns: Sequence[Turn], states: Path) -> float:
    """The mean cross-entropy of the replies' tokens, each reply counting once."""
    network.eval()
    device = network.device.type
    with torch.autocast(device, dtype=torch.bfloat16, enabled=low_precision()):
        return fmean(reply_loss(network, [turn], states).item() for turn in turns)


if __name__ == "__main__":
    sys.exit(main())
