"""Twelve parties and two hundred paragraphs: quick to use, nothing wider than the screen, long lists folded."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import open_saved, save

PARTIES = [
    *("Norway", "Denmark", "Sweden", "Bergen", "Copenhagen", "Ann Berg", "Solveig Aakre", "Nordlys Shipping"),
    *("United Nations", "European Union", "Harbour Workers Union", "Liberal Party of Denmark"),
]
STEP = """async (selector) => {
  const start = performance.now();
  document.querySelector(selector).click();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  return performance.now() - start;
}"""


@pytest.fixture(scope="module")
def large(address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The saved analysis of an article with two of the parties in each paragraph."""
    paragraphs = [
        f"{PARTIES[n % 12]} praised {PARTIES[(5 * n + 3) % 12]} for its patience in week {n}." for n in range(200)
    ]
    folder = tmp_path_factory.mktemp("large")
    path = save(address, folder, text="\n\n".join(paragraphs), parties="; ".join(PARTIES))
    analysis = json.loads(path.read_text(encoding="utf-8"))
    for row in analysis["stances"][: 20 * len(PARTIES)]:  # more paragraphs than a party's line has links
        row |= {"stance": "critical", "voice": "author"}
    path.write_text(json.dumps(analysis), encoding="utf-8")
    return path


def test_twelve_parties_and_two_hundred_paragraphs(page: Page, large: Path, width: int) -> None:
    open_saved(page, large)
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(200)
    expect(page.locator("#sl-lines svg")).to_have_count(12)
    for selector in (
        '#sl-party input[value="5"]',
        '.sl-cell[data-cell="150,7"]',
        '.sl-card [data-set="critical"]',
        ".sl-card [data-back]",
    ):
        assert page.evaluate(STEP, selector) < 5000, selector  # a hang, not a slow machine
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    more = page.locator("#sl-lines .sl-more").first
    expect(more.locator("a").first).to_be_hidden()
    more.locator("summary").click()
    link = more.locator("a").first
    link.click()
    expect(page.locator(link.get_attribute("href") or "")).to_be_in_viewport()
    chips = page.locator("#sl-p9 .sl-chip").all()
    tops = {(chip.bounding_box() or {})["y"] for chip in chips}
    assert len(chips) == 12
    assert len(tops) < 12  # they stand beside each other
