"""What the tests share: the real models, loaded once, an article of our own, the served page and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from model import Analysis, Analyzer

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "ferry-line.txt"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WAIT = 60_000


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer.from_pretrained()


@pytest.fixture(scope="session")
def example() -> str:
    return EXAMPLE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def analysis(analyzer: Analyzer, example: str) -> Analysis:
    return analyzer.analyze(example)


@contextmanager
def serve(**environment: str) -> Iterator[str]:
    """Run app.py on a free port until the block ends; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {**os.environ, **environment, "PORT": str(port)}
    with subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=settings) as server:
        address = f"http://127.0.0.1:{port}"
        for _ in range(240):
            if server.poll() is not None:
                pytest.fail(f"app.py stopped with {server.returncode}")
            try:
                urllib.request.urlopen(address, timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        try:
            yield address
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:  # open event streams hold it
                server.kill()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with serve() as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("expected chromium, found none; `make test` installs it")
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens the page at a width, light or dark; afterwards: no request went elsewhere, the console had no error."""
    pages: list[Page] = []
    strangers: list[str] = []
    errors: list[str] = []

    def new(width: int = 1280, theme: str = "light") -> Page:
        page = browser.new_page(viewport={"width": width, "height": 1000})
        page.on("request", lambda request: strangers.append(request.url) if address not in request.url else None)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/?__theme={theme}")
        expect(page.locator("#sl-input textarea")).to_be_visible(timeout=WAIT)
        pages.append(page)
        return page

    yield new
    for page in pages:
        page.close()
    assert [url for url in strangers if not url.startswith(("data:", "blob:"))] == []
    assert errors == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


def judge(page: Page, text: str) -> None:
    """Paste, judge, and wait for the finished analysis or a message."""
    page.locator("#sl-input textarea").fill(text)
    page.locator("#sl-judge").click()


def judged(page: Page, text: str) -> None:
    """`judge`, then wait for the summary."""
    judge(page, text)
    expect(page.locator("#sl-take-csv")).to_be_visible(timeout=WAIT)
    expect(page.locator("#sl-summary li").first).to_be_visible(timeout=WAIT)
