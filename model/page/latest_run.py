"""One reader's runs: what they asked for last is what they want to see, so the runs before it end."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import random
from typing import TypeVar

from ..domain import Analysis

Step = TypeVar("Step")


@dataclass
class LatestRun:
    """The number of the run that a reader asked for last, below 0 for none, and of the last that came to its end.

    `partial` says that what is shown is not whole, `unwritten` that it is, but a language model has not yet done all
    that it can for it. `counted` says that an article counts for the rate already, for it was read from a file or a
    link, and has not been judged yet.
    """

    asked: float = -1.0
    ended: float | None = None
    unwritten: bool = False
    partial: bool = False
    counted: bool = False
    _grown: tuple[float, Analysis] | None = None

    def ask(self, number: float | None = None) -> None:
        """Let the runs so far end at their next step; the one of this number goes on, where there is one.

        Without a number nothing more is written by itself.
        """
        self.asked = -random() if number is None else number
        self.unwritten = self.unwritten and number is not None
        self._grown = None  # an analysis is not to stay in memory

    def shows(self, number: float, *, partial: bool = False, unwritten: bool = False) -> None:
        """Note what the run of this number shows from now on, unless another is asked for: its steps are dropped."""
        if self.asked == number:
            self.partial, self.unwritten = partial, unwritten

    @property
    def growing(self) -> Analysis | None:
        """What the language model has made so far of the analysis that is shown, while it is at work on it."""
        return self._grown[1] if self._grown and self._grown[0] == self.asked else None

    def grow(self, number: float, grown: Analysis | None) -> None:
        """Keep what the run of this number has made so far, None as it ends; nothing where another is asked for."""
        if self.asked == number:
            self._grown = (number, grown) if grown else None

    def steps(self, number: float | None, run: Iterator[Step]) -> Iterator[Step]:
        """The steps of a run until another one, or none, is asked for."""
        while self.asked == number:
            step = next(run, None)
            if step is None:
                self.ended = number
                return
            if self.asked == number:  # the step may have taken long
                yield step
