"""What the machine offers: where to calculate, in which numbers, and how much at once."""

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import torch

from ..errors import DeviceError, MemoryFullError
from ..settings import PRECISIONS
from . import eight_bit

_DTYPES = dict(zip(PRECISIONS, (torch.float32, torch.bfloat16, torch.int8), strict=True))
_BF16 = ("amx_bf16", "avx512_bf16")
_CPU_TOKENS = 2048
_GPU_TOKENS = 65_536
_TOKEN_BYTES = 65_536
"""Memory that a token takes while it is read, in a text of 512: states of 3,072 and 12 rows of attention, twice."""


def processor() -> str:
    """This machine's processor, and which instructions for bf16 it has, where Linux tells."""
    try:
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name"))
    return next(names, platform.machine()) + "".join(f", {flag}" for flag in _BF16 if flag in info)


def choose_device(named: str | None = None) -> torch.device:
    """The device called `named` ("cpu", "cuda", "cuda:1"); None takes a GPU where one works, else the CPU.

    Raises:
        DeviceError: the device that was asked for is not there or does not work.
    """
    try:
        device = torch.device(named or "cuda")
        torch.ones(1, device=device)
    except (RuntimeError, AssertionError, ImportError) as error:  # torch asserts CUDA, and imports torch.hpu for "hpu"
        if named is None:
            return torch.device("cpu")
        raise DeviceError(
            f"expected a device that works, got {named!r}: {str(error).splitlines()[0]}; "
            "set SIDELIGHT_DEVICE or --device to cpu, or leave it out to have one chosen"
        ) from error
    return device


@cache
def fastest_dtype(device: torch.device | None = None) -> torch.dtype:
    """bf16 where `device` multiplies it faster than fp32, measured once (20 ms) on the encoder's own shape.

    A few rows tell first whether bf16 has a kernel at all: torch's own loops, which a CPU without one runs, would take
    ten seconds for the whole shape.
    """
    few, many = 16, 512

    def seconds(dtype: torch.dtype, rows: int) -> float:
        left = torch.ones(rows, 768, dtype=dtype, device=device)
        right = torch.ones(768, 3072, dtype=dtype, device=device)
        best = float("inf")
        for _ in range(4):
            start = time.perf_counter()
            (left @ right)[0, 0].item()  # waits for a GPU
            best = min(best, time.perf_counter() - start)
        return best

    faster = all(
        seconds(torch.bfloat16, rows) < slack * seconds(torch.float32, rows) for rows, slack in ((few, 2), (many, 1))
    )
    return torch.bfloat16 if faster else torch.float32


def encoder_dtype(device: torch.device | None = None, precision: str = "") -> torch.dtype:
    """What encoders calculate in on `device`, one of `settings.PRECISIONS`.

    "" takes bf16 where it is measured to be fast, else int8 where it is exact, else fp32.

    Raises:
        DeviceError: eight bits are asked for, and are not to be had there.
    """
    on_cpu = device is None or device.type == "cpu"
    if precision == "int8" and not (on_cpu and eight_bit.is_exact()):
        raise DeviceError(
            "expected a precision that this machine calculates in, got int8, which takes a CPU with VNNI; "
            "leave SIDELIGHT_PRECISION out to have one chosen"
        )
    if precision:
        return _DTYPES[precision]
    fastest = fastest_dtype(device)
    return torch.int8 if fastest is torch.float32 and on_cpu and eight_bit.is_exact() else fastest


def precision_of(dtype: torch.dtype) -> str:
    """The name of `dtype` in `settings.PRECISIONS`."""
    return next(name for name, known in _DTYPES.items() if known is dtype)


def batch_tokens(device: torch.device) -> int:
    """How many tokens to read at once: on a GPU, what fits into half of its free memory."""
    if device.type != "cuda":
        return _CPU_TOKENS
    free, _ = torch.cuda.mem_get_info(device)
    return max(_CPU_TOKENS, min(_GPU_TOKENS, free // 2 // _TOKEN_BYTES))


@contextmanager
def enough_memory(what: str) -> Iterator[None]:
    """What the block does needs memory; torch says in several ways that there is none left.

    Raises:
        MemoryFullError: there is not enough.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        lacking = isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)
        if not lacking:
            raise
        raise MemoryFullError(
            f"expected enough memory to {what}, the machine has none left; close other programs, or take less: "
            "LLM=none needs no language model"
        ) from error
