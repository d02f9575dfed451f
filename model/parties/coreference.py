"""Where an article refers to its parties without their names: by pronouns, descriptions, and what is theirs."""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from ..article.nlp import ParsedText
from ..domain import TITLE, Mention
from ..errors import WeightsError
from ..networks.checkpoint import TrainedFile, expected, version_in
from ..networks.encoder import Encoder
from ..networks.text_states import BLOCKS, TextStates
from ..settings import WEIGHTS
from .reference_network import OTHER, OWN, REFERENCE, ReferenceNetwork
from .references import Node, possible_references

LEARNT = WEIGHTS / "coreference.safetensors"
"""What `python -m model.training.recipes.coreference` found; COREFERENCE.md beside it says how good it is."""
_AT_ONCE, _CONTEXT = 600, 200
"""Nodes that are read at once, and those of them that were read before."""
_MOST_PAIRS = 1 << 21
"""Pairs of nodes, times parties, that are compared at once."""


@dataclass(frozen=True, slots=True)
class Outline:
    """All nodes of an article in reading order, and the number of each one's sentence.

    The end of a text counts as a sentence.
    """

    nodes: Sequence[Node]
    sentences: Sequence[int]

    @classmethod
    def of(
        cls,
        texts: Mapping[int, ParsedText],
        names: Iterable[Mention],
        phrases: Iterable[Mention] = (),
    ) -> "Outline":
        """The outline of an article's texts by place: its names, what may refer to somebody, and other `phrases`.

        A phrase's head word is its last.
        """
        named: dict[int, set[Mention]] = {place: set() for place in texts}
        for name in names:
            named[name.paragraph].add(name)
        nodes = [Node(name, name, named=True) for some in named.values() for name in some]
        for place, parsed in texts.items():
            if place != TITLE:
                nodes += possible_references(place, parsed, named[place])
        known = {(node.words.paragraph, node.words.end) for node in nodes}
        for phrase in set(phrases):
            place, end = phrase.paragraph, phrase.end
            if (place, end) in known or any(name.start < end <= name.end for name in named[place]):
                continue
            head = max(phrase.start, texts[place].text.rfind(" ", phrase.start, end) + 1)
            nodes.append(Node(phrase, Mention(place, head, end)))
        nodes.sort(key=lambda node: (node.words.paragraph, node.words.start, -node.words.end))
        firsts, number = {}, 0
        for place in sorted(texts):
            firsts[place] = number
            number += max(1, len(texts[place].sentences)) + 1
        sentences = []
        for node in nodes:
            place, start = node.words.paragraph, node.words.start
            before = bisect_right(texts[place].sentences, start, key=attrgetter("start"))
            sentences.append(firsts[place] + max(0, before - 1))
        return cls(nodes, sentences)

    def roles(self, parties: Sequence[Sequence[Mention]]) -> Tensor:
        """`(parties, nodes)`: what each node is to each party, given by its names.

        A party's name is the node of these words, or, where there is none, one that ends with them.
        """
        others = torch.tensor([OTHER if node.named else REFERENCE for node in self.nodes], dtype=torch.long)
        roles = others.repeat(len(parties), 1)
        ends = {(node.words.paragraph, node.words.end): at for at, node in enumerate(self.nodes)}
        words = {node.words: at for at, node in enumerate(self.nodes)}
        for number, names in enumerate(parties):
            places = (words.get(name, ends.get((name.paragraph, name.end))) for name in names)
            roles[number, [at for at in places if at is not None]] = OWN
        return roles

    def states(self, read: TextStates) -> Tensor:
        """`(nodes, 2 × hidden)`: each node's mean state, and that of its head word."""
        words, heads = [node.words for node in self.nodes], [node.head for node in self.nodes]
        return torch.cat([read.means(words), read.means(heads)], dim=1)


def article_encoder(folder: Path, dtype: torch.dtype | None = None, device: torch.device | None = None) -> Encoder:
    """What reads an article for its parties, references and summary: the first blocks of the encoder in `folder`.

    They were tuned with the network that finds references.

    Raises:
        WeightsError: as `Coreference.load`.
    """
    with _expected():
        adapter = TrainedFile.read(LEARNT).adapter
    return Encoder.from_folder(folder, adapter, dtype, device, BLOCKS)


def learnt_version() -> str:
    """The version that `LEARNT` says it is; `Coreference.load` holds its bytes against it.

    Raises:
        WeightsError: there is no such file, or it says none.
    """
    with _expected():
        return version_in(LEARNT)


def _expected() -> AbstractContextManager[None]:
    return expected(f"coreference weights in {LEARNT}", "make train-coreference")


class _Learnt(Protocol):
    @property
    def learnt_on(self) -> str: ...


Learnt = TypeVar("Learnt", bound=_Learnt)


def read_learnt(kind: Callable[..., Learnt], path: Path, recipe: str) -> Learnt:
    """What `recipe` wrote into the JSON file `path`, learnt on the states of the encoder that reads articles here.

    Raises:
        WeightsError: it was learnt on another encoder's, or there is no such encoder.
    """
    learnt = kind(**json.loads(path.read_text(encoding="utf-8")))
    reads, version = learnt_version(), learnt.learnt_on
    if version != reads:
        raise WeightsError(f"expected {path} to be learnt on {reads}, got {version or 'no version'}; run `{recipe}`")
    return learnt


@dataclass(frozen=True)
class Coreference:
    """The network, and from which logits it is believed: that words are the party, and that they are the party's.

    `version` is also that of the encoder that reads an article, which was tuned with the network.
    """

    network: ReferenceNetwork
    refers_from: float
    theirs_from: float
    version: str = ""

    @classmethod
    @cache
    def load(cls, dtype: torch.dtype = torch.float32) -> "Coreference":
        """The weights that come with Sidelight; the network calculates in `dtype`.

        Raises:
            WeightsError: there is no such file, or it is not one of ours.
        """
        with _expected():
            trained = TrainedFile.read(LEARNT)
            refers, theirs = (float(trained.metadata[name]) for name in ("refers_from", "theirs_from"))
            return cls(ReferenceNetwork.from_state(trained.head, dtype), refers, theirs, trained.metadata["version"])

    def references(
        self, outline: Outline, read: TextStates, parties: Sequence[Sequence[Mention]], theirs: bool = True
    ) -> list[list[Mention]]:
        """For each party, given by its names, the words that refer to it, the surest first; none without a name.

        With `theirs` also the words for something of the party's. A singular pronoun goes to the surest party alone.
        """
        if not parties:
            return []
        roles = outline.roles(parties)
        logits = self.logits(outline, outline.states(read), roles)
        refers, theirs_too = logits[..., 0] - self.refers_from, logits[..., 1] - self.theirs_from
        singular = torch.tensor([node.singular for node in outline.nodes], dtype=torch.bool)
        refers = refers.masked_fill(singular & (refers < refers.amax(dim=0)), torch.finfo(torch.float32).min)
        scores = torch.maximum(refers, theirs_too) if theirs else refers
        scores = scores.masked_fill(roles != REFERENCE, 0)
        found: list[list[Mention]] = []
        for row in scores:
            surest = row.argsort(descending=True, stable=True)[: int((row > 0).sum())].tolist()
            found.append([outline.nodes[at].words for at in surest])
        return found

    @torch.inference_mode()
    def logits(self, outline: Outline, states: Tensor, roles: Tensor) -> Tensor:
        """`(parties, nodes, 2)`; the least number where what is read at once lacks the party, or has only names.

        Args:
            outline: the nodes.
            states: `(nodes, states)`.
            roles: `(parties, nodes)`, what each node is to each party.
        """
        parties, nodes = roles.shape
        sentences = torch.tensor(outline.sentences)
        found = torch.full((parties, nodes, 2), torch.finfo(torch.float32).min)
        for first, start, stop in _windows(nodes):
            if not (roles[:, start:stop] == REFERENCE).any():
                continue
            named = (roles[:, first:stop] == OWN).any(dim=1).nonzero().flatten()
            step = max(1, _MOST_PAIRS // (stop - first) ** 2)
            for some in torch.split(named, step) if len(named) else ():
                logits = self.network(states[first:stop].float(), roles[some, first:stop], sentences[first:stop])
                found[some, start:stop] = logits[:, start - first :]
        return found


def _windows(nodes: int) -> Iterator[tuple[int, int, int]]:
    """From where, with context and without, and up to where nodes are read at once."""
    start = 0
    while start < nodes:
        first = max(0, start - _CONTEXT)
        stop = min(nodes, first + _AT_ONCE)
        yield first, start, stop
        start = stop
