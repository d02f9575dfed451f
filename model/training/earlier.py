"""Weights of earlier runs, to go on from: one run's, or the mean of several (a model soup)."""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from ..errors import WeightsError
from ..networks.checkpoint import TrainedFile
from ..networks.lora import LowRankLinear, adapter_state
from .loop import fill, trainable


def take_up(paths: Sequence[Path], network: nn.Module, head: nn.Module) -> str:
    """Give the `trainable` parameters the mean of files that `save_weights` wrote; returns the files' versions.

    A tensor of a head that has grown is widened with zeros; one that was larger, or that the files lack, stays as it
    is. Of a file with another kind of head, one that has tensors which `head` lacks, only the adapters are taken.

    The mean (https://arxiv.org/abs/2203.05482) is that of the updates `B A`, not of their factors, as near as adapters
    of the network's rank come to it. Without files nothing is done, and "none" returned.

    Raises:
        WeightsError: there is no such file, it is of another network or head, or, alone, of another rank.
    """
    if not paths:
        return "none"
    files = [_read(path) for path in paths]
    named = ", ".join(map(str, paths))
    values = []
    own = adapter_state(network).keys()
    try:
        if not all(own <= file.adapter.keys() for file in files):  # a file may have further layers
            raise KeyError("other layers")
        for name, module in network.named_modules():
            if isinstance(module, LowRankLinear):
                down = torch.cat([file.adapter[f"{name}.A"] for file in files])
                up = torch.cat([file.adapter[f"{name}.B"] for file in files], dim=1) / len(files)
                if len(files) > 1:
                    up, down = nearest(up, down, module.A.shape[0])
                values += [down, up / module.scale]  # B is written with the scale in it
        for name, parameter in head.named_parameters():
            tensors = [_widened(_head_of(file, head).get(name), parameter) for file in files]
            values.append(torch.stack(tensors).mean(dim=0))
        versions = [file.metadata["version"] for file in files]
    except (KeyError, RuntimeError) as error:
        raise WeightsError(
            f"expected weights of this network and head in {named}, got {type(error).__name__}: {error}; name files "
            "that this recipe wrote"
        ) from error
    parameters = trainable(network, head)
    if [value.shape for value in values] != [parameter.shape for parameter in parameters]:
        raise WeightsError(
            f"expected weights of this rank and head in {named}, got others; train them with this recipe"
        )
    fill(parameters, values)
    return "+".join(versions)


def other_file(out: Path, earlier: Sequence[Path]) -> Path:
    """`out`, unless it is one of `earlier`, which is not written over.

    Raises:
        WeightsError: it is.
    """
    if out.resolve() in [path.resolve() for path in earlier]:
        raise WeightsError(f"expected a file to write that is none of --earlier, got {out}; name another with --out")
    return out


def nearest(up: Tensor, down: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Factors `(out, rank)` and `(rank, in)` of the matrix of that rank that is nearest to `up @ down`.

    By Eckart and Young (https://doi.org/10.1007/BF02288367); each factor gets the root of the singular values.
    """
    (left, in_left), (right, in_right) = torch.linalg.qr(up), torch.linalg.qr(down.T)
    u, sizes, v = torch.linalg.svd(in_left @ in_right.T)
    roots = sizes[:rank].sqrt()
    return left @ (u[:, :rank] * roots), (roots[:, None] * v[:rank]) @ right.T


def _head_of(file: TrainedFile, head: nn.Module) -> dict[str, Tensor]:
    return file.head if file.head.keys() <= head.state_dict().keys() else {}


def _widened(tensor: Tensor | None, wanted: Tensor) -> Tensor:
    if tensor is None:
        return wanted.detach()
    wide = torch.zeros_like(wanted)
    if tensor.dim() != wide.dim() or any(a > b for a, b in zip(tensor.shape, wide.shape, strict=True)):
        return wanted.detach()
    wide[tuple(slice(0, size) for size in tensor.shape)] = tensor
    return wide


def _read(path: Path) -> TrainedFile:
    try:
        return TrainedFile.read(path)
    except (OSError, SafetensorError, ValueError) as error:
        raise WeightsError(
            f"expected weights of an earlier run in {path}, got {type(error).__name__}: {error}; "
            "name a file that this recipe wrote"
        ) from error
