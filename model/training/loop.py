"""What training moves and keeps: the optimizer with its checkpoint, frozen networks with adapters, weight files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from tqdm import tqdm

from ..networks.checkpoint import tensors_digest
from ..networks.device import fastest_dtype
from ..networks.encoder import Encoder
from ..networks.lora import LowRankLinear, adapter_state, add_adapters

T = TypeVar("T")


def trainable(network: nn.Module, head: nn.Module) -> list[nn.Parameter]:
    """What the optimizer moves: the adapters and the head, or what of them is to learn."""
    return [parameter for module in (network, head) for parameter in module.parameters() if parameter.requires_grad]


def values_of(parameters: Sequence[Tensor]) -> list[Tensor]:
    """Copies of what `parameters` hold now."""
    return [parameter.detach().clone() for parameter in parameters]


@torch.no_grad()
def fill(parameters: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    """Give `parameters` these values."""
    for parameter, value in zip(parameters, values, strict=True):
        parameter.copy_(value)


class Course:
    """An optimizer over `steps` steps, warmed up and then slower on a line, and its checkpoint in `folder`.

    `average` is the running mean of the parameters, to which the newest ones give the share `newest` (Polyak and
    Juditsky, https://doi.org/10.1137/0330046): steadier than the last step's. With 1 it is the last step's.
    """

    def __init__(
        self,
        parameters: list[nn.Parameter],
        learning_rate: float,
        weight_decay: float,
        steps: int,
        warm_up: float,
        folder: Path,
        newest: float = 1.0,
    ) -> None:
        warm = max(1, round(steps * warm_up))
        self.parameters = parameters
        self.optimizer = torch.optim.AdamW(parameters, lr=learning_rate, weight_decay=weight_decay, fused=True)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))
        )
        self.newest = newest
        self.average = values_of(parameters)
        self.checkpoint = folder / "checkpoint.pt"
        folder.mkdir(parents=True, exist_ok=True)

    def resume(self) -> int:
        """Take up the checkpoint where there is one; returns how many epochs are done."""
        if not self.checkpoint.exists():
            return 0
        saved = torch.load(self.checkpoint, weights_only=True)  # our own file, read without unpickling objects
        fill(self.parameters, saved["parameters"])
        fill(self.average, saved["average"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.schedule.load_state_dict(saved["schedule"])
        return int(saved["epoch"])

    def step(self) -> None:
        """Move the parameters against their gradient, which is cut to a length of 1."""
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        share = max(self.newest, min(1.0, 10 / self.schedule.last_epoch))  # at first, the mean of the last tenth
        with torch.no_grad():
            for mean, parameter in zip(self.average, self.parameters, strict=True):
                mean.lerp_(parameter, share)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within, the parameters have their averages."""
        own = values_of(self.parameters)
        self.settle()
        yield
        fill(self.parameters, own)

    def settle(self) -> None:
        """Give the parameters their averages: the end of the course."""
        fill(self.parameters, self.average)

    def keep(self, epochs: int) -> None:
        """Write the checkpoint after `epochs` epochs, whole or not at all."""
        state = {
            "parameters": values_of(self.parameters),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "epoch": epochs,
        }
        draft = self.checkpoint.with_suffix(".tmp")
        torch.save(state, draft)
        draft.replace(self.checkpoint)


def train_epoch(
    encoder: Encoder, head: nn.Module, batches: Sequence[T], loss_of_batch: Callable[[T], Tensor], course: Course
) -> float:
    """Take a step for each batch; returns the mean loss."""
    encoder.network.train()
    head.train()
    total = 0.0
    device = next(head.parameters()).device.type
    with tqdm(batches, desc="training", mininterval=5) as bar:
        for batch in bar:
            with torch.autocast(device, dtype=torch.bfloat16, enabled=low_precision(device)):
                loss = loss_of_batch(batch)
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it so
            course.step()
            total += loss.item()
            bar.set_postfix(loss=f"{loss.item():.3f}")
    return total / len(batches)


def freeze_for_training(encoder: Encoder, rank: int, scale: float) -> None:
    """Put adapters on the encoder; where bf16 pays, keep its frozen matrices in it, as autocast would cast them.

    Attention weights get no dropout, which takes a third of a step's time; that of the states stays.
    """
    add_adapters(encoder.network, rank, scale)
    for name, module in encoder.network.named_modules():
        if isinstance(module, LowRankLinear) and low_precision():
            module.linear.to(torch.bfloat16)
        elif isinstance(module, nn.Dropout) and name.endswith("attn.dropout"):
            module.p = 0.0


@cache
def low_precision(device: str = "cpu") -> bool:
    """Whether to multiply in bf16: on a GPU, or where this CPU is faster with it."""
    return device != "cpu" or torch.cuda.is_available() or fastest_dtype() is torch.bfloat16


def save_weights(
    path: Path, network: nn.Module, head: nn.Module, metadata: dict[str, str], name: str = "stance"
) -> None:
    """`save_tensors` of the adapters and the head, in fp16: `adapter.<layer>.A`, `adapter.<layer>.B`, `head.*`."""
    tensors = {f"adapter.{name}": tensor for name, tensor in adapter_state(network).items()}
    tensors |= {f"head.{name}": tensor for name, tensor in head.state_dict().items()}
    save_tensors(path, tensors, metadata, name)


def save_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str], name: str) -> None:
    """Write tensors as a safetensors file in fp16, whole or not at all.

    The metadata gets a `version`: `name` and the first digits of the SHA-256 over all tensors' bytes and the rest of
    the metadata, so that what is fitted again has another one.
    """
    half = {name: tensor.to("cpu", torch.float16).contiguous() for name, tensor in sorted(tensors.items())}
    draft = path.with_suffix(".tmp")
    save_file(half, draft, {**metadata, "version": f"{name}@{tensors_digest(half, metadata)}"})
    draft.replace(path)
