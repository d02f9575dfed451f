"""A link in an article's place: the page that it names is fetched within limits, and only from a public address.

Each address that a redirect names is checked as the first one is; `public_connection.py` says which may be asked.
"""

import codecs
import gzip
import io
import re
import zlib
from dataclasses import dataclass

import httpcore
import httpx

from ..errors import ArticleError
from ..settings import LONGEST_ARTICLE
from .files import read_html
from .public_connection import LIMITS, CheckingBackend, Clock, FetchLimits
from .spans import WHITE

_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_NO_SCHEME = re.compile(r"www\.[\w-]+\.\S+|(?:[\w-]+\.)+[a-z]{2,}/\S*", re.IGNORECASE)
"""A host alone is taken for a link only where it begins with www: "press.example" may be a word."""
_LONGEST = 2_000  # characters of a link
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS: dict[bytes | str, bytes | str] = {
    "User-Agent": "Sidelight/0.1",
    "Accept": "text/html, application/xhtml+xml, text/plain;q=0.8",
    "Accept-Encoding": "gzip, identity",
    "Connection": "close",
}
_HTML, _PLAIN = ("text/html", "application/xhtml+xml"), "text/plain"
_CHARSET = re.compile(r"""charset=["']?([\w-]{1,40})""", re.IGNORECASE | re.ASCII)
_CODECS = {"utf-8": "utf-8-sig", "ascii": "cp1252", "iso8859-1": "cp1252", "cp1252": "cp1252"}
"""The encodings that are taken from a header, and how browsers read them; the others are found out from the bytes."""
_INSTEAD = "paste the article's text instead"


def looks_like_link(text: str) -> bool:
    """Whether a text is one address of the web and nothing else."""
    return _LINK.fullmatch(_address(text)) is not None


def link_host(address: str) -> str:
    """The host that a link names; "" where it cannot be read."""
    try:
        return httpx.URL(_address(address)).raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError):
        return ""


def read_link(address: str, limits: FetchLimits = LIMITS) -> str:
    """The text of the page at an address; paragraphs are parted by blank lines.

    Nothing of the page is run, and nothing that it names is fetched.

    Raises:
        ArticleError: the address may not be asked, it does not answer with a page of text, or a limit is passed.
    """
    clock = Clock(limits.seconds)
    url = _checked(_address(address), limits)
    try:
        for _ in range(limits.redirects + 1):
            answer = _ask(url, clock, limits)
            if isinstance(answer, _Fetched):
                return _text(answer)
            url = answer
    except (httpcore.TimeoutException, TimeoutError):
        raise ArticleError(
            f"expected a page that comes within {limits.seconds:g} seconds, got one that takes longer; {_INSTEAD}"
        ) from None
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise ArticleError(
            f"expected a page at {_host(url)}, got {type(error).__name__}; check the link, or {_INSTEAD}"
        ) from None
    raise ArticleError(f"expected at most {limits.redirects} redirects, got more; {_INSTEAD}")


def _address(text: str) -> str:
    """A pasted link without the brackets and blanks around it; https is meant where it names no scheme."""
    address = text.strip(WHITE)
    if address.startswith("<") and address.endswith(">"):
        address = address[1:-1]
    return f"https://{address}" if _NO_SCHEME.fullmatch(address) else address


@dataclass(frozen=True, slots=True)
class _Fetched:
    kind: str
    charset: str
    raw: bytes


def _checked(address: str, limits: FetchLimits) -> httpx.URL:
    """An address that may be asked, as far as its letters tell. No error repeats it: it may hold a password."""
    if len(address) > _LONGEST:
        raise ArticleError(f"expected a link of at most {_LONGEST:,} characters, got {len(address):,}; {_INSTEAD}")
    try:
        url = httpx.URL(address)
        scheme, host, port = url.scheme, url.raw_host, url.port
    except (httpx.InvalidURL, ValueError):  # IDNA's errors are the latter
        scheme, host, port = "http", b"", None
    if scheme not in _PORTS:
        raise ArticleError(f"expected a link that begins with http:// or https://, got {scheme[:20]!r}; {_INSTEAD}")
    if not host:
        raise ArticleError("expected a link such as https://example.org/article, got one that names no host; check it")
    if url.userinfo:
        raise ArticleError("expected a link without a password, got one with it; take out what stands before the @")
    port = _PORTS[scheme] if port is None else port
    if port not in limits.ports:
        ports = " or ".join(map(str, sorted(limits.ports)))
        raise ArticleError(f"expected a link to port {ports}, got {port}; {_INSTEAD}")
    return url


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")[:80]


def _ask(url: httpx.URL, clock: Clock, limits: FetchLimits) -> _Fetched | httpx.URL:
    """What an address answers: a page, or the address to ask instead."""
    asked = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port or _PORTS[url.scheme], target=url.raw_path
    )
    headers = {**_HEADERS, "Host": url.netloc}
    with (
        httpcore.ConnectionPool(network_backend=CheckingBackend(clock, limits)) as pool,
        pool.stream("GET", asked, headers=headers) as response,
    ):
        # Headers takes what is no ASCII for UTF-8 where it is that; of a header that comes twice the last counts.
        told = httpx.Headers({name.lower(): value for name, value in response.headers})
        if response.status in _REDIRECTS and "location" in told:
            return _redirected(url, told["location"], limits)
        if response.status != 200:
            raise ArticleError(
                f"expected a page at {_host(url)}, got HTTP status {response.status}; check the link, or {_INSTEAD}"
            )
        kind = told.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (*_HTML, _PLAIN):
            raise ArticleError(f"expected a page of text (HTML), got {kind[:80] or 'no content type'!r}; {_INSTEAD}")
        charset = _CHARSET.search(told["content-type"])
        return _Fetched(kind, charset[1] if charset else "", _body(response, told, limits))


def _redirected(url: httpx.URL, location: str, limits: FetchLimits) -> httpx.URL:
    """The next address, checked as the first one was."""
    if len(location) > _LONGEST:
        raise ArticleError(f"expected a redirect of at most {_LONGEST:,} characters, got {len(location):,}; {_INSTEAD}")
    try:
        joined = str(url.join(location))
    except (httpx.InvalidURL, ValueError):
        joined = ""
    return _checked(joined, limits)


def _body(response: httpcore.Response, told: httpx.Headers, limits: FetchLimits) -> bytes:
    """The page as unpacked, all members of a gzip stream; nothing beyond the limit is read, nor unpacked."""
    too_large = ArticleError(f"expected a page of at most {limits.most_bytes:,} bytes, got a larger one; {_INSTEAD}")
    length = told.get("content-length", "")
    if length.isdecimal() and (len(length) > 12 or int(length) > limits.most_bytes):
        raise too_large
    encoding = told.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise ArticleError(f"expected a page that is packed with gzip or not at all, got {encoding[:20]!r}; {_INSTEAD}")
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > limits.most_bytes:
            raise too_large
    if "gzip" not in encoding:
        return bytes(body)
    try:
        # One byte too many says that there are more.
        unpacked = gzip.GzipFile(fileobj=io.BytesIO(body)).read(limits.most_bytes + 1)
    except EOFError:
        raise ArticleError(f"expected a whole page, got a gzip stream that breaks off; {_INSTEAD}") from None
    except (gzip.BadGzipFile, zlib.error):
        raise ArticleError(f"expected a readable page, got a damaged gzip stream; {_INSTEAD}") from None
    if len(unpacked) > limits.most_bytes:
        raise too_large
    return unpacked


def _text(page: _Fetched) -> str:
    """The article in a page, or a plain text as it is."""
    try:
        codec = _CODECS.get(codecs.lookup(page.charset).name, "")
    except LookupError:
        codec = ""
    if page.kind in _HTML:
        return read_html(page.raw.decode(codec, "replace").encode() if codec else page.raw)
    try:
        text = page.raw.decode(codec or "utf-8-sig", "replace" if codec else "strict")
    except UnicodeDecodeError:
        text = page.raw.decode("cp1252", "replace")
    if not text.strip():
        raise ArticleError(f"expected text at the link, found none; {_INSTEAD}")
    return text[: LONGEST_ARTICLE + 1]  # one character too many: `split_article` says so
