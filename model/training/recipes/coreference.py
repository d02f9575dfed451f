"""`python -m model.training.recipes.coreference`: learn which words refer to a party without its name."""

import argparse
import logging
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ...article.nlp import parse
from ...domain import Mention, Span
from ...networks.encoder import Encoder
from ...networks.encoder_weights import encoder_folder
from ...networks.text_states import BLOCKS, read_texts, text_states
from ...parties.coreference import LEARNT, Coreference, Outline
from ...parties.finder import outline_of
from ...parties.reference_network import ReferenceNetwork
from ...parties.references import Node
from ...parties.requests import PartyRequest
from ..command import run
from ..documents import press_rows
from ..examples import LABELS, PARAGRAPH_SHARE, group_of, in_development, labelled_articles
from ..json_lines import json_lines
from ..loop import Course, freeze_for_training, low_precision, save_weights, trainable
from ..press import PRESS
from ..steps import learn

LIMITS = [step / 4 for step in range(-16, 13)]
"""The logits from which the network may be believed."""
PRECISIONS = 0.82, 0.3
"""What the network must reach on press development where it is believed: that words are the party, and the party's.

Recall is worth more than the highest F1 asks for: a place that is missed is a stance that is missed.
"""
UNKNOWN = -1
"""The target of a node about which no reader said anything."""
RANK, SCALE = 32, 2.0
"""Of the encoder's adapter."""
WEIGHT_DECAY, NEWEST = 0.05, 0.02
PARTIES = 5
"""Most parties of an article in a step."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of training: passes, articles of a step, how much of each corpus a pass sees."""

    name: str
    passes: int
    articles: int
    shares: Mapping[str, float]
    learning_rate: float
    warm_up: float


HEAD_STAGE = Stage("head", 12, 4, {"press": 1.0, "wikinews": 0.5, "own": 0.25, "ungd": 0.2}, 1e-3, 0.1)
"""First the network learns, on the encoder's states as they come."""
JOINT_STAGE = Stage("joint", 3, 2, {"press": 1.0, "wikinews": 0.3}, 3e-4, 0.05)
"""Then both learn."""


@dataclass(frozen=True, slots=True)
class Example:
    """An article with its outline, the names of each party, and what a reader said.

    `texts` are the title and the paragraphs, `states` the nodes' in fp16 (of training, before the encoder learns).
    `targets` is `(parties, nodes, 2)`: 1, 0, or `UNKNOWN`.
    """

    source: str
    texts: Sequence[str]
    outline: Outline
    states: Tensor
    names: Sequence[Sequence[Mention]]
    targets: Tensor


Batch = Sequence[tuple[Example, list[int]]]
"""Articles, and the parties of each that are asked about."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn and write; returns 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m model.training.recipes.coreference", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with the corpora's JSONL files")
    parser.add_argument(
        "--run", type=Path, default=Path("runs/coreference"), help="a checkpoint's folder; resumed if there"
    )
    parser.add_argument("--out", type=Path, default=LEARNT)
    parser.add_argument("--seed", type=int, default=1)
    return run(train, parser.parse_args(arguments))


def train(options: argparse.Namespace) -> None:
    """Learn, choose on press development from where to believe the network, and write."""
    torch.manual_seed(options.seed)
    folder = encoder_folder()
    training, development = read_examples(options.corpora, Encoder.from_folder(folder, blocks=BLOCKS))
    logging.info("%d articles to learn from, %d of development", len(training), len(development))
    encoder = Encoder.for_training(folder, BLOCKS)
    freeze_for_training(encoder, RANK, SCALE)
    network = ReferenceNetwork(2 * encoder.hidden)
    learn_stage(HEAD_STAGE, training, network, None, options)
    learn_stage(JOINT_STAGE, training, network, encoder, options)
    network.eval()
    encoder.network.eval()
    with torch.inference_mode():
        development = [replace(some, states=_states(some, encoder).half()) for some in development]
    press = [example for example in development if example.source == "press"]
    refers, theirs = (limit_of(network, press, kind, precision) for kind, precision in enumerate(PRECISIONS))
    for source in HEAD_STAGE.shares:
        some = [example for example in development if example.source == source]
        logging.info("%s, refers: %s", source, told(network, some, 0, refers))
    logging.info("press, theirs: %s", told(network, press, 1, theirs))
    metadata = {"refers_from": str(refers), "theirs_from": str(theirs), "seed": str(options.seed)}
    save_weights(options.out, encoder.network, network, metadata, "coreference")


def learn_stage(
    stage: Stage,
    examples: Sequence[Example],
    network: ReferenceNetwork,
    encoder: Encoder | None,
    options: argparse.Namespace,
) -> None:
    """Let the network learn from the examples, and the encoder with it if one is given."""
    rng = random.Random(f"{stage.name} {options.seed}")
    steps = [[batch] for _ in range(stage.passes) for batch in batches(examples, stage, rng)]
    parameters = trainable(encoder.network, network) if encoder else list(network.parameters())
    course = Course(
        parameters, stage.learning_rate, WEIGHT_DECAY, len(steps), stage.warm_up, options.run / stage.name, NEWEST
    )
    networks = [encoder.network, network] if encoder else [network]
    learn(networks, steps, lambda batch: loss_of(network, encoder, batch), course, options.seed, low_precision=False)


def batches(examples: Sequence[Example], stage: Stage, rng: random.Random) -> Iterator[Batch]:
    """A pass over the corpora, each article with some of its parties."""
    order = []
    for source, share in stage.shares.items():
        some = [example for example in examples if example.source == source]
        order += rng.sample(some, round(share * len(some)))
    rng.shuffle(order)
    for at in range(0, len(order), stage.articles):
        yield [
            (example, rng.sample(range(len(example.targets)), min(PARTIES, len(example.targets))))
            for example in order[at : at + stage.articles]
        ]


def loss_of(network: ReferenceNetwork, encoder: Encoder | None, batch: Batch) -> Tensor:
    """The cross-entropy over the nodes that a reader saw, a positive one's share; an encoder reads the texts anew."""
    total, positive = torch.zeros(()), 1.0
    for example, parties in batch:
        states = _states(example, encoder) if encoder else example.states.float()
        roles = example.outline.roles([example.names[party] for party in parties])
        logits = network(states, roles, torch.tensor(example.outline.sentences))
        targets = example.targets[parties]
        known = targets != UNKNOWN
        total = total + nn.functional.binary_cross_entropy_with_logits(
            logits[known], targets[known].float(), reduction="sum"
        )
        positive += float((targets == 1).sum())
    return total / positive


def _states(example: Example, encoder: Encoder) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=low_precision()):
        (read,) = read_texts(encoder, [example.texts], torch.float)
        return example.outline.states(read)


def read_examples(corpora: Path, encoder: Encoder) -> tuple[list[Example], list[Example]]:
    """The articles to learn from, and those of development."""
    training = list(press_examples("training", corpora, encoder))
    development = list(press_examples("development", corpora, encoder))
    for identifier, title, paragraphs, rows in labelled_articles(LABELS, corpora):
        example = marked_example(identifier.split("-")[0], title, paragraphs, rows, encoder)
        (development if in_development(group_of(identifier), PARAGRAPH_SHARE) else training).append(example)
    return training, development


def press_examples(part: str, corpora: Path, encoder: Encoder) -> Iterator[Example]:
    """The press articles in which a reader marked all references to the parties."""
    marked = {row["id"]: row["parties"] for row in json_lines(PRESS / f"{part}_references.jsonl")}
    for row in press_rows(PRESS / f"{part}.jsonl", corpora):
        texts, outline, states, names = _read(row.title, row.paragraphs, row.requests, encoder)
        numbers = {party["name"]: number for number, party in enumerate(row.parties)}
        targets = torch.zeros(len(numbers), len(outline.nodes), 2, dtype=torch.int8)
        places = {node.words: at for at, node in enumerate(outline.nodes) if not node.named}
        for party in marked[row.id]:
            number = numbers[party["party"]]
            for kind, name in enumerate(("refers", "theirs")):
                for place in (Mention(*place) for place in party[name]):
                    if place in places:  # else it counts as a name by now
                        targets[number, places[place], kind] = 1
        targets[:, [n.named for n in outline.nodes]] = UNKNOWN
        yield Example("press", texts, outline, states, names, targets)


def marked_example(
    source: str, title: str, paragraphs: Sequence[str], rows: Sequence[Mapping[str, Any]], encoder: Encoder
) -> Example:
    """An article of which a reader marked where some paragraphs refer to some parties, be it with or without a name."""
    names = sorted({row["party"] for row in rows})
    texts, outline, states, places = _read(title, paragraphs, [PartyRequest(name) for name in names], encoder)
    targets = torch.full((len(names), len(outline.nodes), 2), UNKNOWN, dtype=torch.int8)
    for row in rows:
        spans = [Span(*pair) for pair in row["mentions"]]
        for at, node in enumerate(outline.nodes):
            if not node.named and node.words.paragraph == row["paragraph"]:
                targets[names.index(row["party"]), at, 0] = _marked(node, spans)
    return Example(source, texts, outline, states, places, targets)


def _marked(node: Node, spans: Sequence[Span]) -> bool:
    """Whether one of `spans` holds the node's head word, and ends with it or within the node."""
    return any(span.start <= node.head.start < span.end <= node.words.end for span in spans)


def _read(
    title: str, paragraphs: Sequence[str], requests: Sequence[PartyRequest], encoder: Encoder
) -> tuple[Sequence[str], Outline, Tensor, Sequence[Sequence[Mention]]]:
    texts = [title, *paragraphs]
    first, *others = parse(texts)
    outline, names = outline_of(first, others, requests)
    (read,) = text_states(encoder, [texts])
    return texts, outline, outline.states(read).half(), names


def limit_of(network: ReferenceNetwork, examples: Sequence[Example], kind: int, precision: float) -> float:
    """The lowest logit from which what is found has this precision; where there is none, the highest one."""
    logits, targets = predicted(network, examples, kind)
    return next((limit for limit in LIMITS if measures(logits > limit, targets)[0] >= precision), LIMITS[-1])


def told(network: ReferenceNetwork, examples: Sequence[Example], kind: int, limit: float) -> str:
    """Precision, recall and F1 in words."""
    logits, targets = predicted(network, examples, kind)
    precision, recall, f1 = measures(logits > limit, targets)
    return f"precision {precision:.1%}, recall {recall:.1%}, F1 {f1:.1%} of {int(targets.sum())} from {limit}"


@torch.inference_mode()
def predicted(network: ReferenceNetwork, examples: Sequence[Example], kind: int) -> tuple[Tensor, Tensor]:
    """Logits and targets of all nodes that a reader saw."""
    reader = Coreference(network, 0.0, 0.0)
    logits, targets = [], []
    for example in examples:
        known = example.targets[..., kind] != UNKNOWN
        found = reader.logits(example.outline, example.states, example.outline.roles(example.names))[..., kind]
        logits.append(found[known])
        targets.append(example.targets[..., kind][known] == 1)
    return torch.cat(logits), torch.cat(targets)


def measures(found: Tensor, targets: Tensor) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    right = float((found & targets).sum())
    precision, recall = right / max(1.0, float(found.sum())), right / max(1.0, float(targets.sum()))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


if __name__ == "__main__":
    sys.exit(main())
