"""The labels that a reader set in the browser, as far as the server needs them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..domain import Analysis, Article, Stance, Voice
from ..stance.corrections import Correction, Corrections, corrected, holder_name

HEARD = "(_, ...states) => [window.sidelightOwn(), ...states]"
"""The script of a click that says the labels as they are now, as its first input, to a handler that hears them."""
_MOST = 1_000_000
"""Characters of labels that are read."""
_MOST_ARTICLES = 60
"""More than a list of files has; of more articles the oldest labels are forgotten here, not in the browser."""


@dataclass
class OwnLabels:
    """One reader's labels by the article's id, `article` the last one; the browser keeps them, and says each change."""

    article: str = ""
    labels: dict[str, Corrections] = field(default_factory=dict)

    def hear(self, sent: str) -> None:
        """Take what the script sends, `{"id": …, "labels": […]}` with labels as in a gold file, and nothing else."""
        try:
            told = json.loads(sent[:_MOST])
            labels = {(int(row["paragraph"]), str(row["party"])): _correction(row) for row in told["labels"]}
            self.article = str(told["id"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return
        self.labels.pop(self.article, None)
        self.labels[self.article] = labels
        for oldest in list(self.labels)[:-_MOST_ARTICLES]:
            del self.labels[oldest]

    def of(self, analysis: Analysis) -> Corrections | None:
        """The labels of its article; None where the browser has not said any."""
        return self.labels.get(article_id(analysis.article))

    def over(self, analysis: Analysis) -> Analysis:
        """The analysis with the reader's labels of its article."""
        return corrected(analysis, self.of(analysis) or {})


def _correction(row: Mapping[str, str]) -> Correction:
    voice = Voice(row["voice"]) if row.get("voice") else None
    holder = holder_name(str(row["holder"])) if row.get("holder") is not None else None
    return Correction(Stance(row["stance"]), voice, str(row.get("note") or ""), holder)


def article_id(article: Article) -> str:
    """What tells the browser one article from another: the words of its paragraphs, by whose numbers it keeps labels.

    White space and headline do not count, for the same article is often copied with others.
    """
    paragraphs = (" ".join(paragraph.text.split()) for paragraph in article.paragraphs)
    return hashlib.sha256("\n".join(paragraphs).encode()).hexdigest()[:16]
