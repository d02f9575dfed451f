"""What the encoder makes of the words that refer to an actor, in their article: the mean of their states."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ...domain import Span
from ...networks.span_states import Place
from ..entities import TITLE
from .actors import Actor


def references_of(actors: Sequence[Actor]) -> list[Place]:
    """All references of all actors, one actor after the other; the title is text 0, the first paragraph text 1."""
    return [(m.paragraph - TITLE, Span(m.start, m.end)) for actor in actors for m in actor.mentions]


def actor_states(actors: Sequence[Actor], references: Tensor) -> Tensor:
    """`(actors, hidden)`, the mean over each actor's references, from the states of `references_of`."""
    lengths = [len(actor.mentions) for actor in actors]
    if not lengths:
        return references.new_zeros(0, references.shape[1])
    return torch.stack([some.mean(dim=0) for some in torch.split(references, lengths)])
