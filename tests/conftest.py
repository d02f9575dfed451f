"""What the tests share: the real models, loaded once, an article of our own, the served page and a real browser."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest
import torch
from gradio_client import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from transformers import AutoModelForCausalLM, AutoTokenizer

from model import Analysis, Analyzer
from model.language_model.local import LocalModel
from model.stance.classifier import StanceClassifier
from model.stance.head import PartyHead
from tests.scripted import Start, answering
from tests.tiny import save_tiny, tiny_encoder

os.environ["LLM"] = "none"
"""Tests ask for the language model where they need it."""
ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "ferry-line.txt"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WAIT = 60_000
_left: set[Page] = set()
BROWSER = {"browser", "open_page", "page", "opened", "width"}
"""Fixtures of tests that drive a browser."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser or serves a page, so that the fast set can leave it out."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & BROWSER:
            item.add_marker("browser")
        if "address" in fixtures:
            item.add_marker("slow")


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer.from_pretrained()


@pytest.fixture(scope="session")
def example() -> str:
    return EXAMPLE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def analysis(analyzer: Analyzer, example: str) -> Analysis:
    return analyzer.analyze(example)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny causal model's files."""
    return save_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def lm(folder: Path) -> LocalModel:
    """That model, loaded."""
    network = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return LocalModel(AutoTokenizer.from_pretrained(folder), network, "tiny")


@pytest.fixture
def tiny_classifier() -> StanceClassifier:
    """A classifier that was never trained."""
    encoder = tiny_encoder()
    return StanceClassifier(encoder, PartyHead(32, 16, key=8), temperature=2.0, unsure_below=0.3)


@contextmanager
def serve(**environment: str) -> Iterator[str]:
    """Run app.py on a free port until the block ends; gives its address, while it may still be loading its models."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {**os.environ, "LLM": "none", **environment, "PORT": str(port)}
    with subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=settings) as server:
        address = f"http://127.0.0.1:{port}"
        for _ in range(1200):
            if server.poll() is not None:
                pytest.fail(f"app.py stopped with {server.returncode}")
            try:
                urllib.request.urlopen(address, timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        else:
            server.kill()
            pytest.fail("expected app.py to answer within ten minutes")
        try:
            yield address
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:  # open event streams hold it
                server.kill()


def loaded(address: str) -> str:
    """The address of a page, as soon as it has loaded its models."""
    Client(address, verbose=False).predict(text="Norway thanked Sweden for its patience.", api_name="/find_parties")
    return address


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with serve() as address:
        yield loaded(address)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("expected chromium, found none; `make test` installs it")
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def context_of(browser: Browser) -> Callable[[str, int], BrowserContext]:
    """The browser's context for a locale and a number; what it compiled opens the page in half of the time."""
    return cache(lambda locale, number: browser.new_context(locale=locale))


@pytest.fixture
def open_page(context_of: Callable[[str, int], BrowserContext], address: str) -> Iterator[Callable[..., Page]]:
    """Opens the page at a width, light or dark, for a locale; afterwards: no foreign request, no console error.

    Nothing is stored for it yet, and the pages of a test share nothing.
    """
    pages: list[Page] = []
    strangers: list[str] = []
    errors: list[str] = []

    def note(page: Page, error: str) -> None:
        if page not in _left and not error.startswith("AbortError"):  # the client's own, where a page is left
            errors.append(error)

    def new(width: int = 1280, theme: str = "light", locale: str = "en-US") -> Page:
        context = context_of(locale, len(pages))
        context.clear_cookies()
        context.clear_permissions()
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 1000})
        stored = {"origin": address, "storageTypes": "all"}
        context.new_cdp_session(page).send("Storage.clearDataForOrigin", stored)
        page.on("request", lambda request: strangers.append(request.url) if address not in request.url else None)
        page.on("console", lambda message: note(page, message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: note(page, str(error)))
        page.goto(f"{address}/?__theme={theme}")
        expect(page.locator("#sl-input textarea")).to_be_visible(timeout=WAIT)
        for part in ("#sl-refused", "#sl-progress"):  # Gradio puts each into the page in its own time
            expect(page.locator(part)).to_be_attached(timeout=WAIT)
        pages.append(page)
        return page

    yield new
    _left.update(pages)
    for page in [page for one in pages for page in one.context.pages]:
        page.close()
    assert [url for url in strangers if not url.startswith(("data:", "blob:", "file:"))] == []
    assert errors == []


@pytest.fixture(params=(360, 1280))
def width(request: pytest.FixtureRequest) -> int:
    """A phone and a laptop: what asks for it runs at each; with `every_width` on a projector too."""
    return int(request.param)


every_width = pytest.mark.parametrize("width", [360, 1280, 1920], indirect=True)
"""For what depends on the layout alone."""


@pytest.fixture
def page(open_page: Callable[..., Page], request: pytest.FixtureRequest) -> Page:
    """The page as it opens, on a laptop; at each width for a test that asks for `width`."""
    return open_page(request.getfixturevalue("width") if "width" in request.fixturenames else 1280)


@pytest.fixture(scope="session")
def saved(address: str, example: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's analysis as the page saves it, judged once."""
    return save(address, tmp_path_factory.mktemp("saved"), text=example)


@pytest.fixture
def opened(page: Page, saved: Path) -> Page:
    """The page with the example's results: a fresh page that opens the saved analysis."""
    open_saved(page, saved)
    return page


def save(address: str, folder: Path, **inputs: str) -> Path:
    """Have `inputs` judged and write the analysis into `folder` as the page would save it."""
    result = Client(address, verbose=False).predict(**inputs, api_name="/analyze")
    path = folder / "sidelight.json"
    path.write_text(json.dumps(result), encoding="utf-8")
    return path


def open_saved(page: Page, path: Path) -> None:
    """Drop a saved analysis and wait for its results."""
    page.locator("#sl-file input[type=file]").set_input_files(path)
    shown(page)


def reload(page: Page) -> None:
    """Reload; that this breaks off what the page was waiting for, on which its client says an error, is no fault."""
    _left.add(page)
    page.reload()
    _left.remove(page)


def download(page: Page, selector: str, folder: Path) -> Path:
    """Click on what saves a file, and wait for it."""
    with page.expect_download() as waiting:
        page.locator(selector).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def judge(page: Page, text: str) -> None:
    """Paste and ask for the analysis."""
    if page.locator("#sl-folded").is_visible():
        page.locator("[data-do=edit]").click()
    page.locator("#sl-input textarea").fill(text)
    page.locator("#sl-judge").click()


def judged(page: Page, text: str) -> None:
    """`judge`, then wait for the summary."""
    judge(page, text)
    shown(page)
    expect(page.locator("#sl-summary li").first).to_be_visible(timeout=WAIT)


def shown(page: Page) -> None:
    """Wait until the results are there, and the script has read them: keys and clicks in the table act. Unfold it."""
    expect(page.locator("#sl-take-csv")).to_be_visible(timeout=WAIT)
    expect(page.locator("#sl-matrix[data-ready]")).to_be_attached(timeout=WAIT)
    for fold in page.locator("#sl-table:not([open]) > summary").all():  # in a narrow window
        fold.click()


@pytest.fixture
def scripted() -> Iterator[Start]:
    with ExitStack() as servers:
        yield lambda script: servers.enter_context(answering(script))
