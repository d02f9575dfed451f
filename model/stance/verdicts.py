"""What the head says of single items, and the pieces of a long paragraph joined."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .head import Item, Scores


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the head says of one item.

    `logits` `(4,)` in the order of `STANCES`; `voice` `(2,)` logits in the order of `VOICES`; `evidence`
    (probabilities) and `holder` (log-probabilities) `(1 + tokens,)`, the first of which stands for a holder that is
    not named; the others' spans are `offsets`, in characters of the paragraph. `mentions` say where each
    reference to the party begins.
    """

    logits: Tensor
    voice: Tensor
    evidence: Tensor
    holder: Tensor
    offsets: tuple[tuple[int, int], ...]
    mentions: tuple[int, ...] = ()


def verdicts_of(scores: Scores, row: int, items: Sequence[Item]) -> list[Verdict]:
    """What the head says of one stretch's items."""
    stance, voice, evidence, holder = (
        some[row].float().cpu() for some in (scores.stance, scores.voice, scores.evidence, scores.holder)
    )
    return [
        Verdict(
            stance[column],
            voice[column],
            _of_part(evidence[column].exp(), item),
            _of_part(holder[column], item),
            item.part.text.offsets,
            tuple(item.part.text.offsets[place.start - item.part.start][0] for place in item.here),
        )
        for column, item in enumerate(items)
    ]


def _of_part(scores: Tensor, item: Item) -> Tensor:
    """The scores of the item's lead and of its part's tokens."""
    return torch.cat([scores[item.lead, None], scores[item.part.tokens]])


def joined(parts: Sequence[tuple[int, Verdict]]) -> Verdict:
    """The pieces' verdicts on one item as one; each comes with how many mention tokens it holds."""
    if len(parts) == 1:
        return parts[0][1]
    weights = [max(weight, 1e-3) for weight, _ in parts]
    logits = torch.stack(
        [verdict.logits.log_softmax(dim=0) * weight for weight, (_, verdict) in zip(weights, parts, strict=True)]
    )
    best = max(parts, key=lambda part: part[0])[1]
    return replace(best, logits=logits.sum(dim=0) / sum(weights))
