"""The labels that a reader set in the browser, as far as the server needs them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..domain import Analysis, Article, Stance, Voice
from ..stance.corrections import Correction, Corrections, corrected, holder_name

_MOST = 1_000_000
"""Characters of labels that are read."""


@dataclass
class OwnLabels:
    """One reader's labels of the article with this id; the browser keeps them, and says each change."""

    article: str = ""
    labels: Corrections = field(default_factory=dict)

    def hear(self, sent: str) -> None:
        """Take what the script sends, `{"id": …, "labels": […]}` with labels as in a gold file, and nothing else."""
        try:
            told = json.loads(sent[:_MOST])
            labels = {(int(row["paragraph"]), str(row["party"])): _correction(row) for row in told["labels"]}
            self.article, self.labels = str(told["id"]), labels
        except (ValueError, KeyError, TypeError, RecursionError):
            return

    def over(self, analysis: Analysis) -> Analysis:
        """The analysis with the reader's labels, if they are of its article."""
        return corrected(analysis, self.labels) if self.are_of(analysis) else analysis

    def are_of(self, analysis: Analysis) -> bool:
        """Whether they are labels of its article."""
        return self.article == article_id(analysis.article)


def _correction(row: Mapping[str, str]) -> Correction:
    voice = Voice(row["voice"]) if row.get("voice") else None
    holder = holder_name(str(row["holder"])) if row.get("holder") is not None else None
    return Correction(Stance(row["stance"]), voice, str(row.get("note") or ""), holder)


def article_id(article: Article) -> str:
    """What tells the browser one article from another."""
    return hashlib.sha256(article.text.encode()).hexdigest()[:16]
