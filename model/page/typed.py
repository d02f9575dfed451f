"""What stands in the box of the page, beside the analysis that is shown."""

from itertools import islice

from ..domain import Analysis

_IN_A_ROW = 4
"""Words. Two articles have few such runs in common: a quotation, a notice of rights."""


def waits(text: str, shown: Analysis | None) -> bool:
    """Whether the box holds something that was not analyzed yet, and would be lost if other text took its place."""
    return bool(text.strip()) and (shown is None or text.split() != shown.article.text.split())


def is_version(text: str, shown: Analysis) -> bool:
    """Whether the box holds the article that is shown, be it with changes, and not another one or nothing.

    The shorter of the two has half of its runs of words in common with the other.
    """
    one, other = _runs(text), _runs(shown.article.text)
    return 2 * len(one & other) >= min(len(one), len(other)) > 0


def _runs(text: str) -> set[tuple[str, ...]]:
    """All runs of `_IN_A_ROW` words."""
    words = text.split()
    return set(zip(*(islice(words, at, None) for at in range(_IN_A_ROW)), strict=False))
