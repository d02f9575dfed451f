"""Lines around an article's argument that are not paragraphs to judge: captions, publication lines, author notes."""

import re
from enum import StrEnum
from pathlib import Path

from .patterns import read_patterns


class Boilerplate(StrEnum):
    """What a line is, other than a title or a paragraph."""

    BYLINE = "byline"
    CAPTION = "caption"
    NOTE = "note"


PATTERNS = read_patterns(Path(__file__).with_suffix(".toml"))
_BYLINE, _DAY, _CAPTION, _PUBLISHED, _NOTE, _EMAIL, _AUTHOR_NOTE = (
    PATTERNS[name] for name in ("byline", "day", "caption", "published", "note", "email", "author_note")
)
NOTE_WORDS = 60
"""Words in the longest caption or note."""


def boilerplate_kind(line: str, at_head: bool, at_tail: bool) -> Boilerplate | None:
    """What kind of boilerplate `line` is, or None.

    Args:
        line: one line or block, without white space around it.
        at_head: no paragraph came before; bylines stand only there.
        at_tail: only boilerplate comes after; author notes and e-mail lines stand only there.
    """
    words = len(line.split())
    if at_head and words <= 14 and _BYLINE.match(line) and not _DAY.match(line):
        return Boilerplate.BYLINE
    if words <= NOTE_WORDS and _CAPTION.search(line):
        return Boilerplate.CAPTION
    published = words <= 12 and _PUBLISHED.match(line) and re.search(r"\d", line) and not line.endswith((".", "!", "?"))
    if published or _NOTE.match(line) or _EMAIL.fullmatch(line):
        return Boilerplate.NOTE
    if at_tail and words <= NOTE_WORDS and (_AUTHOR_NOTE.search(line) or (words <= 30 and _EMAIL.search(line))):
        return Boilerplate.NOTE
    return None
