"""The page in a real browser, with the real models, as a reader uses it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import WAIT, download, judge, judged, open_saved, shown

STOPS = """(margins) => margins.map((margin) =>
  [...margin.querySelectorAll('[tabindex="0"]')].filter((chip) => chip.checkVisibility()).length)"""
"""How many stops of the Tab key each margin has."""
LABEL = re.compile(r"[+−=]\s*(favorable|critical|neutral) \d+%( unsure)?|·\s*absent( unsure)?")


def test_paste_judge_and_see_all(page: Page, example: str, width: int) -> None:
    page.locator("#sl-input textarea").fill(example)
    page.locator("#sl-input textarea").press("Control+Enter")
    shown(page)
    assert page.locator("#sl-matrix thead th").all_inner_texts()[:3] == ["Paragraph", "Denmark", "Norway"]
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(7)
    cells = page.locator("#sl-matrix tbody td:visible").all_inner_texts()
    assert all(LABEL.fullmatch(cell.strip()) for cell in cells)
    assert 3 <= page.locator("#sl-summary li").count() <= 5
    expect(page.locator("#sl-summary li").first).to_contain_text("¶")
    expect(page.locator("#sl-lines li:visible")).to_have_count(2)
    expect(page.locator("#sl-lines svg:visible")).to_have_count(2)
    expect(page.locator("#sl-totals tbody tr:not(.sl-minor)")).to_have_count(2)
    expect(page.locator("#sl-article .sl-para")).to_have_count(7)
    assert "Photo: Nordlys Press" in page.locator("#sl-article .sl-aside").all_inner_texts()[1]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#sl-summary a").last.click()
    expect(page.locator("#sl-article .sl-para:focus")).to_be_in_viewport()
    assert "/?__theme=light#sl-p" in page.url


def test_asked_before_the_button_is_there(page: Page, example: str) -> None:
    box = page.locator("#sl-input textarea")
    box.fill(example)
    page.evaluate("""() => {
      window.button = document.querySelector("#sl-judge");
      window.row = button.parentElement;
      button.remove();
    }""")
    box.press("Control+Enter")
    page.evaluate("row.prepend(button)")
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(7, timeout=WAIT)


@pytest.mark.usefixtures("width")
def test_hover_or_tap_a_stance_in_the_margin(opened: Page) -> None:
    chip = opened.locator('.sl-chip[data-cell="6,1"]')
    share = re.compile(r"Norway: favorable \d+%,.* author’s voice( \(.*\d+%\))?")
    assert share.fullmatch(chip.get_attribute("title") or "")
    chip.click()
    card = opened.locator("#sl-p7 .sl-card")
    expect(card).to_contain_text(re.compile(r"Norway\. Sidelight: favorable \d+%,.* author’s voice"))
    expect(card).to_contain_text("Because of: “")
    chip.click()
    expect(card).to_have_count(0)


@pytest.mark.usefixtures("width")
def test_choose_a_party(opened: Page) -> None:
    opened.get_by_role("radio", name="Norway").check()
    marks = opened.locator("#sl-article .sl-mention")
    expect(marks.filter(has_text="Norway").first).to_be_visible()
    assert not {"Denmark", "Copenhagen"} & set(marks.all_inner_texts())
    expect(opened.locator(".sl-chip.sl-chosen")).to_have_text([re.compile("Norway")] * 7)
    opened.get_by_label("Underline mentions").uncheck()
    expect(marks).to_have_count(0)


def test_evidence_stands_for_each_stance(opened: Page) -> None:
    for number, name in enumerate(("Denmark", "Norway")):
        opened.get_by_role("radio", name=name).check()
        for paragraph in range(7):
            stance = opened.locator(f'.sl-chip[data-cell="{paragraph},{number}"]').get_attribute("data-said") or ""
            stance = stance.split(" (")[0]  # behind it are the other stances
            shaded = opened.locator(f"#sl-p{paragraph + 1} .sl-text").locator(".favorable, .critical")
            taken = "favorable" in stance or "critical" in stance
            assert ("author’s voice" in stance or "quoted" in stance) is taken
            assert bool("".join(shaded.all_inner_texts())) is taken


def test_change_the_parties(opened: Page) -> None:
    before = opened.locator('[data-cell="0,0"].sl-cell').inner_text()
    opened.get_by_text("Change the parties").click()
    names = opened.locator("#sl-parties textarea")
    expect(names).to_have_value(re.compile("Denmark: .*Copenhagen"), timeout=WAIT)
    denmark = names.input_value().split("\n")[0].split(": ")[1]
    names.fill(f"Kingdom of Denmark: Denmark, {denmark}\nSweden\nBrazil")
    opened.locator("#sl-again").click()
    head = opened.locator("#sl-matrix thead th")
    expect(head.nth(1)).to_have_text("Kingdom of Denmark", timeout=WAIT)
    assert head.all_inner_texts() == ["Paragraph", "Kingdom of Denmark", "Sweden", "Brazil"]
    expect(opened.locator("body")).to_contain_text("No paragraph refers to “Brazil”")
    sweden = opened.locator("#sl-matrix tbody tr td:nth-child(3)").all_inner_texts()
    assert ["absent" in cell for cell in sweden] == [True, True, True, True, True, False, True]
    after = opened.locator('[data-cell="0,0"].sl-cell').inner_text()
    share = re.compile(r"\d+%")  # it may move: Norway is read by name now
    assert share.sub("", after) == share.sub("", before)


def test_merge_split_and_drop(open_page: Callable[..., Page], saved: Path) -> None:
    page = open_page()
    open_saved(page, saved)
    page.get_by_text("Change the parties").click()
    head = page.locator("#sl-matrix thead th")
    absent: list[bool] = []
    for lines, parties, named in (
        ("Both sides: Denmark, Copenhagen, Norway, Oslo", ["Both sides"], ()),
        ("Denmark\nCopenhagen\nNorway: Oslo", ["Denmark", "Copenhagen", "Norway"], ()),
        ("Copenhagen", ["Copenhagen"], (0, 4)),
        ("Gothenburg", ["Gothenburg"], (5,)),
    ):
        page.locator("#sl-parties textarea").fill(lines)
        page.locator("#sl-again").click()
        expect(head).to_have_text(["Paragraph", *parties], timeout=WAIT)
        expect(page.locator("#sl-take-csv")).to_be_visible(timeout=WAIT)
        absent = ["absent" in cell for cell in page.locator("#sl-matrix tbody td:visible").all_inner_texts()]
        assert not any(absent[paragraph] for paragraph in named)
    assert absent.count(True) >= 4


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("Denmark\nNorway\n denmark ", "expected each party once, got 'denmark' twice"),
        ("Denmark\n: Norwegian, Oslo", "expected a party's name before the colon, got ': Norwegian, Oslo'"),
        ("\n".join(f"Ferry {n}" for n in range(25)), "expected at most 24 parties, got 25"),
    ],
)
def test_a_slip_in_the_list_keeps_results_and_labels(opened: Page, lines: str, message: str) -> None:
    opened.locator('.sl-cell[data-cell="0,1"]').focus()
    opened.keyboard.press("f")
    table = opened.locator("#sl-matrix tbody").inner_text()
    opened.get_by_text("Change the parties").click()
    opened.locator("#sl-parties textarea").fill(lines)
    opened.locator("#sl-again").click()
    expect(opened.locator("#sl-message [role=alert]")).to_contain_text(message, timeout=WAIT)
    expect(opened.locator("#sl-message [role=alert]")).to_be_in_viewport()
    opened.locator("#sl-again").click()  # from far below, and the message is the same
    expect(opened.locator("#sl-message [role=alert]")).to_be_in_viewport(timeout=WAIT)
    assert opened.locator("#sl-parties textarea").input_value() == lines
    assert opened.locator("#sl-matrix tbody").inner_text() == table
    expect(opened.locator("#sl-summary li").first).to_be_visible()
    expect(opened.locator("#sl-status")).to_have_text("Your labels: 1")
    opened.locator("#sl-parties textarea").fill("Norway\nDenmark")
    opened.locator("#sl-again").click()
    expect(opened.locator("#sl-matrix thead th")).to_have_text(["Paragraph", "Norway", "Denmark"], timeout=WAIT)
    expect(opened.locator("#sl-message [role=alert]")).to_have_count(0)
    expect(opened.locator('.sl-cell[data-cell="0,0"]')).to_have_text("+ favorable", use_inner_text=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got an empty text"),
        ("Hello", "at least 5 words, got 1"),
        ("word " * 40_001, "at most 200,000 characters, got 200,005"),
        ("PK\u0003\u0004\u0001\u0002\u0005\u0006 binary junk \u0001\u0002", "got binary data"),
    ],
)
def test_bad_input_keeps_what_was_typed(page: Page, text: str, message: str) -> None:
    judge(page, text)
    expect(page.locator("#sl-message [role=alert]")).to_contain_text(message, timeout=WAIT)
    assert page.locator("#sl-input textarea").input_value() == text
    expect(page.locator("#sl-matrix")).to_have_count(0)


OTHERS = {
    "German": "Oslo und Kopenhagen streiten weiter\n\nDie Regierung in Norwegen hat den Streit um die Fähre lange mit "
    "Geduld ertragen. Dänemark dagegen hat eine Gebühr eingeführt, die es bis heute nicht erklären kann.",
    "Spanish": "Oslo y Copenhague siguen en disputa\n\nEl gobierno de Noruega ha soportado con paciencia el conflicto "
    "sobre el transbordador. Dinamarca, en cambio, ha introducido una tasa que todavía no puede explicar.",
    "French": "Oslo et Copenhague restent en désaccord\n\nLe gouvernement de la Norvège a supporté avec patience le "
    "différend sur le ferry. Le Danemark, au contraire, a introduit une taxe que personne ne sait expliquer.",
}


@pytest.mark.parametrize(("language", "width"), [("German", 360), ("Spanish", 1280), ("French", 1280)])
def test_another_language_waits_for_a_reader_who_insists(page: Page, language: str, width: int, tmp_path: Path) -> None:
    judge(page, OTHERS[language])
    told = page.locator("#sl-message")
    expect(told.get_by_role("alert")).to_contain_text("does not look like English", timeout=WAIT)
    expect(told.get_by_role("alert")).to_contain_text("nothing was analyzed")
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    expect(page.locator("#sl-article")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    told.get_by_role("button", name="Analyze it all the same").click()
    expect(page.locator("#sl-article .sl-para")).to_have_count(1, timeout=WAIT)
    expect(page.get_by_text("nothing below is scored")).to_be_visible()
    expect(told.get_by_role("button")).to_have_count(0)
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    saved = json.loads(download(page, "#sl-take-json", tmp_path).read_text(encoding="utf-8"))
    assert "nothing below is scored" in saved["warnings"][0]


def test_no_party_and_few_words(page: Page) -> None:
    judge(page, "It rained all night on the small roofs, and nobody knew when it would stop for good.")
    expect(page.locator("body")).to_contain_text("No party was found", timeout=WAIT)
    expect(page.locator("body")).to_contain_text("Words in this text: 17.")


def test_a_page_with_its_menu(page: Page, example: str) -> None:
    menu = "Skip to content\nHome\nNews\nSport\nBusiness\nSign in\n\nHome > Opinion > Shipping\n\n"
    judged(page, f"{menu}{example}\n\nAbout us\nContact\nPrivacy policy\nTerms of use\nCookies\n")
    expect(page.locator("#sl-folded h2")).to_have_text(example.split("\n")[0])
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(7)
    expect(page.locator("#sl-article .sl-aside").filter(has_text="Privacy policy")).to_be_visible()


def test_an_example_runs_on_one_click(page: Page) -> None:
    for name, title in (("ferry-line", "Denmark should"), ("water-company", ""), ("harbour-talks", "")):
        page.locator(f"#sl-{name}").click()
        shown(page)
        expect(page.locator("#sl-folded h2")).to_have_text(re.compile(rf"^{title}"))
        page.locator("[data-do=edit]").click()
        expect(page.locator("#sl-input textarea")).to_have_value(re.compile(rf"^{title}[\s\S]{{1500}}"))


def test_the_result_is_what_you_see(page: Page, example: str) -> None:
    expect(page.locator("#sl-sample")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    judged(page, example)
    title = example.split("\n")[0]
    expect(page.locator("#sl-folded h2")).to_be_focused()
    expect(page.locator("#sl-folded h2")).to_have_text(title)
    expect(page).to_have_title(f"{title} – Sidelight")
    expect(page.locator("#sl-folded [role=status]")).to_have_text("The labels are here. Paragraphs: 7, parties: 2.")
    for part in ("#sl-summary li >> nth=0", "#sl-lines li >> nth=0", "#sl-lines li >> nth=1"):
        expect(page.locator(part)).to_be_in_viewport(ratio=0.9)
    for hidden in ("#sl-input", "#sl-judge", "#sl-sample", "#sl-examples"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.locator("#sl-article").bounding_box()["y"] < 1.5 * 800  # type: ignore[index]
    page.locator("[data-do=edit]").click()
    expect(page.locator("#sl-input textarea")).to_be_focused()
    expect(page.locator("#sl-input textarea")).to_have_value(example)
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(7)


def test_on_a_phone_the_sentences_have_the_whole_width(open_page: Callable[..., Page], saved: Path) -> None:
    page = open_page(360)
    open_saved(page, saved)
    rows = page.locator("#sl-lines li:visible")
    expect(rows).to_have_count(2)
    for row in rows.all():
        chart, text = row.locator("svg").bounding_box(), row.locator("> div").bounding_box()
        assert chart
        assert text
        assert text["width"] > 320
        assert chart["y"] >= text["y"] + text["height"]


def test_absent_parties_are_shown_where_they_are_chosen(open_page: Callable[..., Page], saved: Path) -> None:
    page = open_page()
    open_saved(page, saved)
    page.get_by_text("Change the parties").click()
    page.locator("#sl-parties textarea").fill("Denmark\nNorway\nSweden")
    page.locator("#sl-again").click()
    expect(page.locator("#sl-matrix thead th")).to_have_text(["Paragraph", "Denmark", "Norway", "Sweden"], timeout=WAIT)
    absent = page.locator(".sl-chip.absent")
    expect(absent.first).to_be_attached(timeout=WAIT)
    names = {chip.text_content().split()[-1] for chip in absent.all()}  # type: ignore[union-attr]
    assert "Sweden" in names
    for name in ("Denmark", "Sweden"):
        page.get_by_role("radio", name=name).check()
        for chip in absent.all():
            expect(chip).to_be_visible(visible=name in (chip.text_content() or ""))
        stops = page.locator(".sl-margin").evaluate_all(STOPS)
        assert sum(stops) == 1, "the stances beside the article are one stop of the Tab key, and it can be seen"


def long(example: str, rounds: int) -> str:
    """A long article, which takes some seconds."""
    return "\n\n".join(f"{text} So it was in round {n}." for n in range(rounds) for text in example.split("\n\n")[1:-1])


def test_stop(page: Page, example: str) -> None:
    judge(page, long(example, 12))  # long enough that it is still judging when Stop arrives
    expect(page.locator("#sl-progress")).to_contain_text("labeling (paragraphs: 84,", timeout=WAIT)
    page.locator("#sl-stop").click()
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    expect(page.locator(".sl-awaited")).to_be_hidden()  # nothing follows
    judged(page, example)
    expect(page.locator("#sl-article .sl-para")).to_have_count(7)
