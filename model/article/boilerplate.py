"""Lines around an article's argument that are not paragraphs to judge: captions, publication lines, author notes."""

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from .patterns import read_patterns


class Boilerplate(StrEnum):
    """What a line is, other than a title or a paragraph."""

    BYLINE = "byline"
    CAPTION = "caption"
    NOTE = "note"


PATTERNS = read_patterns(Path(__file__).with_suffix(".toml"))
_BYLINE, _DAY, _CAPTION, _PUBLISHED, _NOTE, _EMAIL, _AUTHOR_NOTE, _DISCLAIMER, _MENU, _CLOSED = (
    PATTERNS[name]
    for name in (
        "byline",
        "day",
        "caption",
        "published",
        "note",
        "email",
        "author_note",
        "disclaimer",
        "menu",
        "closed",
    )
)
_QUOTATION = re.compile('[“"][^“”"]{25,}[”"]')
"""What somebody said stands in no caption, though a line may end with the agency that reports it."""
NOTE_WORDS = 60
"""Words in the longest caption or note."""
_MENU_LINES = 4
_MENU_WORDS = 4


def boilerplate_kind(line: str, at_head: bool, at_tail: bool) -> Boilerplate | None:
    """What kind of boilerplate `line` is, or None.

    Args:
        line: one line or block, without white space around it.
        at_head: no paragraph came before; bylines stand only there, disclaimers there or at the end.
        at_tail: only boilerplate comes after; author notes and e-mail lines stand only there.
    """
    words = len(line.split())
    if at_head and words <= 14 and _BYLINE.match(line) and not _DAY.match(line):
        return Boilerplate.BYLINE
    if words <= NOTE_WORDS and _CAPTION.search(line) and not _QUOTATION.search(line):
        return Boilerplate.CAPTION
    published = words <= 12 and _PUBLISHED.match(line) and re.search(r"\d", line) and not line.endswith((".", "!", "?"))
    if published or _NOTE.match(line) or _EMAIL.fullmatch(line):
        return Boilerplate.NOTE
    if (at_head or at_tail) and words <= NOTE_WORDS and _DISCLAIMER.match(line):
        return Boilerplate.NOTE
    if at_tail and words <= NOTE_WORDS and (_AUTHOR_NOTE.search(line) or (words <= 30 and _EMAIL.search(line))):
        return Boilerplate.NOTE
    return None


def menu_length(lines: Iterable[str]) -> int:
    """How many of the first lines are a page's menu: some short ones in a row, or such as name its usual entries."""
    sure, count = 0, 0
    for line in lines:
        if _MENU.match(line):
            sure = count + 1
        elif not _may_be_of_menu(line):
            break
        count += 1
    return count if count >= _MENU_LINES else sure


def _may_be_of_menu(line: str) -> bool:
    words = line.lstrip("*•·–- ").split()
    return 0 < len(words) <= _MENU_WORDS and not words[0][0].islower() and not _CLOSED.search(line)
