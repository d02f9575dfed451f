"""When memory that is free goes back to the system. All of it is for glibc; elsewhere nothing happens."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of mallopt(3)
_KEPT, _LARGEST = 256 << 20, 64 << 20  # bytes; the limits of int are near


def keep_freed() -> None:
    """Keep what is freed, and one heap for all threads.

    Encoders free and take again some 20 MB with each layer. By default glibc gives that back, and the system clears it
    anew each time: with int8 that took a third of the time. To be called before there are threads.
    """
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
