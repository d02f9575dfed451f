"""Names as they are compared with others."""

import re
import unicodedata
from functools import cache

_ARTICLE = re.compile(r"^(?:the|an?) ", re.IGNORECASE)
_PLAIN = {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "’": "'", "‘": "'", "ʼ": "'", "‑": "-", "–": "-"}


def plain_name(name: str) -> str:
    """`name` as it is compared: in small, plain letters, without article, possessive and closing point."""
    text = " ".join(plain_letters(name).casefold().split()).removesuffix("'s").strip(".,")
    return _ARTICLE.sub("", text)


def plain_letters(text: str) -> str:
    """`text` without accents, with straight apostrophes and hyphens; each character stays in its place."""
    return text if text.isascii() else "".join(map(_plain_letter, text))


@cache
def _plain_letter(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    accents = all(map(unicodedata.combining, parts[1:]))  # a Hangul syllable has letters instead
    return _PLAIN.get(letter) or (parts[0] if accents else letter)


def singular(word: str) -> str:
    """Without the plural's ending, roughly: "lawyer" of "lawyers", "man" of "men", "party" of "parties"."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("men"):
        return word[:-2] + "an"
    return re.sub(r"(?<=ss|sh|ch)es$|(?<=x)es$|(?<![sui])s$", "", word)
