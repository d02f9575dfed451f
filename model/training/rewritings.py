"""Sentences of press articles as readers rewrote them for a summary; words of the article are kept by their place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..article.splitter import join_article
from ..domain import TITLE, Span
from ..summary.window import Window
from .json_lines import json_lines
from .press import press_texts

NONE = "-"
"""The reply for a sentence that cannot be rewritten from what stands around it."""
SUPPORTED = "supported"
"""The verdict on a sentence that says what the article says."""
_SHORTEST = 3
"""Words in a row that are kept by their place."""


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A line of a file as it stands there, the sentence's window, and what it was rewritten to.

    `right` is how a reader would put it who did not find the reply right, or "".
    """

    row: Mapping[str, Any]
    window: Window
    reply: str
    right: str = ""

    @property
    def lines(self) -> str:
        """What the language model reads."""
        return self.window.lines(self.row["about"])


def read_rewritings(path: Path, corpora: Path) -> Iterator[Rewriting]:
    """The rewritings of a file, with the articles' words from `corpora`.

    Each line has `id`, `paragraph`, `start` and `end` of the sentence, `about` (a party's name or ""), and `pieces`:
    words of the reader, or `[paragraph, start, end]` for words of the article; null for a sentence that cannot be
    rewritten. Lines of judged ones have `verdict`, `alone`, and some in `right` the pieces of a better one.

    Raises:
        LabelError: the corpus lacks an article.
    """
    rows = json_lines(path)
    texts = press_texts(corpora, {row["id"] for row in rows})
    for row in rows:
        title, paragraphs = texts[row["id"]]
        article = join_article(title, paragraphs)
        window = Window.around(article, row["paragraph"], Span(row["start"], row["end"]))
        right = row.get("right")
        right = reply_of(right, title, paragraphs) if right else ""
        yield Rewriting(row, window, reply_of(row["pieces"], title, paragraphs), right)


def reply_of(pieces: Sequence[Any] | None, title: str, paragraphs: Sequence[str]) -> str:
    """The reply that `pieces` say."""
    if pieces is None:
        return NONE
    words = []
    for piece in pieces:
        if isinstance(piece, str):
            words.append(piece)
        else:
            paragraph, start, end = piece
            text = title if paragraph == TITLE else paragraphs[paragraph]
            words.append(" ".join(text[start:end].split()))
    return " ".join(words)


def pieces_of(reply: str, title: str, paragraphs: Sequence[str], paragraph: int) -> list[Any] | None:
    """`reply` in pieces, its words kept by their place where three or more in a row stand in the article.

    Looked for in `paragraph`, then in the title and the others.
    """
    if reply == NONE:
        return None
    order = [paragraph, TITLE, *(index for index in range(len(paragraphs)) if index != paragraph)]
    sources = [(index, _words(title if index == TITLE else paragraphs[index])) for index in order]
    said = reply.split()
    pieces: list[Any] = []
    at = 0
    while at < len(said):
        length, place = max((_longest(said[at:], words, index) for index, words in sources), key=lambda found: found[0])
        if length >= _SHORTEST:
            pieces.append(place)
        else:
            length = 1
            if pieces and isinstance(pieces[-1], str):
                pieces[-1] += f" {said[at]}"
            else:
                pieces.append(said[at])
        at += length
    return pieces


def _words(text: str) -> list[tuple[str, int]]:
    """Each word of `text`, and where it begins."""
    found, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        found.append((word, at))
        at += len(word)
    return found


def _longest(said: Sequence[str], words: Sequence[tuple[str, int]], index: int) -> tuple[int, list[int]]:
    """How many words of `said`, from the first, stand in a row in `words`, and the piece that they are."""
    best, piece = 0, [index, 0, 0]
    for start in range(len(words)):
        length = 0
        while start + length < len(words) and length < len(said) and words[start + length][0] == said[length]:
            length += 1
        if length > best:
            last, at = words[start + length - 1]
            best, piece = length, [index, words[start][1], at + len(last)]
    return best, piece
