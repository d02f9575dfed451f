"""One door: the queue and the limits hold for every route, and who asks is known."""

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from gradio_client import Client

from model.domain import Analysis, Article, Summary
from model.pipeline import Analyzer
from tests.attack.door import MODEL_FREE, opened_page

pytestmark = pytest.mark.slow
PLANTED = "Zorblax praised the Quimby treaty in a sentence that nobody else writes."
ARTICLE = f"{PLANTED} Norway thanked Sweden for its great patience."
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


def ask(address: str, path: str, body: Any = None, method: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of an answer."""
    link = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    raw = body if isinstance(body, str | bytes | None) else json.dumps(body)
    sent = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    link.request(method or ("POST" if raw is not None else "GET"), path, raw, sent)
    answer = link.getresponse()
    told = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, told, answer.read().decode(errors="replace")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("door")))
        with opened_page() as address:
            yield address


@pytest.fixture
def guarded() -> Iterator[str]:
    with opened_page(login=("ann", "secret"), rate="2/hour") as address:
        yield address


@pytest.mark.parametrize("route", ["/gradio_api/run/", "/gradio_api/api/", "/gradio_api/call/", "/gradio_api/call/v2/"])
def test_no_handler_by_name_past_the_queue(door: str, route: str) -> None:
    names = ["judge_article", "judge_anyway", "judge_again", "write", "take_files", "start", "go_on", "open_file"]
    names += [] if "call" in route else ["analyze", "find_parties"]
    for name in names:
        assert ask(door, route + name, {"data": [ARTICLE, "", 0.5]})[0] == 404, name


def test_no_queued_handler_by_number(door: str) -> None:
    config = json.loads(ask(door, "/config")[2])
    queued = [fn["id"] for fn in config["dependencies"] if fn["queue"] and fn["backend_fn"]]
    assert len(queued) > 5
    for number in queued:
        body = {"data": [ARTICLE], "fn_index": number, "session_hash": "x"}
        assert ask(door, "/gradio_api/run/predict", body)[0] == 404, number


def test_endpoints_by_name_go_through_the_queue(door: str) -> None:
    found = Client(door, verbose=False).predict(text=ARTICLE, parties="", api_name="/analyze")
    assert found["text"] == ARTICLE


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/file=/etc/passwd", "/gradio_api/file=app.py", "/gradio_api/proxy=http://127.0.0.1:1/", "/monitoring"],
)
def test_closed_routes_name_no_folder(door: str, path: str) -> None:
    status, _, told = ask(door, path)
    assert status == 404
    assert str(Path.cwd()) not in told
    assert "/etc" not in told


def test_headers(door: str) -> None:
    status, headers, _ = ask(door, "/")
    assert status == 200
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:7860", "Origin": "http://evil.example:7860"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "[::1"}, 421),
        ({"Origin": "http://[::1"}, 403),
        ({"Host": "localhost"}, 200),
    ],
)
def test_foreign_hosts_and_origins(door: str, headers: dict[str, str], status: int) -> None:
    assert ask(door, "/config", **headers)[0] == status


@pytest.mark.parametrize("length", ["9000000", "many"])
def test_a_large_body_is_refused(door: str, length: str) -> None:
    assert ask(door, "/gradio_api/call/analyze", b"", "POST", Content_Length=length)[0] in (400, 413)


def test_only_dropped_files_may_be_many(door: str) -> None:
    """A list of files of 5 MB each is more than any other request may carry, and has its own limit."""
    form = {"Content_Type": "multipart/form-data; boundary=x"}
    head = '--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    parts = "".join(f"{head.format(name=f'{n}.txt')}{'word ' * 800_000}\r\n" for n in range(3))
    status, _, told = ask(door, "/gradio_api/upload", f"{parts}--x--\r\n", **form)
    assert (status, len(json.loads(told))) == (200, 3)
    assert ask(door, "/gradio_api/upload", b"", "POST", Content_Length="41000000")[0] in (400, 413)


def test_a_login_is_held_to_its_rates(guarded: str) -> None:
    """A made-up address does not defeat the rate of articles, and wrong passwords slow down."""
    told = []
    for number in range(3):
        headers = {"X-Forwarded-For": f"10.0.0.{number}"}
        client = Client(guarded, auth=("ann", "secret"), verbose=False, headers=headers)
        try:
            told.append(str(client.predict(text=ARTICLE, api_name="/find_parties")))
        except Exception as error:
            told.append(str(error))
    assert told[:2] == ["[]", "[]"]
    assert "at most 2 per 1 hour" in told[2]
    status, headers, _ = ask(guarded, "/login", "username=ann&password=secret", **FORM)
    assert status == 200
    assert "samesite=lax" in headers["set-cookie"].lower()
    statuses = [ask(guarded, "/login", f"username=ann&password={n}", **FORM)[0] for n in range(7)]
    assert statuses == [400] * 5 + [429] * 2
    assert ask(guarded, "/login", "username=ann&password=secret", **FORM)[0] == 429


def test_a_run_ends_after_its_client() -> None:
    ended = threading.Event()

    def endless(article: Article, requests: object = (), before: object = None) -> Iterator[Analysis]:
        try:
            while not ended.wait(0.01):
                yield Analysis(article, (), (), Summary(()))
        finally:
            ended.set()

    analyzer = cast("Analyzer", SimpleNamespace(**{**vars(MODEL_FREE), "stages": endless}))
    with opened_page(analyzer) as address:
        event = json.loads(ask(address, "/gradio_api/call/analyze", {"data": [ARTICLE, ""]})[2])["event_id"]
        link = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        link.request("GET", f"/gradio_api/call/analyze/{event}")
        answer = link.getresponse()
        assert answer.status == 200
        answer.close()
        link.close()
        gone = ended.wait(40)
        ended.set()
    assert gone


@pytest.mark.parametrize("data", [[], [ARTICLE], [{"text": PLANTED}, 3], [[PLANTED], PLANTED, PLANTED]])
def test_no_wrong_input_reaches_the_log(door: str, data: list[Any], capfd: pytest.CaptureFixture[str]) -> None:
    """One input too few, and inputs of other kinds: an error comes back, and the log says nothing of them."""
    status, _, told = ask(door, "/gradio_api/call/analyze", {"data": data})
    if status == 200:
        stream = ask(door, f"/gradio_api/call/analyze/{json.loads(told)['event_id']}")[2]
        assert "event:" in stream
    logged = "".join(capfd.readouterr())
    assert "Zorblax" not in logged
    assert "Traceback" not in logged
