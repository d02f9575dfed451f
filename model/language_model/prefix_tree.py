"""Prompts as a tree of tokens: what some of them begin with alike is there once, and so is read once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(slots=True)
class PrefixTree:
    """Tokens in an order in which each comes after all that it follows in its prompt.

    Token i stands at place `places[i]` of its prompts, from 0, and comes next after token
    `parents[i]` (-1 for a first one). `ends` has each prompt's last token, in the prompts' order.
    """

    tokens: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    _next: dict[tuple[int, int], int] = field(default_factory=dict)

    def add(self, prompt: Sequence[int]) -> list[int]:
        """Add a prompt's tokens behind what an earlier prompt shares with it; returns where each of them is."""
        path = []
        parent = -1
        for place, token in enumerate(prompt):
            here = self._next.setdefault((parent, token), len(self.tokens))
            if here == len(self.tokens):
                self.tokens.append(token)
                self.places.append(place)
                self.parents.append(parent)
            parent = here
            path.append(here)
        self.ends.append(parent)
        return path

    def shared(self, prompt: Sequence[int]) -> int:
        """How many tokens the prompt begins with that are here already."""
        parent = -1
        for place, token in enumerate(prompt):
            if (parent, token) not in self._next:
                return place
            parent = self._next[parent, token]
        return len(prompt)

    def seen(self, start: int, stop: int) -> Tensor:
        """Which tokens each of tokens `start` to `stop` may look at: those before it in its prompt, and itself.

        Bool, `(stop - start, stop)`.
        """
        seen = torch.zeros(stop - start, stop, dtype=torch.bool)
        for here in range(start, stop):
            parent = self.parents[here]
            if parent >= start:
                seen[here - start] = seen[parent - start]
            else:
                seen[here - start, list(self._back(parent))] = True
            seen[here - start, here] = True
        return seen

    def _back(self, token: int) -> Iterator[int]:
        """The token and those before it, last first."""
        while token >= 0:
            yield token
            token = self.parents[token]


def trees_of(prompts: Sequence[Sequence[int]], most: int) -> Iterator[PrefixTree]:
    """Trees of neighbouring prompts that share half of their tokens, each of about `most`.

    A token costs the more, the larger its tree: it is compared with the others, seen or not.
    """
    tree = PrefixTree()
    for prompt in prompts:
        if tree.ends and (len(tree.tokens) > most or 2 * tree.shared(prompt) < len(prompt)):
            yield tree
            tree = PrefixTree()
        tree.add(prompt)
    if tree.ends:
        yield tree
