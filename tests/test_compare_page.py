"""Two articles side by side on the page: kept, compared, taken away, begun anew."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import EXAMPLE, WAIT, download, open_saved, save


@pytest.fixture(scope="module")
def other(address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another example's analysis, as the page saves it."""
    text = (EXAMPLE.parent / "harbour-talks.txt").read_text(encoding="utf-8")
    return save(address, tmp_path_factory.mktemp("other"), text=text)


def test_an_article_is_kept_and_the_next_one_stands_beside_it(
    opened: Page, saved: Path, other: Path, tmp_path: Path, width: int
) -> None:
    analysis = json.loads(saved.read_text(encoding="utf-8"))
    first = analysis["parties"][0]["name"]
    expect(opened.locator("#sl-compare-forget")).to_be_hidden()
    before = opened.locator("#sl-lines li").first.text_content() or ""
    opened.locator('.sl-cell[data-cell="0,0"]').focus()
    opened.keyboard.press("f")  # it counts in the comparison too
    others = (x for x in analysis["stances"] if x["party"] == first and x["paragraph"] != 0)
    favorable = 1 + sum(label["stance"] == "favorable" for label in others)
    expect(opened.locator("#sl-lines li").first).not_to_have_text(before, timeout=WAIT)
    opened.locator("#sl-compare").click()
    expect(opened.locator("#sl-comparison")).to_contain_text("Paste or drop the next article", timeout=WAIT)
    box = opened.locator("#sl-input textarea")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    expect(opened.locator("#sl-compare-csv")).to_be_hidden()
    open_saved(opened, other)
    table = opened.locator("#sl-comparison")
    expect(table).to_contain_text("B: ", timeout=WAIT)
    assert table.locator("thead th").count() == 3 or "no party in common" in table.inner_text()
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert opened.evaluate(fits), f"the page is wider than {width} pixels"
    path = download(opened, "#sl-compare-csv", tmp_path)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert {row["article"] for row in rows} == {"A", "B"}
    (row,) = (row for row in rows if row["party"] == first and row["article"] == "A")
    assert int(row["favorable_author"]) + int(row["favorable_quoted"]) == favorable
    opened.locator("#sl-compare-forget").click()
    expect(table).to_have_count(0)
    expect(opened.locator("#sl-compare-csv")).to_be_hidden()


def test_the_same_article_is_not_set_beside_itself(opened: Page, saved: Path) -> None:
    opened.locator("#sl-compare").click()
    expect(opened.locator("#sl-comparison")).to_be_visible(timeout=WAIT)
    open_saved(opened, saved)
    expect(opened.locator("#sl-input textarea")).not_to_have_value("", timeout=WAIT)  # the file has been read
    expect(opened.locator("#sl-comparison table")).to_have_count(0)


def test_a_title_opens_its_article_again_with_the_readers_labels(opened: Page, other: Path) -> None:
    opened.locator('.sl-cell[data-cell="0,0"]').focus()
    opened.keyboard.press("f")
    line = opened.locator("#sl-lines li").first
    expect(line).to_contain_text("favorably in 1", timeout=WAIT)
    opened.locator("#sl-compare").click()
    titles = opened.locator('#sl-comparison [data-do="kept"]')
    expect(titles).to_have_count(1, timeout=WAIT)
    open_saved(opened, other)
    expect(titles).to_have_count(2, timeout=WAIT)
    names = titles.all_inner_texts()
    heading = opened.locator("#sl-folded h2")
    expect(heading).to_have_text(names[1])
    for place, label in ((0, "Without your labels"), (1, None), (0, "Without your labels")):
        titles.nth(place).click()
        expect(heading).to_have_text(names[place], timeout=WAIT)
        expect(heading).to_be_focused(timeout=WAIT)
        if label:
            expect(line).to_contain_text(label, timeout=WAIT)
            expect(opened.locator("#sl-status")).to_have_text("Your labels: 1")
        expect(titles).to_have_text(names)  # both stay, each under its letter
    opened.locator("#sl-changes button").click()  # undone, and the comparison follows
    expect(line).not_to_contain_text("Without your labels", timeout=WAIT)
    expect(titles).to_have_text(names)


def test_on_a_phone_one_article_stands_below_the_other(
    open_page: Callable[..., Page], saved: Path, address: str, example: str, tmp_path: Path
) -> None:
    page = open_page(360)
    open_saved(page, saved)
    page.locator("#sl-compare").click()
    open_saved(page, save(address, tmp_path, text=f"{example}\n\nNorway thanked Denmark for its patience."))
    table = page.locator("#sl-comparison .scroll")
    expect(table.locator("thead button")).to_have_count(2, timeout=WAIT)
    assert table.evaluate("(table) => table.scrollWidth <= table.clientWidth")
    cells = [cell.bounding_box() for cell in table.locator("tbody tr").first.locator("td").all()]
    assert [cell and cell["width"] > 320 for cell in cells] == [True, True]
    assert cells[0]["y"] + cells[0]["height"] <= cells[1]["y"] + 1  # type: ignore[index]
    letters = "(cells) => cells.map((cell) => getComputedStyle(cell, '::before').content)"
    assert table.locator("tbody tr").first.locator("td").evaluate_all(letters) == ['"A: "', '"B: "']
