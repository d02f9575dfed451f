"""How long the page takes from its start to being usable, in a real browser."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from .measure import Left, Row, row

_ROOT = Path(__file__).parents[2]
_PATIENCE = 180


def page_row(rounds: int) -> Row | Left:
    """Seconds from `python app.py` until the article can be typed in; a first start, to unpack weights, is left out."""
    name = "page start, warm cache"
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if importlib.util.find_spec("playwright") is None or chromium is None:
        return Left(name, "playwright or Chromium is not installed: make install-dev browser")
    _start(chromium)
    return row("loading", name, [_start(chromium) for _ in range(max(2, rounds // 2))], "s", "≤ 5")


def _start(chromium: str) -> float:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port)}
    command = [sys.executable, "app.py"]
    visit = [sys.executable, "-c", _VISIT, chromium, str(port), str(_PATIENCE)]
    with subprocess.Popen(visit, stdout=subprocess.PIPE, text=True) as browser:  # noqa: S603
        assert browser.stdout is not None
        browser.stdout.readline()  # a reader's browser is open already
        start = time.time()
        with subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL) as server:  # noqa: S603
            try:
                return float(browser.stdout.readline()) - start
            finally:
                server.kill()


_VISIT = """
import socket, sys, time
from playwright.sync_api import sync_playwright
program, port, patience = sys.argv[1:]
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
    page = browser.new_page()
    print("open", flush=True)
    for _ in range(20 * int(patience)):
        try:
            socket.create_connection(("127.0.0.1", int(port))).close()
            break
        except OSError:
            time.sleep(0.05)
    page.goto(f"http://127.0.0.1:{port}")
    page.locator("#sl-input textarea").wait_for(state="visible", timeout=1000 * int(patience))
    print(time.time(), flush=True)
    browser.close()
"""
"""Opens the page as soon as its server listens, and prints when the article can be typed in."""
