"""Memory that is free goes back to the system."""

import ctypes
import sys


def give_back() -> None:
    """Have glibc give back what is free: it keeps it in pieces, in a heap for each thread."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):  # musl has none
        trim(0)
