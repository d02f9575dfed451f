"""The page as a German reader's browser shows it: no English sentence of ours, and nothing that does not fit."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import EXAMPLE, WAIT, download, judge, open_saved, save, shown
from tests.test_access import findings
from tests.test_strings import ENGLISH, GERMAN, told

SAID = """() => {
  const names = ["aria-label", "title", "placeholder", "alt"];
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (node.nodeType === Node.TEXT_NODE) {
      if (!node.parentElement.closest("script, style")) texts.push(node.data);
    } else texts.push(...names.map((name) => node.getAttribute(name) || ""));
  return texts.map((text) => text.replace(/\\s+/g, " ")).join("\\n");
}"""
"""All that the page says, seen or read aloud."""
LABEL = re.compile(r"[+−=]\s*(wohlwollend|kritisch|neutral) \d+%( unsicher)?|·\s*nicht erwähnt( unsicher)?")


@pytest.fixture
def german(open_page: Callable[..., Page], width: int) -> Page:
    return open_page(width, locale="de-DE")


def looked_at(page: Page) -> None:
    """What holds of the page at each step."""
    said = page.evaluate(SAID)
    assert [piece for piece in told(ENGLISH) if piece in said] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert findings(page) == []


def test_the_whole_path(
    german: Page, address: str, saved: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = german
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#sl-head")).to_contain_text(GERMAN("tagline"))
    expect(page.locator("#sl-empty")).to_contain_text(GERMAN("sample_party"))
    looked_at(page)
    judge(page, "Hello")  # errors are the command line's too: English, and marked as such
    expect(page.locator("#sl-message [lang=en] [role=alert]")).to_contain_text("expected", timeout=WAIT)
    looked_at(page)

    page.get_by_role("button", name=GERMAN("ferry-line")).click()
    shown(page)
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    cells = page.locator("#sl-matrix tbody td:visible").all_inner_texts()
    assert len(cells) == 14
    assert all(LABEL.fullmatch(cell.strip()) for cell in cells)
    expect(page.locator("#sl-lines li").first).to_contain_text(re.compile("in . von 7 Absätzen .*kritisch dargestellt"))
    expect(page.locator("#sl-folded [role=status]")).to_have_text("Die Einordnungen sind da. Absätze: 7, Akteure: 2.")
    expect(page.locator("#sl-p1 .sl-text")).to_have_attribute("lang", "en")
    page.locator("#sl-totals summary").click()
    looked_at(page)

    page.locator('.sl-cell[data-cell="2,1"]').click()
    card = page.locator(".sl-card")
    expect(card).to_contain_text("Wegen: „")
    card.locator('[data-set="critical"]').click()
    expect(page.locator("#sl-changes")).to_contain_text("wohlwollend → kritisch")
    expect(page.locator("#sl-lines")).to_contain_text("Ohne Ihre Einordnungen: in", timeout=WAIT)
    page.get_by_label(GERMAN("disagree_blind")).check()
    looked_at(page)
    page.get_by_label(GERMAN("disagree_blind")).uncheck()

    page.get_by_text(GERMAN("parties_title")).click()
    editor = page.locator("#sl-editor")
    editor.get_by_label("Norway mit einem anderen Akteur zusammenführen").select_option(label="Denmark")
    expect(editor.locator("#sl-chips li")).to_have_count(1)
    page.locator("#sl-parties textarea").fill("Norway\nBrazil")
    looked_at(page)
    page.locator("#sl-again").click()
    expect(page.locator("body")).to_contain_text("Kein Absatz bezieht sich auf „Brazil“.", timeout=WAIT)
    shown(page)
    looked_at(page)

    page.locator("#sl-compare").click()
    expect(page.locator("#sl-comparison")).to_contain_text(GERMAN("compare_next"), timeout=WAIT)
    looked_at(page)
    text = (EXAMPLE.parent / "harbour-talks.txt").read_text(encoding="utf-8")
    open_saved(page, save(address, tmp_path, text=text))
    expect(page.locator("#sl-comparison")).to_contain_text("B: ", timeout=WAIT)
    looked_at(page)
    written = download(page, "#sl-compare-markdown", tmp_path).read_text(encoding="utf-8")
    assert "kommt nicht vor" in written
    assert not re.search(r"favorable|critical|mentioned", written.split("|---|")[1].split("\n\n")[0])

    page.reload()
    expect(page.locator("#sl-history")).to_contain_text(GERMAN("history_title"), timeout=WAIT)
    looked_at(page)


def test_files_for_people_are_german_and_a_table_for_programs_is_not(german: Page, saved: Path, tmp_path: Path) -> None:
    open_saved(german, saved)
    for kind, said in (("html", "<h2>Der Artikel</h2>"), ("csv", "critical"), ("markdown", "kritisch dargestellt")):
        with german.expect_download() as waiting:
            german.locator(f"#sl-take-{kind}").click()
        assert said in waiting.value.path().read_text(encoding="utf-8")


def test_another_language_gets_the_whole_page_in_english(open_page: Callable[..., Page], saved: Path) -> None:
    page = open_page(locale="fr-FR")
    expect(page.locator("#sl-head")).to_contain_text(ENGLISH("tagline"))
    expect(page.locator("#sl-head header")).to_have_attribute("lang", "en")
    open_saved(page, saved)
    expect(page.locator("#sl-lines")).to_contain_text(ENGLISH("lines"))
