"""The network that says which words refer to a party: attention over all names and references of a stretch of text."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from ..networks.checkpoint import fill
from ..networks.eight_bit import rest_dtype
from ..networks.fused_linear import linear_kind

REFERENCE, OWN, OTHER = range(3)
"""What a node is to the party that is asked about: words that may refer to it, its name, somebody else's name."""
_WIDTH, _HEADS, _LAYERS, _DROPOUT = 256, 8, 3, 0.2
_NEAR, _FAR, _STEPS = 8, 14, 4
"""Distances: sentences that are told apart one by one, the last of the coarser steps, and nodes within a sentence."""
_MULTIPLE = 16
"""Nodes are padded to a multiple of this: torch and oneDNN keep code for each number of them, and never forget it."""


class ReferenceNetwork(nn.Module):
    """A transformer encoder (https://arxiv.org/abs/1706.03762, norms first) over the nodes of a text.

    A node is a name or words that may refer to somebody. Its input is what the encoder makes of it, and whether it is
    the party's name, another's, or neither. Attention is biased by how far apart two nodes are (as in
    https://arxiv.org/abs/1910.10683).
    """

    def __init__(self, states: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(states)
        self.drop = nn.Dropout(0.3)
        self.enter = nn.Linear(states, _WIDTH)
        self.roles = nn.Embedding(3, _WIDTH)
        self.layers = nn.ModuleList(_Layer() for _ in range(_LAYERS))
        self.last_norm = nn.LayerNorm(_WIDTH)
        self.leave = nn.Linear(_WIDTH, 2)

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor], dtype: torch.dtype = torch.float32) -> "ReferenceNetwork":
        """The network whose tensors are `state`, ready to read; its layers calculate in `dtype` on the CPU.

        Raises:
            KeyError: `state` is not of this kind of network.
        """
        network = cls(state["norm.weight"].shape[0])
        fill(network, state)
        network.layers.to(rest_dtype(dtype))
        for part in [module for module in network.layers.modules() if not isinstance(module, nn.Linear)]:
            for name, layer in part.named_children():
                if isinstance(layer, nn.Linear):
                    setattr(part, name, linear_kind(dtype)(layer))
        return network.eval()

    def forward(self, states: Tensor, roles: Tensor, sentences: Tensor) -> Tensor:
        """Logits `(parties, nodes, 2)`: that a node refers to the party, and that it is something of the party's.

        Args:
            states: `(nodes, states)`.
            roles: `(parties, nodes)`, `REFERENCE`, `OWN` or `OTHER`.
            sentences: `(nodes,)`, the number of each node's sentence.
        """
        nodes = len(sentences)
        padding = -nodes % _MULTIPLE
        inner = self.enter(self.drop(self.norm(states)))[None] + self.roles(roles)
        inner = pad(inner.to(next(self.layers.parameters()).dtype), (0, 0, 0, padding))
        distances = _distances(pad(sentences, (0, padding)))
        for layer in self.layers:
            inner = layer(inner, distances, nodes)
        logits: Tensor = self.leave(self.last_norm(inner[:, :nodes].float()))
        return logits


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first_norm = nn.LayerNorm(_WIDTH)
        self.attention = nn.Linear(_WIDTH, 3 * _WIDTH)
        self.bias = nn.Embedding(2 * (_STEPS + _FAR) + 1, _HEADS)
        nn.init.zeros_(self.bias.weight)
        self.mix = nn.Linear(_WIDTH, _WIDTH)
        self.second_norm = nn.LayerNorm(_WIDTH)
        self.feed_forward = nn.Sequential(
            nn.Linear(_WIDTH, 3 * _WIDTH), nn.GELU(), nn.Dropout(_DROPOUT), nn.Linear(3 * _WIDTH, _WIDTH)
        )
        self.drop = nn.Dropout(_DROPOUT)

    def forward(self, inner: Tensor, distances: Tensor, real: int) -> Tensor:
        """Nodes from `real` on are padding, which nothing looks at."""
        parties, nodes, _ = inner.shape
        parts = self.attention(self.first_norm(inner)).view(parties, nodes, 3, _HEADS, _WIDTH // _HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        bias = self.bias(distances).permute(2, 0, 1)[None].contiguous()  # else attention takes a third more time
        bias[..., real:] = -torch.inf
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        inner = inner + self.drop(self.mix(mixed.transpose(1, 2).reshape(parties, nodes, _WIDTH)))
        changed: Tensor = inner + self.drop(self.feed_forward(self.second_norm(inner)))
        return changed


def _distances(sentences: Tensor) -> Tensor:
    """`(nodes, nodes)`: a number for how far, and in which direction, a node is from another.

    Within a sentence nodes are counted, else sentences, from `_NEAR` on in halves of a doubling.
    """
    apart = sentences[:, None] - sentences[None, :]
    far = apart.abs()
    coarse = _NEAR + (2 * torch.log2(far.clamp(min=_NEAR) / _NEAR)).long()
    step = torch.where(far < _NEAR, far, coarse.clamp(max=_FAR))
    order = torch.arange(len(sentences))
    nodes = order[:, None] - order[None, :]
    within = nodes.abs().clamp(max=_STEPS)
    before = _STEPS + 1
    same = torch.where(nodes >= 0, within, before + within - 1)
    ahead = 2 * _STEPS + 1
    return torch.where(apart == 0, same, torch.where(apart > 0, ahead + step - 1, ahead + _FAR + step - 1))
