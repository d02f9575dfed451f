"""A language model's first layers with adapters: a network of its own that shares the model's weights."""

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import torch
from torch import Tensor
from transformers import PreTrainedModel

from ..networks.lora import add_adapters, fill_adapters
from .batch_invariant_attention import NAME as BATCH_INVARIANT
from .local import LocalModel

T = TypeVar("T")
_STEP = 32
"""Of what the number of tokens is a multiple (`model.language_model.local`)."""


def first_layers(network: PreTrainedModel, layers: int) -> PreTrainedModel:
    """The first `layers` of a transformer, to be given adapters: a copy that shares the weights."""
    own: PreTrainedModel = copy.deepcopy(network, {id(weight): weight for weight in network.parameters()})
    own.layers = own.layers[:layers]
    own.config.num_hidden_layers = layers
    return own


def adapted(language_model: LocalModel, layers: int, adapter: dict[str, Tensor]) -> PreTrainedModel:
    """The first `layers` of a loaded model, which stays as it is, with the adapters of a trained file.

    Raises:
        KeyError: the adapters are another model's, or there are none.
    """
    network = first_layers(language_model.network.base_model, layers)
    if not adapter:
        raise KeyError("no adapter")
    add_adapters(network, len(next(iter(adapter.values()))), 1.0)
    fill_adapters(network, adapter)
    return network


def states_of(network: PreTrainedModel, ids: list[int], places: Tensor, seen: Tensor, exact: bool = False) -> Tensor:
    """What `network` makes of each token, `(tokens, hidden)` in fp32.

    Args:
        network: the first layers of a language model.
        ids: the tokens.
        places: where each stands, `(tokens,)`.
        seen: which tokens each looks at, `(tokens, tokens)`; at least itself.
        exact: whether a token's state is the same whatever is read beside what it looks at, which takes longer the
            more is read at once (`batch_invariant_attention`).
    """
    count = len(ids)
    padding = -count % _STEP
    looks = torch.eye(count + padding, dtype=torch.bool)  # a row of padding looks at itself
    looks[:count, :count] = seen
    mask = torch.zeros(looks.shape, dtype=network.dtype)
    mask.masked_fill_(~looks, torch.finfo(mask.dtype).min)
    device = network.device
    exact = exact and network.config._attn_implementation == BATCH_INVARIANT
    states: Tensor = network(
        input_ids=torch.tensor([[*ids, *[0] * padding]], device=device),
        attention_mask=mask[None, None].to(device),
        position_ids=torch.cat([places, torch.zeros(padding, dtype=torch.long)])[None].to(device),
        use_cache=False,
        **({"exact": True} if exact else {}),
    ).last_hidden_state[0]
    return states[:count].float()


def packed(some: Iterable[T], tokens_of: Callable[[T], int], most: int) -> Iterator[list[T]]:
    """What is read side by side: in order, together at most `most` tokens, or one."""
    pack: list[T] = []
    total = 0
    for one in some:
        if pack and total + tokens_of(one) > most:
            yield pack
            pack, total = [], 0
        pack.append(one)
        total += tokens_of(one)
    if pack:
        yield pack
