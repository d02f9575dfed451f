"""What the encoder is trained to make small."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..stance.head import Scores
from .batches import IGNORED, Batch, Reading

VOICE_SHARE, WORDS_SHARE = 0.5, 0.3
"""How much voice, and evidence and holder each, weigh in the loss beside stance."""


def loss_of(scores: Scores, batch: Batch, label_smoothing: float) -> Tensor:
    """Cross-entropy of stance, and what is known of voice, evidence and holder beside it."""
    device = scores.stance.device
    valid = batch.valid.to(device)
    stance = scores.stance.float()[valid], batch.stance.to(device)[valid]
    loss = nn.functional.cross_entropy(*stance, label_smoothing=label_smoothing)
    voice = batch.voice.to(device)
    if (voice != IGNORED).any():
        loss = loss + VOICE_SHARE * nn.functional.cross_entropy(
            scores.voice.float().flatten(0, 1), voice.flatten(), ignore_index=IGNORED
        )
    for found, truth in ((scores.evidence, batch.evidence), (scores.holder, batch.holders)):
        loss = loss + WORDS_SHARE * _pointing(found.float(), truth.to(device))
    return loss


def disagreement(scores: Scores, batch: Batch, groups: Sequence[Sequence[Reading]]) -> Tensor:
    """Mean divergence between the stances that two views of a text say; 0 where no text of `groups` has two.

    It is Jeffreys', half the sum of both Kullback-Leibler divergences.
    """
    row = 0
    firsts: list[int] = []
    for views in groups:
        firsts += range(row, row + len(views) - 1)
        row += len(views)
    if not firsts:
        return scores.stance.new_zeros(())
    left, right = (scores.stance[[row + step for row in firsts]].float().log_softmax(dim=2) for step in (0, 1))
    apart = ((left.exp() - right.exp()) * (left - right)).sum(dim=2) / 2
    return apart[batch.valid[firsts].to(apart.device)].mean()


def _pointing(found: Tensor, truth: Tensor) -> Tensor:
    """Mean over the parties whose words are known of -log of the probability that falls on those words."""
    known = truth.any(dim=2)
    if not known.any():
        return found.new_zeros(())
    right = found[known].masked_fill(~truth[known], torch.finfo(found.dtype).min)
    return -right.logsumexp(dim=1).mean()
