"""The written summary: a language model rewrites the article's best sentences; each is checked, then shown."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice

from ..article.nlp import parse, parse_articles, plain_words
from ..domain import Analysis, Mention, Party, SourceSentence, Span, Stance, StanceLabel, Summary, SummarySentence
from ..language_model.interface import LanguageModel, WritesTogether, Written, replies
from ..language_model.prompts import Prompt
from ..names.name_spans import name_in
from ..parties.finder import named_in
from ..stance.aggregates import leading_side
from .grounding import Grounder, Rewritten
from .injection import speaks_to_tool
from .window import Window

_REPLY = 80
"""The most tokens of a rewritten sentence."""
_LONGEST = 45  # words of one that is shown
_TRIES = 3
"""Sentences that are tried to say how the article treats a party."""
_LONGEST_SOURCE = 1_000
"""Characters of a sentence that is rewritten; hardly one of the press has more, and they must fit into the prompt."""
_NO_BEGINNING = '-–—*•“"'
"""What a list or a quotation without its speaker begins with."""
_AGAIN = 0.8
"""The share of the shorter sentence's longer words that another has, from which it says the same again."""


@dataclass(frozen=True, slots=True)
class SummaryWriter:
    """A language model and the prompt that it is given."""

    language_model: LanguageModel
    prompt: Prompt

    @classmethod
    def of(cls, language_model: LanguageModel) -> "SummaryWriter":
        """With the prompt of the repository.

        Raises:
            PromptError: the prompt is missing or damaged.
        """
        return cls(language_model, Prompt.load("rewrite"))

    @property
    def versions(self) -> dict[str, str]:
        """What decides what is written."""
        return {"language model": self.language_model.version, "rewrite prompt": self.prompt.version}

    def write(self, analysis: Analysis, grounder: Grounder) -> Iterator[Analysis]:
        """The analysis as its written summary grows, again and again while the model writes; the last is whole.

        The best sentences of the article come in its order; then, for each main party, one on it
        (`_portrayal`), or none. What this model wrote already (`Analyzer.stages` keeps it where parties changed)
        stays, but for sentences on parties that do not agree with the labels. In place of a sentence that fails
        the check stands the article's own, if that can be read alone. Closing the iterator stops the model.

        Raises:
            ServerError, PromptError: the model's server fails, or its model reads too little at once; what was yielded
                stays right.
        """
        if not self.versions.items() <= analysis.versions.items():  # another model's sentences are not ours
            analysis = replace(analysis, written=None, portrayals={})
        kept = {name: one for name, one in analysis.portrayals.items() if _fits(one, name, analysis, grounder)}
        analysis = replace(analysis, portrayals=kept)
        parties = [party for party in analysis.parties if party.main and party.name not in kept]
        if analysis.written and not parties:
            return
        said: dict[Window, Rewritten] = {}
        analysis = replace(analysis, versions={**analysis.versions, **self.versions})
        if not analysis.written:
            analysis = replace(analysis, written=Summary((), "written"))
            yield analysis
            sources = sorted(_usable(analysis), key=lambda one: (one.paragraph, one.span.start))
            waiting = [(source, Window.around(analysis.article, source.paragraph, source.span)) for source in sources]
            first = [*(window for _, window in waiting), *self._first(parties, analysis)]
            with closing(self._rewriting(first, said)) as steps:
                for _ in steps:
                    while waiting and waiting[0][1] in said:
                        source, window = waiting.pop(0)
                        analysis = _with_sentence(analysis, grounder, said[window], window, source)
                    yield analysis
        search = _Search({party.name: _portrayal(analysis, grounder, party, said) for party in parties})
        search.go_on(said)
        while search.wanted:
            with closing(self._rewriting(list(search.wanted.values()), said)) as steps:
                for _ in steps:
                    search.go_on(said)
                    yield replace(analysis, portrayals={**kept, **search.found})
        ordered = {party.name: search.found[party.name] for party in parties if party.name in search.found}
        yield replace(analysis, portrayals={**kept, **ordered})

    def _first(self, parties: Sequence[Party], analysis: Analysis) -> Iterator[Window]:
        """What is rewritten first for the parties that are judged, where it may be written beside the summary."""
        if isinstance(self.language_model, WritesTogether):
            for party in parties:
                if leading_side(analysis.labels, party.name):
                    yield from (window for window, _ in islice(_tried(party, analysis), 1))

    def _rewriting(self, windows: Sequence[Window], said: dict[Window, Rewritten]) -> Generator[None, None, None]:
        """Put into `said` what the model makes of each window that is not there yet; yields while it writes, and then.

        Closing it stops the model.
        """
        for window in windows:
            if len(window.sentence) > _LONGEST_SOURCE:
                said[window] = Rewritten("")
        asked = list(dict.fromkeys(window for window in windows if window not in said))
        prompts = [self.prompt.fill({"window": window.lines()}) for window in asked]
        with closing(replies(self.language_model, prompts, _REPLY)) as found:
            for reply in found:
                if reply:
                    number, written = reply
                    said[asked[number]] = _fitting(written, asked[number])
                yield
        yield


class _Search:
    """Searches for a sentence on each party: what they found, and which windows those that go on want rewritten."""

    def __init__(self, searches: Mapping[str, Generator[Window, None, SummarySentence | None]]) -> None:
        self._searches = dict(searches)
        self.found: dict[str, SummarySentence] = {}
        self.wanted: dict[str, Window] = {}

    def go_on(self, said: Mapping[Window, Rewritten]) -> None:
        """Let those go on that have not begun, or have what they want."""
        for name, search in list(self._searches.items()):
            if name in self.wanted and self.wanted[name] not in said:
                continue
            try:
                self.wanted[name] = next(search)
            except StopIteration as end:
                del self._searches[name]
                self.wanted.pop(name, None)
                if end.value:
                    self.found[name] = end.value


def _portrayal(
    analysis: Analysis, grounder: Grounder, party: Party, said: Mapping[Window, Rewritten]
) -> Generator[Window, None, SummarySentence | None]:
    """Yields windows that the model has to rewrite, into `said`, before it goes on; returns a sentence on a party.

    Of a party that the article judges, that is one written for it, or else one of the summary; of another one of the
    summary first.
    """
    side = leading_side(analysis.labels, party.name)
    if not side and (sentence := _said_of(party, analysis, grounder)):
        return sentence
    for window, paragraph in islice(_tried(party, analysis), _TRIES):
        if window not in said:
            yield window
        new = said[window]
        if new.text and _names(new.text, party, analysis.parties) and grounder.supports(new, window, paragraph):
            return SummarySentence(new.text, (paragraph,), written=True)
    return _said_of(party, analysis, grounder) if side else None


def _fitting(reply: Written, window: Window) -> Rewritten:
    """The sentence of a reply, empty where it has none but the source."""
    text = reply.text.strip()
    whole = text.rstrip("”\"’')").endswith((".", "!", "?")) and len(text.split()) <= _LONGEST
    fits = whole and text[0] not in _NO_BEGINNING and "\n" not in text and not speaks_to_tool(text)
    return Rewritten(text, reply.log_likelihood) if fits and text != window.own else Rewritten("")


def _usable(analysis: Analysis) -> Iterator[SourceSentence]:
    """The sentences to write from whose paragraphs do not speak to the tool."""
    texts = analysis.article.paragraphs
    return (source for source in analysis.sources if not speaks_to_tool(texts[source.paragraph].text))


def _tried(party: Party, analysis: Analysis) -> Iterator[tuple[Window, int]]:
    """What is rewritten to say how the article treats a party, with its paragraph, the best first."""
    for paragraph, span in _sources_on(party, leading_side(analysis.labels, party.name), analysis):
        yield Window.around(analysis.article, paragraph, span), paragraph


def _sources_on(party: Party, side: Sequence[StanceLabel], analysis: Analysis) -> Iterator[tuple[int, Span]]:
    """Sentences that say how the article treats a party, with their paragraphs, the best first; of sure labels alone.

    They carry the `side` that most paragraphs take: first those that name the party, then those that refer to it, then
    the others, the surest first. Where no paragraph takes a side, they are the sentences that name it in neutral
    paragraphs, in the article's order.
    """
    if side:
        carrying = [(label, label.evidence) for label in _reliable(analysis, side) if label.evidence]

        def rank(one: tuple[StanceLabel, Span]) -> tuple[bool, bool, float]:
            label, span = one
            mentions = [m for m in party.in_paragraph(label.paragraph) if _within(m, span)]
            named = any(name_in(analysis.article.paragraphs[label.paragraph].text, m) for m in mentions)
            sure = 1.0 if label.probability is None else label.probability  # a reader's own label has none
            return not named, not mentions, -sure

        yield from ((label.paragraph, span) for label, span in sorted(carrying, key=rank))
        return
    neutral = (one for one in analysis.labels if one.party == party.name and one.stance is Stance.NEUTRAL)
    (parsed,) = parse_articles([analysis.article])  # kept since it was read
    for label in _reliable(analysis, neutral):
        paragraph = parsed.paragraphs[label.paragraph]
        names = [m for m in party.in_paragraph(label.paragraph) if name_in(paragraph.text, m)]
        named = (span for span in paragraph.sentences if any(_within(m, span) for m in names))
        yield from ((label.paragraph, span) for span in named)


def _within(mention: Mention, span: Span) -> bool:
    """Whether a mention begins in `span`, which is of its paragraph."""
    return span.start <= mention.start < span.end


def _reliable(analysis: Analysis, labels: Iterable[StanceLabel]) -> Iterator[StanceLabel]:
    """Those that are sure, of paragraphs that do not speak to the tool."""
    texts = analysis.article.paragraphs
    return (label for label in labels if not label.unsure and not speaks_to_tool(texts[label.paragraph].text))


def _said_of(party: Party, analysis: Analysis, grounder: Grounder) -> SummarySentence | None:
    """The first written sentence of the summary that names a party and agrees with the labels toward it."""
    written = (one for one in (analysis.written or Summary(())).sentences if one.written)
    named = (one for one in written if _names(one.text, party, analysis.parties))
    return next((one for one in named if _fits(one, party.name, analysis, grounder)), None)


def _fits(sentence: SummarySentence, party: str, analysis: Analysis, grounder: Grounder) -> bool:
    """Whether a written sentence may stand for how the article treats a party.

    It must not judge anybody against its paragraphs, and, where paragraphs take sides toward the party, be from one
    that surely takes the leading one. What is kept was written before parties, and with them labels, changed.
    """
    side = leading_side(analysis.labels, party)
    sure = {label.paragraph for label in side if not label.unsure}
    fits = not side or bool(sure & set(sentence.paragraphs))
    return fits and not grounder.contradicts(sentence.text, sentence.paragraphs)


def _with_sentence(
    analysis: Analysis, grounder: Grounder, new: Rewritten, window: Window, source: SourceSentence
) -> Analysis:
    """The analysis with the rewritten sentence, or the article's own where there is none or it fails the check."""
    written = analysis.written or Summary(())
    sentence = SummarySentence(new.text, (source.paragraph,), written=True)
    if not new.text or not grounder.supports(new, window, source.paragraph):
        written = replace(written, rejected=written.rejected + bool(new.text))
        sentence = SummarySentence(window.own, (source.paragraph,))
    again = any(_same(sentence.text, shown.text) for shown in written.sentences)
    if not again and (sentence.written or source.alone):
        written = replace(written, sentences=(*written.sentences, sentence))
    return replace(analysis, written=written)


def _names(text: str, party: Party, parties: Sequence[Party]) -> bool:
    """Whether a sentence has one of a party's names, and not within the longer name of another of the `parties`."""
    title, sentence = parse(["", text])
    return any(found.name == party.name for found in named_in(sentence, title, parties))


def _same(one: str, other: str) -> bool:
    """Whether the sentence with fewer of them has most of its longer words in common with the other."""
    few, more = sorted(({word for word in plain_words(text) if len(word) > 3} for text in (one, other)), key=len)
    return len(few & more) >= _AGAIN * max(1, len(few))
