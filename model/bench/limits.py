"""The machine's own limits: how fast torch multiplies matrices, and how fast memory is read."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from ..networks.eight_bit import EightBitLinear
from .measure import seconds

_SHAPES = ((2048, 768, 3072), (2048, 3072, 768), (4096, 4096, 4096))
_OPERATIONS = 3e11
"""Each shape is multiplied so often that it takes these: one product alone lasts some milliseconds, timed by chance."""
_BYTES = 256 << 20  # more than most caches hold


@dataclass(frozen=True, slots=True)
class Product:
    """Products of matrices to time, and their floating-point operations: 2 for each multiply-add."""

    run: Callable[[], object]
    operations: float


def fastest_product(dtype: torch.dtype, rounds: int) -> Product:
    """The product that torch does at the highest rate: the encoder's two largest ones, or a large square one."""
    products = {}
    for rows, inner, columns in _SHAPES:
        operations = 2.0 * rows * inner * columns
        times = max(1, round(_OPERATIONS / operations))
        run = partial(_repeat, _multiplying(dtype, rows, inner, columns), times)
        products[f"{rows}, {inner}, {columns}"] = Product(run, operations * times)
    taken = seconds({name: product.run for name, product in products.items()}, rounds)
    best = max(products, key=lambda name: products[name].operations / statistics.median(taken[name]))
    return products[best]


def _multiplying(dtype: torch.dtype, rows: int, inner: int, columns: int) -> Callable[[], object]:
    if dtype is torch.int8:
        eight = EightBitLinear(torch.nn.Linear(inner, columns))
        return partial(eight.multiply, torch.randint(0, 256, (rows, inner), dtype=torch.uint8))
    left, right = torch.rand(rows, inner).to(dtype), torch.rand(columns, inner).to(dtype)
    return partial(torch.nn.functional.linear, left, right)


def _repeat(product: Callable[[], object], times: int) -> None:
    for _ in range(times):
        product()


def memory_rates(rounds: int) -> list[float]:
    """Bytes a second that are read from memory to be added up, by round."""
    line = torch.ones(_BYTES // 4)
    return [_BYTES / time for time in seconds({"sum": line.sum}, rounds)["sum"]]


def encoder_operations(lengths: Sequence[int], hidden: int = 768, wide: int = 3072, layers: int = 12) -> float:
    """Floating-point operations to read texts of these lengths, in tokens, without any padding.

    A layer has four products by hidden × hidden, two by hidden × wide, and the two of attention.
    """
    dense = 2 * (4 * hidden * hidden + 2 * hidden * wide)
    return float(layers * sum(length * dense + 4 * length * length * hidden for length in lengths))
