"""The encoder: text in, token states out."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from .device import batch_tokens, encoder_dtype, enough_memory
from .fast_mpnet import InferenceNetwork, padded
from .mpnet_file import layers_of, without_layers
from .progress import without_bars

_BATCH_COST = 1024
"""Tokens of padding, which the encoder does not read but a head does, that take as long as one more batch."""

_embeddings: WeakValueDictionary[tuple[str, torch.dtype, torch.device], nn.Module] = WeakValueDictionary()
"""Token embeddings, a fifth of an encoder: those of one file are held once, however many encoders read with them."""


class Tokens(Protocol):
    """What is put into batches by its length."""

    @property
    def ids(self) -> tuple[int, ...]:
        """Token ids."""
        ...


class Encoder:
    """A tokenizer and a transformer; the constructor takes both ready, `from_folder` loads them to read with."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, network: nn.Module) -> None:
        self.tokenizer = tokenizer
        self.network = network.eval()

    @classmethod
    def from_folder(
        cls,
        folder: Path,
        adapter: dict[str, Tensor] | None = None,
        dtype: torch.dtype | None = None,
        device: torch.device | None = None,
        blocks: int | None = None,
    ) -> "Encoder":
        """Load from `folder` without network, merging `adapter` if given.

        `device` None is the CPU; `dtype` None takes the faster one there; `blocks` is how many of the transformer's
        blocks are needed, None for all.
        """
        place, dtype = device or torch.device("cpu"), dtype or encoder_dtype(device)
        key = str(folder.resolve()), dtype, place
        network = without_layers(folder, _embeddings.get(key))
        _embeddings[key] = network.embeddings  # no adapter changes them
        layers = layers_of(folder, network.config, adapter, blocks)
        return cls(_tokenizer(folder), InferenceNetwork(network, layers, dtype, place))

    @classmethod
    def for_training(cls, folder: Path, blocks: int | None = None) -> "Encoder":
        """Load transformers' own network from `folder` in fp32, to be changed; `blocks` as in `from_folder`."""
        from transformers import AutoModel  # three seconds to import

        with without_bars():
            network = AutoModel.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
            )
        network.encoder.layer = network.encoder.layer[:blocks]
        network.pooler = None  # states are pooled here; the pooler was never trained
        return cls(_tokenizer(folder), network)

    @property
    def hidden(self) -> int:
        """The length of a token's state."""
        return int(self.network.config.hidden_size)  # type: ignore[union-attr, arg-type]  # a transformers config

    @property
    def cpu_dtype(self) -> torch.dtype:
        """What it calculates in where it is on a CPU, else fp32."""
        return getattr(self.network, "dtype", torch.float32) if self._device.type == "cpu" else torch.float32

    @property
    def _device(self) -> torch.device:
        return next(self.network.parameters()).device

    @property
    def ends(self) -> tuple[int, int]:
        """The ids of the tokens before and behind a text."""
        return int(self.tokenizer.bos_token_id), int(self.tokenizer.eos_token_id)

    def ids_of(self, words: Sequence[str]) -> list[int]:
        """The ids of words that are one token each."""
        return [int(number) for number in self.tokenizer.convert_tokens_to_ids(list(words))]

    def states(self, stretches: Sequence[Tokens]) -> Tensor:
        """Token states `(stretches, tokens, hidden)` of one batch, padded on the right to the longest."""
        longest = max(len(stretch.ids) for stretch in stretches)
        pad = int(self.tokenizer.pad_token_id)
        ids = torch.full((len(stretches), longest), pad)
        mask = torch.zeros((len(stretches), longest), dtype=torch.long)
        for row, stretch in enumerate(stretches):
            ids[row, : len(stretch.ids)] = torch.tensor(stretch.ids)
            mask[row, : len(stretch.ids)] = 1
        device = self._device
        with enough_memory("read a batch of paragraphs"):
            states: Tensor = self.network(input_ids=ids.to(device), attention_mask=mask.to(device)).last_hidden_state
        return states

    def batches(self, stretches: Sequence[Tokens]) -> Iterator[list[int]]:
        """Indices of `stretches` in batches of like length, the longest first.

        A batch ends where padding all of them to its first would take more than `_BATCH_COST` tokens, and where it has
        as many tokens as the device's memory is for (`batch_tokens`).
        """
        most = batch_tokens(self._device)
        order = sorted(range(len(stretches)), key=lambda index: -len(stretches[index].ids))
        batch: list[int] = []
        padding = tokens = 0
        for index in order:
            length = len(stretches[index].ids)
            longest = len(stretches[batch[0]].ids) if batch else length
            padding += longest - length
            tokens += padded(length)
            if batch and (padding > _BATCH_COST or tokens > most):
                yield batch
                batch, padding, tokens = [], 0, padded(length)
            batch.append(index)
        if batch:
            yield batch


def _tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    tokenizer: PreTrainedTokenizerBase = PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    return tokenizer
