"""Lines around an article's argument that are not paragraphs to judge: captions, publication lines, author notes."""

import re
from enum import StrEnum


class Furniture(StrEnum):
    """What a line is, other than a title or a paragraph."""

    BYLINE = "byline"
    CAPTION = "caption"
    NOTE = "note"


_NAME = r"[A-Z][\w.'’\-]+(?: (?:[A-Z][\w.'’\-]*|de|van|von|der|al|bin|and|&|,))*"
_BYLINE = re.compile(rf"^(?:By|BY|Written by|Words by) {_NAME}[^.!?]{{0,60}}$")
_DAY = re.compile(r"^By (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
_CAPTION = re.compile(
    r"(?:^|[.!?)”\"] ?|\(|\| ?)(?:File )?(?:Photo|PHOTO|Photograph|Image|Picture|Illustration|Credit|Video|Graphic)s?"
    r"(?: [Cc]redit)?\s*(?::|/|©|by\b)\s*[A-Z@][^.!?]{0,60}\.?\)?$"
    r"|\((?:File )?(?:Photo|Image|AP|Reuters|AFP|Getty|Xinhua)[^)]{0,60}\)$"
    r"|^(?:File photo|Photo|Image|Caption)\b[^.]{0,80}$"
    r"|(?:/|\(|[—–-] ?|via )(?:Getty Images|Reuters|AP|AFP)\)?$"
)
_PUBLISHED = re.compile(r"^(?:First |Last )?(?:published|updated|posted|modified|date)\b[^a-z]*.{0,60}$", re.IGNORECASE)
_NOTE = re.compile(
    r"^(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? \w+ \d{1,2},? \d{4}.{0,40}"
    r"|(?:\d{1,2} )?(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"(?: \d{1,2},?)? \d{4}(?:,? \d{1,2}[:.]\d{2}.{0,20})?"
    r"|\d{4}-\d{2}-\d{2}(?:[T ].{0,20})?"
    r"|\d{1,2} min(?:ute)?s? read"
    r"|Advertisement|Share(?: this(?: article| story| page)?| on \w+)?|Comments?|Print"
    r"|Read (?:more|also|next)(?::.{0,160})?|Related(?: \w+)?:.{0,120}|Related (?:articles|stories|topics)"
    r"|(?:Subscribe|Sign up) (?:to|for|now|here)\b.{0,100}|Follow (?:us|@).{0,120}|(?:Source|Tags?):.{0,120}"
    r"|(?:©|\(c\)|Copyright\b).{0,160})$",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"\b[\w.+\-]+@[\w\-]+\.[\w.\-]+\b")
_AUTHOR_NOTE = re.compile(
    r"^(?:The (?:author|writer|columnist)s?\b|About the authors?\b"
    rf"|(?-i:{_NAME}) (?:is|was|are) (?:a|an|the)\b[^.]{{0,120}}\b(?:author|columnist|correspondent|director|editor"
    r"|fellow|journalist|lecturer|professor|reporter|researcher|scholar|analyst|commentator|writer)\b"
    r"|(?:Additional )?(?:Reporting|Editing|Writing) by\b"
    r"|The (?:views|opinions) expressed\b|This (?:article|piece|story|column|op-ed) (?:was|is|first|originally)\b"
    r"|(?:Contact|E-?mail)\b[^.]{0,80}@)",
    re.IGNORECASE,
)
NOTE_WORDS = 60
"""Words in the longest caption or note."""


def furniture(line: str, at_head: bool, at_tail: bool) -> Furniture | None:
    """What kind of furniture `line` is, or None.

    Args:
        line: one line or block, without white space around it.
        at_head: no paragraph came before; bylines stand only there.
        at_tail: only furniture comes after; author notes and e-mail lines stand only there.
    """
    words = len(line.split())
    if at_head and words <= 14 and _BYLINE.match(line) and not _DAY.match(line):
        return Furniture.BYLINE
    if words <= NOTE_WORDS and _CAPTION.search(line):
        return Furniture.CAPTION
    published = words <= 12 and _PUBLISHED.match(line) and re.search(r"\d", line) and not line.endswith((".", "!", "?"))
    if published or _NOTE.match(line) or _EMAIL.fullmatch(line):
        return Furniture.NOTE
    if at_tail and words <= NOTE_WORDS and (_AUTHOR_NOTE.search(line) or (words <= 30 and _EMAIL.search(line))):
        return Furniture.NOTE
    return None
