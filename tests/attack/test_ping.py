"""While the worst allowed articles are read, the page answers others within a second, and the reading ends."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from model.domain import Analysis, Article, Summary
from model.errors import ArticleError
from model.page.api import LONGEST_RUN, in_time
from model.page.strings import ENGLISH
from tests.attack import WHOLE, figure
from tests.attack.served import Served, called, heard, joined, real_models, served
from tests.attack.test_door import ask
from tests.attack.worst_articles import PARTIES, REQUESTED, SHAPES
from tests.conftest import EXAMPLE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(14_400 if WHOLE else 300)]
WITHIN = 1.0
"""Seconds until an answer, for 99 of 100."""
MEMORY = 1.5
"""Times the most memory that an ordinary article takes."""
_BETWEEN = 0.1
"""Seconds from one ping to the next."""
_SHORT = 20.0
"""Seconds of a reading that leaves no time for a hundred pings: then none may be late."""


def on_page(page: Served, text: str, parties: str) -> str:
    return heard(page, joined(page, "judge_again", [parties, None, text, None, None, 0.5]))


def most_memory(page: Served) -> float:
    """In MB, so far."""
    status = Path(f"/proc/{page.process.pid}/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1000


def pinged(page: Served, reading: Callable[[], str]) -> tuple[str, float, list[float]]:
    """What is answered, after how long, and how long each ping took meanwhile."""
    pings: list[float] = []
    with ThreadPoolExecutor(1) as pool:
        start = time.monotonic()
        answer = pool.submit(reading)
        while not answer.done():
            asked = time.monotonic()
            assert ask(page.address, "/")[0] == 200
            pings.append(time.monotonic() - asked)
            time.sleep(_BETWEEN)
        return answer.result(), time.monotonic() - start, sorted(pings)


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """Others that keep a core busy each until the block ends."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


@pytest.mark.parametrize("way", [on_page, *([called] if WHOLE else [])], ids=["page", "program"][: 1 + WHOLE])
@pytest.mark.parametrize(
    ("quick", "others"),
    [(True, 0), (True, 2), (False, 0)] if WHOLE else [(True, 0)],
    ids=["quick", "busy", "real"] if WHOLE else ["quick"],
)
def test_others_are_answered(tmp_path: Path, quick: bool, others: int, way: Callable[..., str]) -> None:
    """All shapes without what the encoder calculates, as torch holds nobody up in that time; two with it.

    Two also while other processes keep both cores busy.
    """
    parties = REQUESTED if WHOLE else "; ".join(PARTIES[-8:])  # with all of them it takes two minutes
    two = ["short paragraphs", *(["paragraphs"] if WHOLE else [])]
    shapes = list(SHAPES) if WHOLE and quick and not others else two
    quickly = {"QUICK": "1"} if quick else {}
    with busy_processes(others), served(tmp_path, "", **real_models(), **quickly) as page:
        way(page, EXAMPLE.read_text(encoding="utf-8"), "")
        ordinary = most_memory(page)
        for shape in shapes:
            answer, seconds, pings = pinged(page, lambda shape=shape: way(page, SHAPES[shape](), parties))  # type: ignore[misc]
            late = sum(ping > WITHIN for ping in pings)
            most = most_memory(page) / ordinary
            figure(
                f"{shape}: {seconds:.0f} s, {len(pings)} pings, {late} late, the last {pings[-1]:.2f} s, "
                f"99 of 100 in {pings[int(0.99 * len(pings))]:.2f} s; {most:.2f} times {ordinary:.0f} MB"
            )
            refused = "expected " in answer or ENGLISH("language") in answer
            assert "Ann Berg" in answer or refused
            assert len(pings) >= 100 or refused or seconds < _SHORT
            assert late <= len(pings) / 100
            assert seconds < LONGEST_RUN
            assert most < MEMORY
        assert page.process.poll() is None
    assert "Traceback" not in page.logged()


def test_a_reading_without_end_is_refused() -> None:
    clock = iter(range(0, 100_000, 600))
    steps = iter([Analysis(Article("x", ()), (), (), Summary(()))] * 9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("model.page.api.time", SimpleNamespace(monotonic=lambda: next(clock)))
        read = in_time(steps)
        assert [next(read) for _ in range(4)]
        with pytest.raises(ArticleError, match="expected an article that is read within 30 minutes"):
            next(read)
