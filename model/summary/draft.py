"""A written summary as it grows: which of the article's sentences are rewritten, and what stands in their place."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from ..article.nlp import plain_words
from ..domain import Analysis, SourceSentence, Summary, SummarySentence
from .grounding import Grounder, Rewritten
from .injection import speaks_to_tool
from .window import Window

_MOST, _WRITTEN = 6, 3
"""Sentences of a summary, and those that are to be written by the model."""
_AGAIN = 0.8
"""The share of the shorter sentence's longer words that another has, from which it says the same again."""


class Draft:
    """The sentences of an analysed article that are rewritten, by what a model `said`, and what became of them."""

    def __init__(self, analysis: Analysis, grounder: Grounder, said: Mapping[Window, Rewritten]) -> None:
        texts = analysis.article.paragraphs
        self._article, self._grounder, self._said = analysis.article, grounder, said
        usable = (one for one in analysis.sources if not speaks_to_tool(texts[one.paragraph].text))
        self._ranks = {source: rank for rank, source in enumerate(usable)}
        self._open = 0
        self._written: dict[SourceSentence, SummarySentence] = {}
        self._own: dict[SourceSentence, SummarySentence] = {}
        self._rejected = 0

    def searches(self) -> list[Iterator[Window]]:
        """A search for each of the best sentences, in the article's order.

        It yields windows that have to be rewritten before it goes on: first its own, then those of further sentences,
        the best first, as long as too few pass the check and say something new.
        """
        sources = list(self._ranks)
        further = iter(sources[_MOST:])
        first = sorted(sources[:_MOST], key=_place)
        self._open = len(first)
        return [self._search(chain([source], further)) for source in first]

    def summary(self) -> Summary:
        """What is written, in the article's order; when all searches have ended, with sentences of the article's own.

        These are the best of those that failed and can be read alone.
        """
        taken = dict(self._written)
        if not self._open:
            for source in sorted(self._own, key=self._ranks.__getitem__):
                own = self._own[source]
                if len(taken) < _MOST and not _alike(own.text, taken):
                    taken[source] = own
        return Summary(tuple(taken[source] for source in sorted(taken, key=_place)), "written", self._rejected)

    def _search(self, sources: Iterable[SourceSentence]) -> Iterator[Window]:
        for source in sources:
            window = Window.around(self._article, source.paragraph, source.span)
            if window not in self._said:
                yield window
            if self._took(source, window) or len(self._written) + self._open > _WRITTEN:
                break
        self._open -= 1

    def _took(self, source: SourceSentence, window: Window) -> bool:
        """Whether the model made a sentence of `source` that can be shown and says something new.

        Of two that say the same that of the better source stays, whichever comes first.
        """
        new = self._said[window]
        if not new.text or not self._grounder.supports(new, window, source.paragraph):
            self._rejected += bool(new.text)
            if source.alone:
                self._own[source] = SummarySentence(window.own, (source.paragraph,))
            return False
        alike = _alike(new.text, self._written)
        if all(self._ranks[source] < self._ranks[other] for other in alike):
            for other in alike:
                del self._written[other]
            self._written[source] = SummarySentence(new.text, (source.paragraph,), written=True)
        return not alike


def _place(source: SourceSentence) -> tuple[int, int]:
    return source.paragraph, source.span.start


def _alike(text: str, sentences: Mapping[SourceSentence, SummarySentence]) -> list[SourceSentence]:
    """The sources of those that say the same as `text`.

    Of the two, the one with fewer longer words has most of them in common with the other.
    """
    return [source for source, other in sentences.items() if _same(text, other.text)]


def _same(one: str, other: str) -> bool:
    few, more = sorted(({word for word in plain_words(text) if len(word) > 3} for text in (one, other)), key=len)
    return len(few & more) >= _AGAIN * max(1, len(few))
