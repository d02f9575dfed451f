"""Whoever reads, by whatever means: no finding of axe-core in light or dark, and everything by keyboard."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.conftest import WAIT, open_saved


def cell(page: Page) -> str | None:
    """The cell of the button that has the focus."""
    return page.evaluate("document.activeElement.dataset.cell ?? null")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe(open_page: Callable[..., Page], saved: Path, theme: str, width: int) -> None:
    page = open_page(width, theme)
    found = findings(page)
    open_saved(page, saved)
    page.get_by_text("Change the parties").click()
    page.locator('.sl-cell[data-cell="2,1"]').click()
    page.locator('.sl-card [data-set="critical"]').click()
    found += findings(page)
    page.get_by_label("Hide Sidelight’s labels").check()
    found += findings(page)
    assert found == []


def findings(page: Page) -> list[tuple[str, str, str]]:
    """All that axe-core finds, best practices too."""
    page.wait_for_function("document.getAnimations().every((one) => !(one instanceof CSSTransition))")  # colors fade
    return [
        (violation["id"], str(node["target"]), node["failureSummary"])
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.usefixtures("width")
def test_the_table_is_one_stop_of_the_tab_key(opened: Page) -> None:
    stops = '[tabindex="0"], #sl-matrix td button:not([tabindex]), #sl-matrix th a:not([tabindex])'
    assert [stop.get_attribute("data-cell") for stop in opened.locator("#sl-matrix").locator(stops).all()] == ["0,0"]
    opened.locator("#sl-matrix tbody a").first.focus()  # not a stop itself
    places = []
    for key in ("Tab", "ArrowRight", "ArrowRight", "ArrowDown", "Home", "End", "ArrowUp", "Control+End", "ArrowLeft"):
        opened.keyboard.press(key)
        places.append(cell(opened))
    assert places == ["0,0", "0,1", "0,1", "1,1", "1,0", "1,1", "0,1", "6,1", "6,0"]
    opened.keyboard.press("Tab")
    assert cell(opened) is None
    opened.keyboard.press("Shift+Tab")
    assert cell(opened) == "6,0"
    opened.keyboard.press("Control+Home")
    assert cell(opened) == "0,0"


@pytest.mark.usefixtures("width")
def test_the_stances_beside_the_article_are_one_stop_of_the_tab_key(opened: Page) -> None:
    opened.locator('.sl-chip[data-cell="0,0"]').focus()
    places = []
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft", "Home", "End", "Tab", "Shift+Tab"):
        opened.keyboard.press(key)
        places.append(cell(opened))
    assert places == ["0,1", "1,0", "0,1", "0,0", "0,1", None, "0,1"]


def test_few_stops_of_the_tab_key_come_before_the_results_and_the_table(opened: Page) -> None:
    opened.evaluate("document.activeElement.blur()")
    opened.locator(".sl-skip").focus()
    at = "document.activeElement.closest('#sl-summary, #sl-lines, #sl-matrix, #sl-article')?.id ?? ''"
    places = []
    while "sl-matrix" not in places:
        opened.keyboard.press("Tab")
        places.append(opened.evaluate(at))
        assert len(places) <= 12, places
    assert next(number for number, place in enumerate(places, 2) if place) <= 6  # the skip link is the first
    assert len(places) + 1 <= 12


def test_what_has_the_focus_has_a_ring_of_its_own(opened: Page) -> None:
    ring = "getComputedStyle(document.activeElement).outline"
    opened.locator('.sl-chip[data-cell="0,0"]').click()
    pressed = opened.locator('.sl-card [data-set="critical"]')
    pressed.click()
    opened.mouse.click(1, 1)
    assert "none" in pressed.evaluate("(button) => getComputedStyle(button).outline")  # chosen looks unlike focused
    for selector in ("[name=sl-party]", "[data-do=mentions]", ".sl-cell", "#sl-totals > summary"):
        opened.keyboard.press("Shift")  # keys are in use
        opened.locator(selector).first.focus()
        assert "solid 3px" in opened.evaluate(ring), selector
    opened.locator("[data-do=edit]").press("Enter")
    expect(opened.locator("#sl-input textarea")).to_be_focused()
    assert "solid 3px" in opened.evaluate(ring)
    inside = opened.evaluate("getComputedStyle(document.activeElement).outlineOffset")
    assert inside == "-3px"  # Gradio cuts off what is around the box


def test_skip_to_the_result(opened: Page) -> None:
    opened.locator(".sl-skip").focus()
    opened.keyboard.press("Enter")
    expect(opened.locator("#sl-folded h2")).to_be_focused()


@pytest.mark.usefixtures("width")
def test_the_head_of_the_result_leads_to_its_end(opened: Page) -> None:
    opened.locator(".sl-skip").focus()
    for key in ("Tab", "Tab", "Enter"):
        opened.keyboard.press(key)
    expect(opened.locator("#sl-compare")).to_be_focused()
    expect(opened.locator("#sl-compare")).to_be_in_viewport()
    expect(opened.locator("#sl-take-csv")).to_be_in_viewport()


def test_a_quotation_is_copied_with_its_place(opened: Page) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = opened.locator("#sl-lines .sl-copy").first
    button.click()
    expect(opened.locator("#sl-folded [role=status]")).to_have_text("Copied.")
    expect(button).to_have_text("Copied.")
    button.click()
    expect(button).to_have_text("Copy")
    copied = opened.evaluate("navigator.clipboard.readText()")
    quoted = opened.locator("#sl-lines li", has=opened.locator(".sl-copy")).locator("q").first.text_content()
    assert copied.startswith(f"“{quoted}” (Denmark should stop hiding behind the harbour master, ¶")


def test_disagree_by_keyboard_alone(opened: Page) -> None:
    opened.locator(".sl-unfolder button").last.focus()
    for key in ("Tab", "ArrowDown", "ArrowRight", "Enter"):
        opened.keyboard.press(key)
    expect(opened.locator("#sl-p2 .sl-card")).to_be_visible()
    assert cell(opened) == "1,1"
    opened.keyboard.press("Tab")
    opened.keyboard.press("Tab")
    expect(opened.locator('.sl-card [data-set="critical"]')).to_be_focused()
    opened.keyboard.press("Space")
    expect(opened.locator('.sl-card [data-set="critical"]')).to_have_attribute("aria-pressed", "true")
    opened.keyboard.press("Escape")
    expect(opened.locator('.sl-cell[data-cell="1,1"]')).to_be_focused()
    expect(opened.locator('.sl-cell[data-cell="1,1"]')).to_have_text("− critical", use_inner_text=True)


def test_named_for_a_screen_reader(opened: Page) -> None:
    assert opened.locator("#sl-matrix table thead th[scope=col]:visible").count() == 3
    assert opened.locator("#sl-matrix table tbody th[scope=row]").count() == 7
    assert opened.locator("#sl-lines svg[role=img]").first.get_attribute("aria-label", timeout=WAIT)
    chip = opened.locator('.sl-chip[data-cell="6,0"]')
    assert chip.inner_text() != chip.text_content()  # the stance is there in words, too
    expect(opened.locator("#sl-status")).to_have_attribute("aria-live", "polite")
    for row in range(7):  # whole, whoever is quoted: "quoted: …" has a colon of its own
        cell_of = opened.locator(f'.sl-cell[data-cell="{row},0"]')
        said = cell_of.get_attribute("data-said") or ""
        assert said.startswith("Denmark: ")
        expect(cell_of).to_have_attribute("aria-label", f"Paragraph {row + 1}, {said}")
