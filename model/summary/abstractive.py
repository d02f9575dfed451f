"""The written summary: a language model rewrites the article's best sentences; each is checked, then shown."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain

from ..domain import Analysis
from ..language_model.interface import LanguageModel, WritesTogether, Written, replies
from ..language_model.prompts import Prompt
from .draft import Draft
from .grounding import Grounder, Rewritten
from .injection import speaks_to_tool
from .portrayals import Portrayals
from .window import Window

_REPLY = 80
"""The most tokens of a rewritten sentence."""
_LONGEST = 45  # words of one that is shown
_LONGEST_SOURCE = 1_000
"""Characters of a sentence that is rewritten; hardly one of the press has more, and they must fit into the prompt."""
_NO_BEGINNING = '-–—*•“"'
"""What a list or a quotation without its speaker begins with."""


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

        The article's best sentences are rewritten (`Draft`), and beside them those that judge main parties
        (`Portrayals`). A party for which none of these can be shown has one of the summary, or else one of further
        sentences, or none. What this model wrote already (`Analyzer.stages` keeps it where parties changed) stays, but
        for sentences on parties that do not agree with the labels. Closing the iterator stops the model.

        Raises:
            ServerError, PromptError: the model's server fails, or its model reads too little at once; what was yielded
                stays right.
        """
        if not self.versions.items() <= analysis.versions.items():  # another model's sentences are not ours
            analysis = replace(analysis, written=None, portrayals={})
        said: dict[Window, Rewritten] = {}
        portrayals = Portrayals(analysis, grounder, said)
        if portrayals.found != analysis.portrayals:  # some do not agree with the labels any more
            analysis = replace(analysis, portrayals=portrayals.found)
            yield analysis
        if analysis.written and not portrayals.missing:
            return
        draft = None if analysis.written else Draft(analysis, grounder, said)
        analysis = replace(analysis, versions={**analysis.versions, **self.versions})

        def grown() -> Analysis:
            written = draft.summary() if draft else analysis.written
            return replace(analysis, written=written, portrayals=portrayals.found)

        searches = [portrayals.first_searches()]
        if draft:
            yield grown()
            searches.insert(0, draft.searches())
        if isinstance(self.language_model, WritesTogether):
            searches = [list(chain(*searches))]
        for some in searches:
            with closing(self._searching(some, said)) as steps:
                yield from (grown() for _ in steps)
        portrayals.take(grown().shown)
        with closing(self._searching(portrayals.further_searches(), said)) as steps:
            yield from (grown() for _ in steps)
        yield grown()

    def _searching(
        self, searches: Iterable[Iterator[Window]], said: dict[Window, Rewritten]
    ) -> Generator[None, None, None]:
        """Have rewritten what the searches want until all have ended; yields while the model writes.

        Closing it stops the model.
        """
        asked: dict[Window, list[Iterator[Window]]] = {}
        prompts: list[str] = []

        def go_on(search: Iterator[Window]) -> None:
            for window in search:
                if len(window.sentence) > _LONGEST_SOURCE:
                    said[window] = Rewritten("")
                    continue
                if window not in asked:
                    prompts.append(self.prompt.fill({"window": window.lines()}))
                asked.setdefault(window, []).append(search)
                return

        for search in searches:
            go_on(search)
        with closing(replies(self.language_model, prompts, _REPLY)) as found:
            for reply in found:
                if reply:
                    number, written = reply
                    window = list(asked)[number]
                    said[window] = _fitting(written, window)
                    for search in asked[window]:
                        go_on(search)
                yield


def _fitting(reply: Written, window: Window) -> Rewritten:
    """The sentence of a reply, empty where it has none but the source."""
    text = reply.text.strip()
    whole = text.rstrip("”\"'’)").endswith((".", "!", "?")) and len(text.split()) <= _LONGEST
    fits = whole and text[0] not in _NO_BEGINNING and "\n" not in text and not speaks_to_tool(text)
    return Rewritten(text, reply.log_likelihood) if fits and text != window.own else Rewritten("")
