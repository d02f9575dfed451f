"""What stands in the box of the page, beside the analysis that is shown."""

from itertools import islice

from ..domain import Analysis

_IN_A_ROW = 8
"""Words that no two articles have in common in a row, unless one is a version of the other."""


def waits(text: str, shown: Analysis | None) -> bool:
    """Whether the box holds something that was not analyzed yet, and would be lost if other text took its place."""
    return bool(text.strip()) and (shown is None or text.split() != shown.article.text.split())


def is_version(text: str, shown: Analysis) -> bool:
    """Whether the box holds the article that is shown, be it with changes, and not another one."""
    return not text.strip() or bool(_runs(text) & _runs(shown.article.text))


def _runs(text: str) -> set[tuple[str, ...]]:
    """All runs of `_IN_A_ROW` words; all words of a shorter text."""
    words = text.split()
    return set(zip(*(islice(words, at, None) for at in range(min(_IN_A_ROW, len(words)))), strict=False))
