"""What happens when a reader clicks, drops or stops: each handler turns inputs into new contents of the page."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from ..article.web_page import link_host, looks_like_link, read_link
from ..domain import Analysis
from ..errors import ArticleError, BusyError, PartyError, SidelightError
from ..export.json_reader import read_file_or_saved
from ..networks.memory import give_back
from ..parties.requests import parse_requests, party_line
from .api import Limiter, in_time
from .latest_run import LatestRun
from .models import SIGN_OF_LIFE, Models
from .own_labels import OwnLabels, article_id
from .progress import alert, progress, stages
from .strings import Words, words_for
from .typed import is_version, waits
from .views import html
from .views.article_html import article as article_html

Changes = dict[Any, object]
"""New contents by component."""


@dataclass(frozen=True)
class Components:
    """The parts of the page that handlers fill."""

    article: gr.Textbox
    analysis: gr.State
    progress: gr.HTML
    message: gr.HTML
    glance: gr.HTML
    matrix: gr.HTML
    reading: gr.HTML
    parties: gr.Textbox
    editor: gr.Accordion
    take: gr.Column

    @property
    def results(self) -> list[Any]:
        """All but the article."""
        return [
            self.analysis, self.progress, self.message, self.glance, self.matrix, self.reading, self.parties,
            self.editor, self.take,
        ]  # fmt: skip


class Handlers:
    """The page's handlers around models that may still be loading; `links` says whether a pasted link is fetched."""

    def __init__(self, models: Models, limiter: Limiter, components: Components, *, links: bool = False) -> None:
        self.models = models
        self.limiter = limiter
        self.on = components
        self.links = links

    @property
    def steps(self) -> int:
        """How many steps an analysis has, those of the language model among them."""
        analyzer = self.models.analyzer
        return 3 + (analyzer.ensemble is not None) + (analyzer.writer is not None)

    def judge_article(
        self, text: str, own: OwnLabels, runs: LatestRun, number: float, request: gr.Request
    ) -> Iterator[Changes]:
        """Analyse what was pasted."""
        yield from self._while_latest(runs, number, self._judge(text, "", None, own, runs, request))

    def judge_anyway(
        self, text: str, own: OwnLabels, runs: LatestRun, number: float, request: gr.Request
    ) -> Iterator[Changes]:
        """Analyse what does not look like English, for the reader insists."""
        yield from self._while_latest(runs, number, self._judge(text, "", None, own, runs, request, insists=True))

    def judge_again(
        self, names: str, before: Analysis | None, text: str, own: OwnLabels, runs: LatestRun, number: float,
        request: gr.Request,
    ) -> Iterator[Changes]:  # fmt: skip
        """Analyse it for the parties of the list; the box may be empty by then, or wait with another article."""
        if before and not runs.partial and not is_version(text, before):
            text = before.article.text
        yield from self._while_latest(runs, number, self._judge(text, names, before, own, runs, request))

    def write(self, found: Analysis | None, own: OwnLabels, runs: LatestRun, request: gr.Request) -> Iterator[Changes]:
        """Let the language model judge, if it learnt to, and write the summary."""
        yield from self._while_latest(runs, runs.ended, self._write(found, own, runs, words_for(request)))

    def follow(self, sent: str, own: OwnLabels, runs: LatestRun, found: Analysis | None, request: gr.Request) -> str:
        """Let counts, lines and charts follow the labels that the reader just changed."""
        own.hear(sent)
        if found is None or own.article != article_id(found.article):  # another article is on its way
            return gr.skip()  # type: ignore[no-any-return]  # what Gradio takes for no change
        growing = runs.growing
        glance = self._glance(growing or found, own, words_for(request), growing=growing is not None)
        return glance if growing is runs.growing else gr.skip()  # else a later one is shown, with these labels

    def half_written(self, found: Analysis | None, own: OwnLabels, say: Words) -> Changes:
        """What is shown of an analysis whose summary the reader no longer waits for: all labels, no half summary."""
        if found is None:
            return {}
        on = self.on
        return {on.glance: self._glance(found, own, say), on.message: html.notice(say("stopped"), say.language)}

    def ask(self, *inputs: Any) -> list[dict[str, Any]]:
        """End the reader's runs so far, as one more is asked for; says that each of its `inputs` will do."""
        runs, number = inputs[-2:]
        runs.ask(number)
        return [gr.validate(True, "") for _ in inputs]

    def take_file(
        self, path: str | None, own: OwnLabels, runs: LatestRun, text: str, shown: Analysis | None, request: gr.Request
    ) -> Iterator[Changes]:
        """Read a dropped file; Gradio deletes the server's copy of it within two and a half minutes."""
        on, say = self.on, words_for(request)
        if path is None:
            yield {on.message: ""}
            return
        try:
            self.limiter.check(request)
            found = read_file_or_saved(Path(path))
            if isinstance(found, Analysis):
                yield from self.open(found, own, runs, say, keeps_text=waits(text, shown))
            else:
                runs.counted = True
                yield {on.article: found, on.message: "", on.progress: ""}
                yield self.unchanged()
        except SidelightError as error:
            yield {on.message: alert(str(error)), on.progress: ""}

    def open(
        self, found: Analysis, own: OwnLabels, runs: LatestRun, say: Words, *, keeps_text: bool = False
    ) -> Iterator[Changes]:
        """Show an analysis as soon as the models are loaded, unless the reader asks for something else meanwhile."""
        runs.ask()
        run = runs.asked

        def steps() -> Iterator[Changes]:
            yield from self.until_loaded(say)
            yield {**self.opened(found, own, runs, run, say, keeps_text), self.on.progress: ""}
            yield self.unchanged()

        yield from self._while_latest(runs, run, steps())

    def opened(
        self, found: Analysis, own: OwnLabels, runs: LatestRun, run: float, say: Words, keeps_text: bool = False
    ) -> Changes:
        """A whole analysis and its article in the place of what was shown; nothing is written on it by itself.

        With `keeps_text` the box keeps what was not analyzed yet.
        """
        runs.shows(run)
        text = {} if keeps_text else {self.on.article: found.article.text}
        return {**self._show(found, own, say), **self._listed(found), **self._kept(found), **text}

    def taker(self, write: Callable[[Analysis, Words, Analysis], str]) -> Callable[..., str]:
        """What gives an analysis as a file's text: `write` gets it with the reader's labels, and as it was found."""

        def taken_text(sent: str, found: Analysis | None, own: OwnLabels, request: gr.Request) -> str:
            say = words_for(request)
            own.hear(sent)
            if found is None:
                raise gr.Error(say("take_gone"), title=say("error"))
            return write(own.over(found), say, found)

        return taken_text

    def _judge(
        self, text: str, names: str, before: Analysis | None, own: OwnLabels, runs: LatestRun, request: gr.Request,
        insists: bool = False,
    ) -> Iterator[Changes]:  # fmt: skip
        """Fill the page stage by stage; an error leaves what was typed, and clears results that are not whole.

        What is not English is not analyzed unless the reader `insists`, or did so `before`.
        """
        on, say, run = self.on, words_for(request), runs.asked
        try:
            link = looks_like_link(text)
            if link or not runs.counted:
                self.limiter.check(request)
            runs.counted = link
            if link:
                yield from self._fetch(text, runs, say)
                return
            yield from self.until_loaded(say)
            from ..article.nlp import looks_english  # spaCy comes with the models
            from ..article.splitter import split_article

            article = split_article(text)
            if not (insists or before or looks_english(article.text)):
                runs.shows(run)
                runs.counted = True
                yield {**self._cleared(), on.message: html.not_english(time.time_ns(), say)}
                return
            requests = parse_requests(names, exact=True)
            yield {on.message: "", on.progress: progress(say, "stage_read", steps=self.steps)}
            for found, step, new in stages(self.models, article, requests, before):
                if not new:
                    yield {on.progress: progress(say, step, found, steps=self.steps)}
                    continue
                runs.shows(run, partial=True)
                first = {} if names or found.labels else self._listed(found)
                if found.summary.sentences:
                    changed: Changes = {on.glance: self._glance(found, own, say)}
                else:
                    changed = {**self._show(found, own, say, growing=bool(step)), **first}
                yield {**changed, on.progress: progress(say, step, found, steps=self.steps)}
            runs.shows(run, unwritten=True)
            yield self._kept(found)
        except SidelightError as error:
            if runs.partial or not isinstance(error, ArticleError | BusyError | PartyError):
                runs.shows(run)
                yield {**self._cleared(), on.message: alert(str(error))}
            else:  # the results that are shown are still right
                yield {on.message: alert(str(error)), on.progress: ""}

    def _fetch(self, link: str, runs: LatestRun, say: Words) -> Iterator[Changes]:
        """Put the text of the page at a link into the box, to be corrected; nothing is analysed yet."""
        on, run = self.on, runs.asked
        if not self.links:
            yield {on.message: alert(say("link_off"), say.language), on.progress: ""}
            return
        yield {on.message: "", on.progress: progress(say, "stage_fetch")}
        text = read_link(link)
        # The results that were shown belong to another text; without them the box is open.
        runs.shows(run)
        found = html.notice(say("link_found", host=link_host(link)), say.language)
        yield {**self._cleared(), on.article: text, on.message: found}
        yield self.unchanged()

    def unchanged(self) -> Changes:
        """The last step of what fills the box: Gradio sends a last step twice, over what was typed meanwhile."""
        return {self.on.progress: gr.skip()}

    def until_loaded(self, say: Words) -> Iterator[Changes]:
        """Say that the models are loading as long as they are."""
        for _ in self.models.waits():
            yield {self.on.message: "", self.on.progress: progress(say, "stage_loading")}

    def _write(self, found: Analysis | None, own: OwnLabels, runs: LatestRun, say: Words) -> Iterator[Changes]:
        """The labels of both judges, then the summary, sentence by sentence; closing stops it."""
        on = self.on
        if found is None or not runs.unwritten:
            yield {on.progress: ""}
            return
        shown, last, run = found, 0.0, runs.asked
        try:
            for grown in in_time(self.models.analyzer.write(found)):
                runs.grow(run, grown)
                new = _results(grown) != _results(shown)
                if new or time.monotonic() - last > SIGN_OF_LIFE:
                    last = time.monotonic()
                    changed = {on.glance: self._glance(grown, own, say, growing=True)} if new else {}
                    if grown.labels != shown.labels:
                        rest = {on.matrix: html.matrix(grown, say), on.reading: article_html(grown, say)}
                        changed |= {**rest, on.analysis: grown}
                    judging = grown is found and self.models.analyzer.ensemble  # the writer yields others
                    step = "stage_questions" if judging else "stage_writing"
                    yield {**changed, on.progress: progress(say, step, grown, steps=self.steps)}
                shown = grown
            whole = {on.glance: self._glance(shown, own, say)} if shown is not found else {}
            yield {**whole, on.analysis: shown, on.progress: ""}
            runs.shows(run)
        except SidelightError as error:  # what is shown is still right
            from ..pipeline import unwritten  # torch comes with it

            runs.shows(run)
            found = unwritten(found, shown, error)
            told = html.warned(found, say)
            yield {on.glance: self._glance(found, own, say), on.message: told, on.progress: "", on.analysis: found}
        finally:  # not before the last of it is shown
            runs.grow(run, None)

    def _while_latest(self, runs: LatestRun, number: float | None, run: Iterator[Changes]) -> Iterator[Changes]:
        """The steps of a run until the reader asks for another, or for none."""
        yield from runs.steps(number, run)
        if runs.asked != number:  # Gradio shows the last step once more as a run ends: it must not be an old one
            yield {self.on.progress: "" if runs.asked < 0 else gr.skip()}

    def _glance(self, found: Analysis, own: OwnLabels, say: Words, *, growing: bool = False) -> str:
        hint = "" if self.models.analyzer.writer else say("summary_none")
        return html.glance(own.over(found), hint, growing=growing, models=found, say=say)

    def _show(self, found: Analysis, own: OwnLabels, say: Words, *, growing: bool = False) -> Changes:
        """Results in the place of others, whose analysis can no longer be taken away."""
        give_back()  # what reading took, before as much is taken to show it
        on = self.on
        return {
            on.message: "",
            on.glance: self._glance(found, own, say, growing=growing),
            on.matrix: html.matrix(found, say),
            on.reading: article_html(found, say),
            on.take: gr.Column(visible=False),
            on.editor: gr.Accordion(visible=True),
        }

    def _kept(self, found: Analysis) -> Changes:
        """The analysis that is shown, now whole: to be taken away."""
        return {self.on.analysis: found, self.on.take: gr.Column(visible=True)}

    def _listed(self, found: Analysis) -> Changes:
        lines = "\n".join(party_line(party) for party in found.parties if party.main)
        return {self.on.parties: lines, self.on.editor: gr.Accordion(visible=True, open=False)}

    def _cleared(self) -> Changes:
        """No results."""
        on = self.on
        return {
            **dict.fromkeys((on.progress, on.glance, on.matrix, on.reading), ""),
            on.analysis: None,
            on.editor: gr.Accordion(visible="hidden"),
            on.take: gr.Column(visible=False),
        }


def _results(found: Analysis) -> tuple[object, ...]:
    """What a language model changes of an analysis."""
    return found.labels, found.written, found.portrayals
