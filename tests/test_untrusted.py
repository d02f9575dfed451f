"""Pasted text is text wherever it comes out: no markup, script or formula of it acts, none of its signs is lost."""

import csv
import json
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Page, expect

from model.stance.corrections import LONGEST_HOLDER
from tests.conftest import WAIT, download, open_saved, save

SCRIPT = "<script>window.hacked=1</script>"
IMAGE = "<img src=x onerror=window.hacked=2>"
TRICKS = (
    r"${window.hacked=3} {{7*7}} [go](javascript:window.hacked=4) **loud** $$\href{javascript:window.hacked=5}{x}$$"
)
RTL = "\u202eesrever\u202c שלום עולם مرحبا zero\u200bwid\u200dth"
FORMULA = '=HYPERLINK("http://evil.example","Vardo Line")'
PARTIES = ("Norway", f"Vardo {SCRIPT}", f"Skarv {IMAGE}", "=Vardo $x$ **Line**", "Line \u202eenil")
ARTICLE = "\n\n".join(
    [
        f"Norway blames <b>Denmark</b> {SCRIPT} {RTL}",
        f"Photo: {IMAGE} {TRICKS}",
        f"{SCRIPT} {IMAGE} Norway said that {PARTIES[1]} has done the harbor an honor. {TRICKS} {RTL}",
        f"{RTL} {PARTIES[2]} is a disgrace, Norway said. <svg onload='window.hacked=6'> & &lt;b&gt; \\(x\\)",
        f"{FORMULA} The {PARTIES[3]} is a shame, said {PARTIES[2]}.",
        f"@{PARTIES[4]} and {PARTIES[3]} praised the brave crews of {PARTIES[1]}.",
    ]
)
ELEMENTS = "img, script, b, i, em, svg:not(.sl-course), iframe, object, .katex, a:not([href^='#sl-p'])"
"""What our HTML never has, so that it can only come from the article."""


@pytest.fixture(scope="session")
def attack(address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The article's analysis, saved."""
    return save(address, tmp_path_factory.mktemp("attack"), text=ARTICLE, parties="; ".join(PARTIES))


@pytest.fixture
def attacked(page: Page, attack: Path) -> Page:
    open_saved(page, attack)
    return page


PARTS = {
    "#sl-lines strong": PARTIES,
    "#sl-totals tbody th": PARTIES,
    "#sl-matrix thead th": ("Paragraph", *PARTIES),
    "#sl-party label:not(.sl-light)": PARTIES,
    "#sl-article .sl-title": (ARTICLE.split("\n\n")[0],),
    "#sl-article .sl-aside": (ARTICLE.split("\n\n")[1],),
    "#sl-article .sl-text": ARTICLE.split("\n\n")[2:],
}


@pytest.mark.usefixtures("width")
def test_shown_as_text(attacked: Page) -> None:
    for selector, texts in PARTS.items():
        assert [text.strip() for text in attacked.locator(selector).all_text_contents()] == list(texts), selector
    openings = attacked.locator("#sl-matrix tbody th").all_text_contents()
    assert [opening.split(" ")[1] for opening in openings] == [
        SCRIPT,
        RTL.split()[0],
        '=HYPERLINK("http://evil.example","Vardo',
        "@Line",
    ]
    for name, picture in zip(PARTIES, attacked.locator("#sl-lines svg").all(), strict=True):
        assert (picture.get_attribute("aria-label") or "").startswith(f"{name}, paragraph by paragraph: ")
    attacked.locator('.sl-cell[data-cell="0,1"]').click()
    expect(attacked.locator(".sl-card")).to_contain_text(PARTIES[1])
    attacked.locator(".sl-card [data-note]").fill(IMAGE)
    attacked.locator('.sl-card [data-set="favorable"]').click()
    expect(attacked.locator('.sl-cell[data-cell="0,1"]')).to_have_text("+ favorable", use_inner_text=True)
    assert attacked.locator(".sl").locator(ELEMENTS).count() == 0
    assert attacked.evaluate("window.hacked") is None
    assert attacked.evaluate("document.documentElement.scrollWidth") <= (attacked.viewport_size or {})["width"]


def test_judged_and_listed_as_text(page: Page) -> None:
    page.locator("#sl-input textarea").fill(ARTICLE)
    page.locator("#sl-judge").click()
    page.get_by_role("button", name="Analyze it all the same").click(timeout=WAIT)
    expect(page.locator("#sl-take-csv")).to_be_visible(timeout=WAIT)
    page.get_by_text("Change the parties").click()
    page.locator("#sl-parties textarea").fill("\n".join([*PARTIES, "<b>Nobody</b>"]))
    page.locator("#sl-again").click()
    expect(page.locator("#sl-matrix thead th")).to_have_text(["Paragraph", *PARTIES, "<b>Nobody</b>"], timeout=WAIT)
    expect(page.locator(".sl-alert").last).to_contain_text("No paragraph refers to “<b>Nobody</b>”")
    page.locator("#sl-parties textarea").fill(f"{IMAGE}\n{IMAGE}")
    page.locator("#sl-again").click()
    expect(page.locator("#sl-message")).to_contain_text(f"got '{IMAGE}' twice", timeout=WAIT)
    assert page.locator(".sl").locator(ELEMENTS).count() == 0
    assert page.evaluate("window.hacked") is None


def test_exports_hold_text(attacked: Page, tmp_path: Path) -> None:
    files = {kind: download(attacked, f"#sl-take-{kind}", tmp_path) for kind in ("csv", "json", "markdown")}
    assert json.loads(files["json"].read_text(encoding="utf-8"))["text"] == ARTICLE
    with files["csv"].open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1 + 4 * len(PARTIES)
    assert {row[1] for row in rows[1:]} == {*PARTIES[:3], f"'{PARTIES[3]}", PARTIES[4]}
    assert [text for row in rows for text in row if text.lstrip()[:1] in set("=+-@\t\r")] == []
    html = MarkdownIt("commonmark").enable("table").render(files["markdown"].read_text(encoding="utf-8"))
    attacked.set_content(html)
    assert attacked.locator(ELEMENTS.replace("a:not([href^='#sl-p'])", "a, strong")).count() == 0
    visible = "".join(sign for sign in ARTICLE.split("\n\n")[0] if sign.isprintable())
    assert attacked.locator("h1").inner_text() == visible
    assert attacked.locator("table th").all_inner_texts()[1:5] == list(PARTIES[:4])


def test_the_report_holds_text(attacked: Page, tmp_path: Path) -> None:
    report = download(attacked, "#sl-take-html", tmp_path)
    attacked.goto(report.as_uri())
    title, _, *texts = ARTICLE.split("\n\n")
    assert attacked.locator("h1").text_content() == title
    assert [text.split(" ", 1)[1] for text in attacked.locator(".sl-text").all_text_contents()] == texts
    assert attacked.locator("#sl-matrix thead th").all_text_contents()[1:] == list(PARTIES)
    assert attacked.locator(ELEMENTS).count() == 0
    assert attacked.evaluate("window.hacked") is None


def test_a_hostile_file_of_labels_or_results_is_text(opened: Page, saved: Path, tmp_path: Path) -> None:
    result = json.loads(saved.read_text(encoding="utf-8"))
    row = {
        "paragraphs": [paragraph["text"] for paragraph in result["paragraphs"]],
        "parties": [{"name": "Norway", "kind": IMAGE, "aliases": [SCRIPT]}, {"name": IMAGE}],
        "labels": [
            {
                "paragraph": 0,
                "party": "Norway",
                "stance": "critical",
                "voice": "quoted",
                "holder": IMAGE * 9,
                "note": IMAGE,
            }
        ],
    }
    (tmp_path / "labels.jsonl").write_text(json.dumps(row), encoding="utf-8")
    opened.locator('[data-do="load"]').set_input_files(tmp_path / "labels.jsonl")
    expect(opened.locator("#sl-status")).to_contain_text("Labels loaded: 1")
    opened.locator('.sl-cell[data-cell="0,1"]').click()
    expect(opened.locator(".sl-card [data-note]")).to_have_value(IMAGE)
    expect(opened.locator(".sl-card [data-holder]")).to_have_value((IMAGE * 9)[:LONGEST_HOLDER])
    expect(opened.locator("#sl-changes")).to_contain_text(f"quoted: {IMAGE}")
    expect(opened.locator("#sl-lines")).to_contain_text(IMAGE, timeout=WAIT)
    row["labels"] = [{"paragraph": 0, "party": IMAGE, "stance": SCRIPT}]
    (tmp_path / "labels.jsonl").write_text(json.dumps(row), encoding="utf-8")
    opened.locator('[data-do="load"]').set_input_files(tmp_path / "labels.jsonl")
    expect(opened.locator("#sl-status")).to_contain_text(f"¶1 {IMAGE} {SCRIPT}")
    result["warnings"] = [f"{SCRIPT} {IMAGE}"]
    result["summary"]["sentences"][0]["text"] = f"{IMAGE} {TRICKS}"
    result["versions"] = {SCRIPT: IMAGE}
    (tmp_path / "results.json").write_text(json.dumps(result), encoding="utf-8")
    open_saved(opened, tmp_path / "results.json")
    expect(opened.locator(".sl-glance")).to_contain_text(f"{IMAGE} {TRICKS}")
    expect(opened.locator(".sl-alert:not(#sl-refused)")).to_have_text(f"{SCRIPT} {IMAGE}")
    assert opened.locator(".sl").locator(ELEMENTS).count() == 0
    assert opened.evaluate("window.hacked") is None
