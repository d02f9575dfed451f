"""Qwen2 in eight bits (https://arxiv.org/abs/2407.10671): several texts at once, each behind what was read of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import rms_norm, scaled_dot_product_attention, silu

from ..networks.eight_bit import EightBitLinear

AT_ONCE = 128
"""Tokens of a pass: fewer leave the processor idle, more do not fit into its cache."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers that a file of this kind of model names beside its weights."""

    hidden: int
    heads: int
    shared_heads: int
    """Heads of keys and values; each serves as many heads of queries (https://arxiv.org/abs/2305.13245)."""
    epsilon: float
    base: float
    """Of the rotary positions (https://arxiv.org/abs/2104.09864)."""

    @property
    def size(self) -> int:
        """Numbers in a head."""
        return self.hidden // self.heads


class Row(NamedTuple):
    """Tokens to read behind the first `start` ones of a text; `states` keeps its keys and values.

    They are `(blocks, 2, heads, room, size)`. Rows of one text overwrite what an earlier one put at the same places, so
    that one pass may hold several questions about a text, and then how it goes on.
    """

    states: Tensor
    start: int
    tokens: Sequence[int]


Update = tuple[Tensor, Tensor]
"""The halves of a low-rank update of a layer: `(rank, in_features)`, `(out_features, rank)`."""
LINEARS = {
    "qkv": ("attn_q", "attn_k", "attn_v"),
    "out": ("attn_output",),
    "wide": ("ffn_gate", "ffn_up"),
    "down": ("ffn_down",),
}
"""Layers that are multiplied as one, by what GGUF calls them."""


class Adapted:
    """A layer, or several that are one, with the low-rank updates of adapters."""

    def __init__(self, linear: EightBitLinear) -> None:
        self.linear = linear
        self.updates: dict[str, list[Update]] = {}

    def __call__(self, x: Tensor, adapter: str, adapted: int) -> Tensor:
        """Map `(tokens, in_features)`; the adapter acts on the tokens from number `adapted` on."""
        out: Tensor = self.linear(x)
        column = 0
        for down, up in self.updates.get(adapter, ()):
            out[adapted:, column : column + len(up)].addmm_(x[adapted:] @ down.T, up.T)
            column += len(up)
        return out


class Block:
    """One transformer block."""

    def __init__(self, tensors: Mapping[str, Tensor], shape: Shape) -> None:
        self.shape = shape
        self.norms = tensors["attn_norm"].clone(), tensors["ffn_norm"].clone()
        self.linears = {
            name: Adapted(EightBitLinear.of(tensors[name], tensors[f"{name}.scales"], tensors.get(f"{name}.bias")))
            for name in LINEARS
        }

    def __call__(
        self, number: int, x: Tensor, rows: Sequence[Row], turns: Update, adapter: str, adapted: int
    ) -> Tensor:
        """Take `x` `(tokens, hidden)`, which it overwrites, one block on."""
        shape, linears = self.shape, self.linears
        own = shape.shared_heads * shape.size
        normed = rms_norm(x, x.shape[-1:], self.norms[0], shape.epsilon)
        queries, keys, values = torch.split(linears["qkv"](normed, adapter, adapted), [shape.hidden, own, own], dim=1)
        queries, keys = (_turned(some.reshape(len(x), -1, shape.size), turns) for some in (queries, keys))
        values = values.reshape(len(x), -1, shape.size)
        attended = torch.empty_like(normed)
        at = 0
        for row in rows:
            here = slice(at, at + len(row.tokens))
            at = here.stop
            end = row.start + len(row.tokens)
            kept = row.states[number]
            kept[0, :, row.start : end] = keys[here].transpose(0, 1)
            kept[1, :, row.start : end] = values[here].transpose(0, 1)
            attended[here] = _attend(queries[here], kept[0, :, :end], kept[1, :, :end])
        x += linears["out"](attended, adapter, adapted)
        normed = rms_norm(x, x.shape[-1:], self.norms[1], shape.epsilon)
        gate, up = linears["wide"](normed, adapter, adapted).chunk(2, dim=1)
        x += linears["down"](silu(gate).mul_(up), adapter, adapted)
        return x


class Qwen2:
    """The blocks, and the words that they begin and end with."""

    def __init__(self, shape: Shape, blocks: Sequence[Block], tensors: Mapping[str, Tensor], room: int) -> None:
        self.shape = shape
        self.blocks = blocks
        self.words, self.scales, self.norm = tensors["words"], tensors["scales"], tensors["norm"]
        self.head = EightBitLinear.of(self.words, self.scales)
        rates = shape.base ** -(torch.arange(0, shape.size, 2).float() / shape.size)
        angles = (torch.arange(room).float()[:, None] * rates).repeat(1, 2)
        self.turns = angles.cos(), angles.sin()

    def empty(self, room: int) -> Tensor:
        """Where the keys and values of a text of at most `room` tokens will be kept."""
        return torch.empty(len(self.blocks), 2, self.shape.shared_heads, room, self.shape.size)

    def add(self, adapter: str, updates: Mapping[str, Update]) -> None:
        """Take an adapter, whose updates go by GGUF's names of the layers ("blk.0.attn_q")."""
        for number, block in enumerate(self.blocks):
            for name, parts in LINEARS.items():
                block.linears[name].updates[adapter] = [updates[f"blk.{number}.{part}"] for part in parts]

    @torch.inference_mode()
    def read(self, rows: Sequence[Row], adapter: str = "", adapted: int = 0) -> list[Tensor]:
        """What the model makes of the tokens of each row: `(tokens, hidden)`.

        `adapter`, one that was added, acts on the rows from number `adapted` on.
        """
        lengths = [len(row.tokens) for row in rows]
        places = torch.cat([torch.arange(row.start, row.start + len(row.tokens)) for row in rows])
        cos, sin = self.turns
        turns = cos[places][:, None], sin[places][:, None]
        x = self.embedded([token for row in rows for token in row.tokens])
        for number, block in enumerate(self.blocks):
            x = block(number, x, rows, turns, adapter, sum(lengths[:adapted]))
        return list(torch.split(rms_norm(x, x.shape[-1:], self.norm, self.shape.epsilon), lengths))

    def embedded(self, tokens: Sequence[int]) -> Tensor:
        """The vectors of `tokens`: `(tokens, hidden)`."""
        return self.words[list(tokens)] * self.scales[list(tokens), None]

    @torch.inference_mode()
    def logits(self, states: Tensor) -> Tensor:
        """Of each token of the vocabulary as the next one, for `states` `(rows, hidden)`: `(rows, tokens)`."""
        found: Tensor = self.head(states)
        return found


def _turned(x: Tensor, turns: Update) -> Tensor:
    """`x` `(tokens, heads, size)` at its positions."""
    cos, sin = turns
    one, other = x.chunk(2, dim=-1)
    return (x * cos).addcmul_(torch.cat([-other, one], dim=-1), sin)


def _attend(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Attention of the last tokens of a text, `(tokens, heads, size)`, to what stands before each: `(tokens, hidden)`.

    Heads that share their keys are read as further rows of one head, so that no key is copied.
    """
    shared, total, size = keys.shape
    count, heads, _ = queries.shape
    group = heads // shared
    rows = queries.view(count, shared, group, size).transpose(0, 1).reshape(1, shared, count * group, size)
    seen = None
    if count > 1:
        seen = torch.ones(count, total, dtype=torch.bool).tril(total - count).repeat_interleave(group, dim=0)
    found = scaled_dot_product_attention(rows, keys[None], values[None], attn_mask=seen)
    return found.view(shared, count, group * size).transpose(0, 1).reshape(count, heads * size)
