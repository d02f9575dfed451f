"""A pasted link: what counts as one, where it is fetched, and what the page shows of it."""

import socket
from dataclasses import fields
from ipaddress import ip_address
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from model.article import web_page
from model.article.public_connection import is_public
from model.article.web_page import link_host, looks_like_link, read_link
from model.errors import ArticleError, SettingsError
from model.page import handlers as page_handlers
from model.page.api import Limiter
from model.page.handlers import Components, Handlers
from model.page.latest_run import LatestRun
from model.page.layout import build
from model.page.models import Models
from model.page.own_labels import OwnLabels
from model.page.strings import ENGLISH
from model.settings import RuntimeSettings

NOT_PUBLIC = (
    "0.0.0.0 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.8.8.8 168.63.129.16 169.254.169.254 172.16.0.1 "
    "192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 "
    ":: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::10.0.0.1 64:ff9b:1::1 100::1 2001::1 "
    "2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1"
)
LINK = "https://press.example.org/harbour"


@pytest.mark.parametrize(
    "text",
    [
        LINK,
        f"  {LINK}\n",
        f"\ufeff{LINK} \u200b\u00a0\r\n",
        f"<{LINK}>",
        f" <{LINK}>\n",
        "HTTP://x",
        "http://127.0.0.1:9/?a=b#c",
        "www.press.example.org",
        "WWW.Example.org/harbour ",
        "<www.example.org/harbour>",
        "example.org/2020/05/harbour",
    ],
)
def test_a_link(text: str) -> None:
    assert looks_like_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "https://", "<https://>", "See https://x.org", f"{LINK}\nThe board met.", f"<{LINK}> <{LINK}>",
        "ftp://x.org", "javascript:x", "file:///etc/passwd", "x.org", "example.org is down", "www.x.org is down",
        "www.", "Bridge", "Bridge.", "<Bridge>", "and/or", "reader@example.org", "reader@example.org/x", "1.5/2",
    ],
)  # fmt: skip
def test_no_link(text: str) -> None:
    assert not looks_like_link(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (f"\ufeff<{LINK}>\u200b\n", LINK),
        ("www.example.org/harbour", "https://www.example.org/harbour"),
        ("<example.org/harbour> ", "https://example.org/harbour"),
        ("http://example.org", "http://example.org"),
    ],
)
def test_the_address_that_is_asked(monkeypatch: pytest.MonkeyPatch, text: str, address: str) -> None:
    asked = []

    def refuse(url: httpx.URL, *_: object) -> None:
        asked.append(str(url))
        raise ArticleError("expected a page")

    monkeypatch.setattr(web_page, "_ask", refuse)
    with pytest.raises(ArticleError, match="expected a page"):
        read_link(text)
    assert asked == [address]
    assert link_host(text) == httpx.URL(address).host


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("www.example.org:8080/x", "expected a link to port 80 or 443, got 8080"),
        ("www.example.org@10.0.0.1/", "expected a link without a password"),
        ("<www.example.org>", "expected a page on the public internet"),
        ("example.org/x", "expected a page on the public internet"),
        ("<http://127.0.0.1/>", "expected a page on the public internet"),
        ("www.example.org/" + "a" * 2_000, "expected a link of at most 2,000 characters"),
    ],
)
def test_a_link_without_a_scheme_or_in_brackets_is_checked_as_any_other(
    monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    answer = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [answer])
    assert looks_like_link(text)
    with pytest.raises(ArticleError, match=message):
        read_link(text)


def test_the_host_of_a_link() -> None:
    assert link_host("https://reader:secret@Press.Example.org:443/a") == "press.example.org"
    assert link_host("http://bücher.example/") == "xn--bcher-kva.example"
    assert link_host("http://\ud800/") == ""


@pytest.mark.parametrize("address", ["8.8.8.8", "151.101.1.69", "2606:4700::1111"])
def test_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    NOT_PUBLIC.split(),
)
def test_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    ("environment", "links"),
    [
        ({}, True),
        ({"GRADIO_SERVER_NAME": "::1"}, True),
        ({"GRADIO_SERVER_NAME": "localhost"}, True),
        ({"GRADIO_SERVER_NAME": "0.0.0.0"}, False),
        ({"GRADIO_SERVER_NAME": "192.168.1.5"}, False),
        ({"GRADIO_SERVER_NAME": "localhost.example.org"}, False),
        ({"SPACE_ID": "a/b"}, False),
        ({"SPACE_ID": "a/b", "GRADIO_SERVER_NAME": "127.0.0.1"}, False),
        ({"SIDELIGHT_HOSTS": "press.example.org"}, False),
        ({"SIDELIGHT_PROXIES": "127.0.0.1"}, False),
        ({"SIDELIGHT_LOGIN": "reader:secret"}, False),
        ({"SIDELIGHT_LINKS": "0"}, False),
        ({"SIDELIGHT_LINKS": "1", "GRADIO_SERVER_NAME": "0.0.0.0", "SIDELIGHT_HOSTS": "x"}, True),
    ],
)
def test_where_links_are_fetched(environment: dict[str, str], links: bool) -> None:
    assert RuntimeSettings.from_environment(environment).links is links


def test_a_setting_that_cannot_be_read() -> None:
    with pytest.raises(SettingsError, match="SIDELIGHT_LINKS as 1 or 0, got 'yes'"):
        RuntimeSettings.from_environment({"SIDELIGHT_LINKS": "yes"})
    assert not RuntimeSettings().links


def steps(text: str, *, links: bool, limiter: Limiter | None = None) -> list[dict[Any, object]]:
    """What the page shows after `text` is pasted; its models never load."""
    parts = Components(*(part.name for part in fields(Components)))  # type: ignore[arg-type]
    handlers = Handlers(Models(lambda: pytest.fail("no model")), limiter or Limiter(""), parts, links=links)
    runs = LatestRun()
    runs.ask(1)
    reader: Any = SimpleNamespace(client=SimpleNamespace(host="203.0.113.1"))
    return list(handlers.judge_article(text, OwnLabels(), runs, 1, reader))


def test_the_text_found_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_handlers, "read_link", lambda link: f"Text of {link}")
    first, found, last = steps(LINK, links=True)
    assert "Fetching the page" in str(first["progress"])
    assert found["article"] == f"Text of {LINK}"
    assert found["progress"] == ""
    assert found["analysis"] is None
    assert "article" not in last
    message = str(found["message"])
    assert "This is the text that was found at press.example.org. Correct it where it needs it" in message
    assert 'role="status"' in message
    assert "alert" not in message


def test_a_refusal_keeps_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(link: str) -> str:
        raise ArticleError("expected a page")

    monkeypatch.setattr(page_handlers, "read_link", refuse)
    *_, last = steps(LINK, links=True)
    assert "expected a page" in str(last["message"])
    assert "article" not in last


def test_where_links_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_handlers, "read_link", lambda link: pytest.fail("fetched"))
    (only,) = steps(LINK, links=False)
    assert "Links are not fetched on this server: paste the article&#x27;s text instead." in str(only["message"])
    assert "article" not in only


def test_a_fetch_counts_for_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_handlers, "read_link", lambda link: "text")
    limiter = Limiter("1/hour")
    steps(LINK, links=True, limiter=limiter)
    (only,) = steps(LINK, links=True, limiter=limiter)
    assert "expected at most 1 per 1 hour from one reader" in str(only["message"])


@pytest.mark.parametrize("links", [True, False])
def test_the_page_can_fill_the_box(links: bool) -> None:
    page = build(Models(lambda: pytest.fail("no model")), RuntimeSettings(links=links))
    judging = [made for made in page.fns.values() if made.name in ("judge_article", "judge_again")]
    assert len(judging) == 2
    assert all("sl-input" in [part.elem_id for part in made.outputs] for made in judging)
    (box,) = (part for part in page.blocks.values() if part.elem_id == "sl-input")
    assert ("or a link to it" in ENGLISH(box.placeholder.key.removeprefix("sl_"))) is links
