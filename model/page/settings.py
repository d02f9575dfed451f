"""How the page is served, from the environment."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from limits import RateLimitItem, parse

from model.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a server.

    `login` is a user's name and password, None for an open page; `rate` how many articles one
    address may have judged in a time, None for any number; `mcp` says whether the endpoints are MCP tools too.
    `llm` names the language model, "" for the default where it is at hand; `llm_key` is its server's key.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    cache: Path | None = None
    encoder: Path | None = None
    device: str | None = None
    login: tuple[str, str] | None = None
    rate: RateLimitItem | None = None
    mcp: bool = False
    llm: str = ""
    llm_key: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read PORT, GRADIO_SERVER_NAME, LLM, LLM_KEY, and SIDELIGHT_CACHE, _ENCODER, _DEVICE, _LOGIN, _RATE and _MCP.

        Raises:
            SettingsError: a value cannot be read; the message says what was expected.
        """
        env = os.environ
        login = env.get("SIDELIGHT_LOGIN", "")
        user, _, password = login.partition(":")
        if login and not (user and password):
            raise SettingsError("expected SIDELIGHT_LOGIN as name:password, got something without both")
        port = env.get("PORT") or "7860"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise SettingsError(f"expected PORT as a number from 1 to 65535, got {port!r}")
        try:
            rate = parse(env["SIDELIGHT_RATE"]) if env.get("SIDELIGHT_RATE") else None
        except ValueError as error:
            raise SettingsError(f"expected SIDELIGHT_RATE as '30/hour', got {env['SIDELIGHT_RATE']!r}") from error
        return cls(
            host=env.get("GRADIO_SERVER_NAME") or ("0.0.0.0" if env.get("SPACE_ID") else "127.0.0.1"),  # noqa: S104
            port=int(port),
            cache=Path(env["SIDELIGHT_CACHE"]) if env.get("SIDELIGHT_CACHE") else None,
            encoder=Path(env["SIDELIGHT_ENCODER"]) if env.get("SIDELIGHT_ENCODER") else None,
            device=env.get("SIDELIGHT_DEVICE") or None,
            login=(user, password) if login else None,
            rate=rate,
            mcp=env.get("SIDELIGHT_MCP", "") not in ("", "0"),
            llm=env.get("LLM", ""),
            llm_key=env.get("LLM_KEY", ""),
        )
