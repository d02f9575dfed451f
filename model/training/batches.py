"""Labelled documents as tensors: stretches with their items and labels, in batches of like length."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from ..domain import VOICES, Span
from ..networks.encoder import Encoder
from ..networks.stretches import TokenizedText
from ..stance.classifier import Text, article_stretches
from ..stance.head import STANCES, Item, items_of
from ..stance.masking import STAND_INS
from .documents import Document, LabelledParty, Target

T = TypeVar("T")
IGNORED = -100
"""The label of what has none."""
NAMED_SHARE = 0.1
"""How often a document keeps its names in training, since names that nobody found will be read later too."""
FORGETFUL_SHARE = 0.2
"""How often a party loses some of its mentions in training, since what finds them misses some."""
FOUND_SHARE = 0.5
"""How often a party has the mentions in training that Sidelight finds, not those that a reader marked."""
_POOL = 50  # batches whose texts are sorted by length together: little padding, yet random order


@dataclass(frozen=True, slots=True)
class Reading:
    """Tokens that are read at once, the items asked about them, and a reader's label of each.

    `marked` has, for each item, the tokens that a reader marked as referring to the party; None where nobody did.
    """

    ids: tuple[int, ...]
    items: tuple[Item, ...]
    targets: tuple[Target, ...]
    marked: tuple[tuple[slice, ...] | None, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a batch's items, padded as `ItemMasks`.

    `stance` and `voice` `(readings, items)` are indices, -100 where there is none; `evidence`, `holder` and `refers`
    `(readings, items, tokens)` masks; an item without a True in `evidence` or `holder` has none that is known, and
    `refers` counts where `marked` `(readings, items)` says so.
    """

    stance: Tensor
    voice: Tensor
    evidence: Tensor
    holder: Tensor
    refers: Tensor
    marked: Tensor

    @classmethod
    def of(cls, readings: Sequence[Reading], tokens: int) -> "Labels":
        """The labels of `readings`, each of at most `tokens` tokens."""
        most = max(len(reading.items) for reading in readings)
        labels = torch.full((2, len(readings), most), IGNORED)
        masks = torch.zeros((3, len(readings), most, tokens), dtype=torch.bool)
        marked = torch.zeros((len(readings), most), dtype=torch.bool)
        for row, reading in enumerate(readings):
            for column, (item, target) in enumerate(zip(reading.items, reading.targets, strict=True)):
                labels[0, row, column] = STANCES.index(target.stance)
                if target.voice:
                    labels[1, row, column] = VOICES.index(target.voice)
                for kind, spans in enumerate(((target.evidence,) if target.evidence else (), target.holder or ())):
                    for place in item.part.places(spans):
                        masks[kind, row, column, place] = True
                if target.holder == ():
                    masks[1, row, column, item.lead] = True
                places = reading.marked[column]
                if places is not None:
                    marked[row, column] = True
                    for place in places:
                        masks[2, row, column, place] = True
        return cls(labels[0], labels[1], masks[0], masks[1], masks[2], marked)

    def to(self, device: torch.device) -> "Labels":
        """The same on a device."""
        return Labels(
            *(t.to(device) for t in (self.stance, self.voice, self.evidence, self.holder, self.refers, self.marked))
        )


def encoder_readings(
    encoder: Encoder, documents: Sequence[Document], texts: Mapping[str, list[TokenizedText]], rng: random.Random | None
) -> list[Reading]:
    """Each stretch of each document that has labelled items about parties that it mentions.

    With `rng`, parties get stand-ins at random, some documents keep their names, and some parties have other mentions.
    `texts` are the documents' tokens by id.
    """
    stand_ins = encoder.ids_of(STAND_INS)
    found = []
    for document in documents:
        text, own = drawn(document, stand_ins, rng)
        tokens = text.masked(texts[document.id], own)
        for stretch in article_stretches(encoder, tokens):
            if reading := labelled(stretch.ids, items_of(stretch, text.mentions), document):
                found.append(reading)
    return found


def drawn(document: Document, stand_ins: Sequence[int], rng: random.Random | None) -> tuple[Text, Sequence[int]]:
    """A document as it is read, and the stand-ins in the order in which they are given to its parties.

    With `rng` both are drawn, else as in use.
    """
    mentions = [_mentions(party, rng) for party in document.parties]
    if rng is None:
        return Text(document.texts, mentions), stand_ins
    blind = rng.random() >= NAMED_SHARE
    return Text(document.texts, mentions, blind), rng.sample(list(stand_ins), len(stand_ins))


def labelled(ids: Sequence[int], items: Sequence[Item], document: Document) -> Reading | None:
    """What is read, with those items that have a label; None where none has."""
    targets = {(target.paragraph, target.party): target for target in document.targets}
    kept = [item for item in items if (item.part.paragraph, item.party) in targets]
    if not kept:
        return None
    marks = [document.parties[item.party].marked for item in kept]
    return Reading(
        tuple(ids),
        tuple(kept),
        tuple(targets[item.part.paragraph, item.party] for item in kept),
        tuple(
            None if marked is None else tuple(item.part.places(marked.get(item.part.paragraph, ())))
            for item, marked in zip(kept, marks, strict=True)
        ),
    )


def _mentions(party: LabelledParty, rng: random.Random | None) -> Mapping[int, Sequence[Span]]:
    if rng is None:
        return party.found
    mentions = party.marked if party.marked is not None and rng.random() >= FOUND_SHARE else party.found
    places = [(paragraph, span) for paragraph, spans in mentions.items() for span in spans]
    if len(places) < 2 or rng.random() >= FORGETFUL_SHARE:
        return mentions
    kept: dict[int, list[Span]] = {}
    for paragraph, span in sorted(
        rng.sample(places, rng.randint(1, len(places) - 1)), key=lambda p: (p[0], p[1].start)
    ):
        kept.setdefault(paragraph, []).append(span)
    return kept


def make_batches(items: Sequence[T], size: int, rng: random.Random, length: Callable[[T], int]) -> list[list[T]]:
    """Shuffled batches of `size` items of like `length`."""
    order = list(items)
    rng.shuffle(order)
    batches = []
    for start in range(0, len(order), size * _POOL):
        pool = sorted(order[start : start + size * _POOL], key=length)
        batches += [pool[at : at + size] for at in range(0, len(pool), size)]
    rng.shuffle(batches)
    return batches


def token_batches(readings: Sequence[Reading], tokens: int, rng: random.Random) -> list[list[Reading]]:
    """Shuffled batches of readings of like length, each of at most `tokens` tokens with its padding, or one reading."""
    order = list(readings)
    rng.shuffle(order)
    batches: list[list[Reading]] = []
    pool = _POOL * tokens // max(len(reading.ids) for reading in order)
    for start in range(0, len(order), pool):
        batch: list[Reading] = []
        for reading in sorted(order[start : start + pool], key=lambda one: len(one.ids)):
            if batch and len(reading.ids) * (len(batch) + 1) > tokens:
                batches.append(batch)
                batch = []
            batch.append(reading)
        batches.append(batch)
    rng.shuffle(batches)
    return batches
