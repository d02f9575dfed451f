"""Files: dropped ones that cannot be read, each with a message that says what to do, and saved ones opened again."""

import re
from pathlib import Path

import docx
from playwright.sync_api import Page, expect

from model.export.json_reader import from_json
from tests.conftest import WAIT, download, open_saved, reload

TYPED = "Norway thanked Sweden for its patience, and these words stay."
TOO_LARGE = "Expected a file of at most 5 MB, got large.txt of 5.5 MB; paste the article's text instead."
DROP = """() => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["x".repeat(5_500_000)], "large.txt"));
  const target = document.querySelector("#sl-file button");
  target.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
}"""


def drop(page: Page, path: Path) -> None:
    page.locator("#sl-file input[type=file]").set_input_files(path)


def test_what_cannot_be_read(page: Page, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\n1 0 obj << /Type /Catalog")
    docx.Document().save(str(tmp_path / "empty.docx"))
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)))
    (tmp_path / "analysis.json").write_text('{"text": 3}', encoding="utf-8")
    page.locator("#sl-input textarea").fill(TYPED)
    for name, message in {
        "broken.pdf": "expected a readable .pdf file, got PdfStreamError; paste the article's text instead",
        "empty.docx": "expected text in the .docx file, found none",
        "binary.txt": "expected UTF-8 text, found something else at byte 128; save it as UTF-8 text",
        "analysis.json": "expected an analysis as Sidelight saves it (JSON)",
    }.items():
        drop(page, tmp_path / name)
        expect(page.locator("#sl-message [role=alert]")).to_contain_text(message, timeout=WAIT)
        expect(page.locator("#sl-input textarea")).to_have_value(TYPED)


def test_what_is_not_taken(page: Page, tmp_path: Path) -> None:
    (tmp_path / "large.txt").write_text("word " * 1_100_000, encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\n1 0 obj << /Type /Catalog")
    page.locator("#sl-input textarea").fill(TYPED)
    refused = page.locator("#sl-refused")
    expect(refused).to_be_hidden()
    drop(page, tmp_path / "large.txt")
    expect(refused).to_have_text(TOO_LARGE)
    drop(page, tmp_path / "broken.pdf")
    expect(page.locator("#sl-message [role=alert]")).to_contain_text("expected a readable .pdf file", timeout=WAIT)
    expect(refused).to_be_hidden()
    page.evaluate(DROP)
    expect(refused).to_have_text(TOO_LARGE)
    drop(page, tmp_path / "picture.png")
    expect(page.locator("body")).to_contain_text(
        "Only .txt, .md, .html, .htm, .docx, .pdf, .json allowed", timeout=WAIT
    )
    expect(page.locator("#sl-input textarea")).to_have_value(TYPED)


def test_before_the_page_is_all_there(page: Page, tmp_path: Path) -> None:
    """Gradio puts the file's place and that of its refusal into the page each in its own time."""
    (tmp_path / "note.txt").write_text(TYPED, encoding="utf-8")
    page.evaluate("() => document.querySelector('#sl-refused').remove()")
    drop(page, tmp_path / "note.txt")
    expect(page.locator("#sl-input textarea")).to_have_value(TYPED, timeout=WAIT)


def test_what_a_file_replaced_is_put_back(page: Page, tmp_path: Path) -> None:
    box, replaced = page.locator("#sl-input textarea"), page.locator("#sl-replaced")
    (tmp_path / "note.txt").write_text("Denmark said no.", encoding="utf-8")
    drop(page, tmp_path / "note.txt")
    expect(box).to_have_value("Denmark said no.", timeout=WAIT)
    page.wait_for_timeout(1000)
    expect(replaced).to_be_hidden()  # nothing was typed
    box.fill(TYPED)
    drop(page, tmp_path / "note.txt")
    expect(box).to_have_value("Denmark said no.", timeout=WAIT)
    expect(replaced).to_be_visible()
    box.press_sequentially("!")  # what came can be corrected meanwhile
    page.wait_for_timeout(1000)
    replaced.get_by_role("button", name="Put it back").click()
    expect(box).to_have_value(TYPED)
    expect(replaced).to_be_hidden()


def test_what_an_example_replaced_is_put_back_until_it_is_analyzed(page: Page, example: str) -> None:
    box, replaced = page.locator("#sl-input textarea"), page.locator("#sl-replaced")
    box.fill(TYPED)
    page.locator("#sl-ferry-line").click()
    expect(page.locator("#sl-folded h2")).to_contain_text("Denmark should", timeout=WAIT)
    replaced.get_by_role("button", name="Put it back").click()
    expect(box).to_be_focused()
    expect(box).to_have_value(TYPED)
    page.locator("#sl-judge").click()
    expect(page.locator("#sl-folded h2")).to_contain_text("Norway thanked", timeout=WAIT)
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    page.get_by_role("button", name="Edit the article").click()
    page.locator("#sl-ferry-line").click()
    expect(page.locator("#sl-folded h2")).to_contain_text("Denmark should", timeout=WAIT)
    expect(replaced).to_be_hidden()
    expect(box).to_have_value(example)


def test_drop_a_file(page: Page, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Norway thanked Sweden for its patience.", encoding="utf-8")
    page.locator("#sl-file input[type=file]").set_input_files(tmp_path / "note.txt")
    expect(page.locator("#sl-input textarea")).to_have_value("Norway thanked Sweden for its patience.", timeout=WAIT)
    (tmp_path / "bad.txt").write_bytes(b"caf\x81 is open")
    page.locator("#sl-file input[type=file]").set_input_files(tmp_path / "bad.txt")
    expect(page.locator("#sl-message [role=alert]")).to_contain_text("expected UTF-8 text", timeout=WAIT)
    expect(page.locator("#sl-input textarea")).to_have_value("Norway thanked Sweden for its patience.")


def test_take_it_away_and_open_it_again(opened: Page, example: str, tmp_path: Path) -> None:
    table = opened.locator("#sl-matrix tbody").inner_text()
    files = {kind: download(opened, f"#sl-take-{kind}", tmp_path) for kind in ("csv", "json", "markdown", "html")}
    assert files["csv"].read_text(encoding="utf-8").startswith("\ufeffparagraph,party,stance,")
    assert re.fullmatch(r"sidelight-denmark-should-.*-20\d\d-\d\d-\d\d\.csv", files["csv"].name)
    assert "## Stance" in files["markdown"].read_text(encoding="utf-8")
    saved = from_json(files["json"].read_text(encoding="utf-8"))
    assert len(saved.article.paragraphs) == 7
    reload(opened)
    open_saved(opened, files["json"])
    assert opened.locator("#sl-matrix tbody").inner_text() == table
    assert opened.locator("#sl-input textarea").input_value() == example
