"""However a run ends, nothing of what was pasted or dropped is in the log or on a disk afterwards."""

import http.client
import json
import signal
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest

from tests.attack import WHOLE
from tests.attack.door import CRASH, ENDLESS
from tests.attack.served import (
    Served,
    called,
    dropped,
    handler,
    joined,
    judged,
    opened_stream,
    real_models,
    served,
    upload,
)
from tests.attack.test_door import ask

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200 if WHOLE else 300)]
RUNS = 50 if WHOLE else 1
"""Of each kind of ending."""


def succeeds(page: Served) -> None:
    assert page.planted in called(page, page.text(), "")
    assert page.planted in judged(page, page.text())
    assert page.planted in dropped(page, "a.txt")


def is_refused(page: Served) -> None:
    assert "expected at most 200,000 characters" in called(page, page.text() * 9000, "")
    assert "expected a list of at most" in called(page, page.text(), f"{page.planted}; " * 5000)
    assert "expected text, got dict" in called(page, {"text": page.text()}, "")
    assert "expected 2 inputs" in called(page, page.text())
    assert "expected text, got binary data" in judged(page, page.text("\x00"))
    assert "expected " in dropped(page, f"{page.planted}.json")
    assert "expected " in dropped(page, f"{page.planted}.exe")
    assert ask(page.address, f"/gradio_api/call/{quote(page.text())}", {"data": []})[0] == 404
    assert ask(page.address, f"/{quote(page.text())}?q={quote(page.text())}")[0] in (404, 405)


def is_aborted(page: Served) -> None:
    """Its client leaves; Stop; an upload breaks off."""
    told = ask(page.address, "/gradio_api/call/analyze", {"data": [page.text(ENDLESS), ""]})[2]
    ask_path = f"/gradio_api/call/analyze/{json.loads(told)['event_id']}"
    link = http.client.HTTPConnection(urlsplit(page.address).netloc, timeout=60)
    link.request("GET", ask_path)
    assert link.getresponse().status == 200
    link.close()
    session = joined(page, "judge_article", [page.text(ENDLESS), None, None, 0.5])
    stream = opened_stream(page, f"/gradio_api/queue/data?session_hash={session}", b"process_generating")
    stop = {"data": [None] * 4, "fn_index": handler(page, "end"), "session_hash": session}
    assert ask(page.address, "/gradio_api/run/predict", stop)[0] == 200
    stream.close()
    upload(page, "a.txt", whole=False)
    assert page.planted in called(page, page.text(), "")  # the turn is free again


def crashes(page: Served) -> None:
    before = page.logged().count("a handler failed: KeyError, at ")
    for told in (called(page, page.text(CRASH), ""), judged(page, page.text(CRASH))):
        assert "Something went wrong" in told
        assert page.planted not in told
    assert page.logged().count("a handler failed: KeyError, at ") == before + 2


ENDINGS: dict[str, Callable[[Served], None]] = {
    "success": succeeds, "refusal": is_refused, "abort": is_aborted, "crash": crashes,
}  # fmt: skip


@pytest.fixture
def planted() -> str:
    return f"Zorblax{uuid4().hex}"


@pytest.mark.parametrize("model", ["none", *(["real"] if WHOLE else [])])
def test_a_run_ends(tmp_path: Path, planted: str, model: str) -> None:
    with served(tmp_path, planted, **(real_models() if model == "real" else {})) as page:
        called(page, "Norway thanked Sweden for its great patience.", "")  # the models are there
        for ending in ENDINGS.values():
            for _ in range(RUNS):
                ending(page)
            page.clean()
        assert page.process.poll() is None
    assert "Traceback" not in page.logged()
    assert page.leftovers() == []


def test_the_server_ends(tmp_path: Path, planted: str) -> None:
    """In the middle of a run and behind an upload: at once where it is told to end, at its next start where it dies."""
    for sent in (signal.SIGTERM, signal.SIGKILL, signal.SIGABRT) * RUNS:
        with served(tmp_path, planted) as page:
            page.clean()  # what the one before left
            session = joined(page, "judge_article", [page.text(ENDLESS), None, None, 0.5])
            stream = opened_stream(page, f"/gradio_api/queue/data?session_hash={session}", b"process_generating")
            upload(page, "a.txt")
            upload(page, "b.txt", whole=False)
            page.process.send_signal(sent)
            page.process.wait(60)
            stream.close()
            if sent is signal.SIGTERM:
                assert page.leftovers() == []
    with served(tmp_path, planted) as page:
        page.clean()
    assert page.leftovers() == []


def test_what_is_left_would_be_found(tmp_path: Path, planted: str) -> None:
    (tmp_path / "log.txt").write_text(f"it was {planted}", encoding="utf-8")
    (tmp_path / planted).touch()
    page = Served(tmp_path, None, "", planted)  # type: ignore[arg-type]
    assert sorted(page.leftovers()) == sorted([str(tmp_path / "log.txt"), str(tmp_path / planted)])
