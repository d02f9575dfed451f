"""A language model's server on loopback that answers as a test's script says."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Scripted(BaseHTTPRequestHandler):
    """Answers as the test's script says; keeps what it was asked."""

    script: Callable[["Scripted", dict[str, Any]], None]
    asked: list[dict[str, Any]]
    ready: threading.Event

    def do_GET(self) -> None:  # the name that http.server asks for
        self.ready.wait(60)
        self.say({"object": "list", "data": [{"id": "m", "object": "model"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body)
        self.script(body)

    def say(self, body: dict[str, Any], status: int = 200) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()

    def say_piece(self, text: str, logprob: float | None = None) -> None:
        told = {"content": [{"token": text, "logprob": logprob, "top_logprobs": []}]}
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": None, "logprobs": logprob and told}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())

    def log_message(self, *args: object) -> None:
        pass


Start = Callable[..., tuple[str, list[dict[str, Any]]]]
"""Serves a script on loopback; gives the address and what was asked."""


@contextmanager
def answering(
    script: Callable[[Scripted, dict[str, Any]], None], ready: threading.Event | None = None
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Answer by the script until the block ends; gives the address and the list of what was asked.

    Which models it serves, it says when it is `ready`, or at once.
    """
    if ready is None:
        ready = threading.Event()
        ready.set()
    handler = type("Handler", (Scripted,), {"script": script, "asked": [], "ready": ready})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", handler.asked
    finally:
        server.shutdown()
