"""The page as a deployer serves it: behind a proxy under a path, with a login, held to a rate; in a browser."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.conftest import WAIT, judge, judged, serve, shown

PATH = "/sidelight"
HOP = {"connection", "transfer-encoding", "host", "content-length", "keep-alive"}


class Proxy(BaseHTTPRequestHandler):
    """Passes what is below the path on to the page, without the path, and knows nothing else."""

    target: str

    def pass_on(self) -> None:
        if not self.path.startswith(PATH):
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        headers |= {"X-Forwarded-Host": self.headers["Host"], "X-Forwarded-Proto": "http"}
        page = http.client.HTTPConnection(urlsplit(self.target).netloc)
        page.request(self.command, self.path.removeprefix(PATH) or "/", body or None, headers)
        answer = page.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.end_headers()
        try:
            while piece := answer.read1(65536):
                self.wfile.write(piece)
        except (OSError, http.client.IncompleteRead):  # the browser left, or the page's server
            pass
        page.close()

    def do_GET(self) -> None:
        self.pass_on()

    def do_POST(self) -> None:
        self.pass_on()

    def do_HEAD(self) -> None:
        self.pass_on()

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def proxied(target: str) -> Iterator[str]:
    """The address under which a proxy shows the page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Proxy,), {"target": target}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{PATH}"
    finally:
        server.shutdown()


def test_behind_a_proxy_with_login_and_rate(
    browser: Browser, example: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = {"GRADIO_ROOT_PATH": PATH, "SIDELIGHT_LOGIN": "ann:secret", "SIDELIGHT_RATE": "2/hour"}
    settings["GRADIO_TEMP_DIR"] = str(tmp_path)
    with serve(**settings) as direct, proxied(direct) as address:
        page = browser.new_page()
        failed: list[tuple[str, int]] = []

        def note(response: Response) -> None:
            if response.status >= 400 or not response.url.startswith(address):
                failed.append((response.url, response.status))

        page.goto(f"{address}/")
        log_in(page, "wrong")
        expect(page.locator("body")).to_contain_text("Incorrect", timeout=WAIT)
        page.on("response", note)
        log_in(page, "secret")
        judged(page, example)
        expect(page.locator("#sl-matrix tbody tr")).to_have_count(7)
        judge(page, f"Again. {example}")
        expect(page.locator("#sl-article")).to_contain_text("Again.", timeout=WAIT)
        shown(page)  # the box folds once more when the result is whole
        judge(page, f"Once more. {example}")
        alert = page.locator("#sl-message [role=alert]")
        expect(alert).to_contain_text("at most 2 per 1 hour from one reader; come back in", timeout=WAIT)
        expect(page.locator("#sl-article")).to_contain_text("Again.")
        assert page.locator("#sl-input textarea").input_value().startswith("Once more.")
        assert failed == []
        page.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for text in (kept.decode(errors="replace"), *capfd.readouterr()):
        assert "Hirtshals" not in text
        assert "secret" not in text


def log_in(page: Page, password: str) -> None:
    page.get_by_label("username").fill("ann")
    page.get_by_label("password").fill(password)
    page.get_by_role("button", name="Login").click()
