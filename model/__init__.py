"""Sidelight's library: `Analyzer` parses an article, finds its parties, judges every paragraph and summarises."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .domain import Analysis, Article, Paragraph, Party, Stance, StanceLabel, Summary
    from .errors import SidelightError
    from .parties.requests import PartyRequest
    from .pipeline import Analyzer
    from .settings import RuntimeSettings

__all__ = [
    "Analysis",
    "Analyzer",
    "Article",
    "Paragraph",
    "Party",
    "PartyRequest",
    "RuntimeSettings",
    "SidelightError",
    "Stance",
    "StanceLabel",
    "Summary",
]
_HOME = {
    **dict.fromkeys(("Analysis", "Article", "Paragraph", "Party", "Stance", "StanceLabel", "Summary"), ".domain"),
    "Analyzer": ".pipeline",
    "PartyRequest": ".parties.requests",
    "RuntimeSettings": ".settings",
    "SidelightError": ".errors",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562), so that `import` alone loads no torch."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name], __name__), name)
