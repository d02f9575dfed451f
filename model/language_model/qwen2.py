"""Qwen2 in eight bits (https://arxiv.org/abs/2407.10671): tokens of several texts in one pass, each with its cache."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import rms_norm, scaled_dot_product_attention, silu

from ..networks.eight_bit import EightBitLinear

PASS_TOKENS = 128
"""How many tokens to put into a pass: fewer leave the processor idle, more do not fit into its cache."""


@dataclass(frozen=True, slots=True)
class Config:
    """The numbers that a GGUF file names beside its weights."""

    hidden_size: int
    heads: int
    kv_heads: int
    """Each serves as many heads of queries (grouped-query attention, https://arxiv.org/abs/2305.13245)."""
    norm_epsilon: float
    rope_theta: float
    """Of the rotary position embedding (https://arxiv.org/abs/2104.09864)."""

    @property
    def head_size(self) -> int:
        """Numbers in a head."""
        return self.hidden_size // self.heads


class Row(NamedTuple):
    """Tokens to read behind the first `start` ones of a text, whose keys and values are in its `cache`.

    Rows of one text are read in their order, and overwrite in the cache what an earlier one put at the same places: so
    one pass may hold several questions about a text, and then how the text goes on.
    """

    cache: Tensor
    start: int
    tokens: Sequence[int]


Update = tuple[Tensor, Tensor]
"""The halves of a low-rank update of a layer: `(rank, in_features)`, `(out_features, rank)`."""
LINEARS = {
    "qkv": ("attn_q", "attn_k", "attn_v"),
    "out": ("attn_output",),
    "widen": ("ffn_gate", "ffn_up"),
    "narrow": ("ffn_down",),
}
"""Layers that are multiplied as one, by what GGUF calls them."""


class AdaptedLinear:
    """A linear layer, or several that are one, with the low-rank updates of adapters."""

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


class _Pass(NamedTuple):
    """What all blocks need to read the `rows`: rotations of their tokens, and which keys each token sees.

    `cos` and `sin` are `(tokens, 1, head_size)`; a mask is `(tokens · heads / kv_heads, keys)`, None for one token.
    """

    rows: Sequence[Row]
    masks: Sequence[Tensor | None]
    cos: Tensor
    sin: Tensor
    adapter: str
    adapted: int


class Block:
    """One transformer block."""

    def __init__(self, tensors: Mapping[str, Tensor], config: Config) -> None:
        self.config = config
        self.norms = tensors["attn_norm"].clone(), tensors["ffn_norm"].clone()  # the file is not kept in memory
        self.linears = {
            name: AdaptedLinear(
                EightBitLinear.of(tensors[name], tensors[f"{name}.scales"], tensors.get(f"{name}.bias"))
            )
            for name in LINEARS
        }

    def __call__(self, number: int, x: Tensor, some: _Pass) -> Tensor:
        """Take `x` `(tokens, hidden_size)`, which it overwrites, through this block, which has a `number`."""
        config, linears = self.config, self.linears
        adapter = some.adapter, some.adapted
        kv_size = config.kv_heads * config.head_size
        normed = rms_norm(x, x.shape[-1:], self.norms[0], config.norm_epsilon)
        projected = torch.split(linears["qkv"](normed, *adapter), [config.hidden_size, kv_size, kv_size], dim=1)
        queries, keys, values = (one.reshape(len(x), -1, config.head_size) for one in projected)
        queries, keys = _rotated(queries, some), _rotated(keys, some)
        attended = torch.empty_like(normed)
        first = 0
        for row, mask in zip(some.rows, some.masks, strict=True):
            here = slice(first, first + len(row.tokens))
            first = here.stop
            end = row.start + len(row.tokens)
            cached = row.cache[number]
            cached[0, :, row.start : end] = keys[here].transpose(0, 1)
            cached[1, :, row.start : end] = values[here].transpose(0, 1)
            attended[here] = _attention(queries[here], cached[0, :, :end], cached[1, :, :end], mask)
        x += linears["out"](attended, *adapter)
        normed = rms_norm(x, x.shape[-1:], self.norms[1], config.norm_epsilon)
        gate, up = linears["widen"](normed, *adapter).chunk(2, dim=1)
        x += linears["narrow"](silu(gate).mul_(up), *adapter)
        return x


class Qwen2:
    """The blocks between the embedding and the output layer, which share their weights."""

    def __init__(
        self,
        config: Config,
        blocks: Sequence[Block],
        tensors: Mapping[str, Tensor],
        output: EightBitLinear,
        longest: int,
    ) -> None:
        self.config = config
        self.blocks = blocks
        self.embedding, self.scales, self.norm = tensors["embedding"], tensors["scales"], tensors["norm"]
        self.output = output
        rates = config.rope_theta ** -(torch.arange(0, config.head_size, 2).float() / config.head_size)
        angles = (torch.arange(longest).float()[:, None] * rates).repeat(1, 2)
        self.cos, self.sin = angles.cos(), angles.sin()

    def empty_cache(self, longest: int) -> Tensor:
        """For the keys and values of at most `longest` tokens: `(blocks, 2, kv_heads, longest, head_size)`."""
        return torch.empty(len(self.blocks), 2, self.config.kv_heads, longest, self.config.head_size)

    def add(self, adapter: str, updates: Mapping[str, Update]) -> None:
        """Take an adapter, whose updates go by GGUF's names of the layers ("blk.0.attn_q")."""
        for number, block in enumerate(self.blocks):
            for name, parts in LINEARS.items():
                block.linears[name].updates[adapter] = [updates[f"blk.{number}.{part}"] for part in parts]

    @torch.inference_mode()
    def read(self, rows: Sequence[Row], adapter: str = "", adapted: int = 0) -> list[Tensor]:
        """The last states of the tokens of each row: `(tokens, hidden_size)`.

        `adapter`, one that was added, acts on the rows from number `adapted` on.
        """
        lengths = [len(row.tokens) for row in rows]
        places = torch.cat([torch.arange(row.start, row.start + len(row.tokens)) for row in rows])
        cos, sin = self.cos[places][:, None], self.sin[places][:, None]
        some = _Pass(rows, [self._mask(row) for row in rows], cos, sin, adapter, sum(lengths[:adapted]))
        x = self.embedded([token for row in rows for token in row.tokens])
        for number, block in enumerate(self.blocks):
            x = block(number, x, some)
        return list(torch.split(rms_norm(x, x.shape[-1:], self.norm, self.config.norm_epsilon), lengths))

    def _mask(self, row: Row) -> Tensor | None:
        count = len(row.tokens)
        if count == 1:
            return None
        seen = torch.ones(count, row.start + count, dtype=torch.bool).tril(row.start)
        return seen.repeat_interleave(self.config.heads // self.config.kv_heads, dim=0)

    def embedded(self, tokens: Sequence[int]) -> Tensor:
        """The embeddings of `tokens`: `(tokens, hidden_size)`."""
        return self.embedding[list(tokens)] * self.scales[list(tokens), None]

    @torch.inference_mode()
    def logits(self, states: Tensor) -> Tensor:
        """Of each token of the vocabulary as the next one, for `states` `(rows, hidden_size)`: `(rows, tokens)`."""
        found: Tensor = self.output(states)
        return found


def _rotated(x: Tensor, some: _Pass) -> Tensor:
    """`x` `(tokens, heads, head_size)` at its positions."""
    one, other = x.chunk(2, dim=-1)
    return (x * some.cos).addcmul_(torch.cat([-other, one], dim=-1), some.sin)


def _attention(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
    """`(tokens, hidden_size)` of `queries` `(tokens, heads, head_size)`, the text's last, to all of its keys.

    Heads that share their keys are read as further rows of one head, so that no key is copied.
    """
    kv_heads, _, size = keys.shape
    count, heads, _ = queries.shape
    grouped = queries.view(count, kv_heads, -1, size).transpose(0, 1).reshape(1, kv_heads, -1, size)
    found = scaled_dot_product_attention(grouped, keys[None], values[None], attn_mask=mask)
    return found.view(kv_heads, count, -1).transpose(0, 1).reshape(count, heads * size)
