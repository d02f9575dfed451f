"""The head that judges paragraphs toward parties, from what a network made of the words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor, nn

from ..domain import VOICES, Stance
from ..networks.checkpoint import fill
from ..networks.stretches import Part, Stretch
from .masking import Mentions

STANCES = (Stance.FAVORABLE, Stance.CRITICAL, Stance.NEUTRAL, Stance.ABSENT)
"""The order of the head's outputs, which is that of the weights."""
_MENTIONED = 4.0
"""What a mention in the paragraph takes from the logit of absent, beside what is learnt: a party that is mentioned is
there, by the codebook, unless what finds mentions errs."""
_RARE = 4.0
"""What a token's product has to outweigh to refer to a party: few do, and learning would take long to find that."""


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a stretch and a party, as the head is asked about them.

    `here` are the tokens that refer to the party in the part, `near` those elsewhere in the stretch.
    """

    part: Part
    party: int
    here: tuple[slice, ...]
    near: tuple[slice, ...]

    def __hash__(self) -> int:  # slices have none before Python 3.12
        return hash((self.part, self.party))

    @property
    def lead(self) -> int:
        """The token before the part, which speaks for both."""
        return self.part.start - 1

    @property
    def weight(self) -> int:
        """How many tokens of the part refer to the party."""
        return sum(place.stop - place.start for place in self.here)


@dataclass(frozen=True, slots=True)
class ItemMasks:
    """The items of several stretches, padded to the most items and tokens.

    `lead` `(stretches, items)` are token indices; `here`, `near` and `content` `(stretches, items, tokens)` are True
    for the tokens that refer to the party in the part, elsewhere, and for all tokens of the part.
    """

    lead: Tensor
    here: Tensor
    near: Tensor
    content: Tensor

    @classmethod
    def of(cls, rows: Sequence[Sequence[Item]], tokens: int) -> "ItemMasks":
        """Pad the items of each stretch; a stretch has at most `tokens` tokens."""
        most = max(map(len, rows))
        lead = torch.zeros((len(rows), most), dtype=torch.long)
        masks = torch.zeros((3, len(rows), most, tokens), dtype=torch.bool)
        for row, items in enumerate(rows):
            for column, item in enumerate(items):
                lead[row, column] = item.lead
                for kind, places in enumerate((item.here, item.near, (item.part.tokens,))):
                    for place in places:
                        masks[kind, row, column, place] = True
        return cls(lead, masks[0], masks[1], masks[2])

    def to(self, device: torch.device) -> "ItemMasks":
        """The same on a device."""
        return ItemMasks(*(mask.to(device) for mask in (self.lead, self.here, self.near, self.content)))


@dataclass(frozen=True, slots=True)
class Scores:
    """What the head says of each item; rows of padding mean nothing.

    `stance` `(stretches, items, 4)` and `voice` `(stretches, items, 2)` are logits in the order of `STANCES` and
    `VOICES`. `evidence` and `holder` `(stretches, items, tokens)` are log-probabilities over the part's tokens: which
    carry the stance, and which name its holder; the `lead` stands for a holder that the text does not name. `refers`
    has a logit for each token of the part to refer to the party.
    """

    stance: Tensor
    voice: Tensor
    evidence: Tensor
    holder: Tensor
    refers: Tensor


class PartyHead(nn.Module):
    """Finds the words of a paragraph about a party, then judges them beside what refers to it and the lead.

    The party's query attends over the paragraph (scaled dot product, https://arxiv.org/abs/1706.03762, one head); two
    layers read the lead's state, the mentions', the attended one, and that of mentions elsewhere.
    """

    def __init__(self, hidden: int, width: int, key: int = 128, dropout: float = 0.1) -> None:
        super().__init__()
        self.evidence_query = nn.Linear(2 * hidden, key)
        self.evidence_key = nn.Linear(hidden, key)
        self.inner = nn.Linear(4 * hidden + 1, width)
        self.stance = nn.Linear(width, len(STANCES))
        self.voice = nn.Linear(width, len(VOICES))
        self.holder_query = nn.Linear(width, key)
        self.holder_key = nn.Linear(hidden, key)
        self.refers_query = nn.Linear(width, key)
        self.refers_key = nn.Linear(hidden, key)
        self.dropout = nn.Dropout(dropout)

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor]) -> "PartyHead":
        """The head whose tensors are `state`, ready to judge.

        Raises:
            KeyError: `state` is not of this kind of head.
        """
        key, hidden = state["evidence_key.weight"].shape
        head = cls(hidden, width=state["inner.weight"].shape[0], key=key)
        fill(head, state)
        return head.eval()

    def forward(self, states: Tensor, items: ItemMasks) -> Scores:
        """Judge the items of a batch from its token states `(stretches, tokens, hidden)`."""
        here, near = _mean(items.here, states), _mean(items.near, states)
        named = items.here.any(dim=2, keepdim=True)
        mention = torch.where(named, here, near)
        lead = states.gather(1, items.lead[:, :, None].expand(-1, -1, states.shape[2]))
        outside = ~items.content
        evidence = _attention(
            self.evidence_query(torch.cat([mention, lead], dim=2)), self.evidence_key(states), outside
        )
        features = torch.cat([lead, mention, evidence.exp() @ states, near, named.to(states.dtype)], dim=2)
        inner = self.dropout(nn.functional.gelu(self.inner(self.dropout(features))))
        stance = self.stance(inner)
        if not self.training:
            absent = torch.tensor([label is Stance.ABSENT for label in STANCES], device=states.device)
            stance = stance - _MENTIONED * (named & absent)
        nameable = outside.scatter(2, items.lead[:, :, None], False)
        return Scores(
            stance=stance,
            voice=self.voice(inner),
            evidence=evidence,
            holder=_attention(self.holder_query(inner), self.holder_key(states), nameable),
            refers=_products(self.refers_query(inner), self.refers_key(states)) - _RARE,
        )


def items_of(stretch: Stretch, mentions: Mentions) -> list[Item]:
    """What the head is asked: each judged part with each party that the stretch mentions."""
    places = [[tuple(part.places(some.get(part.paragraph, ()))) for part in stretch.parts] for some in mentions]
    return [
        Item(part, party, found[at], tuple(chain(*found[:at], *found[at + 1 :])))
        for at, part in enumerate(stretch.parts)
        for party, found in enumerate(places)
        if part.judged and any(found)
    ]


def _mean(mask: Tensor, states: Tensor) -> Tensor:
    """The mean state of each row's tokens, `(stretches, items, hidden)`; 0 where there are none."""
    share = mask.to(states.dtype)
    mean: Tensor = share @ states / share.sum(dim=2, keepdim=True).clamp(min=1)
    return mean


def _products(query: Tensor, key: Tensor) -> Tensor:
    product: Tensor = query @ key.transpose(1, 2) / query.shape[-1] ** 0.5
    return product


def _attention(query: Tensor, key: Tensor, outside: Tensor) -> Tensor:
    """Log-probabilities `(stretches, items, tokens)`, the least number where `outside`, of that shape, is True."""
    scores = _products(query, key)
    log_probabilities: Tensor = scores.masked_fill(outside, torch.finfo(scores.dtype).min).log_softmax(dim=2)
    return log_probabilities
