"""A new article ends the work on the older one: what the reader asked for last is what they see."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from model.page.latest_run import LatestRun
from tests.conftest import WAIT, download, judge, loaded, open_saved, save, serve
from tests.scripted import Scripted, answering
from tests.test_page import long

SHORT = "Norway thanked Sweden for its great patience.\n\nSweden was glad of the words of Norway."


@pytest.fixture(scope="module")
def at_work() -> list[str]:
    """The beginnings of the prompts that the language model is answering."""
    return []


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """All prompts that the language model was given."""
    return []


@pytest.fixture(scope="module")
def address(at_work: list[str], asked: list[str]) -> Iterator[str]:
    """The page with a language model that takes two minutes for the example, and is quick with anything else."""

    def reply(self: Scripted, body: dict[str, Any]) -> None:
        self.begin_stream()
        prompt = body["messages"][0]["content"]
        at_work.append(prompt)
        asked.append(prompt)
        try:
            for _ in range(1200 if "Copenhagen" in prompt else 1):
                self.say_piece("The article reports that Norway thanked Sweden. ")
                time.sleep(0.1)
        except OSError:  # nobody listens
            pass
        finally:
            at_work.remove(prompt)

    with answering(reply) as (model, _), serve(LLM=model) as address:
        yield loaded(address)


def until(true: Callable[[], bool]) -> None:
    """Wait until it is so."""
    for _ in range(600):
        if true():
            return
        time.sleep(0.1)
    pytest.fail("expected it to come true within a minute")


def written(page: Page, work: list[str], text: str) -> None:
    """Have the text judged, and wait until its summary is being written."""
    judge(page, text)
    expect(page.locator("#sl-progress")).to_contain_text("writing the summary", timeout=WAIT)
    until(lambda: len(work) == 1)


def results(page: Page, folder: Path) -> str:
    """The text whose results are shown when all work is done."""
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    return str(json.loads(download(page, "#sl-take-json", folder).read_text(encoding="utf-8"))["text"])


def test_while_the_older_summary_is_written(
    open_page: Callable[..., Page], example: str, at_work: list[str], tmp_path: Path
) -> None:
    page = open_page()
    written(page, at_work, example)
    judge(page, SHORT)
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(2, timeout=WAIT)
    assert results(page, tmp_path) == SHORT
    until(lambda: not at_work)
    expect(page.locator("#sl-article")).not_to_contain_text("Copenhagen")


def test_while_the_older_article_is_judged(open_page: Callable[..., Page], example: str, tmp_path: Path) -> None:
    page = open_page()
    page.evaluate("""() => {
      window.rows = [0];
      const note = () => {
        const count = document.querySelectorAll("#sl-matrix tbody tr").length;
        if (count !== rows.at(-1)) rows.push(count);
      };
      new MutationObserver(note).observe(document, { childList: true, subtree: true });
    }""")
    judge(page, long(example, 12))
    expect(page.locator("#sl-progress")).to_contain_text("labeling (paragraphs: 84,", timeout=WAIT)
    judge(page, "Norway and Sweden thanked Denmark for its great patience.")
    judge(page, SHORT)
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(2, timeout=WAIT)
    assert results(page, tmp_path) == SHORT
    rows = page.evaluate("rows")
    assert 84 not in rows
    assert rows.index(2) == len(rows) - 1  # on a slow machine the second article may be shown before the third is asked


def test_other_parties_while_the_summary_is_written(
    open_page: Callable[..., Page], example: str, at_work: list[str], asked: list[str]
) -> None:
    page = open_page()
    asked.clear()
    written(page, at_work, example)
    page.get_by_text("Change the parties").click()
    page.locator("#sl-parties textarea").fill("Sweden")
    page.locator("#sl-again").click()
    head = page.locator("#sl-matrix thead th")
    expect(head).to_have_text(["Paragraph", "Sweden"], timeout=WAIT)
    until(lambda: len(asked) == 2 and len(at_work) == 1)


def test_a_stop_and_an_opened_analysis_end_the_writing(
    open_page: Callable[..., Page], address: str, example: str, at_work: list[str], tmp_path: Path
) -> None:
    saved = save(address, tmp_path, text=SHORT)
    page = open_page()
    written(page, at_work, example)
    page.locator("#sl-stop").click()
    until(lambda: not at_work)
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    expect(page.locator("#sl-summary li").first).to_be_visible()
    written(page, at_work, example)
    open_saved(page, saved)
    until(lambda: not at_work)
    assert results(page, tmp_path) == SHORT


def test_a_stop_leaves_the_queue(open_page: Callable[..., Page], example: str) -> None:
    first, second = open_page(), open_page()
    judge(first, long(example, 20))  # so long that all of this happens while it is judged
    expect(first.locator("#sl-progress")).to_contain_text("labeling (paragraphs: 140,", timeout=WAIT)
    judge(second, SHORT)
    expect(second.locator("#sl-progress")).to_contain_text("queue: 1", timeout=WAIT)
    second.locator("#sl-stop").click()
    expect(second.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    expect(first.locator("#sl-progress")).to_contain_text("labeling (paragraphs: 140,")
    first.locator("#sl-stop").click()
    expect(first.locator("#sl-progress")).to_be_empty(timeout=WAIT)


def test_steps_end_where_another_run_is_asked_for() -> None:
    runs = LatestRun()
    runs.ask(1)
    first = runs.steps(1, iter("abc"))
    assert next(first) == "a"
    runs.ask(2)
    assert list(first) == []
    assert list(runs.steps(1, iter("abc"))) == []
    assert runs.ended is None
    assert list(runs.steps(2, iter("abc"))) == ["a", "b", "c"]
    assert runs.ended == 2
    opened = runs.steps(2, iter("abc"))
    runs.ask()
    assert list(opened) == []
    assert list(runs.steps(runs.asked, iter("abc"))) == ["a", "b", "c"]
