"""What the encoder makes of an actor's names, in their article: the mean of their states."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ...networks.text_states import TextStates
from .actors import Actor


def actor_states(actors: Sequence[Actor], read: TextStates) -> Tensor:
    """`(actors, hidden)`, the mean over each actor's mentions."""
    if not actors:
        return torch.zeros(0, read.hidden)
    lengths = [len(actor.mentions) for actor in actors]
    means = read.means([mention for actor in actors for mention in actor.mentions])
    return torch.stack([some.mean(dim=0) for some in torch.split(means, lengths)])
