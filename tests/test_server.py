"""A language model behind a server: a real OpenAI-compatible one on loopback, and one that fails on purpose."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from model.errors import ServerError
from model.language_model.loading import open_language_model
from model.language_model.local import LocalModel
from model.language_model.server import ServerModel
from tests.scripted import Scripted, Start

PROMPT = "The council of Hale kept its promise to the town. Answer with one word."


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """transformers' own server with the tiny model."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).parent / "transformers", "serve", str(folder), "--port", str(port)]
    quiet = {**os.environ, "HF_HUB_OFFLINE": "1"}
    with subprocess.Popen([*command, "--device", "cpu", "--dtype", "float32"], env=quiet) as server:
        for _ in range(240):
            assert server.poll() is None
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
        server.terminate()


def test_a_real_server_says_what_the_model_says(address: str, folder: Path) -> None:
    served = ServerModel.connect(f"{address}#{folder}")
    assert served.version == f"{folder} at 127.0.0.1"
    pieces = list(served.generate(PROMPT, 20))
    assert len(pieces) > 1
    assert "".join(pieces) == "".join(LocalModel.from_folder(str(folder)).generate(PROMPT, 20))


def test_closing_ends_the_request(scripted: Start) -> None:
    ended = threading.Event()

    def endless(server: Scripted, body: dict[str, Any]) -> None:
        server.begin_stream()
        try:
            while True:
                server.say_piece("on and on ")
        except OSError:  # the reader hung up
            ended.set()

    reply = ServerModel.connect(scripted(endless)[0]).generate(PROMPT, 200)
    assert next(reply) == "on and on "
    assert not ended.is_set()
    reply.close()
    assert ended.wait(30)


@pytest.mark.parametrize(("asks", "told"), [(True, True), (True, False), (False, True)])
def test_a_reply_has_the_likelihood_of_its_tokens_where_that_is_asked_for_and_told(
    scripted: Start, asks: bool, told: bool
) -> None:
    def two(server: Scripted, body: dict[str, Any]) -> None:
        server.begin_stream()
        for text, logprob in (("Oslo ", -0.5), ("waits.", -0.25)):
            server.say_piece(text, logprob if told else None)

    address, asked = scripted(two)
    model = ServerModel.connect(address)
    model.writing = {"logprobs": True} if asks else {}
    pieces = model.generate(PROMPT, 20)
    assert next(pieces) + next(pieces) == "Oslo waits."
    with pytest.raises(StopIteration) as end:
        next(pieces)
    assert end.value.value == (-0.75 if asks and told else None)
    assert ("logprobs" in asked[-1]) is asks


def completion(text: str, logprobs: list[tuple[str, float]] | None = None) -> dict[str, Any]:
    tops = [{"token": token, "logprob": value, "bytes": None} for token, value in logprobs or []]
    told = {"content": [{**tops[0], "top_logprobs": tops}], "refusal": None} if tops else None
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": told}
    return {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}


def test_choices_from_probabilities(scripted: Start) -> None:
    tokens = [("critical", -0.1), (" neu", -2.5), ("Well", -4.0), ("", -5.0)]
    address, asked = scripted(lambda self, body: self.say(completion("critical", tokens)))
    (choice,) = ServerModel.connect(address).choose([PROMPT], ("favorable", "critical", "neutral"))
    assert choice.shares == {
        "favorable": 0,
        "critical": pytest.approx(0.9048, abs=1e-4),
        "neutral": pytest.approx(0.0821, abs=1e-4),
    }
    assert (asked[0]["model"], asked[0]["temperature"], asked[0]["top_logprobs"]) == ("m", 0, 20)


@pytest.mark.parametrize(("reply", "critical"), [("Critical.", 1.0), ("It is critical", 0.0), ("", 0.0)])
def test_choices_from_text(scripted: Start, reply: str, critical: float) -> None:
    address, _ = scripted(lambda self, body: self.say(completion(reply)))
    (choice,) = ServerModel.connect(address).choose([PROMPT], ("favorable", "critical"))
    assert choice.shares == {"favorable": 0.0, "critical": critical}
    assert choice.reply == reply


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("text/html", b"<h1>Welcome to nginx</h1>"),
        ("application/json", b"upstream error"),
        ("application/json", b'{"choices": []}'),
        ("application/json", b'{"error": "no model"}'),
        ("application/json", b"null"),
        ("application/json", b"[]"),
        ("application/json", b'{"choices": [{}]}'),
        ("application/json", b'{"choices": [{"message": {"content": ["critical"]}}]}'),
        ("application/json", b'{"choices": [{"message": {"content": {"text": "critical"}}}]}'),
        ("application/json", b'{"choices": [{"message": {"content": ""}, "logprobs": {"content": ["critical"]}}]}'),
    ],
)
def test_an_answer_that_is_no_completion_is_an_error(scripted: Start, kind: str, sent: bytes) -> None:
    def odd(server: Scripted, body: dict[str, Any]) -> None:
        server.send_response(200)
        server.send_header("Content-Type", kind)
        server.send_header("Content-Length", str(len(sent)))
        server.end_headers()
        server.wfile.write(sent)

    model = ServerModel.connect(scripted(odd)[0])
    with pytest.raises(ServerError, match=r"answer of the language model's server at .*, got something else;"):
        model.choose([PROMPT], ("critical",))


def test_a_busy_server_is_asked_again(scripted: Start) -> None:
    answers = [503, 429, 200]
    address, asked = scripted(lambda self, body: self.say(completion("critical"), answers[len(self.asked) - 1]))
    (choice,) = ServerModel.connect(address).choose([PROMPT], ("critical",))
    assert choice.shares == {"critical": 1.0}
    assert len(asked) == 3


@pytest.mark.parametrize(("status", "found"), [(401, "status 401"), (500, "status 500"), (0, "no answer in time")])
def test_a_failing_server_is_an_error_that_keeps_the_prompt_to_itself(scripted: Start, status: int, found: str) -> None:
    def fail(self: Scripted, body: dict[str, Any]) -> None:
        if status:
            self.say({"error": {"message": f"you sent {body['messages']}"}}, status)
        else:
            time.sleep(2)

    address, _ = scripted(fail)
    model = ServerModel.connect(address, key="secret", timeout=0.5, retries=1)
    for ask in (lambda: list(model.generate(PROMPT, 5)), lambda: model.choose([PROMPT], ("critical",))):
        with pytest.raises(ServerError, match=f"server at {address}.*got {found}.*LLM=none") as failure:
            ask()
        assert "promise" not in str(failure.value)
        assert "secret" not in str(failure.value)


def test_a_stream_that_breaks_is_an_error_after_what_came(
    scripted: Start,
) -> None:
    def half(self: Scripted, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.say_piece("The council")
        self.wfile.flush()
        self.connection.close()

    address, _ = scripted(half)
    reply = ServerModel.connect(address, timeout=2.0).generate(PROMPT, 20)
    assert next(reply) == "The council"
    with pytest.raises(ServerError, match="no connection, or a broken one"):
        next(reply)


@pytest.mark.parametrize(
    "sent",
    [
        b"data: upstream error\n\n",
        b'data: {"choices": "\xff"}\n\n',
        b"data: null\n\n",
        b'data: {"choices": 3}\n\n',
        b'data: {"choices": [null]}\n\n',
        b'data: {"choices": [{"index": 0, "delta": {"content": ["sank"]}}]}\n\n',
    ],
)
def test_a_stream_that_is_no_completion_is_an_error_after_what_came(scripted: Start, sent: bytes) -> None:
    def odd(self: Scripted, body: dict[str, Any]) -> None:
        self.begin_stream()
        self.say_piece("The council")
        self.wfile.write(sent)

    address, _ = scripted(odd)
    reply = ServerModel.connect(address, timeout=2.0).generate(PROMPT, 20)
    assert next(reply) == "The council"
    with pytest.raises(ServerError, match="expected an answer of the language model's server"):
        next(reply)


def test_half_a_character_is_replaced(scripted: Start) -> None:
    def half(self: Scripted, body: dict[str, Any]) -> None:
        if body.get("stream"):
            self.begin_stream()
            self.say_piece("It sank \ud83d, \U0001f600.")
        else:
            self.say(completion("\ud83d"))

    model = ServerModel.connect(scripted(half)[0])
    assert list(model.generate(PROMPT, 20)) == ["It sank \ufffd, \U0001f600."]
    assert model.choose([PROMPT], ("critical",))[0].reply == "\ufffd"


Serving = Callable[[object], str]


@pytest.fixture
def serving(scripted: Start, monkeypatch: pytest.MonkeyPatch) -> Serving:
    """Gives the address of a server, which refuses to write, with this answer to the question for its models."""

    def start(models: object) -> str:
        monkeypatch.setattr(Scripted, "do_GET", lambda self: self.say(models))
        return scripted(lambda self, body: self.say({}, 401))[0]

    return start


@pytest.mark.parametrize("name", ["", "#m"])
@pytest.mark.parametrize(
    "models",
    [[], None, {"data": 7}, {"data": "m"}, {"data": {"m": 1}}, *({"data": [one]} for one in ("m", {}, {"id": 5}))],
)
def test_what_is_no_list_of_models_is_an_error(serving: Serving, models: object, name: str) -> None:
    with pytest.raises(ServerError, match=r"server's list of models from http://127\.0\.0\.1:.*, got something else"):
        ServerModel.connect(f"{serving(models)}{name}")


@pytest.mark.parametrize("models", [{"data": []}, {"object": "list"}])
def test_a_server_without_models_is_an_error(serving: Serving, models: object) -> None:
    with pytest.raises(ServerError, match=r"expected a model at http://127\.0\.0\.1:.*, found none"):
        ServerModel.connect(serving(models))


def test_a_password_in_the_address_is_not_shown(serving: Serving) -> None:
    def address(*names: object) -> str:
        return serving({"data": [{"id": name} for name in names]}).replace("//", "//ann:p@ss@")

    assert ServerModel.connect(address("m")).version == "m at 127.0.0.1"
    asked: list[Callable[[], object]] = [
        lambda: list(ServerModel.connect(address("m")).generate(PROMPT, 5)),
        lambda: ServerModel.connect(address("m")).choose([PROMPT], ("critical",)),
        lambda: ServerModel.connect(f"{address('m')}#other"),
        lambda: ServerModel.connect(address("m", "n")),
        lambda: ServerModel.connect(address()),
        lambda: ServerModel.connect(address(5)),
        lambda: ServerModel.connect("http://ann:p@ss@127.0.0.1:abc/v1"),
    ]
    for ask in asked:
        with pytest.raises(ServerError, match=r"http://127\.0\.0\.1:") as error:
            ask()
        assert "ann" not in str(error.value)
        assert "ss@" not in str(error.value)


def test_an_address_that_no_server_can_have_is_an_error() -> None:
    for address in ("http://127.0.0.1:abc/v1", "http://127.0.0.1:99999/v1", "http://ü..example/v1"):
        with pytest.raises(ServerError, match=f"expected a server's address such as .*, got {address}: "):
            ServerModel.connect(address)


def test_no_server_and_no_such_model(scripted: Start) -> None:
    with pytest.raises(ServerError, match=r"at http://127\.0\.0\.1:9/v1, got no connection.*Nothing was sent"):
        ServerModel.connect("http://127.0.0.1:9/v1", retries=0)
    address, _ = scripted(lambda self, body: None)
    with pytest.raises(ServerError, match=r"expected one of m behind the # of .*, got 'other'"):
        open_language_model(f"{address}#other")
