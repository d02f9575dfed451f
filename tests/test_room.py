"""How much room things take: none where they are empty, and enough for a finger where they are touched."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import WAIT, every_width, open_saved

GAP = """([above, below]) => {
  const [upper, lower] = [above, below].map((one) => document.querySelector(one).getBoundingClientRect());
  return lower.top - upper.bottom;
}"""
SMALL = """() => [...document.querySelectorAll('.sl a[href^="#sl-p"]')].filter((link) => link.checkVisibility())
  .map((link) => link.getBoundingClientRect()).filter(({ width, height }) => width < 24 || height < 24).length"""

INNER = """() => {
  const { scrollHeight, clientHeight } = document.querySelector("#sl-matrix .scroll");
  return scrollHeight - clientHeight;
}"""
"""By how much the table scrolls of its own."""


@every_width
@pytest.mark.usefixtures("width")
def test_nothing_empty_takes_room(page: Page, saved: Path) -> None:
    assert page.evaluate(GAP, ["#sl-examples", "#sl-empty"]) <= 20
    open_saved(page, saved)
    expect(page.locator("#sl-progress")).to_be_hidden()
    assert page.evaluate(GAP, ["#sl-bar", ".block:has(.sl-glance)"]) <= 20


@every_width
@pytest.mark.usefixtures("width")
def test_no_gap_where_the_button_gives_way_to_the_files(page: Page, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(2)]
    for path in paths:
        path.write_text("Norway thanked Sweden for its patience.", encoding="utf-8")
    page.locator("#sl-file input[type=file]").set_input_files(paths)
    expect(page.locator("#sl-file-list li")).to_contain_text(["not analyzed yet"] * 2, timeout=WAIT)
    expect(page.locator("#sl-judge")).to_be_hidden()
    assert page.evaluate(GAP, ["#sl-inputs", "#sl-examples"]) <= 20
    page.locator("#sl-input textarea").fill("Norway")
    expect(page.locator("#sl-judge")).to_be_visible()


@every_width
@pytest.mark.usefixtures("width")
def test_links_to_paragraphs_are_large_enough_for_a_finger(opened: Page) -> None:
    assert opened.locator('.sl a[href^="#sl-p"]:visible').count() > 9
    assert opened.evaluate(SMALL) == 0


def test_the_table_is_folded_on_a_phone_and_lets_the_page_scroll(open_page: Callable[..., Page], saved: Path) -> None:
    page = open_page(360)
    page.locator("#sl-file input[type=file]").set_input_files(saved)
    expect(page.locator("#sl-matrix[data-ready]")).to_be_attached(timeout=WAIT)
    cell = page.locator('.sl-cell[data-cell="3,0"]')
    expect(cell).to_be_hidden()
    page.locator('.sl-chip[data-cell="3,0"]').click()
    expect(page.locator(".sl-card")).to_be_visible()
    page.get_by_text("Table of paragraphs and parties").click()
    expect(cell).to_be_visible()
    assert page.evaluate(INNER) == 0


def test_the_table_scrolls_with_the_page_below_its_head(opened: Page) -> None:
    opened.set_viewport_size({"width": 1280, "height": 300})  # as if there were many paragraphs
    assert opened.evaluate(INNER) == 0
    opened.locator("#sl-matrix tbody tr").nth(5).evaluate("(row) => row.scrollIntoView({ block: 'center' })")
    head = opened.locator("#sl-matrix thead th").first
    assert head.evaluate("(head) => Math.round(head.getBoundingClientRect().top)") in (-1, 0)
    assert head.evaluate("(head) => head.contains(document.elementFromPoint(200, 5))")  # rows pass behind it


def test_key_help_is_for_who_has_keys(browser: Browser, address: str, saved: Path) -> None:
    for phone in (True, False):
        context = browser.new_context(viewport={"width": 800, "height": 800}, has_touch=phone, is_mobile=phone)
        page = context.new_page()
        page.goto(address)
        open_saved(page, saved)
        expect(page.locator(".sl-keys")).to_be_visible(visible=not phone)
        context.close()
