"""The models of the page, loaded behind it: it answers at once, and whoever needs a model waits for it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..pipeline import Analyzer
    from ..settings import RuntimeSettings

SIGN_OF_LIFE = 0.5
"""Seconds between two signs that something is at work; at a sign a reader's stop is heard."""


def load(settings: "RuntimeSettings") -> "Analyzer":
    """`Analyzer.from_settings`; the import of torch, transformers and spaCy is a good part of its time."""
    from ..pipeline import Analyzer

    return Analyzer.from_settings(settings)


class Models:
    """An analyzer that a thread loads once it is started; the thread ends with the process."""

    def __init__(self, load: "Callable[[], Analyzer]") -> None:
        self._load = load
        self._loading: Future[Analyzer] = Future()

    def start(self) -> None:
        """Load them, from now on."""
        threading.Thread(target=self._run, name="models", daemon=True).start()

    def _run(self) -> None:
        try:
            self._loading.set_result(self._load())
        except BaseException as error:
            self._loading.set_exception(error)

    @property
    def analyzer(self) -> "Analyzer":
        """The analyzer, as soon as it is loaded.

        Raises:
            SidelightError: what a setting names cannot be had, as `Analyzer.from_settings` says.
        """
        return self._loading.result()

    def wait(self) -> None:
        """Wait until they are loaded.

        Raises:
            SidelightError: as `analyzer`.
        """
        self._loading.result()

    def waits(self) -> Iterator[None]:
        """A step each half second until they are loaded, or cannot be; none where they are."""
        while not self._loading.done():
            yield
            wait([self._loading], SIGN_OF_LIFE)
