"""The encoder's forward pass for inference: the same numbers as transformers' MPNet, in fewer and larger steps."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, scaled_dot_product_attention

from .eight_bit import rest_dtype
from .fused_linear import LinearKind, linear_kind
from .mpnet_file import MPNet, position_bias

_STEP = 8
"""Texts are padded to a multiple of this, so that texts of like length share their products."""
_HIGHEST, _LEAST = 80.0, 1e-30
"""Attention in products: scores above the first count as it, and a row's exponentials sum up to at least the second,
so that no number is infinite or none, whatever the text."""
_ROWS = 128
"""A batch's tokens are padded to a multiple of this, since oneDNN keeps code and buffers for each new number of rows:
over 500 batches of sentences 380 MB, and 30 MB so."""


def padded(length: int) -> int:
    """How many tokens a text of `length` takes here, padding included."""
    return length + -length % _STEP


@dataclass(frozen=True, slots=True)
class _Group:
    """Texts that are padded to one width: which of the batch, and where among its tokens, text after text.

    `bias` `(texts or 1, heads, width, width)` is added to the attention.
    """

    texts: list[int]
    width: int
    tokens: slice
    bias: Tensor


class _Layer(nn.Module):
    """One transformer block over the tokens of a whole batch, group after group, `(tokens, hidden)`."""

    def __init__(self, layer: Any, heads: int, made: LinearKind) -> None:
        super().__init__()
        attention = layer.attention.attn
        self.heads = heads
        self.qkv = made(attention.q, attention.k, attention.v)
        self.out = made(attention.o)
        self.norm: nn.Module = layer.attention.LayerNorm
        self.widen = made(layer.intermediate.dense)
        self.narrow = made(layer.output.dense)
        self.last_norm: nn.Module = layer.output.LayerNorm

    def forward(self, x: Tensor, groups: Sequence[_Group]) -> Tensor:
        qkv = self.qkv(x)
        attended = torch.empty_like(x)
        for group in groups:
            attended[group.tokens] = self._attend(qkv[group.tokens], group)
        attended[groups[-1].tokens.stop :] = 0
        x = self.norm(self.out.plus(attended, x))
        after: Tensor = self.last_norm(self.narrow.plus(self.widen.gelu(x), x))
        return after

    def _attend(self, qkv: Tensor, group: _Group) -> Tensor:
        texts = len(group.texts)
        q, k, v = qkv.view(texts, group.width, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        attend = (
            _attend_in_products if self.qkv.packed and qkv.dtype is torch.bfloat16 else scaled_dot_product_attention
        )
        attended = attend(q, k, v, group.bias.expand(texts, -1, -1, -1))
        return attended.transpose(1, 2).flatten(0, 1).flatten(1)


def _attend_in_products(q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
    """Scaled dot-product attention on a CPU with bf16, in a third of the time of torch's own (two cores without AMX).

    All are `(texts, heads, width, ...)`. The exponentials are taken of the scores as they are, not less a row's
    largest one, which takes torch longer than both products; in text a row's largest is between -22 and 34.
    A text's heads are one product, for oneDNN keeps memory for each new shape: those of all texts at once take 0.95 of
    the time, but 139 MB instead of 31 after 5,000 texts, and more with more.
    """
    scale = q.shape[-1] ** -0.5
    q, k, v = q.contiguous(), k.contiguous(), v.contiguous()
    weights, attended = bias.clone(memory_format=torch.contiguous_format), torch.empty_like(q)
    for scores, query, key in zip(weights, q, k, strict=True):
        scores.baddbmm_(query, key.transpose(1, 2), alpha=scale)
    weights.clamp_(max=_HIGHEST).exp_()
    for out, shares, value in zip(attended, weights, v, strict=True):
        torch.bmm(shares, value, out=out)
    return attended.div_(weights.sum(dim=-1, keepdim=True).clamp_(min=_LEAST))


class States(NamedTuple):
    """What the network returns, by transformers' name."""

    last_hidden_state: Tensor


class InferenceNetwork(nn.Module):
    """An MPNet that only reads, with the embeddings and the bias of `network` and with `layers` as its blocks.

    All come in fp32 and are brought to `dtype` and `device` one by one, so that no more than one is held twice; with
    int8 only the weights of the blocks' linear layers are, the rest stays in fp32.

    Queries, keys and values are one product, the bias by relative position is made once, and
    attention is one call for all texts of like length, however long the others of the batch are.
    """

    def __init__(
        self, network: MPNet, layers: Iterable[nn.Module], dtype: torch.dtype, device: torch.device | None = None
    ) -> None:
        super().__init__()
        self.config, self.dtype = network.config, dtype
        made = linear_kind(dtype)
        kept = rest_dtype(dtype)
        heads = self.config.num_attention_heads
        network.to(device, kept)
        self.embeddings: Any = network.embeddings
        longest = self.config.max_position_embeddings - self.config.pad_token_id - 1
        self.position_bias = position_bias(network.encoder.relative_attention_bias.weight.detach(), longest)
        self.layers = nn.ModuleList(_Layer(layer.to(device, kept), heads, made) for layer in layers)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> States:
        """Token states `(texts, tokens, hidden)`, as transformers returns them; those of padding mean nothing.

        `attention_mask` has a text's ones first, then its zeros.
        """
        texts, longest = input_ids.shape
        ids = pad(input_ids, (0, padded(longest) - longest), value=self.config.pad_token_id)
        groups = self._groups(attention_mask.sum(dim=1))
        x = torch.cat([self.embeddings(input_ids=ids[g.texts, : g.width]).flatten(0, 1) for g in groups])
        x = pad(x, (0, 0, 0, -len(x) % _ROWS))
        for layer in self.layers:
            x = layer(x, groups)
        states = x.new_zeros(texts, ids.shape[1], x.shape[1])
        for g in groups:
            states[g.texts, : g.width] = x[g.tokens].view(len(g.texts), g.width, -1)
        return States(states[:, :longest])

    def _groups(self, lengths: Tensor) -> list[_Group]:
        alike: dict[int, list[int]] = defaultdict(list)
        for text, length in enumerate(lengths.tolist()):
            alike[padded(length)].append(text)
        groups, start = [], 0
        for width, texts in alike.items():
            end = start + len(texts) * width
            groups.append(_Group(texts, width, slice(start, end), self._bias(lengths[texts], width)))
            start = end
        return groups

    def _bias(self, lengths: Tensor, width: int) -> Tensor:
        """The bias by relative position, and the least number where a text's padding would be looked at."""
        bias = self.position_bias[:, :, :width, :width]
        if (lengths == width).all():
            return bias
        outside = torch.arange(width, device=lengths.device) >= lengths[:, None]
        return bias.masked_fill(outside[:, None, None], torch.finfo(bias.dtype).min)
