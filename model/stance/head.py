"""The head that judges every party of a paragraph from one reading of it."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..domain import PRESENT, VOICES
from ..networks.checkpoint import fill


@dataclass(frozen=True, slots=True)
class Scores:
    """What the head says of each text's parties; rows of parties without a mention mean nothing.

    `stance` `(texts, parties, 3)` and `voice` `(texts, parties, 2)` are logits in the order of
    `PRESENT` and `VOICES`. `evidence` and `holder` `(texts, parties, tokens)` are log-probabilities
    over the text's tokens: which carry the stance, and which name its holder. The first token
    stands for a holder that the text does not name.
    """

    stance: Tensor
    voice: Tensor
    evidence: Tensor
    holder: Tensor


class PartyHead(nn.Module):
    """Finds the words about a party, then judges them beside the party's mentions and the whole text.

    A party's query, from the mean state of its mentions, attends over the text (scaled dot product,
    https://arxiv.org/abs/1706.03762, one head); two layers read the attended state, the mentions'
    and the first token's.
    """

    def __init__(self, hidden: int, width: int, key: int = 128, dropout: float = 0.1) -> None:
        super().__init__()
        self.evidence_query = nn.Linear(hidden, key)
        self.evidence_key = nn.Linear(hidden, key)
        self.inner = nn.Linear(3 * hidden, width)
        self.stance = nn.Linear(width, len(PRESENT))
        self.voice = nn.Linear(width, len(VOICES))
        self.holder_query = nn.Linear(width, key)
        self.holder_key = nn.Linear(hidden, key)
        self.dropout = nn.Dropout(dropout)

    @classmethod
    def from_state(cls, state: dict[str, Tensor]) -> "PartyHead":
        """The head whose tensors are `state`, ready to judge.

        Raises:
            KeyError, ValueError: `state` is not of this kind of head.
        """
        key, hidden = state["evidence_query.weight"].shape
        head = cls(hidden, width=state["inner.weight"].shape[0], key=key)
        fill(head, state)
        return head.eval()

    def forward(self, states: Tensor, mentions: Tensor, content: Tensor) -> Scores:
        """Judge a batch.

        Args:
            states: token states `(texts, tokens, hidden)`.
            mentions: True where a token belongs to a mention of the party, `(texts, parties, tokens)`.
            content: True where a token is of the text, not special or padding, `(texts, tokens)`.
        """
        share = mentions.to(states.dtype)
        share = share / share.sum(dim=2, keepdim=True).clamp(min=1)
        mention = share @ states
        outside = ~content[:, None, :]
        evidence = _attention(self.evidence_query(mention), self.evidence_key(states), outside)
        first = states[:, :1].expand_as(mention)
        features = torch.cat([first, mention, evidence.exp() @ states], dim=2)
        inner = self.dropout(nn.functional.gelu(self.inner(self.dropout(features))))
        nameable = outside.clone()
        nameable[:, :, 0] = False
        return Scores(
            stance=self.stance(inner),
            voice=self.voice(inner),
            evidence=evidence,
            holder=_attention(self.holder_query(inner), self.holder_key(states), nameable),
        )


def _attention(query: Tensor, key: Tensor, outside: Tensor) -> Tensor:
    """Log-probabilities `(texts, parties, tokens)`; a token that is `outside` gets the least number."""
    scores = (query @ key.transpose(1, 2)) / query.shape[-1] ** 0.5
    log_probabilities: Tensor = scores.masked_fill(outside, torch.finfo(scores.dtype).min).log_softmax(dim=2)
    return log_probabilities
