"""What this browser remembers: an article that was analyzed comes back after a reload, until it is forgotten."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.conftest import WAIT, open_saved, reload

TITLE = "Denmark should stop hiding behind the harbour master"


def test_an_article_comes_back_after_a_reload_and_is_forgotten(page: Page, saved: Path, example: str) -> None:
    past = page.locator("#sl-history")
    expect(past).to_be_hidden()
    open_saved(page, saved)
    expect(past).to_be_hidden()
    reload(page)
    row = past.get_by_role("button", name=TITLE)
    expect(row).to_be_visible(timeout=WAIT)
    row.click()
    expect(page.locator("#sl-input textarea")).to_have_value(example)
    expect(page.locator("#sl-folded h2")).to_have_text(TITLE, timeout=WAIT)
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    reload(page)
    expect(row).to_be_visible(timeout=WAIT)
    past.get_by_role("button", name="Forget them all").click()
    expect(past).to_be_hidden()
    assert page.evaluate("localStorage.getItem('sidelight:history')") is None


def test_what_waits_in_the_box_is_not_remembered_as_what_is_opened(page: Page, saved: Path, example: str) -> None:
    box = page.locator("#sl-input textarea")
    box.fill("Sweden thanked Norway for its patience on Friday.")
    open_saved(page, saved)
    expect(box).to_have_value("Sweden thanked Norway for its patience on Friday.")
    reload(page)
    page.locator("#sl-history").get_by_role("button", name=TITLE).click()
    expect(box).to_have_value(example)


def test_who_does_not_want_it_is_heeded(page: Page, saved: Path) -> None:
    open_saved(page, saved)
    reload(page)
    past = page.locator("#sl-history")
    past.get_by_label("Remember the last ten articles").uncheck()
    expect(past.get_by_role("listitem")).to_have_count(0)
    open_saved(page, saved)
    reload(page)
    box = past.get_by_label("Remember the last ten articles")
    expect(box).not_to_be_checked(timeout=WAIT)
    expect(past.get_by_role("listitem")).to_have_count(0)
    box.check()
    open_saved(page, saved)
    reload(page)
    expect(past.get_by_role("listitem")).to_have_count(1, timeout=WAIT)
