"""The page of `door.main` in a process of its own, what a reader does there, and what stays of it."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import platformdirs
import pytest

from tests.attack.door import free_port
from tests.attack.test_door import ask
from tests.conftest import ROOT

SHARED = [Path(name) for name in ("/tmp", "/var/tmp", "/dev/shm") if Path(name).is_dir()]
_WITHIN = 60.0  # seconds on the clock until all is swept; the machine may be busy


@dataclass
class Served:
    """A page in a process of its own, whose home, cache and temporary folders are below `place`."""

    place: Path
    process: subprocess.Popen[bytes]
    address: str
    planted: str

    def text(self, tail: str = "") -> str:
        return f"{self.planted} thanked Norway and Sweden for their great patience. {tail}"

    def leftovers(self) -> list[str]:
        """The files that hold the planted words, or are called by them: of its own folders, and new ones elsewhere."""
        since = self.place.stat().st_ctime
        own = (path for path in self.place.rglob("*") if path.is_file())
        others = (
            path for folder in (*SHARED, ROOT) for path in _changed(folder, since) if self.place not in path.parents
        )
        return [str(path) for path in (*own, *others) if self.planted in str(path) or _holds(path, self.planted)]

    def clean(self) -> None:
        """Wait until nothing is left, as long as that may take."""
        end = time.monotonic() + _WITHIN
        while (left := self.leftovers()) and time.monotonic() < end:
            time.sleep(0.2)
        assert left == []

    def logged(self) -> str:
        return (self.place / "log.txt").read_text(encoding="utf-8")


def _changed(folder: Path, since: float) -> Iterator[Path]:
    """Files that were written to since; other processes' may go while we look."""
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in (".git", ".venv", "node_modules", "__pycache__")]
        for name in names:
            with suppress(OSError):
                path = Path(root, name)
                if path.is_file() and path.stat().st_mtime >= since and path.stat().st_size < 1 << 27:
                    yield path


def _holds(path: Path, words: str) -> bool:
    with suppress(OSError):
        raw = path.read_bytes()
        return any(words.encode(code) in raw for code in ("utf-8", "utf-16-le", "utf-32-le"))
    return False


@contextmanager
def served(place: Path, planted: str, **environment: str) -> Iterator[Served]:
    """The page until the block ends; what stood in its log stays there."""
    folders = {name: place / name.lower() for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "CWD")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    own = {**os.environ, **{name: str(folder) for name, folder in folders.items()}, **environment}
    own |= {"PORT": str(port), "LLM": "none", "PYTHONPATH": str(ROOT), "GRADIO_TEMP_DIR": ""}
    with (place / "log.txt").open("ab") as log:
        command = [sys.executable, "-m", "tests.attack.door"]
        process = subprocess.Popen(command, env=own, cwd=folders["CWD"], stdout=log, stderr=log)
    page = Served(place, process, f"http://127.0.0.1:{port}", planted)
    try:
        _answering(page)
        yield page
    finally:
        process.kill()
        process.wait()


def _answering(page: Served) -> None:
    end = time.monotonic() + 240
    while time.monotonic() < end:
        assert page.process.poll() is None, page.logged()
        with suppress(OSError):
            if ask(page.address, "/config")[0] == 200:
                return
        time.sleep(0.1)
    pytest.fail("expected the page to answer")


# What a reader does on the page, as the browser sends it.


def handler(page: Served, name: str) -> int:
    config = json.loads(ask(page.address, "/config")[2])
    return next(fn["id"] for fn in config["dependencies"] if fn["api_name"] == name)


def joined(page: Served, name: str, data: list[object]) -> str:
    """Ask for a handler of the page; the session whose stream tells how it goes on."""
    session = uuid4().hex[:12]
    body = {"data": data, "fn_index": handler(page, name), "session_hash": session}
    status, _, told = ask(page.address, "/gradio_api/queue/join", body)
    assert status == 200, told
    return session


def heard(page: Served, session: str) -> str:
    return ask(page.address, f"/gradio_api/queue/data?session_hash={session}")[2]


def opened_stream(page: Served, path: str, until: bytes) -> http.client.HTTPConnection:
    """The connection of a stream that has said `until`."""
    link = http.client.HTTPConnection(urlsplit(page.address).netloc, timeout=60)
    link.request("GET", path)
    answer, seen = link.getresponse(), b""
    while until not in seen:
        seen += answer.read1(1 << 16)
    return link


def upload(page: Served, name: str, whole: bool = True) -> str:
    """Drop a file; its path on the server, "" where it breaks off."""
    raw = (page.text() * 5000).encode()
    head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    body = head + raw + b"\r\n--x--\r\n"
    link = http.client.HTTPConnection(urlsplit(page.address).netloc, timeout=60)
    link.putrequest("POST", "/gradio_api/upload")
    link.putheader("Content-Type", "multipart/form-data; boundary=x")
    link.putheader("Content-Length", str(len(body) if whole else len(body) + 100_000))
    link.endheaders()
    link.send(body if whole else head + raw)
    path = str(json.loads(link.getresponse().read())[0]) if whole else ""
    link.close()
    return path


def dropped(page: Served, name: str) -> str:
    """Drop a file and have it read."""
    file = {"path": upload(page, name), "orig_name": name, "meta": {"_type": "gradio.FileData"}}
    return heard(page, joined(page, "take_files", [[file], None, None, None, "", None]))


def judged(page: Served, text: str) -> str:
    return heard(page, joined(page, "judge_article", [text, None, None, 0.5]))


def called(page: Served, *data: object) -> str:
    """The named endpoint's answer."""
    status, _, told = ask(page.address, "/gradio_api/call/analyze", {"data": data})
    if status != 200:
        return told
    return ask(page.address, f"/gradio_api/call/analyze/{json.loads(told)['event_id']}")[2]


def real_models() -> dict[str, str]:
    """What has `served` load the real models, from where they are unpacked already."""
    cache = os.environ.get("SIDELIGHT_CACHE") or platformdirs.user_cache_path("sidelight")
    return {"REAL": "1", "SIDELIGHT_CACHE": str(cache)}
