"""What was made lately, kept for whoever asks for the same again."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from cachetools import LRUCache

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """The values of the keys that were asked for last; all threads share them.

    Their sizes, 1 each unless `size` says otherwise, add up to at most `room`; a value larger than that is not kept.
    """

    def __init__(self, room: int, size: Callable[[Value], int] = lambda _: 1) -> None:
        self._room, self._size = room, size
        self._lock = threading.Lock()
        self._values: LRUCache[Key, Value] = LRUCache(room, size)

    def known(self, keys: Iterable[Key]) -> dict[Key, Value]:
        """The values that are kept of `keys`."""
        with self._lock:
            return {key: self._values[key] for key in keys if key in self._values}

    def keep(self, values: Mapping[Key, Value]) -> None:
        """Keep these values."""
        with self._lock:
            self._values.update({key: value for key, value in values.items() if self._size(value) <= self._room})

    def read(self, keys: Sequence[Key], make: Callable[[Sequence[Key]], Iterable[Value]]) -> list[Value]:
        """The value of each key, made by `make` where none is kept."""
        known = self.known(keys)
        missing = [key for key in dict.fromkeys(keys) if key not in known]
        made = dict(zip(missing, make(missing), strict=True))
        self.keep(made)
        known |= made
        return [known[key] for key in keys]

    def forget(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._values.clear()
