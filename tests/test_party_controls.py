"""The list of parties as controls: each rewrites the text that counts."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import WAIT


@pytest.fixture
def editor(opened: Page) -> Locator:
    """The open list of a page with the example's results."""
    opened.get_by_text("Change the parties").click()
    expect(opened.locator("#sl-chips li")).to_have_count(2, timeout=WAIT)
    return opened.locator("#sl-editor")


def lines(page: Page) -> list[str]:
    return page.locator("#sl-parties textarea").input_value().splitlines()


def names(page: Page) -> list[str]:
    return [line.split(":")[0] for line in lines(page)]


def test_rename_keeps_the_old_name_for_the_text(opened: Page, editor: Locator) -> None:
    name = editor.get_by_label("Name of Denmark")
    name.fill("The Danish government")
    name.press("Enter")
    assert names(opened)[0] == "The Danish government"
    assert "Denmark" in lines(opened)[0].split(":")[1]
    expect(editor.get_by_label("Name of The Danish government")).to_be_visible()


def test_a_button_that_is_clicked_while_a_name_is_typed_is_heard(opened: Page, editor: Locator) -> None:
    editor.get_by_label("Name of Norway").fill("Oslo")
    editor.get_by_role("button", name="Drop Denmark").click()  # the click ends the typing
    assert names(opened) == ["Oslo"]
    expect(editor.get_by_label("Name of Oslo")).to_be_visible()


def test_the_focus_stays_with_the_party_that_was_renamed(opened: Page, editor: Locator) -> None:
    name = editor.get_by_label("Name of Norway")
    name.fill("Oslo")
    name.press("Enter")
    expect(editor.get_by_label("Name of Oslo")).to_be_focused()


def test_merge_split_and_drop(opened: Page, editor: Locator, width: int) -> None:
    editor.get_by_label("Merge Norway with another party").select_option(label="Denmark")
    assert names(opened) == ["Denmark"]
    assert re.search(r"\bNorway\b", lines(opened)[0])
    editor.get_by_role("button", name="Give Norway a line of its own, apart from Denmark").click()
    assert names(opened) == ["Denmark", "Norway"]
    editor.get_by_role("button", name="Drop Denmark").click()
    assert names(opened) == ["Norway"]
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert opened.evaluate(fits), f"the page is wider than {width} pixels"


def test_what_is_dragged_on_another_is_merged(opened: Page, editor: Locator) -> None:
    chips = editor.locator("#sl-chips li")
    chips.nth(1).drag_to(chips.nth(0), source_position={"x": 4, "y": 4})
    expect(chips).to_have_count(1)
    assert names(opened) == ["Denmark"]


def test_words_of_the_article_become_a_party_and_it_is_judged(opened: Page, editor: Locator) -> None:
    opened.evaluate(
        """() => {
          const text = [...document.querySelectorAll(".sl-text *, .sl-text")].flatMap((one) => [...one.childNodes])
            .find((node) => node.nodeType === 3 && node.data.includes("operators"));
          const range = document.createRange();
          range.setStart(text, text.data.indexOf("operators"));
          range.setEnd(text, text.data.indexOf("operators") + "operators".length);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    opened.get_by_role("button", name="Add operators").click()
    assert names(opened) == ["Denmark", "Norway", "operators"]
    editor.locator("#sl-again").click()
    expect(opened.locator("#sl-matrix thead th").nth(3)).to_have_text("operators", timeout=WAIT)
