"""No text makes a regular expression slow: each is run on the texts that cost it most."""

import re
import time

import pytest

from tests.attack.patterns_in import Used, patterns
from tests.attack.worst_texts import LENGTH, worst_texts

pytestmark = pytest.mark.slow
LIMIT = 0.2
"""Seconds of a processor's time for `LENGTH` characters, the least of five runs: a busy machine slows most of them."""
SHORT = LENGTH // 10
WORST = 3
"""How many of the texts are tried at the whole length: those that cost most while they are short."""


@pytest.mark.parametrize("used", patterns(), ids=lambda used: used.place)
def test_linear(used: Used) -> None:
    pattern, flags = used.pattern.pattern, used.pattern.flags
    pairs = zip(worst_texts(pattern, flags, SHORT), worst_texts(pattern, flags, LENGTH), strict=True)
    for _, text in sorted(((seconds(used, short), text) for short, text in pairs), reverse=True)[:WORST]:
        assert min(seconds(used, text) for _ in range(5)) < LIMIT, f"{text[:60]!r} … {text[-3:]!r}"


def seconds(used: Used, text: str) -> float:
    start = time.process_time()
    used.run(text)
    return time.process_time() - start


@pytest.mark.parametrize(("pattern", "length"), [(r"\s+$", 8_000), (r"(a+)+b", 20), (r"\b[\w.]+@", 8_000)])
def test_a_slow_one_would_be_found(pattern: str, length: int) -> None:
    used = Used("here", re.compile(pattern), "search")
    assert max(seconds(used, text) for text in worst_texts(pattern, 0, length)) > 0.01
