"""What a reader is told while an analysis grows: messages, and which step it is at."""

import time
from collections.abc import Iterator, Sequence
from html import escape

from ..domain import Analysis, Article
from ..parties.requests import PartyRequest
from .api import in_time
from .models import Models
from .strings import Words
from .views import html


def alert(text: str, language: str = "en") -> str:
    """A message that is brought into view, though it may say what the one before it said; errors are English."""
    return html.message(text, time.time_ns(), language)


def progress(say: Words, step: str, found: Analysis | None = None, before: str = "", steps: int = 3) -> str:
    """What is done next, how much of it, of how many `steps`, and, `before` that, of which article; "" for ""."""
    if not step:
        return ""
    paragraphs, parties = (len(found.article.paragraphs), len(found.parties)) if found else (0, 0)
    done = len(found.written.sentences) + len(found.portrayals) if found and found.written else 0
    words = say(step, paragraphs=paragraphs, parties=parties, steps=steps, done=done)
    return f'<p class="sl sl-hint" role="status" lang="{say.language}">{escape(before)}{words} …</p>'


def stages(models: Models, article: Article, requests: Sequence[PartyRequest] = (), before: Analysis | None = None) -> (
    Iterator[tuple[Analysis, str, bool]]
):  # fmt: skip
    """The analysis as it grows, with what is done next ("" at the end), and whether it is new or a sign of life."""
    last, step, names = None, "", iter(("stage_parties", "stage_labels", ""))
    for found in in_time(models.analyzer.stages(article, requests, before)):
        new = found is not last
        last, step = found, next(names) if new else step
        yield found, step, new
