"""`make train-lm-stance`: teach the default language model to judge paragraphs.

It goes on from adapters of an earlier version of Sidelight, whose lower layers stay as they are.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from transformers import PreTrainedModel

from ...language_model.weights import LM_STANCE, quantized_file
from ...networks.checkpoint import TrainedFile, expected
from ...networks.encoder_weights import encoder_folder
from ...networks.file_record import hash_of, note_shipped
from ...parties.coreference import article_encoder
from ..activated_lora import load_chat, load_network, write_gguf
from ..command import run
from ..documents import read_documents
from ..lm_stance import (
    Adapters,
    Asked,
    answer_ids,
    answer_loss,
    answers,
    asked_of,
    read_lower,
    whole_state,
    with_upper_adapters,
)
from ..loop import Course, low_precision
from ..steps import learn
from .encoder import seen

SHARES = {"press": 1.25, "newsmtsc": 0.08, "ungd": 0.12}
"""How often each corpus is seen."""
TOKENS, QUESTIONS = 1_500, 80
"""The most tokens of several stretches that are read side by side, and the least questions of a step."""
LEARNING_RATE, WARM_UP, NEWEST = 2.5e-4, 0.04, 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn and write; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.recipes.lm_stance", description=__doc__)
    parser.add_argument("--newsmtsc", type=Path, required=True, help="NewsMTSC's train.jsonl")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with the corpora's JSONL files")
    parser.add_argument("--earlier", type=Path, required=True, help="the adapters to go on from, as safetensors")
    parser.add_argument(
        "--run", type=Path, default=Path("runs/lm_stance"), help="states, 2 GB, and a checkpoint; resumed if there"
    )
    parser.add_argument("--out", type=Path, default=LM_STANCE)
    parser.add_argument("--seed", type=int, default=1)
    return run(train, parser.parse_args(arguments))


def train(options: argparse.Namespace) -> None:
    """Learn from the training documents and write."""
    rng = random.Random(options.seed)
    folder = quantized_file().parent
    chat = load_chat(folder)
    earlier = adapters_of(options.earlier)
    documents = read_documents(options.corpora, options.newsmtsc, article_encoder(encoder_folder()))
    some = [document for one in seen(documents.training, SHARES, rng) for document in one]
    asked = [stretch for document in some for stretch in asked_of(chat, document, rng)]
    dtype = torch.bfloat16 if low_precision() else torch.float32
    states = options.run / f"states-{hash_of(options.earlier)[:12]}"
    read_lower(asked, states, load_network(folder, torch.float32), earlier)
    network = load_network(folder, dtype)
    torch.manual_seed(options.seed)
    parameters = with_upper_adapters(network, earlier)
    steps = steps_of(asked, rng)
    course = Course(parameters, LEARNING_RATE, 0.0, len(steps), WARM_UP, options.run, newest=NEWEST)
    learn_steps(network, steps, states, answer_ids(chat), course, options.seed)
    write_gguf(options.out, whole_state(network, earlier))
    note_shipped(options.out)


def adapters_of(path: Path) -> Adapters:
    """The adapters of a file that a recipe wrote.

    Raises:
        WeightsError: there is no such file, or it is not one of ours.
    """
    with expected(f"adapters of the language model in {path}", "git show 025f03d:model/weights/careful.safetensors"):
        state = TrainedFile.read(path).adapter
    names = {name.rpartition(".")[0] for name in state}
    return {name: (state[f"{name}.B"], state[f"{name}.A"]) for name in names}


def steps_of(asked: Sequence[Asked], rng: random.Random) -> list[list[list[Asked]]]:
    """Each step's batches: stretches that are read side by side."""
    batches: list[list[Asked]] = []
    total = 0
    for one in rng.sample(asked, len(asked)):
        length = len(one.tokens) + sum(len(question.tokens) for question in one.questions)
        if not batches or total + length > TOKENS:
            batches.append([])
            total = 0
        batches[-1].append(one)
        total += length
    rng.shuffle(batches)
    steps: list[list[list[Asked]]] = [[]]
    for batch in batches:
        if sum(map(_questions, steps[-1])) >= QUESTIONS:
            steps.append([])
        steps[-1].append(batch)
    return steps


def _questions(batch: Sequence[Asked]) -> int:
    return sum(len(one.questions) for one in batch)


def learn_steps(
    network: PreTrainedModel,
    steps: Sequence[Sequence[list[Asked]]],
    states: Path,
    options: Sequence[int],
    course: Course,
    seed: int,
) -> None:
    """Take the steps; a question counts the same in each."""
    batches = {id(batch): len(step) for step in steps for batch in step}

    def loss(batch: list[Asked]) -> Tensor:
        logits = answers(network, batch, states, options)
        return answer_loss(logits, batch) / QUESTIONS * batches[id(batch)]  # `learn` divides by the step's batches

    learn([network], steps, loss, course, seed, low_precision=low_precision())


if __name__ == "__main__":
    sys.exit(main())
