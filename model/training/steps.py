"""Steps of training, with a checkpoint every some of them: what a stopped run goes on from."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from .loop import Course

T = TypeVar("T")
KEPT_EVERY = 50
"""Steps between two checkpoints, which are minutes."""


def learn(
    networks: Sequence[nn.Module],
    steps: Sequence[Sequence[T]],
    loss_of: Callable[[T], Tensor],
    course: Course,
    seed: int,
    *,
    low_precision: bool,
) -> None:
    """Take the steps, from the checkpoint on, and leave the running means.

    A step's dropout depends on its number alone.

    Args:
        networks: what is trained.
        steps: the batches of each step, read one after the other, for they may not fit into memory at once.
        loss_of: the loss of one batch.
        course: optimizer and checkpoint.
        seed: of the dropout.
        low_precision: whether to multiply in bf16.
    """
    start = time.monotonic()
    recent = 0.0
    first = course.resume()
    for number in range(first, len(steps)):
        for network in networks:
            network.train()
        torch.manual_seed(seed * 1_000_003 + number)
        for batch in steps[number]:
            with torch.autocast(course.parameters[0].device.type, dtype=torch.bfloat16, enabled=low_precision):
                loss = loss_of(batch) / len(steps[number])
            recent += loss.item()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it so
        course.step()
        if (number + 1) % KEPT_EVERY == 0:
            course.keep(number + 1)
            elapsed = time.monotonic() - start
            logging.info("step %d of %d, loss %.3f (%.0f s)", number + 1, len(steps), recent / KEPT_EVERY, elapsed)
            recent = 0.0
    course.settle()
