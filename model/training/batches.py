"""Labelled texts as tensors: read once, seen in several views, in batches of like length."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor

from ..domain import VOICES, Span
from ..names.name_spans import names_in
from ..networks.encoder import Encoder, Window
from ..stance.classifier import content_mask, mention_mask
from ..stance.head import PartyHead, Scores
from ..stance.masking import STAND_INS, blinded
from .examples import NOT_NAMED, Example, Target

T = TypeVar("T")
IGNORED = -100
"""The label of what has none."""
NAMED_SHARE = 0.1
"""How often a text keeps its names in training, since names that nobody found will be read later too."""
FORGETFUL_SHARE = 0.3
"""How often a party loses some of its mentions in training, since what finds them misses some."""
FOUND_SHARE = 0.5
"""How often a party has the mentions in training that Sidelight finds, not those that the reader marked."""
_POOL = 50  # batches whose texts are sorted by length together: little padding, yet random order


@dataclass(frozen=True, slots=True)
class Reading:
    """A window of an example and those of its targets that it mentions.

    `mentions`, `evidence` and `holders` are masks `(targets, tokens)`; a row of `evidence` or
    `holders` without a True is not known, and a holder that is not named is the first token.
    """

    window: Window
    group: str
    targets: tuple[Target, ...]
    mentions: Tensor
    evidence: Tensor
    holders: Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings padded to one shape; `valid` `(texts, parties)` says which parties are there.

    `stance` and `voice` `(texts, parties)` are label indices, -100 where there is none.
    """

    windows: list[Window]
    mentions: Tensor
    evidence: Tensor
    holders: Tensor
    stance: Tensor
    voice: Tensor

    @property
    def valid(self) -> Tensor:
        """True for each party that is there, `(texts, parties)`."""
        return self.stance != IGNORED

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> "Batch":
        """Pad `readings` to the most parties and the longest window."""
        parties = max(len(reading.targets) for reading in readings)
        tokens = max(len(reading.window.ids) for reading in readings)
        masks = torch.zeros((3, len(readings), parties, tokens), dtype=torch.bool)
        labels = torch.full((2, len(readings), parties), IGNORED)
        for row, reading in enumerate(readings):
            count, length = reading.mentions.shape
            for kind, mask in enumerate((reading.mentions, reading.evidence, reading.holders)):
                masks[kind, row, :count, :length] = mask
            for number, target in enumerate(reading.targets):
                labels[0, row, number] = target.label
                if target.voice:
                    labels[1, row, number] = VOICES.index(target.voice)
        return cls([reading.window for reading in readings], masks[0], masks[1], masks[2], labels[0], labels[1])

    def scores(self, encoder: Encoder, head: PartyHead) -> Scores:
        """What `head` says of the batch."""
        states = encoder.states(self.windows)
        content = content_mask(self.windows, states.shape[1])
        return head(states, self.mentions.to(states.device), content.to(states.device))  # type: ignore[no-any-return]


def read_examples(encoder: Encoder, examples: Sequence[Example], rng: random.Random | None = None) -> list[Reading]:
    """Each window of each example, blind, with the targets mentioned in it; windows without any are dropped.

    With `rng`, parties get stand-ins at random, some texts keep their names, and some parties have other mentions.
    """
    readings = []
    if rng is not None:
        examples = [with_other_mentions(example, rng) for example in examples]
    names = [names_in(example.text, [target.spans for target in example.targets]) for example in examples]
    stand_ins = encoder.ids_of(STAND_INS)
    for whole in encoder.windows([example.text for example in examples]):
        if rng is not None:
            rng.shuffle(stand_ins)
        named = rng is not None and rng.random() < NAMED_SHARE
        window = whole if named else blinded(whole, names[whole.text], stand_ins)
        length = len(window.ids)
        kept = [
            (target, mask)
            for target in examples[window.text].targets
            if (mask := mention_mask(window, target.spans, length)).any()
        ]
        if not kept:
            continue
        holders = torch.stack([mention_mask(window, _known(target.holder), length) for target, _ in kept])
        for row, (target, _) in enumerate(kept):
            holders[row, 0] = target.holder == NOT_NAMED
        readings.append(
            Reading(
                window,
                examples[window.text].group,
                tuple(target for target, _ in kept),
                torch.stack([mask for _, mask in kept]),
                torch.stack([mention_mask(window, _known(target.evidence), length) for target, _ in kept]),
                holders,
            )
        )
    return readings


def read_views(
    encoder: Encoder, examples: Sequence[Example], rng: random.Random, views: int
) -> list[tuple[Reading, ...]]:
    """`read_examples` `views` times: each window's readings together where all of them have the same targets."""
    windows: dict[tuple[int, int], list[Reading]] = {}  # by text and first character
    for _ in range(views):
        for reading in read_examples(encoder, examples, rng):
            windows.setdefault((reading.window.text, reading.window.offsets[1][0]), []).append(reading)
    found: list[tuple[Reading, ...]] = []
    for _, some in sorted(windows.items()):
        parties = {tuple(target.party for target in reading.targets) for reading in some}
        found += [tuple(some)] if len(parties) == 1 else [(reading,) for reading in some]
    return found


def with_other_mentions(example: Example, rng: random.Random) -> Example:
    """The example, where some parties have the mentions that were found, or some of their own, and at least one."""

    def other(target: Target) -> Target:
        if target.found and rng.random() < FOUND_SHARE:
            return replace(target, spans=target.found)
        if len(target.spans) < 2 or rng.random() >= FORGETFUL_SHARE:
            return target
        kept = rng.sample(range(len(target.spans)), rng.randint(1, len(target.spans) - 1))
        return replace(target, spans=tuple(target.spans[place] for place in sorted(kept)))

    return replace(example, targets=tuple(map(other, example.targets)))


def _known(span: Span | None) -> tuple[Span, ...]:
    return (span,) if span else ()


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
