"""What a language model and the check read of an article to rewrite one of its sentences."""

import re
from dataclasses import dataclass

from ..domain import Article, Span
from .injection import speaks_to_tool

_BEFORE, _AFTER, _BEGINNING = 600, 200, 300
"""Characters of the text before the sentence, after it, and of the article's beginning where that is further off, or
of its title."""
_LATEST = 350
"""Where in the text before it a sentence may begin that is the first one shown; else it is cut between words."""
_STARTS = re.compile(r"(?<=[.!?”\"])\s+|\n")


@dataclass(frozen=True, slots=True)
class Window:
    """A sentence of an article and what stands around it; "" for what is not there.

    `quoted` says that all of it stands between quotation marks: somebody else says it.
    """

    title: str
    beginning: str
    before: str
    sentence: str
    after: str
    quoted: bool = False

    @classmethod
    def around(cls, article: Article, paragraph: int, span: Span) -> "Window":
        """The window of the sentence `span` of `paragraph`; paragraphs that speak to the tool are left out of it."""
        texts = [p.text for p in article.paragraphs]
        text, beginning, index = texts[paragraph], "", paragraph
        before = text[: span.start].strip()
        while index and len(before) <= _BEFORE:
            index -= 1
            before = f"{_fit(texts[index])}\n{before}".strip()
        if len(before) > _BEFORE:
            before = before[-_BEFORE:]
            start = _STARTS.search(before)
            before = before[start.end() if start and start.end() < _LATEST else before.find(" ") + 1 :]
            beginning = _fit(texts[0])
            beginning = "" if before.startswith(beginning[:40]) else _cut(beginning, _BEGINNING)
        after = "\n".join([text[span.end :], *map(_fit, texts[paragraph + 1 : paragraph + 2])]).strip()
        title = _cut(_fit(article.read(article.title)), _BEGINNING)
        sentence = text[span.start : span.end]
        return cls(title, beginning, before, sentence, _cut(after, _AFTER), _within_quotation(text, span))

    def lines(self, about: str = "") -> str:
        """A line for each part that is there, for a prompt; no text of the article can begin a line of its own.

        `about` is a party's name, in some rewritings to learn from; a summary asks without.
        """
        parts = {
            "Title": self.title,
            "Beginning": self.beginning,
            "Before": self.before,
            "Sentence": self.sentence,
            "After": self.after,
            "About": about,
        }
        return "\n".join(f"{name}: {' '.join(text.split())}" for name, text in parts.items() if text)

    @property
    def own(self) -> str:
        """The sentence on one line, as it is shown."""
        return " ".join(self.sentence.split())

    @property
    def text(self) -> str:
        """The parts in the article's order, a line each."""
        return "\n".join([self.title, self.beginning, self.before, self.sentence, self.after])


def _within_quotation(text: str, span: Span) -> bool:
    """Whether every letter of `span` stands between quotation marks."""
    opened = False
    for at, sign in enumerate(text[: span.end]):
        if sign in "“”":
            opened = sign == "“"
        elif sign == '"':
            opened = not opened
        elif at >= span.start and sign.isalnum() and not opened:
            return False
    return True


def _fit(text: str) -> str:
    """`text`, or "" for one that speaks to the tool."""
    return "" if speaks_to_tool(text) else text


def _cut(text: str, most: int) -> str:
    """`text` up to a word's end in at most `most` characters, and a sign that more follows."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"
