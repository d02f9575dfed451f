"""The encoder's file of weights, read one transformer block at a time: the whole of it is never in memory twice."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn
from transformers import MPNetConfig, MPNetModel
from transformers.models.mpnet.modeling_mpnet import MPNetLayer

from .lora import merge_adapters

_FILE = "model.safetensors"


def without_layers(folder: Path, embeddings: nn.Module | None = None) -> MPNetModel:
    """The network of `folder` in fp32 without its transformer blocks; `embeddings` are taken instead of the file's."""
    config = MPNetConfig.from_pretrained(folder, local_files_only=True)
    number, config.num_hidden_layers = config.num_hidden_layers, 0
    with torch.device("meta"):  # numbers drawn at random would be for nothing
        network = MPNetModel(config, add_pooling_layer=False)
    config.num_hidden_layers = number
    network.encoder.load_state_dict(_tensors(folder, "encoder.", "relative_attention_bias."), assign=True)
    if embeddings is None:
        tensors = _tensors(folder, "embeddings.")
        places = tensors.pop("position_ids", torch.arange(config.max_position_embeddings)[None])
        network.embeddings.load_state_dict(tensors, assign=True)
        network.embeddings.position_ids = places
    else:
        network.embeddings = embeddings
    return network.eval()


def layers_of(
    folder: Path, config: MPNetConfig, adapter: Mapping[str, Tensor] | None = None, blocks: int | None = None
) -> Iterator[MPNetLayer]:
    """Each transformer block in fp32, with `adapter` (tensors by name, as `lora` has them) merged if given.

    With `blocks` only as many of them come.

    Raises:
        KeyError: the adapter was made for another network.
    """
    left = dict(adapter or {})
    for number in range(config.num_hidden_layers if blocks is None else blocks):
        prefix = f"encoder.layer.{number}."
        with torch.device("meta"):
            layer = MPNetLayer(config)
        layer.load_state_dict(_tensors(folder, prefix), assign=True)
        if adapter is not None:
            own = [name for name in left if name.startswith(prefix)]
            merge_adapters(layer, {name.removeprefix(prefix): left.pop(name) for name in own})
        yield layer.eval()
    if left:
        raise KeyError(f"the adapter has more than the encoder's {number + 1} blocks: {sorted(left)[:4]} …")


def _tensors(folder: Path, prefix: str, part: str = "") -> dict[str, Tensor]:
    """Copies of the tensors whose names begin with `prefix` and `part`, less the prefix: the file stays unmapped."""
    with safe_open(folder / _FILE, "pt") as file:
        names = [name for name in file.keys() if name.startswith(prefix + part)]  # noqa: SIM118  # not a dict
        return {name.removeprefix(prefix): file.get_tensor(name).clone() for name in names}
