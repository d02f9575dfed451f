"""A file of trained weights, as a recipe writes it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from ..errors import WeightsError

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class TrainedFile:
    """What a recipe wrote: the adapter's tensors, the head's, in fp32, and what is said of them."""

    adapter: dict[str, Tensor]
    head: dict[str, Tensor]
    metadata: Mapping[str, str]

    @classmethod
    def read(cls, path: Path) -> "TrainedFile":
        """Read a safetensors file as `model.training.loop.save_weights` writes it.

        Raises:
            OSError, SafetensorError: there is no such file.
            ValueError: its bytes are not those that its version stands for.
        """
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
            metadata = file.metadata() or {}
        version = metadata.get("version", "")
        digits = version.split("@")[-1]
        if digits != tensors_digest(tensors, metadata):
            raise ValueError(f"the bytes of another version than {version!r}")
        adapter, head = (
            {name.removeprefix(part): tensor.float() for name, tensor in tensors.items() if name.startswith(part)}
            for part in ("adapter.", "head.")
        )
        return cls(adapter, head, metadata)


def version_in(path: Path) -> str:
    """The version that a safetensors file says it is; its bytes are not read, and not held against it.

    Raises:
        OSError, SafetensorError, KeyError: there is no such file, or it says none.
    """
    with safe_open(path, "pt") as file:
        version: str = (file.metadata() or {})["version"]
    return version


def tensors_digest(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> str:
    """The first digits of the SHA-256 over the tensors' bytes, by their names' order, and the metadata but the version.

    Args:
        tensors: on the CPU, contiguous.
        metadata: what is fitted beside them.
    """
    digest = hashlib.sha256()
    for _, tensor in sorted(tensors.items()):
        digest.update(tensor.numpy().tobytes())
    digest.update(json.dumps({**metadata, "version": ""}, sort_keys=True).encode())
    return digest.hexdigest()[:_DIGITS]


def fill(module: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Give the module's parameters the tensors of `state`.

    Raises:
        KeyError: names or shapes differ; the message names the first ones.
    """
    wanted = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in state.items()}
    if wanted != found:
        differ = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
        first = differ[0]
        raise KeyError(f"expected {first} of shape {wanted.get(first)}, got {found.get(first)} ({len(differ)} differ)")
    module.load_state_dict(dict(state))


@contextmanager
def expected(weights: str, recipe: str) -> Iterator[None]:
    """What the block does needs `weights`, which `recipe` makes.

    Raises:
        WeightsError: there is no such file, it is another one, or its tensors have other names or shapes.
    """
    try:
        yield
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise WeightsError(
            f"expected {weights}, got {type(error).__name__}: {str(error)[:300]}; restore the file from the "
            f"repository or train it with `{recipe}`"
        ) from error
