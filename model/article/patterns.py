"""Patterns and word lists from data files: each alternative has a reason and examples, which a test goes through."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


@cache
def read_tables(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """The tables of a TOML file by name.

    A table is a pattern (`any`: alternatives, each with `pattern`, `why`, `yes` and `no`; `around` has `{}` where they
    go; `ignore_case`) or a list of `words`.
    """
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_patterns(path: Path) -> dict[str, re.Pattern[str]]:
    """Every pattern of a file, compiled, by name; a pattern may use `<name>` of one before it."""
    parts: dict[str, str] = {}
    compiled = {}
    for name, table in read_tables(path).items():
        if "any" not in table:
            continue
        alternatives = "|".join(alternative["pattern"] for alternative in table["any"])
        whole = table.get("around", "{}").replace("{}", alternatives)
        for part, text in parts.items():
            whole = whole.replace(f"<{part}>", text)
        parts[name] = whole
        flags = re.IGNORECASE if table.get("ignore_case") else re.RegexFlag(0)
        compiled[name] = re.compile(whole, flags)
    return compiled


def read_words(path: Path) -> dict[str, frozenset[str]]:
    """Every word list of a file by name."""
    return {name: frozenset(table["words"]) for name, table in read_tables(path).items() if "words" in table}
