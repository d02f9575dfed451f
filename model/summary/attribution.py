"""Whether a sentence may say that the author says so, by the words of the paragraphs that it rests on."""

import re
from collections.abc import Sequence

from .openings import by_author

_SAYS_THAT = re.compile(r"(?:\w+ ){3}that\b")
"""How a sentence about the author goes on where it says what the author says."""
_LINKS = (
    (
        re.compile(r"\b(?:should|must|ought)\b"),
        re.compile(
            r"\b(?:should|must|ought|needs?|ha(?:s|ve|d) to|let|owe[sd]?|dut(?:y|ies)|deserve[sd]?|urge[sd]?|demand\w*|"
            r"call(?:s|ed|ing)? (?:on|for)|requir\w+|ask(?:s|ed)?|propos\w+|suggest\w*|recommend\w*|insist\w*|obliged?|"
            r"time (?:to|for|that)|better|do well|no business|please|withdraw)\b",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"\bbecause\b"),
        re.compile(
            r"\b(?:because|since|owing|due to|account|results?|therefore|thus|hence|thanks to|why|reasons?|caus\w+|led|"
            r"leads?|so that|for want of)\b",
            re.IGNORECASE,
        ),
    ),
)
"""What a small model adds, a demand or a cause, and the words of which a paragraph that has it has one."""
_PERFORMED = re.compile(
    r"\b(?:I|we) (?:(?:should|would|must) (?:like to )?)?(?:congratulate|applaud|salute)\b"
    r"|\bg[ia]ves? (?:me|us) (?:\w+ )?(?:pleasure|joy)\b"
    r"|\b(?:I am|I’m|I'm|we are) (?:\w+ )?(?:delighted|happy|pleased|relieved|glad|grateful) (?:to|that|for|of)\b"
    r"|\b(?:hats off|bravo)\b|\bhow (?:kind|generous|thoughtful|reassuring|considerate)\b"
    r"|\bwhat a (?:relief|triumph|comfort|mercy)\b",
    re.IGNORECASE,
)
"""Praise that an author performs: in our training articles 9 of 15 paragraphs with such words mean the opposite."""


def overstates_author(sentence: str, sources: Sequence[str]) -> bool:
    """Whether `sentence` gives the author a demand or a cause that `sources` lack, or may take irony at its word.

    A paragraph in which an author congratulates or is delighted is as often ironic as not: it has to be quoted.
    """
    if not by_author(sentence):
        return False
    if any(map(_PERFORMED.search, sources)):
        return True
    added = [words for link, words in _LINKS if link.search(sentence) and not any(map(words.search, sources))]
    return bool(added) and _SAYS_THAT.match(sentence) is not None
