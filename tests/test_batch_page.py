"""Several files dropped at once: a list with progress, one export, each opened on the page, some side by side."""

import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import EXAMPLE, WAIT, download, open_saved
from tests.test_page import long

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
NAMES = ("ferry.txt", "broken.pdf", "harbour.txt")
TITLE = "Denmark should stop hiding behind the harbour master"


@pytest.fixture
def sized(open_page: Callable[..., Page], width: int) -> Page:
    """The page on a phone and on a laptop."""
    return open_page(width)


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Two articles and, between them, what is none."""
    (tmp_path / NAMES[0]).write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / NAMES[1]).write_bytes(b"%PDF-1.7\n1 0 obj << /Type /Catalog")
    other = (EXAMPLE.parent / "harbour-talks.txt").read_text(encoding="utf-8")
    (tmp_path / NAMES[2]).write_text(other, encoding="utf-8")
    return [tmp_path / name for name in NAMES]


def drop(page: Page, paths: list[Path]) -> None:
    page.locator("#sl-file input[type=file]").set_input_files(paths)


def rows(page: Page, *states: str) -> None:
    """Wait until the files are in these states."""
    for number, state in enumerate(states):
        expect(page.locator("#sl-file-list li").nth(number)).to_have_attribute("data-state", state, timeout=2 * WAIT)


def test_three_files_one_of_them_bad(sized: Page, paths: list[Path], tmp_path: Path) -> None:
    page = sized
    box = page.locator("#sl-input textarea")
    drop(page, paths)
    rows(page, "waiting", "failed", "waiting")
    expect(page.locator("#sl-files-start")).to_be_visible()
    expect(page.locator("#sl-judge")).to_be_hidden()  # there is nothing in the box
    box.fill("Typed before.")
    expect(page.locator("#sl-judge")).to_be_visible()
    listed = page.locator("#sl-file-list li")
    expect(listed.nth(1)).to_contain_text("broken.pdf: expected a readable .pdf file")
    expect(page.locator("#sl-files-csv")).to_be_hidden()
    expect(page.locator("#sl-files-compare")).to_be_hidden()
    page.locator("#sl-files-start").click()
    rows(page, "done", "failed", "done")
    expect(page.locator("#sl-file-list [role=status]")).to_have_text("Analyzed: 2 of 3 files. Without an analysis: 1.")
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    expect(page.locator("#sl-files-start")).to_be_hidden()
    expect(listed.first).to_have_text(f"ferry.txt: {TITLE} paragraphs: 7, parties: 2")
    expect(box).to_have_value("Typed before.")
    assert page.evaluate(FITS)

    path = download(page, "#sl-files-csv", tmp_path)
    assert path.name == f"sidelight-files-{date.today().isoformat()}.csv"
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert list(table[0])[:4] == ["file", "title", "paragraph", "party"]
    assert {row["file"] for row in table} == {"ferry.txt", "harbour.txt"}
    assert {row["title"] for row in table if row["file"] == "ferry.txt"} == {TITLE}

    page.get_by_role("button", name=TITLE).click()
    heading = page.locator("#sl-folded h2")
    expect(heading).to_have_text(TITLE, timeout=WAIT)
    expect(heading).to_be_focused()
    expect(page.locator("#sl-article .sl-para")).to_have_count(7)
    expect(page.locator("#sl-summary")).to_be_in_viewport()
    expect(box).to_have_value("Typed before.")
    box.evaluate("(box) => { box.value = ''; box.dispatchEvent(new Event('input')); }")
    page.locator("#sl-files > button").click()  # the list was folded
    page.get_by_role("button", name=TITLE).click()
    expect(box).to_have_value(re.compile(TITLE), timeout=WAIT)
    page.wait_for_function("localStorage.getItem('sidelight:history')")
    assert page.evaluate("JSON.parse(localStorage.getItem('sidelight:history'))[0].title") == TITLE

    page.locator("#sl-files > button").click()  # the list was folded
    page.locator("#sl-files-compare").click()
    expect(page.locator("#sl-comparison h2")).to_be_focused(timeout=WAIT)
    expect(page.locator("#sl-comparison")).to_contain_text(TITLE)
    expect(page.locator("#sl-compare-csv")).to_be_visible()
    assert page.evaluate(FITS)

    page.locator("#sl-files-clear").click()
    expect(page.locator("#sl-files")).to_be_hidden()
    expect(heading).to_have_text(TITLE)


def test_stop_keeps_what_is_done(page: Page, paths: list[Path], example: str) -> None:
    paths[0].write_text(long(example, 6), encoding="utf-8")
    drop(page, paths)
    rows(page, "waiting", "failed", "waiting")
    page.locator("#sl-files-start").click()
    expect(page.locator("#sl-progress")).to_contain_text("File 1, ferry.txt: ", timeout=WAIT)
    rows(page, "analyzing", "failed", "waiting")
    page.locator("#sl-stop").click()
    expect(page.locator("#sl-progress")).to_contain_text("Stopping after this file")
    rows(page, "done", "failed", "waiting")
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    rows(page, "done", "failed", "waiting")
    page.locator("#sl-files-start").click()
    rows(page, "done", "failed", "done")


def test_another_article_ends_the_list(page: Page, paths: list[Path], saved: Path, example: str) -> None:
    paths[0].write_text(long(example, 12), encoding="utf-8")
    drop(page, [*paths, saved])
    rows(page, "waiting", "failed", "waiting", "done")
    page.locator("#sl-files-start").click()
    rows(page, "analyzing")
    page.get_by_role("button", name=TITLE).click()  # the list goes on
    expect(page.locator("#sl-folded h2")).to_have_text(TITLE, timeout=WAIT)
    expect(page.locator("#sl-progress")).to_contain_text("File 1, ferry.txt: ")
    page.locator("[data-do=edit]").click()
    page.locator("#sl-input textarea").fill("Norway thanked Sweden for its great patience.")
    page.locator("#sl-judge").click()
    expect(page.locator("#sl-article .sl-para")).to_have_count(1, timeout=WAIT)
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    page.locator("#sl-files > button").click()
    rows(page, "waiting", "failed", "waiting", "done")


def test_one_file_is_as_ever(page: Page, paths: list[Path], saved: Path) -> None:
    drop(page, paths[:1])
    expect(page.locator("#sl-input textarea")).to_have_value(re.compile(TITLE), timeout=WAIT)
    expect(page.locator("#sl-files")).to_be_hidden()
    open_saved(page, saved)
    expect(page.locator("#sl-files")).to_be_hidden()


DROP = """() => {
  const dataTransfer = new DataTransfer();
  const files = { "large.txt": "x".repeat(5_500_000), "a.txt": "Norway ".repeat(9), "b.txt": "Oslo ".repeat(9) };
  for (const [name, text] of Object.entries(files)) dataTransfer.items.add(new File([text], name));
  const target = document.querySelector("#sl-file input[type=file]").closest("button");
  target.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
}"""


def test_the_others_go_on_where_a_file_is_not_taken(page: Page, paths: list[Path], tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    drop(page, [*paths, tmp_path / "picture.png"])
    expect(page.locator("body")).to_contain_text(".pdf, .json allowed", timeout=WAIT)
    rows(page, "waiting", "failed", "waiting")
    (tmp_path / "large.txt").write_text("word " * 1_100_000, encoding="utf-8")
    drop(page, [*paths, tmp_path / "large.txt"])
    refused = page.locator("#sl-refused")
    expect(refused).to_contain_text("got large.txt of 5.5 MB")
    rows(page, *["waiting", "failed", "waiting"] * 2)
    drop(page, paths[:1])
    expect(refused).to_be_empty()
    expect(page.locator("#sl-input textarea")).to_have_value(re.compile(TITLE), timeout=WAIT)
    page.evaluate(DROP)
    expect(refused).to_contain_text("got large.txt of 5.5 MB")
    rows(page, *["waiting", "failed", "waiting"] * 2, "waiting", "waiting")
    expect(page.locator("#sl-file-list li").last).to_contain_text("b.txt")


def test_too_many_are_refused(page: Page, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(21)]
    for path in paths:
        path.write_text("Norway thanked Sweden for its great patience.", encoding="utf-8")
    drop(page, paths)
    told = "Expected at most 20 files in the list, got 21: drop fewer, or clear the list."
    expect(page.locator("#sl-refused")).to_have_text(told)
    drop(page, paths[:12])
    rows(page, *["waiting"] * 12)
    drop(page, paths[12:])
    expect(page.locator("#sl-message [role=alert]")).to_have_text(told, timeout=WAIT)
    expect(page.locator("#sl-file-list li")).to_have_count(12)
