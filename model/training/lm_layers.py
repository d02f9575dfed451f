"""What the recipes share that put adapters on the language model's first layers: the model, and the steps."""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from ..language_model.local import LocalModel
from ..language_model.truncated import first_layers
from ..language_model.weights import QWEN, language_model_folder
from ..networks.device import fastest_dtype
from ..networks.lora import add_adapters
from .earlier import take_up
from .loop import Course

T = TypeVar("T")
Head = TypeVar("Head", bound=nn.Module)
KEPT_EVERY = 50
"""Steps between two checkpoints, which are minutes."""


def default_language_model() -> LocalModel:
    """The default language model on the CPU, in bf16 where that is faster."""
    folder = language_model_folder()
    network = AutoModelForCausalLM.from_pretrained(folder, use_safetensors=True, dtype=fastest_dtype())
    return LocalModel(AutoTokenizer.from_pretrained(folder), network, QWEN.version)


def begun(
    language_model: LocalModel,
    shape: tuple[int, int, float],
    head_of: Callable[[int], Head],
    seed: int,
    earlier: Sequence[Path],
) -> tuple[PreTrainedModel, Head, str]:
    """The network and head that a run begins with, and the versions of `earlier` ("none").

    Args:
        language_model: whose first layers get adapters; it shares its weights and stays as it is.
        shape: how many layers, and the adapters' rank and scale.
        head_of: makes the head for states of a width.
        seed: of what is drawn.
        earlier: weights of earlier runs, whose mean it goes on from.

    Raises:
        WeightsError: there is no such file, or it is of another shape.
    """
    torch.manual_seed(seed)
    layers, rank, scale = shape
    network = first_layers(language_model.network.base_model, layers)
    add_adapters(network, rank, scale)
    head = head_of(network.config.hidden_size)
    return network, head, take_up(earlier, network, head)


def learn(
    network: PreTrainedModel,
    head: nn.Module,
    steps: Sequence[Sequence[T]],
    loss_of: Callable[[T], Tensor],
    items_of: Callable[[T], int],
    course: Course,
    seed: int,
) -> None:
    """Take the steps, from the checkpoint on; a step's dropout depends on its number alone.

    A step's parts are read one after the other, for they would not fit into memory at once. `loss_of` is the sum over
    a part's items, of which it has `items_of`; the step goes against their mean.
    """
    start = time.monotonic()
    recent = 0.0
    for number in range(course.resume(), len(steps)):
        network.train()
        head.train()
        torch.manual_seed(seed * 1_000_003 + number)
        parts = steps[number]
        items = sum(map(items_of, parts))
        for place, part in enumerate(parts):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=network.dtype is torch.bfloat16):
                loss = loss_of(part) / items
            recent += loss.item()
            if place + 1 < len(parts):
                loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it so
            else:
                course.step(loss)
        if (number + 1) % KEPT_EVERY == 0:
            course.keep(number + 1)
            elapsed = time.monotonic() - start
            logging.info("step %d of %d, loss %.3f (%.0f s)", number + 1, len(steps), recent / KEPT_EVERY, elapsed)
            recent = 0.0
