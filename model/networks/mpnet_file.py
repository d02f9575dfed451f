"""The encoder's files, read one transformer block at a time: the whole of the weights is never in memory twice.

The modules go by the names that transformers gives them (`MPNetModel`), and hold what `fast_mpnet` reads with: to
import transformers' own takes three seconds.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn

from .lora import merge_adapters

_FILE = "model.safetensors"
_FARTHEST = 128
"""Tokens apart from which all positions are alike."""


@dataclass(frozen=True, slots=True)
class MPNetConfig:
    """The numbers in `config.json` that reading needs."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    relative_attention_num_buckets: int
    layer_norm_eps: float
    pad_token_id: int

    @classmethod
    def from_folder(cls, folder: Path) -> "MPNetConfig":
        """The one in `folder`.

        Raises:
            KeyError: a number is missing.
        """
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return cls(**{field.name: found[field.name] for field in fields(cls)})


def _embedding(rows: int, size: int) -> nn.Embedding:
    """One without numbers: to draw normal ones on the meta device has torch import its compiler, two seconds."""
    made: nn.Embedding = nn.Embedding.from_pretrained(torch.empty(rows, size))  # type: ignore[no-untyped-call]  # torch's
    return made


class _Embeddings(nn.Module):
    def __init__(self, config: MPNetConfig) -> None:
        super().__init__()
        self.padding_idx = config.pad_token_id
        self.word_embeddings = _embedding(config.vocab_size, config.hidden_size)
        self.position_embeddings = _embedding(config.max_position_embeddings, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)

    def forward(self, input_ids: Tensor) -> Tensor:
        """`(texts, tokens, hidden)` of `(texts, tokens)`; a token's position counts those before it but padding."""
        there = input_ids.ne(self.padding_idx).long()
        places = there.cumsum(dim=1) * there + self.padding_idx
        states: Tensor = self.LayerNorm(self.word_embeddings(input_ids) + self.position_embeddings(places))
        return states


class _Encoder(nn.Module):
    def __init__(self, config: MPNetConfig) -> None:
        super().__init__()
        self.relative_attention_bias = _embedding(config.relative_attention_num_buckets, config.num_attention_heads)


class MPNet(nn.Module):
    """An MPNet (https://arxiv.org/abs/2004.09297) without its transformer blocks."""

    def __init__(self, config: MPNetConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings: nn.Module = _Embeddings(config)
        self.encoder = _Encoder(config)


class _Dense(nn.Module):
    def __init__(self, taken: int, given: int) -> None:
        super().__init__()
        self.dense = nn.Linear(taken, given)


class MPNetLayer(nn.Module):
    """The weights of one transformer block."""

    def __init__(self, config: MPNetConfig) -> None:
        super().__init__()
        size, inner = config.hidden_size, config.intermediate_size
        self.attention, self.attention.attn = nn.Module(), nn.Module()
        for name in "qkvo":
            setattr(self.attention.attn, name, nn.Linear(size, size))
        self.attention.LayerNorm = nn.LayerNorm(size, config.layer_norm_eps)
        self.intermediate, self.output = _Dense(size, inner), _Dense(inner, size)
        self.output.LayerNorm = nn.LayerNorm(size, config.layer_norm_eps)


def position_bias(weight: Tensor, longest: int) -> Tensor:
    """What is added to the attention by how far apart two tokens are: `(1, heads, longest, longest)`.

    Args:
        weight: `(buckets, heads)`. Half of the buckets are for tokens ahead; in each half, half of them have a distance
            each, the others more and more of them (https://arxiv.org/abs/1910.10683).
        longest: tokens of a text.
    """
    half = len(weight) // 2
    exact = half // 2
    places = torch.arange(longest, device=weight.device)
    ahead = places[None, :] - places[:, None]
    far = ahead.abs()
    growth = torch.log(far.clamp(min=1).float() / exact) / math.log(_FARTHEST / exact)
    coarse = (exact + (growth * (half - exact)).long()).clamp(max=half - 1)
    buckets = torch.where(far < exact, far, coarse) + half * (ahead > 0)
    return weight[buckets].permute(2, 0, 1)[None].contiguous()


def without_layers(folder: Path, embeddings: nn.Module | None = None) -> MPNet:
    """The network of `folder` in fp32 without its transformer blocks; `embeddings` are taken instead of the file's."""
    with torch.device("meta"):  # numbers drawn at random would be for nothing
        network = MPNet(MPNetConfig.from_folder(folder))
    network.encoder.load_state_dict(_tensors(folder, "encoder.", "relative_attention_bias."), assign=True)
    if embeddings is None:
        tensors = _tensors(folder, "embeddings.")
        tensors.pop("position_ids", None)  # older files number the positions
        network.embeddings.load_state_dict(tensors, assign=True)
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
