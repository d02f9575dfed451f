"""Of a dropped file nothing stays on disk: not of one broken off, nor of one that a killed server had."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from model.page.guard.uploads import KEPT_SECONDS, sweep, upload_folder
from tests.attack.door import opened_page

pytestmark = pytest.mark.slow
PLANTED = b"Zorblax praised the Quimby treaty in a sentence that nobody else writes. "


def planted(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and PLANTED in path.read_bytes()]


def test_an_upload_broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with upload_folder() as folder, opened_page() as address:
        link = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
        link.putrequest("POST", "/gradio_api/upload")
        link.putheader("Content-Type", "multipart/form-data; boundary=x")
        link.putheader("Content-Length", "4000000")
        link.endheaders()
        link.send(head + PLANTED * 10_000)
        for _ in range(100):
            if planted(tmp_path):
                break
            time.sleep(0.1)
        assert planted(tmp_path), "it must be there before it can be swept away"
        link.close()
        sweep(folder, folder.stat().st_mtime + KEPT_SECONDS + 60)
        assert planted(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
    assert os.environ["GRADIO_TEMP_DIR"] == str(tmp_path)


def test_what_a_killed_server_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    left = tmp_path / f"sidelight-uploads-{gone.pid}-abc"
    other = tmp_path / f"sidelight-uploads-{os.getpid()}-abc"
    strange = tmp_path / f"sidelight-uploads-{10**30}-abc"
    for folder in (left, other, strange):
        folder.mkdir()
        (folder / "a.txt").write_bytes(PLANTED)
    (tmp_path / "mine.txt").write_bytes(PLANTED)
    with upload_folder():
        assert not left.exists()
    assert (other / "a.txt").exists()
    assert (tmp_path / "mine.txt").exists()


def test_sigterm_while_a_thread_is_at_work(tmp_path: Path) -> None:
    """It writes file after file, as uploads do that come in at that moment: what it made last is empty at most."""
    program = (
        "import itertools, threading\n"
        "from contextlib import suppress\n"
        "from model.page.guard.uploads import remove_on_sigterm, upload_folder\n"
        "with upload_folder() as folder:\n"
        "    remove_on_sigterm(folder)\n"
        "    def write(first):\n"
        "        for number in itertools.count(first):\n"
        "            with suppress(OSError):\n"
        "                folder.mkdir(exist_ok=True)\n"
        "                (folder / str(number)).write_bytes(b'x')\n"
        "            if number == 3000:\n"
        "                threading.Thread(target=write, args=(number + 1,)).start()\n"
        "                return\n"
        "    write(0)\n"
        "    print(folder, flush=True)\n"
        "    threading.Event().wait()\n"
    )
    environment = {**os.environ, "GRADIO_TEMP_DIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert Path(server.stdout.readline().decode().strip()).is_dir()
        server.terminate()
        assert server.wait(60) == 128 + signal.SIGTERM
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size] == []


def test_what_is_being_written_stays(tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_bytes(PLANTED)
    sweep(tmp_path, (tmp_path / "new.txt").stat().st_mtime + KEPT_SECONDS - 1)
    assert planted(tmp_path) == [tmp_path / "new.txt"]
