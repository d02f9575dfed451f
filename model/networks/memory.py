"""How much memory is kept that is not in use: by glibc (elsewhere nothing happens), and by oneDNN."""

import ctypes
import os
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of mallopt(3)
_KEPT, _LARGEST = 256 << 20, 64 << 20  # bytes; the limits of int are near
_PRIMITIVES, _OLDER_NAME = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64"), "DNNL_PRIMITIVE_CACHE_CAPACITY"
"""How many products oneDNN keeps code and buffers for, one for each number of tokens. By default it is 1,024: over 86
articles 170 MB more."""


def keep_freed() -> None:
    """Keep what is freed, and one heap for all threads; keep few of oneDNN's products, where the user set no number.

    Encoders free and take again some 20 MB with each layer. By default glibc gives that back, and the system clears it
    anew each time: with int8 that took a third of the time. To be called before there are threads, or products.
    """
    if _OLDER_NAME not in os.environ:
        os.environ.setdefault(*_PRIMITIVES)
    if mallopt := _glibc("mallopt"):
        mallopt(_TRIM_THRESHOLD, _KEPT)
        mallopt(_MMAP_THRESHOLD, _LARGEST)
        mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Have glibc give back what is free."""
    if trim := _glibc("malloc_trim"):
        trim(0)


def _glibc(name: str) -> "ctypes._NamedFuncPointer | None":
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None  # musl has neither
