"""Where links, labels and cells lead in the page, and what stays in its place meanwhile."""

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import WAIT, judged

WATCH = """() => {
  window.places = [];
  window.early = false; // whether the sentences were there before the summary
  const look = () => {
    const lines = document.querySelector(".sl-read #sl-lines");
    const place = lines?.getBoundingClientRect();
    if (lines) places.push([place.left, place.top]);
    if (lines && !document.querySelector("#sl-summary li")) early = true;
    requestAnimationFrame(look);
  };
  look();
}"""
"""Notes, in each frame, where the sentences on the parties begin."""


def test_a_link_to_a_paragraph_works_again(opened: Page, width: int) -> None:
    opened.set_viewport_size({"width": width, "height": 300})  # too low for the link and its paragraph
    link = opened.locator('#sl-summary a[href^="#sl-p"]').last
    for _ in range(2):
        link.click()
        expect(opened.locator(".sl-para:focus")).to_be_in_viewport()
        opened.evaluate("scrollTo(0, 0)")
        expect(opened.locator(".sl-para:focus")).not_to_be_in_viewport()


@pytest.mark.usefixtures("width")
def test_a_cell_leads_to_its_paragraph_and_back(opened: Page) -> None:
    cell = opened.locator('.sl-cell[data-cell="3,1"]')
    cell.click()
    card = opened.locator("#sl-p4 .sl-card")
    expect(card).to_be_visible()
    expect(card).to_contain_text("Norway. Sidelight: ")
    expect(opened.locator("#sl-p4")).to_be_in_viewport()
    expect(opened.get_by_role("radio", name="Norway")).to_be_checked()
    card.get_by_text("Back to the table").click()
    expect(cell).to_be_focused()
    expect(opened.locator(".sl-card")).to_have_count(0)


@pytest.mark.usefixtures("width")
def test_a_label_stays_where_it_is_when_a_panel_above_it_closes(opened: Page) -> None:
    opened.locator('.sl-chip[data-cell="0,0"]').click()
    chip = opened.locator('.sl-chip[data-cell="2,0"]')
    chip.evaluate("(chip) => chip.scrollIntoView({ block: 'center' })")
    place = chip.bounding_box()
    assert place
    chip.click()
    expect(opened.locator("#sl-p3 .sl-card")).to_be_visible()
    opened.wait_for_timeout(300)  # a browser anchors its view a frame later
    assert abs((chip.bounding_box() or place)["y"] - place["y"]) <= 2


def test_the_way_back_is_to_where_the_reader_came_from(opened: Page) -> None:
    chip = opened.locator('.sl-chip[data-cell="2,0"]')
    chip.click()
    expect(opened.locator(".sl-card [data-shut]")).to_be_visible()
    expect(opened.locator(".sl-card [data-back]")).to_have_count(0)
    opened.keyboard.press("Escape")
    expect(opened.locator(".sl-card")).to_have_count(0)
    expect(chip).to_be_focused()
    for opener in (".sl-chip", ".sl-cell"):  # its panel may be open already
        opened.locator(f'{opener}[data-cell="2,0"]').click()
    opened.locator(".sl-card [data-back]").click()
    expect(opened.locator('.sl-cell[data-cell="2,0"]')).to_be_focused()


def test_a_link_in_a_partys_row_colors_the_text_for_it(opened: Page) -> None:
    opened.locator("#sl-lines li", has_text="Norway").locator('a[href^="#sl-p"]').first.click()
    expect(opened.get_by_role("radio", name="Norway")).to_be_checked()
    expect(opened.locator(".sl-chip.sl-chosen").first).to_contain_text("Norway")
    opened.locator("#sl-summary a").first.click()  # of no party
    expect(opened.get_by_role("radio", name="Norway")).to_be_checked()


def test_links_in_a_partys_row_say_which_side_the_paragraph_takes(opened: Page) -> None:
    sides = {"+": "favorable", "−": "critical"}
    for number in range(2):
        links = opened.locator("#sl-lines li").nth(number).locator('a[href^="#sl-p"]:not(q ~ a)')
        told = [(link.inner_text(), link.get_attribute("aria-label") or "") for link in links.all()]
        assert told
        for text, name in told:
            paragraph = int(text[2:])
            assert name.casefold() == f"paragraph {paragraph}, {sides[text[0]]}"
            cell = opened.locator(f'.sl-cell[data-cell="{paragraph - 1},{number}"]')
            assert sides[text[0]] in cell.inner_text()


def test_the_sentences_on_the_parties_stay_where_they_are_as_the_run_ends(page: Page, example: str) -> None:
    for day in range(4):  # on a busy machine both may come within one frame
        page.reload()
        page.evaluate(WATCH)
        judged(page, f"{example}\n\nIt had rained for {day + 2} days.")
        expect(page.locator("#sl-progress")).to_be_hidden(timeout=WAIT)
        page.wait_for_timeout(300)  # what goes with it has gone
        if page.evaluate("early"):
            break
    assert page.evaluate("early")
    for seen in zip(*page.evaluate("places"), strict=True):  # from the left, and from the top
        assert max(seen) - min(seen) < 8
