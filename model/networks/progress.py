"""One bar at a time, with words, and only where somebody sees it; none of the libraries' own."""

from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm
from transformers.utils import logging


def progress(total: int, what: str) -> "tqdm[None]":
    """A bar over `total` bytes where standard error is a terminal."""
    return tqdm(total=total, unit="B", unit_scale=True, desc=what, disable=None)


@contextmanager
def without_bars() -> Iterator[None]:
    """Keep transformers' own bars ("Loading weights") from showing within."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
