"""Sidelight's library: `Analyzer` reads an article, finds its parties, judges every paragraph and summarises."""

from model.domain import Analysis, Article, Paragraph, Party, Stance, StanceLabel, Summary
from model.errors import SidelightError
from model.pipeline import Analyzer
from model.requests import PartyRequest

__all__ = [
    "Analysis",
    "Analyzer",
    "Article",
    "Paragraph",
    "Party",
    "PartyRequest",
    "SidelightError",
    "Stance",
    "StanceLabel",
    "Summary",
]
