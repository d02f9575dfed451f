"""Connections for fetching a page: to public addresses alone, and while there is time.

A server that fetches what it is told to can be made to ask machines that only it can reach. So a host's name is looked
up once, every address that it has must be public, and the connection goes to one of the very addresses that were
checked: a second answer of the name server counts for nothing.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from ssl import SSLContext
from typing import Any

import httpcore

from ..errors import ArticleError

Address = IPv4Address | IPv6Address

_UNICAST = ip_network("2000::/3")
"""All of IPv6 that is given out to be reached; NAT64, mapped IPv4 and site-local addresses lie outside."""
_SPECIAL = [
    *map(ip_network, ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24")),
    *map(ip_network, ("2001::/23", "2002::/16", "3fff::/20")),
]
"""The host of an Azure machine, tunnels, and protocols' own addresses; Python calls some of them global."""


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, so that this machine may be made to ask it."""
    if address.version == 6 and address not in _UNICAST:
        return False
    special = any(address in network for network in _SPECIAL)
    return address.is_global and not (address.is_multicast or address.is_reserved or special)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What fetching a page may cost, and where it may go; tests name others.

    Attributes:
        seconds: on the clock, for all redirects together; reading the text of what came has limits of its own.
        most_bytes: of the page, as sent and as unpacked.
        redirects: how many are followed.
        ports: the ports that are asked.
        allowed: whether an address is asked.
    """

    seconds: float = 10
    most_bytes: int = 5_000_000
    redirects: int = 5
    ports: frozenset[int] = frozenset({80, 443})
    allowed: Callable[[Address], bool] = is_public


LIMITS = FetchLimits()
"""The limits of the page."""


@dataclass(slots=True)
class Clock:
    """Counts the time that is left for everything together."""

    seconds: float
    start: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """The seconds that are left, above 0: a socket takes 0 for "do not wait".

        Raises:
            TimeoutError: none are.
        """
        left = self.start + self.seconds - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class CheckingBackend(httpcore.NetworkBackend):
    """Connects to addresses that were checked, while there is time."""

    def __init__(self, clock: Clock, limits: FetchLimits) -> None:
        self._clock = clock
        self._limits = limits
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Look `host` up, and connect to the first of its addresses that answers, if all may be asked."""
        addresses = _resolve(host, port, self._clock)
        if not all(map(self._limits.allowed, addresses)):
            raise ArticleError(
                f"expected a page on the public internet, got {host[:80]}, which is not; "
                "paste the article's text instead"
            )
        for tried, address in enumerate(addresses, 1):
            wait = self._clock.left() / (len(addresses) - tried + 1)  # an address that is silent leaves time for others
            try:
                return _TimedStream(self._sockets.connect_tcp(str(address), port, wait), self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if tried == len(addresses):
                    raise
        raise httpcore.ConnectError

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Refuse: no link names one."""
        raise httpcore.ConnectError


class _TimedStream(httpcore.NetworkStream):
    """A connection on which each wait is at most the time left for everything, so that a slow drip ends too."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, self._clock.left()), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _resolve(host: str, port: int, clock: Clock) -> list[Address]:
    """All addresses of a host. The system's resolver knows no time limit: a thread waits for it, and is left behind."""
    found: Future[list[Any]] = Future()

    def look_up() -> None:
        try:
            found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            found.set_exception(error)

    threading.Thread(target=look_up, name="resolver", daemon=True).start()
    try:
        return list(dict.fromkeys(ip_address(answer[4][0]) for answer in found.result(clock.left())))
    except TimeoutError:
        raise
    except (OSError, ValueError):  # a label that is too long is the latter
        raise ArticleError(
            f"expected a host that exists, got {host[:80]!r}; check the link, or paste the article's text instead"
        ) from None
