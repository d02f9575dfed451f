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

    `written` is what a language model wrote so far, with the number of its run.
    """

    asked: float = -1.0
    ended: float | None = None
    written: tuple[float | None, Analysis] | None = None

    def ask(self, number: float | None = None) -> None:
        """Let the runs so far end at their next step; the one of this number goes on, where there is one."""
        self.asked = -random() if number is None else number

    @property
    def growing(self) -> Analysis | None:
        """The analysis whose summary the run asked for last is writing."""
        return self.written[1] if self.written and self.written[0] == self.asked else None

    def steps(self, number: float | None, run: Iterator[Step]) -> Iterator[Step]:
        """The steps of a run until another one, or none, is asked for."""
        while self.asked == number:
            step = next(run, None)
            if step is None:
                self.ended = number
                return
            if self.asked == number:  # the step may have taken long
                yield step
