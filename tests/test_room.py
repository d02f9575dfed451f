"""How much room things take: none where they are empty, and enough for a finger where they are touched."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import open_saved

GAP = """([above, below]) => {
  const [upper, lower] = [above, below].map((one) => document.querySelector(one).getBoundingClientRect());
  return lower.top - upper.bottom;
}"""
SMALL = """() => [...document.querySelectorAll('.sl a[href^="#sl-p"]')].filter((link) => link.checkVisibility())
  .map((link) => link.getBoundingClientRect()).filter(({ width, height }) => width < 24 || height < 24).length"""


@pytest.mark.usefixtures("width")
def test_nothing_empty_takes_room(page: Page, saved: Path) -> None:
    assert page.evaluate(GAP, ["#sl-examples", "#sl-empty"]) <= 20
    open_saved(page, saved)
    expect(page.locator("#sl-progress")).to_be_hidden()
    assert page.evaluate(GAP, ["#sl-bar", ".block:has(.sl-glance)"]) <= 20


@pytest.mark.usefixtures("width")
def test_links_to_paragraphs_are_large_enough_for_a_finger(opened: Page) -> None:
    assert opened.locator('.sl a[href^="#sl-p"]:visible').count() > 9
    assert opened.evaluate(SMALL) == 0
