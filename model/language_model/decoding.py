"""Greedy decoding of several replies side by side, each behind its own prompt.

While a prompt is read, the replies to those before it are written in the same passes: a few tokens more take hardly
longer. What a reply copies from its prompt is guessed, and confirmed several tokens at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest

import torch
from torch import Tensor

from .interface import WRITING
from .qwen2 import PASS_TOKENS, Qwen2, Row

DRAFT = 5
"""Tokens that are guessed (speculative decoding from the prompt: https://arxiv.org/abs/2304.04487)."""
_TOGETHER = 10
"""Replies that are written side by side; the cache of each takes some 25 MB."""


@dataclass(eq=False)
class Turn:
    """A prompt, the first `read` tokens of which are read, and its reply, the last token of which is not.

    `cache` has the keys and values of what is read.
    """

    prompt: list[int]
    cache: Tensor = field(default_factory=lambda: torch.empty(0))
    read: int = 0
    reply: list[int] = field(default_factory=list)
    log_likelihood: float = 0.0
    ended: bool = False

    def draft(self) -> list[int]:
        """What the prompt goes on with where it has, for the last time, the reply's last two tokens."""
        ending = self.reply[-2:]
        places = (at for at in range(len(self.prompt) - 2, 0, -1) if self.prompt[at - 1 : at + 1] == ending)
        place = next(places, None)
        return [] if place is None else self.prompt[place + 1 : place + 1 + DRAFT]


@dataclass(frozen=True, slots=True)
class Decoder:
    """A network, and the tokens that open and end its replies; the adapter for `WRITING` acts from the opening on."""

    network: Qwen2
    opening: Sequence[int]
    end: int

    def write(self, turns: Sequence[Turn], limit: int) -> Iterator[Turn | None]:
        """The turns as their replies end, with at most `limit` tokens; None after each pass.

        Whenever something comes, further turns may be added to the list.
        """
        opened_before, writing = 0, list[Turn]()
        while opened_before < len(turns) or writing:
            waiting = turns[opened_before : opened_before + _TOGETHER]
            drafts = [turn.draft() for turn in writing]
            room = PASS_TOKENS - sum(1 + len(draft) for draft in drafts)
            reading = self._prompt_rows(waiting, [turns[0], *writing], room, limit)
            opened = [turn for turn in waiting[: _TOGETHER - len(writing)] if turn.read == len(turn.prompt)]
            opened_before += len(opened)
            rows = [Row(turn.cache, turn.read, self.opening) for turn in opened]
            for turn, draft in zip(writing, drafts, strict=True):
                start = turn.read + len(self.opening) + len(turn.reply) - 1
                rows.append(Row(turn.cache, start, [turn.reply[-1], *draft]))
            states = self.network.read([*reading, *rows], WRITING, len(reading))[len(reading) :]
            writing, drafts = opened + writing, [[] for _ in opened] + drafts
            self._extend(writing, states, drafts, limit)
            yield None
            for turn in [turn for turn in writing if turn.ended]:
                writing.remove(turn)
                if turn is not turns[0]:
                    turn.cache = torch.empty(0)  # a hundred of them would not fit into the memory
                yield turn

    def _prompt_rows(self, waiting: Sequence[Turn], others: Sequence[Turn], room: int, limit: int) -> list[Row]:
        """At most `room` tokens of the prompts that are `waiting`, in their order.

        What a prompt begins with as another one does, of the `others` or before it, is taken from there, as far as that
        was read by a pass before.
        """
        known = [(turn.cache, turn.prompt[: turn.read]) for turn in (*others, *waiting) if turn.read]
        rows = []
        for turn in waiting:
            if not turn.read and room > 0:
                turn.cache = self.network.empty_cache(len(turn.prompt) + len(self.opening) + limit + DRAFT)
                for cache, tokens in known:
                    shared = shared_beginning(tokens, turn.prompt[:-1])
                    if shared > turn.read:
                        turn.cache[:, :, :, turn.read : shared] = cache[:, :, :, turn.read : shared]
                        turn.read = shared
            piece = turn.prompt[turn.read : turn.read + max(0, room)]
            if piece:
                rows.append(Row(turn.cache, turn.read, piece))
                turn.read += len(piece)
                room -= len(piece)
        return rows

    def _extend(
        self, writing: Sequence[Turn], states: Sequence[Tensor], drafts: Sequence[Sequence[int]], limit: int
    ) -> None:
        """Write the likeliest tokens, as far as the drafts foresaw them, and one more."""
        if not writing:
            return
        ends = [some[-1 - len(draft) :] for some, draft in zip(states, drafts, strict=True)]
        likeliest = self.network.logits(torch.cat(ends)).log_softmax(dim=1).max(dim=1)
        told = zip(likeliest.indices.tolist(), likeliest.values.tolist(), strict=True)
        for turn, draft in zip(writing, drafts, strict=True):
            for (token, log_likelihood), foreseen in zip_longest(list(islice(told, 1 + len(draft))), draft):
                turn.ended = token == self.end
                if not turn.ended:
                    turn.reply.append(token)
                    turn.log_likelihood += log_likelihood
                    turn.ended = len(turn.reply) == limit
                if turn.ended or token != foreseen:
                    break


def shared_beginning(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens both begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
