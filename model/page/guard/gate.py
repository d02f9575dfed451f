"""The page's one door, before Gradio's routes: who may ask, for what, how much; and the headers of every answer."""

import logging
import os
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...settings import RuntimeSettings
from .quiet import places_of

PUBLIC = ("analyze", "find_parties")
"""The endpoints that may be called by name."""
MOST_BODY_BYTES = 8_000_000
"""Of a request: a dropped file of 5 MB, or an article whose signs are all escaped, with what stands around it."""
MOST_UPLOAD_BYTES = 40_000_000
"""Of the files that are dropped together; each may have 5 MB."""
_FAILED = "something went wrong here; try again"
_log = logging.getLogger("sidelight")
_WRONG_PASSWORDS = parse("5/minute")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CLOSED = re.compile(
    r"(?:/gradio_api)?/(?:file[=/]|proxy=|stream/|custom_component|process_recording|vibe|undo-vibe|runs|run-history"
    r"|deep_link|dev/|monitoring|profiling|token)"
)
"""Routes of Gradio that the page does not use: they read files, fetch addresses or tell of others' runs."""
_UPLOAD = re.compile(r"(?:/gradio_api)?/upload/?")
_UPLOAD_BYTES = MOST_UPLOAD_BYTES + 100_000
"""With the names of the files and what stands around them."""
_BY_NAME = re.compile(r"(?:/gradio_api)?/(?:run|api|call(?:/v2)?)/(?P<name>[^/]+)")
_WAITED_FOR = re.compile(r"(?:/gradio_api)?/call/(?:v2/)?[^/]+/(?P<event>[0-9a-f]{32})")
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors "
)
"""What a page of Gradio needs, and nothing from elsewhere."""


class Gate:
    """Middleware around Gradio's application.

    It refuses foreign hosts and origins, routes that the page does not use, requests that are too large, private
    handlers called by name, and passwords tried too often; it adds headers that keep the page to itself.
    """

    def __init__(self, app: ASGIApp, settings: RuntimeSettings) -> None:
        self.app = app
        self.space = settings.space
        named = frozenset(host.lower() for host in settings.hosts)
        self.hosts = named | set(_LOOPBACK) if named or settings.host in _LOOPBACK else frozenset()
        self.tries = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with what was expected."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = scope["path"].removeprefix(scope.get("root_path") or "")
        refused = self._refused(path, scope, headers)
        if refused is not None:
            status, message = refused
            await JSONResponse({"detail": message, "error": message}, status)(scope, receive, self._closing(send))
            return
        waited = _WAITED_FOR.fullmatch(path)
        if waited and scope["method"] == "GET":
            await self._streamed(waited["event"], scope, receive, self._closing(send))
            return
        login = path.rstrip("/") == "/login" and scope["method"] == "POST"
        answered = self._counting(scope, send) if login else send
        await self._quietly(scope, _limited(receive, _most_bytes(path)), self._closing(answered))

    async def _quietly(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; of one that fails the log says where, and nothing of what came with it."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except ClientDisconnect:  # an upload broke off
            return
        except Exception as error:
            _log.error("a request failed: %s, at %s", type(error).__name__, places_of(error))
            if not begun:
                await JSONResponse({"detail": _FAILED, "error": _FAILED}, 500)(scope, receive, send)

    async def _streamed(self, event: str, scope: Scope, receive: Receive, send: Send) -> None:
        """An answer that grows; where its reader leaves before the end, the run is marked as nobody's.

        Gradio looks for that between two of its messages, and is cancelled before it gets there.
        """
        ended = False

        async def passed(message: Message) -> None:
            nonlocal ended
            await send(message)
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            await self.app(scope, receive, passed)
        finally:
            if not ended and "app" in scope:
                await scope["app"].get_blocks()._queue.clean_events(event_id=event)

    def _refused(self, path: str, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = _name(headers.get("host", ""))
        if self.hosts and host not in self.hosts:
            return 421, f"expected one of this page's hosts, got {host[:80]!r}; name it in SIDELIGHT_HOSTS"
        origin = headers.get("origin")
        if origin is not None and not self._same(origin, headers):
            return 403, f"expected a request from this page, got one from {origin[:80]!r}"
        if _CLOSED.match(path):
            return 404, "there is nothing here; the page is at /"
        named = _BY_NAME.match(path)
        if named and not _may_call(named["name"], path, scope["method"]):
            return 404, f"expected one of the endpoints {', '.join(PUBLIC)}, got {named['name'][:80]!r}"
        most = _most_bytes(path)
        length = headers.get("content-length") or "0"
        if not length.isdecimal() or int(length) > most:
            return 413, f"expected at most {most:,} bytes, got more; send one article, or smaller files"
        if path.rstrip("/") == "/login" and not self.tries.test(_WRONG_PASSWORDS, _address(scope)):
            return 429, f"expected at most {_WRONG_PASSWORDS} wrong passwords; wait a minute"
        return None

    def _same(self, origin: str, headers: Headers) -> bool:
        """Whether a request comes from a page of this server, by its own address or its proxy's."""
        asked = origin.lower().partition("://")[2]
        own = {headers.get("host", "").lower(), headers.get("x-forwarded-host", "").lower()}
        return bool(asked) and (asked in own or (bool(self.hosts) and _name(asked) in self.hosts - set(_LOOPBACK)))

    def _counting(self, scope: Scope, send: Send) -> Send:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 400:
                self.tries.hit(_WRONG_PASSWORDS, _address(scope))
            await send(message)

        return counted

    def _closing(self, send: Send) -> Send:
        async def closed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                frames = "'self' https://huggingface.co" if self.space else "'none'"
                headers.setdefault("content-security-policy", f"{_POLICY}{frames}")
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("referrer-policy", "no-referrer")
                if not self.space:  # there the page stands in a frame of another site
                    headers.setdefault("x-frame-options", "DENY")
                    message["headers"] = [_lax(name, value) for name, value in message["headers"]]
            await send(message)

        return closed


def _may_call(name: str, path: str, method: str) -> bool:
    """Public endpoints through the queue; "predict" is how the page calls what is never queued, such as Stop."""
    return name in PUBLIC if "/call/" in path else name == "predict" and method == "POST"


def _lax(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """A cookie that other sites' requests do not carry."""
    if name.lower() != b"set-cookie":
        return name, value
    kept = [part for part in value.split(b";") if not part.strip().lower().startswith(b"samesite")]
    return name, b";".join([*kept, b" SameSite=Lax"])


def _most_bytes(path: str) -> int:
    """How much a request to `path` may carry, in bytes: the most where files are dropped."""
    return _UPLOAD_BYTES if _UPLOAD.fullmatch(path) else MOST_BODY_BYTES


def _limited(receive: Receive, most: int) -> Receive:
    """A body of unknown length, cut where it passes the limit: what reads it finds it broken off."""
    seen = 0

    async def some() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > most else message

    return some


def _name(netloc: str) -> str:
    """The host of "host:port", in small letters; "" where that is no address."""
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:  # such as a bracket that is never closed
        return ""


def _address(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else "?"


def runs_on(request: Any) -> Callable[[], bool]:
    """Whether whoever sent `request` still waits for its answer; True where nobody can tell.

    Gradio marks the jobs of a session whose stream of messages ended, and lets a plain function run to its end. That
    its heartbeat ended (`closed`) says less: a client gives that up where a busy machine answers 5 seconds late.
    """
    session = getattr(request, "session_hash", None)
    jobs: Iterable[Any] = ()
    if session is not None:
        queue = request.request.app.get_blocks()._queue
        jobs = [job for some in queue.active_jobs for job in some or () if job.session_hash == session]
    return lambda: not jobs or any(job.alive for job in jobs)


def gated(settings: RuntimeSettings) -> dict[str, Any]:
    """What `launch` is told so that the gate stands before Gradio's routes: its `app_kwargs`.

    uvicorn takes from the environment whose X-Forwarded-For it believes; unset, it believes this machine.
    """
    os.environ["FORWARDED_ALLOW_IPS"] = settings.proxies
    return {"middleware": [Middleware(Gate, settings=settings)]}
