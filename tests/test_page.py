"""The page in a real browser, with the real models, as a reader uses it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent
WAIT = 60_000
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port)}
    with subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment) as server:
        address = f"http://127.0.0.1:{port}"
        for _ in range(240):
            if server.poll() is not None:
                pytest.fail(f"app.py stopped with {server.returncode}")
            try:
                urllib.request.urlopen(address, timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        yield address
        server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("expected chromium, found none; `make test` installs it")
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The open page; afterwards: no request went to another host, and the console had no error."""
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    strangers: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: strangers.append(request.url) if address not in request.url else None)
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(address)
    expect(page.locator("#sl-input textarea")).to_be_visible(timeout=WAIT)
    yield page
    page.close()
    assert [url for url in strangers if not url.startswith(("data:", "blob:"))] == []
    assert errors == []


def judge(page: Page, text: str) -> None:
    page.locator("#sl-input textarea").fill(text)
    page.locator("#sl-judge").click()


def test_paste_judge_and_see_the_matrix(page: Page, example: str) -> None:
    judge(page, example)
    expect(page.locator("#sl-matrix")).to_be_visible(timeout=WAIT)
    assert page.locator("#sl-matrix thead th").all_inner_texts()[:3] == ["Paragraph", "Denmark", "Norway"]
    rows = page.locator("#sl-matrix tbody tr")
    expect(rows).to_have_count(7)
    cells = page.locator("#sl-matrix tbody td").all_inner_texts()
    assert all(
        re.fullmatch(r"[+−=]\s*(favorable|critical|neutral) \d+%( unsure)?|·\s*absent", cell.strip()) for cell in cells
    )
    expect(page.locator("#sl-summary li").first).to_contain_text("¶")
    assert 3 <= page.locator("#sl-summary li").count() <= 5
    page.locator("#sl-summary a").first.click()
    assert "#sl-p" in page.url
    expect(page.locator("#sl-article .para")).to_have_count(7)
    assert "Photo: Nordlys Press" in page.locator("#sl-article .aside").all_inner_texts()[1]


def test_choose_a_party(page: Page, example: str) -> None:
    judge(page, example)
    page.get_by_label("Norway", exact=True).check(timeout=WAIT)
    marks = page.locator("#sl-article mark")
    expect(marks.filter(has_text="Norway").first).to_be_visible(timeout=WAIT)
    assert not {"Denmark", "Copenhagen"} & set(marks.all_inner_texts())


def test_evidence_and_voice_stand_beside_a_stance(page: Page, example: str) -> None:
    judge(page, example)
    strips = page.locator("#sl-article .strip")
    expect(strips.first).to_be_visible(timeout=WAIT)
    taken = [text for text in strips.all_inner_texts() if "favorable" in text or "critical" in text]
    assert taken
    assert all("author’s voice" in text or "quoted" in text for text in taken)
    assert page.locator("#sl-article .voice").count() == len(taken)
    paragraphs = page.locator("#sl-article .para")
    for number in range(paragraphs.count()):
        shaded = "".join(paragraphs.nth(number).locator(".evidence").all_inner_texts())
        judged = paragraphs.nth(number).locator(".voice").count() == 1
        assert bool(shaded) is judged
        assert shaded in paragraphs.nth(number).locator(".text").inner_text()


def test_change_the_parties(page: Page, example: str) -> None:
    judge(page, example)
    expect(page.locator("#sl-matrix")).to_be_visible(timeout=WAIT)
    page.get_by_text("Change the parties").click()
    names = page.locator("#sl-parties textarea")
    expect(names).to_have_value(re.compile("Denmark: .*Copenhagen"), timeout=WAIT)
    names.fill("Kingdom of Denmark: Denmark, Danish, Danes, Copenhagen\nSweden\nBrazil")
    page.locator("#sl-again").click()
    head = page.locator("#sl-matrix thead th")
    expect(head.nth(1)).to_have_text("Kingdom of Denmark", timeout=WAIT)
    assert head.all_inner_texts() == ["Paragraph", "Kingdom of Denmark", "Sweden", "Brazil"]
    expect(page.locator("#sl-summary").locator("..")).to_contain_text("“Brazil” never occurs")
    sweden = page.locator("#sl-matrix tbody tr td:nth-child(3)").all_inner_texts()
    assert ["absent" in cell for cell in sweden] == [True, True, True, True, True, False, True]


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


def test_no_party_and_another_language(page: Page) -> None:
    judge(
        page, "Il pleut depuis hier soir sur la petite ville, et personne ne sait quand cela va enfin cesser pour nous."
    )
    expect(page.locator("body")).to_contain_text("does not look like English", timeout=WAIT)
    judge(page, "It rained all night on the small roofs, and nobody knew when it would stop for good.")
    expect(page.locator("body")).to_contain_text("No party was found", timeout=WAIT)


def test_markup_is_shown_as_text(page: Page) -> None:
    attack = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'> ${alert(1)} {{7*7}}"
    judge(
        page,
        f"Norway blames <b>Denmark</b>\n\nNorway said {attack} to Denmark in the harbor.\n\nDenmark said no to Norway.",
    )
    expect(page.locator("#sl-article")).to_contain_text("<script>window.hacked = 1</script><img src=x", timeout=WAIT)
    assert page.evaluate("window.hacked") is None
    assert page.locator("#sl-article img, #sl-article script, #sl-article b").count() == 0
    expect(page.locator("#sl-article")).to_contain_text("${alert(1)} {{7*7}}")
