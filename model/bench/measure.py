"""Measuring: stages of one comparison take turns, so that a slow moment of the machine meets all of them alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One measured number.

    `group` and `name` say what it is, `unit` its unit; `spread` is the smallest and the largest of
    what `value` is the median of; `bar` is what it should be at most (`<= 0.8`) or at least, "" for none.
    """

    group: str
    name: str
    value: float
    unit: str
    spread: tuple[float, float]
    bar: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the value is on the right side of its bar; None without one."""
        sign, _, limit = self.bar.partition(" ")
        return None if not sign else self.value <= float(limit) if sign == "≤" else self.value >= float(limit)


@dataclass(frozen=True, slots=True)
class Left:
    """A row that could not be measured, and why."""

    name: str
    why: str


def seconds(stages: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """How long each stage takes, round by round, all stages in turn; a first round that is not counted warms up."""
    found: dict[str, list[float]] = {name: [] for name in stages}
    for number in range(rounds + 1):
        for name, stage in stages.items():
            start = time.perf_counter()
            stage()
            if number:
                found[name].append(time.perf_counter() - start)
    return found


def row(group: str, name: str, values: list[float], unit: str, bar: str = "") -> Row:
    """The median of `values` and their range as a row."""
    return Row(group, name, statistics.median(values), unit, (min(values), max(values)), bar)


def ratios(slow: list[float], fast: list[float]) -> list[float]:
    """How many times as long the slow stage took, round by round."""
    return [a / b for a, b in zip(slow, fast, strict=True)]


def resident_megabytes() -> float:
    """The memory that this process holds now, in MB; nan where the system does not say."""
    try:
        fields = Path("/proc/self/status").read_text(encoding="ascii").split()
        return int(fields[fields.index("VmRSS:") + 1]) / 1024
    except (OSError, ValueError):
        return float("nan")
