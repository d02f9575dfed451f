"""The head that judges every party of a paragraph from one reading of it."""

import torch
from torch import Tensor, nn

from model.domain import PRESENT


class StanceHead(nn.Module):
    """Two layers over the first token's state beside the mean state of a party's mentions."""

    def __init__(self, hidden: int, width: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.inner = nn.Linear(2 * hidden, width)
        self.outer = nn.Linear(width, len(PRESENT))
        self.dropout = nn.Dropout(dropout)

    def forward(self, features: Tensor) -> Tensor:
        """Map `(items, 2 * hidden)` to logits `(items, 3)` in the order of `PRESENT`."""
        inner = torch.nn.functional.gelu(self.inner(self.dropout(features)))
        logits: Tensor = self.outer(self.dropout(inner))
        return logits


def pool_mentions(states: Tensor, rows: Tensor, tokens: Tensor) -> Tensor:
    """The head's features for each item.

    Args:
        states: token states `(texts, tokens, hidden)`.
        rows: the text of each item, `(items,)`.
        tokens: True where a token belongs to a mention of the item's party, `(items, tokens)`;
            each row has at least one True.

    Returns:
        `(items, 2 * hidden)`: the first token's state, then the mean over the mention's tokens.
    """
    own = states[rows]
    share = tokens.to(own.dtype)
    share = share / share.sum(dim=1, keepdim=True)
    return torch.cat([own[:, 0], torch.einsum("it,ith->ih", share, own)], dim=1)
