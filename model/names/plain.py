"""A name as it is compared with another."""

import re

_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "‑": "-"})
_ARTICLE = re.compile(r"^(?:the|an?) ", re.IGNORECASE)


def plain_name(name: str) -> str:
    """`name` as it is compared: in small letters, without article, possessive and closing point."""
    text = " ".join(name.translate(_STRAIGHT).casefold().split()).removesuffix("'s").strip(".,")
    return _ARTICLE.sub("", text)
