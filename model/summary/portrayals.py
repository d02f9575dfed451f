"""A written sentence on each main party: where it is looked for, and which may stand for how the article treats it."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from ..article.nlp import parse, parse_articles
from ..domain import OPPOSITE, Analysis, Mention, Party, Span, Stance, StanceLabel, Summary, SummarySentence
from ..names.name_spans import name_in
from ..parties.finder import named_in
from ..stance.aggregates import leading_side, leading_stance
from .grounding import Grounder, Rewritten
from .injection import speaks_to_tool
from .window import Window

_FIRST_TRIES, _TRIES, _ALL_TRIES = 3, 8, 40
"""Sentences that are rewritten for a party: before one of the summary serves for it, at most, and for all in that."""


class Portrayals:
    """What is `found` for the parties of an analysed article, by what a model `said`; at first what may be kept."""

    def __init__(self, analysis: Analysis, grounder: Grounder, said: Mapping[Window, Rewritten]) -> None:
        self._analysis, self._grounder, self._said = analysis, grounder, said
        self._found = {name: one for name, one in analysis.portrayals.items() if self._fits(one, name)}
        self._named: dict[str, set[str]] = {}

    @property
    def found(self) -> dict[str, SummarySentence]:
        """The sentence on each party that has one, in the parties' order."""
        names = [party.name for party in self._analysis.parties]
        return {name: self._found[name] for name in names if name in self._found}

    @property
    def missing(self) -> list[Party]:
        """The main parties without a sentence."""
        return [party for party in self._analysis.parties if party.main and party.name not in self._found]

    def first_searches(self) -> list[Iterator[Window]]:
        """For each missing party that paragraphs judge, a search among the first sentences that do.

        A search yields windows that have to be rewritten before it goes on.
        """
        return [self._search(party, islice(self._judging(party), _FIRST_TRIES)) for party in self.missing]

    def take(self, summary: Summary) -> None:
        """Give each missing party the first written sentence of the summary that names it and may stand for it.

        Where paragraphs judge the party, that sentence is of one that surely takes the leading side.
        """
        written = [sentence for sentence in summary.sentences if sentence.written]
        for party in self.missing:
            side = leading_side(self._analysis.labels, party.name)
            sure = {label.paragraph for label in side if not label.unsure}
            for sentence in written:
                there = not side or sure & set(sentence.paragraphs)
                if there and self._names(sentence.text, party) and self._fits(sentence, party.name):
                    self._found[party.name] = sentence
                    break

    def further_searches(self) -> list[Iterator[Window]]:
        """For each missing party a search among further sentences: those that judge it, then those that name it."""
        missing = self.missing
        tries = max(_FIRST_TRIES, min(_TRIES, _ALL_TRIES // max(1, len(missing))))
        return [self._search(party, islice(self._speaking_of(party), tries)) for party in missing]

    def _search(self, party: Party, sources: Iterable[tuple[int, Span]]) -> Iterator[Window]:
        """Ends with a sentence that names the party and passes the check, or none."""
        for paragraph, span in sources:
            window = Window.around(self._analysis.article, paragraph, span)
            if window not in self._said:
                yield window
            new = self._said[window]
            if new.text and self._names(new.text, party) and self._grounder.supports(new, window, paragraph):
                self._found[party.name] = SummarySentence(new.text, (paragraph,), written=True)
                return

    def _names(self, text: str, party: Party) -> bool:
        """Whether a sentence has one of a party's names, and not within the longer name of another party."""
        if text not in self._named:
            title, sentence = parse(["", text])
            self._named[text] = {found.name for found in named_in(sentence, title, self._analysis.parties)}
        return party.name in self._named[text]

    def _fits(self, sentence: SummarySentence, party: str) -> bool:
        """Whether a written sentence may stand for how the article treats a party.

        It must not judge anybody against its paragraphs, nor be from one that takes the other side toward the party or
        may do so. What is kept was written before parties, and with them labels, changed.
        """
        paragraphs = sentence.paragraphs
        if leading_side(self._analysis.labels, party):
            usable = {label.paragraph for label in self._usable(party)}
            if not usable.issuperset(paragraphs):
                return False
        return not self._grounder.contradicts(sentence.text, paragraphs)

    def _usable(self, party: str) -> list[StanceLabel]:
        """The labels of the paragraphs that surely refer to a party, and do not take the other side."""
        leading = leading_stance(self._analysis.labels, party)
        wrong = {Stance.ABSENT, OPPOSITE[leading]} if leading else {Stance.ABSENT}
        labels = (label for label in self._analysis.labels if label.party == party and label.stance not in wrong)
        return self._reliable(labels)

    def _reliable(self, labels: Iterable[StanceLabel]) -> list[StanceLabel]:
        """Those that are sure, of paragraphs that do not speak to the tool."""
        texts = self._analysis.article.paragraphs
        return [label for label in labels if not label.unsure and not speaks_to_tool(texts[label.paragraph].text)]

    def _judging(self, party: Party) -> list[tuple[int, Span]]:
        """The sentences that carry the side that most paragraphs take, with their paragraphs; of sure labels alone.

        First come those that name the party, then those that refer to it, then the others, the surest first.
        """
        side = self._reliable(leading_side(self._analysis.labels, party.name))
        texts = self._analysis.article.paragraphs

        def rank(one: tuple[StanceLabel, Span]) -> tuple[bool, bool, float]:
            label, span = one
            mentions = [m for m in party.in_paragraph(label.paragraph) if _within(m, span)]
            named = any(name_in(texts[label.paragraph].text, m) for m in mentions)
            sure = 1.0 if label.probability is None else label.probability  # a reader's own label has none
            return not named, not mentions, -sure

        carrying = [(label, label.evidence) for label in side if label.evidence]
        return [(label.paragraph, span) for label, span in sorted(carrying, key=rank)]

    def _speaking_of(self, party: Party) -> Iterator[tuple[int, Span]]:
        """Sentences that judge a party, then those that only name it: beside the former first, else in their order."""
        judging = self._judging(party)
        yield from judging
        beside = {paragraph for paragraph, _ in judging}
        (parsed,) = parse_articles([self._analysis.article])  # kept since it was read
        for label in sorted(self._usable(party.name), key=lambda one: one.paragraph not in beside):
            paragraph = parsed.paragraphs[label.paragraph]
            tried = [span for index, span in judging if index == label.paragraph]
            mentions = (m for m in party.in_paragraph(label.paragraph) if not any(_within(m, span) for span in tried))
            names = [m for m in mentions if name_in(paragraph.text, m)]
            yield from ((label.paragraph, span) for span in paragraph.sentences if any(_within(m, span) for m in names))


def _within(mention: Mention, span: Span) -> bool:
    """Whether a mention begins in `span`, which is of its paragraph."""
    return span.start <= mention.start < span.end
