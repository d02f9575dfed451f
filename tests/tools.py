"""`make picture` draws the README's picture, `make crowd` watches the server's memory over 200 analyses."""

import re
import sys
from pathlib import Path

from gradio_client import Client
from playwright.sync_api import expect, sync_playwright

from tests.conftest import CHROMIUM, EXAMPLE, ROOT, WAIT, serve

ANALYSES = 200


def picture() -> None:
    """Judge the example on the page of `make run` and save what a reader sees at last as docs/page.png."""
    with serve(LLM="default") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(f"{address}/?__theme=light")
        page.locator("#sl-ferry-line").click()
        expect(page.locator("#sl-input textarea")).not_to_be_empty()
        page.locator("#sl-judge").click()
        expect(page.locator("#sl-take-csv")).to_be_visible(timeout=WAIT)
        expect(page.locator("#sl-summary .sl-hint")).to_be_visible(timeout=WAIT)  # the language model is done
        page.locator('.sl-cell[data-cell="2,1"]').click()
        page.evaluate("window.scrollTo(0, document.querySelector('#sl-summary').offsetTop)")
        page.wait_for_timeout(500)
        page.screenshot(path=ROOT / "docs" / "page.png", full_page=True)
        browser.close()


def crowd() -> None:
    """Analyse articles one after the other and print the server's memory as it goes."""
    text = EXAMPLE.read_text(encoding="utf-8")
    with serve() as address:
        client = Client(address, verbose=False)
        server = _server(address)
        for count in range(1, ANALYSES + 1):
            client.predict(text=text.replace("eleven weeks", f"{count} weeks"), api_name="/analyze")
            if count == 1 or count % 20 == 0:
                print(f"{count:>4} analyses: {_resident(server):7.0f} MB", flush=True)


def _server(address: str) -> int:
    """The process that listens at the address, by its environment."""
    port = address.rsplit(":", 1)[1]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            named = f"PORT={port}".encode() in (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if named and b"app.py" in (folder / "cmdline").read_bytes():
            return int(folder.name)
    raise SystemExit(f"expected a server on port {port}, found none")


def _resident(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


if __name__ == "__main__":
    {"picture": picture, "crowd": crowd}[sys.argv[1]]()
