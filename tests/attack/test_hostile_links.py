"""Links made to reach machines that only the server can reach, or to cost it time and memory: each is refused."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

import pytest

from model.article.public_connection import FetchLimits
from model.article.web_page import read_link
from model.errors import ArticleError
from model.settings import LONGEST_ARTICLE
from tests.test_files import PARAGRAPHS

pytestmark = pytest.mark.slow
PAGE = (
    "<html><head><title>No third berth</title><script>document.title = 'hacked'</script></head><body><nav>Home</nav>"
    f"<article><h1>No third berth</h1>{''.join(f'<p>{text} Café.</p>' for text in PARAGRAPHS)}</article></body></html>"
)
HOSTS = (
    "127.0.0.1 localhost 10.0.0.1 169.254.169.254 192.168.0.1 0.0.0.0 0 2130706433 0x7f000001 017700000001 "
    "127.1 [::1] [::] [::ffff:127.0.0.1] [::ffff:a9fe:a9fe] [64:ff9b::7f00:1] [fd00:ec2::254] 224.0.0.1"
)
BOMB_BYTES = 100_000_000
NOT_PUBLIC = "expected a page on the public internet, got .*, which is not; paste"
LATE = "expected a page that comes within 1 seconds, got one that takes longer; paste"
LARGE = "expected a page of at most 5,000,000 bytes, got a larger one; paste"
GETADDRINFO = socket.getaddrinfo


class Hostile(BaseHTTPRequestHandler):
    """Answers by path."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        name, _, rest = self.path.lstrip("/").partition("/")
        try:
            getattr(self, f"say_{name}")(rest)
        except OSError:  # the other side has had enough
            self.close_connection = True

    def begin(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content_type": "text/html", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def say_page(self, charset: str) -> None:
        self.begin(content_type=f"text/html; charset={charset}")
        self.wfile.write(PAGE.encode(charset))

    def say_packed(self, rest: str) -> None:
        self.begin(content_encoding="gzip", content_type="text/plain")
        self.wfile.write(gzip.compress("\n\n".join(PARAGRAPHS).encode()))

    def say_members(self, rest: str) -> None:
        """A gzip stream of several members, each a paragraph, padded; `rest` says how much of it is sent."""
        self.begin(content_encoding="gzip", content_type="text/plain")
        raw = b"".join(gzip.compress(f"{text}\n\n".encode()) for text in PARAGRAPHS) + bytes(9)
        self.wfile.write(raw[: len(raw) * int(rest) // 100])

    def say_bombs(self, rest: str) -> None:
        self.begin(content_encoding="gzip")
        self.wfile.write(gzip.compress(bytes(1_000_000)) * 6)

    def say_long(self, rest: str) -> None:
        self.begin(content_type="text/plain")
        self.wfile.write(b"word " * LONGEST_ARTICLE)

    def say_to(self, rest: str) -> None:
        self.begin(302, location=rest)

    def say_umlaut(self, rest: str) -> None:
        self.begin(302, location="/packed/zürich".encode(rest).decode("latin-1"))

    def say_far(self, rest: str) -> None:
        self.begin(302, location="/" + "a" * 3000)

    def say_count(self, rest: str) -> None:
        self.begin(302, location=f"/count/{int(rest) - 1}" if int(rest) else "/packed")

    def say_kind(self, rest: str) -> None:
        self.begin(content_type=rest)

    def say_status(self, rest: str) -> None:
        self.begin(int(rest))

    def say_coded(self, rest: str) -> None:
        self.begin(content_encoding=rest)
        self.wfile.write(b"<p>Text</p>")

    def say_gigabyte(self, rest: str) -> None:
        self.begin(content_length=str(10**9))

    def say_endless(self, rest: str) -> None:
        self.begin()
        while True:
            self.wfile.write(b"<p>on and on</p>" * 1000)

    def say_drip(self, rest: str) -> None:
        self.begin()
        self.drip(b"a")

    def say_header_drip(self, rest: str) -> None:
        self.send_response(200)
        self.flush_headers()
        self.drip(b"X-A: a\r\n")

    def drip(self, some: bytes) -> None:
        while True:
            self.wfile.write(some)
            time.sleep(0.1)

    def say_silence(self, rest: str) -> None:
        time.sleep(2)

    def say_bomb(self, rest: str) -> None:
        self.begin(content_encoding="gzip")
        packer = zlib.compressobj(1, wbits=31)
        zeros = bytes(10_000_000)
        for _ in range(BOMB_BYTES // len(zeros)):
            self.wfile.write(packer.compress(zeros))
        self.wfile.write(packer.flush())

    def say_empty_blocks(self, rest: str) -> None:
        """Gzip that never holds a byte."""
        self.begin(content_encoding="gzip")
        packer = zlib.compressobj(1, wbits=31)
        self.wfile.write(packer.compress(b"") + packer.flush(zlib.Z_SYNC_FLUSH))
        while True:
            self.wfile.write(b"\x00\x00\x00\xff\xff" * 10_000)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    Hostile.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def at(server: ThreadingHTTPServer) -> str:
    Hostile.asked.clear()
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def limits(server: ThreadingHTTPServer) -> FetchLimits:
    """The real limits, but that 127.0.0.1 is the only public address, and a second is long."""
    ours = ip_address("127.0.0.1")
    ports = frozenset({80, 443, server.server_port})
    return FetchLimits(seconds=1, ports=ports, allowed=lambda address: address == ours)


def refused(link: str, message: str, limits: FetchLimits | None = None) -> str:
    start = time.monotonic()
    with pytest.raises(ArticleError, match=message) as error:
        read_link(link, *([limits] if limits else []))
    assert time.monotonic() - start < 3
    return str(error.value)


@pytest.mark.parametrize(
    "host",
    HOSTS.split(),
)
def test_addresses_that_are_not_public(host: str) -> None:
    for scheme in ("http", "https"):
        refused(f"{scheme}://{host}/latest/meta-data", NOT_PUBLIC)


@pytest.mark.parametrize("host", ["0177.0.0.1", "127.0.0.1.", "[fe80::1%25eth0]", "①②⑦.0.0.1", "%31%32%37.0.0.1"])
def test_addresses_in_disguise(host: str) -> None:
    refused(f"http://{host}/", f"{NOT_PUBLIC}|names no host|a host that exists")


@pytest.mark.parametrize("port", [0, 22, 6379, 7860, 8080])
def test_ports(port: int) -> None:
    refused(f"http://example.org:{port}/", "expected a link to port 80 or 443, got")


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("ftp://example.org/a", "begins with http:// or https://, got 'ftp'"),
        ("file:///etc/passwd", "begins with http:// or https://, got 'file'"),
        ("javascript:alert(1)", "begins with http:// or https://, got 'javascript'"),
        ("http:///a", "names no host"),
        ("http://\ud800/", "names no host"),
        ("http://exa\x00mple.org/", "names no host"),
        (f"http://example.org/{'a' * 3000}", "at most 2,000 characters, got 3,019"),
        (f"http://{'a' * 64}.org/", "a host that exists"),
    ],
)
def test_what_is_no_link(link: str, message: str) -> None:
    refused(link, message)


def test_a_password_is_not_repeated(at: str, limits: FetchLimits) -> None:
    for link in ("http://reader:secret@example.org/", "http://secret@127.0.0.1:22/"):
        assert "secret" not in refused(link, "expected a link without a password, got one with it")
    told = refused(f"{at}/to/http://reader:secret@127.0.0.1/", "expected a link without a password", limits)
    assert "secret" not in told


def name(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names have these addresses, another list at each time; gives the names that are asked for."""
    asked: list[str] = []
    left = iter(answers)

    def answer(host: str, port: int, *more: Any, **options: Any) -> list[Any]:
        try:
            ip_address(host)
        except ValueError:
            asked.append(host)
            return [found for each in next(left) for found in GETADDRINFO(each, port, type=socket.SOCK_STREAM)]
        return GETADDRINFO(host, port, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


@pytest.mark.parametrize(
    "addresses", [["10.0.0.7"], ["::1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:10.0.0.7"], ["169.254.169.254"]]
)
def test_a_name_of_a_private_address(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    name(monkeypatch, addresses)
    told = refused("http://press.example.org/", NOT_PUBLIC)
    assert not any(address in told for address in addresses)


def test_a_second_answer_counts_for_nothing(
    monkeypatch: pytest.MonkeyPatch, server: ThreadingHTTPServer, at: str, limits: FetchLimits
) -> None:
    asked = name(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
    assert read_link(f"http://press.example.org:{server.server_port}/packed", limits) == "\n\n".join(PARAGRAPHS)
    assert asked == ["press.example.org"]
    refused(f"http://press.example.org:{server.server_port}/packed", NOT_PUBLIC, limits)  # the second one, by then
    assert Hostile.asked == ["/packed"]


def test_a_name_that_is_never_answered(monkeypatch: pytest.MonkeyPatch, limits: FetchLimits) -> None:
    ended = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: ended.wait(20) and [])
    refused("http://press.example.org/", LATE, limits)
    ended.set()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("http://169.254.169.254/latest/meta-data", NOT_PUBLIC),
        ("http://127.0.0.2/", NOT_PUBLIC),
        ("//[::1]/", NOT_PUBLIC),
        ("http://2130706434/", NOT_PUBLIC),
        ("https://10.0.0.1/", NOT_PUBLIC),
        ("http://127.0.0.1:22/", "expected a link to port"),
        ("file:///etc/passwd", "begins with http:// or https://, got 'file'"),
        ("javascript:alert(1)", "begins with http:// or https://, got 'javascript'"),
        ("http://[/", "a host that exists"),
    ],
)
def test_redirects(at: str, limits: FetchLimits, target: str, message: str) -> None:
    refused(f"{at}/to/{target}", message, limits)
    assert len(Hostile.asked) == 1


def test_a_redirect_of_any_length(at: str, limits: FetchLimits) -> None:
    refused(f"{at}/far", "expected a redirect of at most 2,000 characters, got 3,001; paste", limits)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_redirect_with_an_umlaut(at: str, limits: FetchLimits, encoding: str) -> None:
    assert read_link(f"{at}/umlaut/{encoding}", limits) == "\n\n".join(PARAGRAPHS)
    assert Hostile.asked[-1] == "/packed/z%C3%BCrich"


def test_more_than_five_redirects(at: str, limits: FetchLimits) -> None:
    assert read_link(f"{at}/count/4", limits) == "\n\n".join(PARAGRAPHS)
    Hostile.asked.clear()
    refused(f"{at}/count/5", "expected at most 5 redirects, got more; paste", limits)
    assert len(Hostile.asked) == 6


@pytest.mark.parametrize("path", ["gigabyte", "endless", "bomb", "bombs", "empty_blocks"])
def test_too_large(at: str, limits: FetchLimits, path: str) -> None:
    refused(f"{at}/{path}", LARGE, replace(limits, seconds=10))


@pytest.mark.parametrize("path", ["drip", "header_drip", "silence"])
def test_too_slow(at: str, limits: FetchLimits, path: str) -> None:
    refused(f"{at}/{path}", LATE, limits)


def test_a_handshake_without_end(limits: FetchLimits) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        refused(f"https://127.0.0.1:{port}/", LATE, replace(limits, ports=frozenset({port})))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("kind/application/pdf", "expected a page of text .HTML., got 'application/pdf'; paste"),
        ("kind/image/svg+xml", "got 'image/svg.xml'"),
        ("kind/", "got 'no content type'"),
        ("status/404", "expected a page at 127.0.0.1, got HTTP status 404; check the link, or paste"),
        ("status/204", "got HTTP status 204"),
        ("coded/br", "packed with gzip or not at all, got 'br'"),
        ("coded/gzip", "got a damaged gzip stream"),
        ("members/20", "expected a whole page, got a gzip stream that breaks off; paste"),
        ("members/90", "expected a whole page, got a gzip stream that breaks off; paste"),
        ("coded/identity", "expected text in the web page, found none"),
    ],
)
def test_what_is_no_page(at: str, limits: FetchLimits, path: str, message: str) -> None:
    refused(f"{at}/{path}", message, replace(limits, seconds=10))


def test_nobody_answers(at: str, limits: FetchLimits) -> None:
    told = "expected a page at 127.0.0.1, got ConnectError; check the link"
    refused(at.replace("http:", "https:"), told, limits)  # it speaks no TLS
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    refused(f"http://127.0.0.1:{port}/", told, replace(limits, ports=frozenset({port})))


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_an_ordinary_page(at: str, limits: FetchLimits, charset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # the environment sends it nowhere else
    text = read_link(f"{at}/to/{at}/page/{charset}", replace(limits, seconds=10))
    assert text.split("\n\n") == ["No third berth", *(f"{paragraph} Café." for paragraph in PARAGRAPHS)]


def test_plain_text(at: str, limits: FetchLimits) -> None:
    assert read_link(f"{at}/packed", limits) == "\n\n".join(PARAGRAPHS)
    assert read_link(f"{at}/members/100", limits).split("\n\n") == [*PARAGRAPHS, ""]
    assert len(read_link(f"{at}/long", limits)) == LONGEST_ARTICLE + 1
