"""Prompts for language models: text files with `$slots`, filled completely or not at all."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ..errors import PromptError
from ..settings import PROMPTS


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt file: its name and its text."""

    name: str
    text: str

    @classmethod
    def load(cls, name: str, folder: Path = PROMPTS) -> "Prompt":
        """Read `folder`/`name`.txt, without the newline at its end.

        Raises:
            PromptError: there is no such file, or a `$` in it opens no slot.
        """
        path = folder / f"{name}.txt"
        try:
            text = path.read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise PromptError(f"expected a prompt in {path}, got {type(error).__name__}; restore the file") from error
        if not Template(text).is_valid():
            raise PromptError(f"expected slots as $name in {path} (and $$ for a dollar), found another $")
        return cls(name, text)

    @property
    def version(self) -> str:
        """The name and the first digits of the text's SHA-256."""
        return f"{self.name}@{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with a value in each slot; the values are put in as they are.

        `fenced`, or `summary.window.Window.lines`, keeps article text in its place.

        Raises:
            PromptError: a slot has no value, or a value no slot.
        """
        slots = set(Template(self.text).get_identifiers())
        if slots != set(values):
            raise PromptError(
                f"expected values for the slots {sorted(slots)} of the prompt {self.name!r}, got {sorted(values)}"
            )
        return Template(self.text).substitute(values)


def fenced(text: str, within: str = "") -> str:
    """`text` between two marks that it does not contain, so that it cannot end early and speak as the prompt.

    Texts of one article get the same marks where `within` is all of it, so that a model that has read the
    beginning of one need not read it again in the next.
    """
    whole = within or text
    mark, salt = "", 0
    while not mark or mark in whole or mark in text:
        mark = hashlib.sha256(f"{salt}{whole}".encode()).hexdigest()[:10]
        salt += 1
    return f"[text {mark}]\n{text}\n[end {mark}]"
