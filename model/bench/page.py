"""How long the page takes from its start to being usable, in a real browser."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from model.bench.measure import Left, Row, row

_ROOT = Path(__file__).parents[2]
_PATIENCE = 180


def page_row(rounds: int) -> Row | Left:
    """Seconds from `python app.py`, weights unpacked already, until the article can be typed in."""
    name = "page start, warm cache"
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if importlib.util.find_spec("playwright") is None or chromium is None:
        return Left(name, "playwright or Chromium is not installed: make install-dev browser")
    return row("loading", name, [_start(chromium) for _ in range(max(2, rounds // 2))], "s", "≤ 10")


def _start(chromium: str) -> float:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", _OPEN, chromium, f"http://127.0.0.1:{port}", str(_PATIENCE)]
    environment = {**os.environ, "PORT": str(port)}
    start = time.perf_counter()
    with subprocess.Popen([sys.executable, "app.py"], cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            browser = subprocess.run(command, check=True, capture_output=True, text=True, timeout=2 * _PATIENCE)  # noqa: S603
            return time.perf_counter() - start - float(browser.stdout)
        finally:
            server.kill()


_OPEN = """
import sys, time
from playwright.sync_api import Error, sync_playwright
program, address, patience = sys.argv[1:]
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
    page = browser.new_page()
    for _ in range(10 * int(patience)):
        try:
            page.goto(address)
            break
        except Error:
            time.sleep(0.1)
    page.locator("#sl-input textarea").wait_for(state="visible", timeout=1000 * int(patience))
    seen = time.perf_counter()
    browser.close()
print(time.perf_counter() - seen)
"""
"""Opens the page as soon as it answers and prints how long closing the browser took, which does not count."""
