"""The page for programs and deployers: named endpoints, MCP tools, login, rate, a proxy's path."""

import json
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from model.errors import SettingsError
from model.export.json_reader import from_dict
from model.settings import RuntimeSettings
from tests.conftest import ROOT, serve


def call(address: str, endpoint: str, auth: tuple[str, str] | None = None, **inputs: str) -> Any:
    """What an endpoint answers; a client a call: one whose last stream is being closed may cancel the next call."""
    return Client(address, auth=auth, verbose=False).predict(**inputs, api_name=endpoint)


def test_named_endpoints(address: str, example: str) -> None:
    endpoints = Client(address, verbose=False).view_api(return_format="dict")["named_endpoints"]
    assert sorted(endpoints) == ["/analyze", "/find_parties"]
    result = call(address, "/analyze", text=example, parties="Denmark; Sweden")
    assert [party["name"] for party in result["parties"]] == ["Denmark", "Sweden"]
    assert len(from_dict(result).labels) == 14
    parties = call(address, "/find_parties", text=example)
    assert [party["name"] for party in parties][:2] == ["Denmark", "Norway"]
    with pytest.raises(AppError, match="got an empty text"):
        call(address, "/analyze", text="")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{address}/gradio_api/mcp/schema", timeout=10)


@pytest.mark.slow
def test_login_rate_and_mcp(example: str) -> None:
    with serve(SIDELIGHT_LOGIN="ann:secret", SIDELIGHT_RATE="2/hour", SIDELIGHT_MCP="1") as address:
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{address}/config", timeout=10)
        short = "Norway thanked Sweden for its great patience."
        for _ in range(2):
            call(address, "/analyze", auth=("ann", "secret"), text=short)
        with pytest.raises(AppError, match="at most 2 per 1 hour from one reader; come back in"):
            call(address, "/analyze", auth=("ann", "secret"), text=short)


@pytest.mark.slow
def test_mcp_tools() -> None:
    with (
        serve(SIDELIGHT_MCP="1") as address,
        urllib.request.urlopen(f"{address}/gradio_api/mcp/schema", timeout=10) as answer,
    ):
        tools = json.load(answer)
    assert sorted(tool["name"] for tool in tools) == ["analyze", "find_parties"]
    described = next(tool for tool in tools if tool["name"] == "analyze")
    assert "stance toward each party" in described["description"]
    assert set(described["inputSchema"]["properties"]) == {"text", "parties"}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SIDELIGHT_LOGIN", "ann", "name:password"),
        ("SIDELIGHT_RATE", "often", "as '30/hour', got 'often'"),
        ("SIDELIGHT_PROXIES", "nobody", "as '10.0.0.2, 10.1.0.0/16', got 'nobody'"),
        ("PORT", "http", "a number from 1 to 65535, got 'http'"),
    ],
)
def test_bad_settings(monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=message):
        RuntimeSettings.from_environment()


def test_a_space_has_what_the_project_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert sorted(line for line in lines if line and not line.startswith("#")) == sorted(
        [*project["dependencies"], *project["optional-dependencies"]["page"]]
    )
    front = (ROOT / "README.md").read_text(encoding="utf-8").split("---")[1]
    assert "sdk: gradio" in front
    assert "app_file: app.py" in front
    assert Path(ROOT / "app.py").is_file()
