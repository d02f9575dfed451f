"""What the encoder and the language model are trained to make small."""

import torch
from torch import Tensor, nn

from ..stance.head import ItemMasks, Scores
from .batches import IGNORED, Labels

VOICE_SHARE, WORDS_SHARE, REFERS_SHARE = 0.5, 0.3, 0.02
"""How much voice, evidence and holder each, and each token that refers, weigh in the loss beside stance."""
LABEL_SMOOTHING = 0.05


def loss_of(scores: Scores, labels: Labels, items: ItemMasks) -> Tensor:
    """Cross-entropy of stance, and what is known of voice, evidence, holder and reference beside it.

    Each is the sum over the items that have it, over the number of all items.
    """
    valid = labels.stance != IGNORED
    loss = nn.functional.cross_entropy(
        scores.stance.float()[valid], labels.stance[valid], label_smoothing=LABEL_SMOOTHING, reduction="sum"
    )
    heard = labels.voice != IGNORED
    loss = loss + VOICE_SHARE * nn.functional.cross_entropy(
        scores.voice.float()[heard], labels.voice[heard], reduction="sum"
    )
    for found, truth in ((scores.evidence, labels.evidence), (scores.holder, labels.holder)):
        loss = loss + WORDS_SHARE * _pointing(found.float(), truth)
    counted = items.content & labels.marked[:, :, None]
    refers = nn.functional.binary_cross_entropy_with_logits(
        scores.refers.float()[counted], labels.refers[counted].float(), reduction="sum"
    )
    total: Tensor = (loss + REFERS_SHARE * refers) / valid.sum()
    return total


def _pointing(found: Tensor, truth: Tensor) -> Tensor:
    """Sum over the items whose words are known of -log of the probability that falls on those words."""
    known = truth.any(dim=2)
    right = found[known].masked_fill(~truth[known], torch.finfo(found.dtype).min)
    return -right.logsumexp(dim=1).sum()
