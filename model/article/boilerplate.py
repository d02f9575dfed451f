"""Lines around an article's argument that are not paragraphs to judge: captions, publication lines, author notes."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from .patterns import read_patterns


class Boilerplate(StrEnum):
    """What a line is, other than a title or a paragraph."""

    BYLINE = "byline"
    CAPTION = "caption"
    NOTE = "note"


PATTERNS = read_patterns(Path(__file__).with_suffix(".toml"))
_BYLINE, _DAY, _CAPTION, _PUBLISHED, _NOTE, _EMAIL, _AUTHOR_NOTE, _DISCLAIMER, _ENTRY, _ENTRIES, _WAY, _CLOSED = (
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
        "menu_entry",
        "menu_line",
        "way",
        "closed",
    )
)
_QUOTATION = re.compile('[“"][^“”"]{25,}[”"]')
"""What somebody said stands in no caption, though a line may end with the agency that reports it."""
_WORD = re.compile(r"\w+")
NOTE_WORDS = 60
"""Words in the longest caption or note."""
_FEWEST_ENTRIES = 3
"""So many of its usual entries tell a menu, in which other short lines may stand."""
_MENU_WORDS = 4


def boilerplate_kind(line: str, at_head: bool, at_tail: bool) -> Boilerplate | None:
    """What kind of boilerplate `line` is, or None.

    Args:
        line: one line or block, without white space around it.
        at_head: no more than a standfirst came before; bylines stand only there, disclaimers there or at the end.
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


def tail_start(lines: Sequence[str]) -> int:
    """Which line the article's tail starts with: the closing lines that are boilerplate, one and all.

    An author note is about somebody whom no sentence before it names; else it is the article's own last word on them.
    """
    start, told = len(lines), ""
    while start and boilerplate_kind(lines[start - 1], at_head=False, at_tail=True):
        start -= 1
        if subject := _note_subject(lines[start]):
            told = told or "\n".join(map(_words, filter(_is_sentence, lines)))  # none of the tail is a sentence
            if _words(subject) in told:
                return start + 1
    return start


def _is_sentence(line: str) -> bool:
    """Whether a line is a sentence, and neither a caption nor a note wherever it stands."""
    return _CLOSED.search(line) is not None and not boilerplate_kind(line, at_head=True, at_tail=True)


def _words(text: str) -> str:
    """The words of `text` in small letters, with a blank on each side."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


def _note_subject(line: str) -> str:
    """Whom an author note is about: a name, or "The author" and the like; "" for any other line."""
    found = _AUTHOR_NOTE.match(line)
    return found[found.lastindex] if found and found.lastindex else ""


def menu_length(lines: Iterable[str]) -> int:
    """How many of the first lines are a page's menu: lines of its usual entries, and short ones between many of these.

    One entry alone counts too: "OPINION" above a headline, "Comment" below an article.
    """
    entries, length, others = 0, 0, False
    for number, line in enumerate(lines, 1):
        if _WAY.match(line):
            entries += _FEWEST_ENTRIES
        elif _ENTRIES.match(line):
            entries += len(_ENTRY.findall(line))
        elif _may_be_of_menu(line):
            others = True
            continue
        else:
            break
        if not others or entries >= _FEWEST_ENTRIES:
            length = number
    return length


def _may_be_of_menu(line: str) -> bool:
    words = line.lstrip("*•·–- ").split()
    return 0 < len(words) <= _MENU_WORDS and not words[0][0].islower() and not _CLOSED.search(line)
