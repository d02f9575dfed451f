"""Whether a sentence that a model wrote, or copied, leans on another one; the article's own have a learnt judge."""

import re

_FEWEST_WORDS = 8
_DANGLING = re.compile(
    r"^(?:This|That|These|Those|It(?! (?:is|was|has been|had been|remains|(?:will|would|must|can|may|should) be)"
    r" (?:\w+ ){1,3}(?:that|to)\b)|He|She|They|His|Her|Its|Their|Such|However|But|And|Or|So|Yet|Still|Instead|Therefore"
    r"|Thus|Moreover|Furthermore|Meanwhile|Nevertheless|Nonetheless|Otherwise|Also|Then|Similarly|In addition"
    r"|In contrast|As a result|For example|For instance|On the other hand|In this regard)\b[ ,:'’]"
    r"|^[QA]:"
)
_ENDED = re.compile(r"[.!…][\"'“”‘’)\]]*$")
"""How a sentence that says something ends: a question does not, and spaCy now and then ends one in its middle."""


def leans(sentence: str) -> bool:
    """Whether a sentence leans on the one before it ("However, it …")."""
    return _DANGLING.match(sentence.lstrip("\"'“‘")) is not None


def stands_alone(sentence: str) -> bool:
    """Whether a sentence is long enough to be shown alone, is whole, asks nothing, and leans on no other one."""
    whole = _ENDED.search(sentence) is not None and not sentence.lstrip("\"'“‘(")[:1].islower()
    return len(sentence.split()) >= _FEWEST_WORDS and whole and not leans(sentence)
