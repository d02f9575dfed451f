"""Every word that the page says, in each of its languages: `languages/` has a catalogue a file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..stance.phrases import PHRASES


@dataclass(frozen=True)
class Words:
    """The catalogue of one language, such as "de"; called with a key it gives the words."""

    language: str
    strings: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The words for `key`, with `values` in their places."""
        return self.strings[key].format(**values) if values else self.strings[key]


def _catalogues() -> Mapping[str, Words]:
    found = {}
    for file in sorted((Path(__file__).parent / "languages").glob("*.toml")):
        shared = PHRASES if file.stem == "en" else {}
        found[file.stem] = Words(file.stem, {**tomllib.loads(file.read_text(encoding="utf-8")), **shared})
    return found


LANGUAGES = _catalogues()
"""The catalogues by language."""
ENGLISH = LANGUAGES["en"]


def words_for(request: Any) -> Words:
    """The catalogue for whoever sent `request`: of the first language that the browser prefers, else English.

    Only the first counts, for Gradio, which translates labels in the browser, looks at no other: a page is in one
    language as a whole.
    """
    header = getattr(request, "headers", {}).get("accept-language", "")
    return LANGUAGES.get(header.split(",")[0].split(";")[0].split("-")[0].strip().lower(), ENGLISH)
