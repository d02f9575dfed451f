"""What the encoder makes of an actor's names, in their article: the mean of their states."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ...domain import Span
from ...networks.text_states import Place, TextStates
from ..entities import text_index
from .actors import Actor


def actor_states(actors: Sequence[Actor], read: TextStates) -> Tensor:
    """`(actors, hidden)`, the mean over each actor's mentions; text 0 of `read` is the title."""
    places: list[Place] = [(text_index(m.paragraph), Span(m.start, m.end)) for actor in actors for m in actor.mentions]
    if not actors:
        return torch.zeros(0, read.hidden)
    lengths = [len(actor.mentions) for actor in actors]
    return torch.stack([some.mean(dim=0) for some in torch.split(read.means(places), lengths)])
