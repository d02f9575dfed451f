"""Several files dropped at once: read when they come, analyzed one after the other, each in a turn of its own."""

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from ..comparison.align import MOST
from ..comparison.formats import titles
from ..domain import Analysis
from ..errors import BusyError, SidelightError
from ..export.csv_format import several_to_csv
from ..export.json_reader import read_file_or_saved
from .comparing import Kept, KeptArticle, compared, together
from .dropped_files import Batch, DroppedFile, State
from .handlers import Changes, Handlers
from .labels import label
from .latest_run import LatestRun
from .own_labels import OwnLabels
from .progress import alert, progress, stages
from .strings import Words, words_for
from .typed import waits
from .views import html
from .views.batch import FileRow, file_list

_log = logging.getLogger("sidelight")
MOST_FILES = 20
MOST_CHARACTERS = 1_000_000
"""Of all files in a list: what one reader may keep in memory."""


@dataclass(frozen=True)
class FileList:
    """Where the files stand, and what a reader does with them; the constructor puts it on the page."""

    batch: gr.State
    held: gr.File
    box: gr.Accordion
    rows: gr.HTML
    start: gr.Button
    csv: gr.Button
    beside: gr.Button
    clear: gr.Button
    step: gr.Button
    open: gr.Button
    more: gr.Textbox

    @classmethod
    def lay_out(cls, kept_seconds: int) -> "FileList":
        """Nothing of it is to be seen until several files were dropped."""
        batch = gr.State(Batch(), time_to_live=kept_seconds)
        held = gr.File(visible="hidden", file_count="multiple", type="filepath")
        step = gr.Button(visible="hidden", elem_id="sl-files-step")  # the script presses these two
        opener = gr.Button(visible="hidden", elem_id="sl-files-open")
        more = gr.Textbox(visible="hidden")
        with gr.Accordion(label("files_title"), visible=False, elem_id="sl-files") as box:
            rows = gr.HTML(apply_default_css=False)
            with gr.Row(elem_id="sl-files-bar"):
                start, csv, beside, clear = (
                    gr.Button(
                        label(f"files_{what}"),
                        size="sm",
                        variant="primary" if what == "start" else "secondary",
                        elem_id=f"sl-files-{what}",
                        min_width=90,
                    )
                    for what in ("start", "csv", "compare", "clear")
                )
        return cls(batch, held, box, rows, start, csv, beside, clear, step, opener, more)

    @property
    def listed(self) -> list[Any]:
        """What `FileHandlers.listing` fills."""
        return [self.batch, self.box, self.rows, self.start, self.csv, self.beside]


def _at(place: float | None, some: Sequence[DroppedFile | KeptArticle]) -> Analysis | None:
    return next((one.found for number, one in enumerate(some) if number == place), None)


class FileHandlers:
    """What happens to the files of a list; single articles go through `handlers`."""

    def __init__(self, handlers: Handlers, parts: FileList) -> None:
        self.handlers = handlers
        self.parts = parts

    def take_files(
        self, paths: list[str] | None, batch: Batch, own: OwnLabels, runs: LatestRun, text: str,
        shown: Analysis | None, request: gr.Request,
    ) -> Iterator[Changes]:  # fmt: skip
        """Read what was dropped: one file into the box, several into the list."""
        on, say = self.handlers.on, words_for(request)
        paths = paths or []
        if len(paths) < 2:
            yield from self.handlers.take_file(paths[0] if paths else None, own, runs, text, shown, request)
        elif len(batch.files) + len(paths) > MOST_FILES:
            told = say("files_many", most=MOST_FILES, count=len(batch.files) + len(paths))
            yield {on.message: alert(told, say.language)}
        else:
            files = [DroppedFile(Path(path).name) for path in paths]
            batch.files += files
            yield {on.message: "", **self.listing(batch, say), self.parts.box: gr.Accordion(visible=True, open=True)}
            for file, path in zip(files, paths, strict=True):
                self._read(file, Path(path), batch, request)
                yield self.listing(batch, say)

    def start(
        self, found: Analysis | None, batch: Batch, own: OwnLabels, runs: LatestRun, number: float, request: gr.Request
    ) -> Iterator[Changes]:
        """Analyze the first file that waits; the script asks for the next while there is `more`."""
        batch.number = number
        say = words_for(request)
        first: Changes = {self.handlers.on.message: ""}
        if runs.unwritten:
            first |= self.handlers.half_written(found, own, say)
        elif runs.partial:
            first = {self.handlers.on.message: html.notice(say("stopped_early"), say.language)}
        runs.shows(number, partial=runs.partial)
        for changes in self.go_on(batch, runs, request):
            yield {**first, **changes}
            first = {}

    def go_on(self, batch: Batch, runs: LatestRun, request: gr.Request) -> Iterator[Changes]:
        """Analyze the next file, unless the reader asked for something else meanwhile."""
        on, number, file = self.handlers.on, batch.number, batch.next()
        if file and batch.goes_on(runs):
            batch.running = number
            try:
                with closing(self._analyze(file, batch, request)) as run:
                    for changes in run:
                        if runs.asked != number:
                            break
                        yield changes
            finally:
                batch.running = None
        more = batch.goes_on(runs) and batch.next() is not None
        if not more and batch.number == number:
            batch.number = None
        idle = {} if more or (runs.asked >= 0 and runs.asked != number) else {on.progress: ""}
        yield {**self.listing(batch, words_for(request)), **idle, self.parts.more: "1" if more else ""}

    def after_failure(self, batch: Batch, request: gr.Request) -> Changes:
        """The list as a file left it that failed as none should; the others can be started."""
        return {self.handlers.on.progress: "", **self.listing(batch, words_for(request))}

    def end(
        self, found: Analysis | None, batch: Batch, own: OwnLabels, runs: LatestRun, request: gr.Request
    ) -> Changes:
        """End the reader's runs, but let a list finish the file that it is at."""
        say, step = words_for(request), ""
        shown: Changes = {}
        if batch.goes_on(runs) and batch.at_work(runs):
            step = "files_stopping"
        else:
            unwritten, partial = runs.unwritten, runs.partial
            runs.ask()  # first, so that no further sentence is shown
            shown = self.handlers.half_written(found, own, say) if unwritten else {}
            if partial:  # labels, or the summary, are missing, and nothing can be downloaded
                shown = {self.handlers.on.message: html.notice(say("stopped_early"), say.language)}
        batch.number = None
        return {**shown, self.handlers.on.progress: progress(say, step), **self.listing(batch, say)}

    def open_file(
        self, place: float | None, batch: Batch, own: OwnLabels, runs: LatestRun, text: str, shown: Analysis | None,
        request: gr.Request,
    ) -> Iterator[Changes]:  # fmt: skip
        """Show the analysis of the file at this place, counted from 0."""
        yield from self._open(_at(place, batch.files), batch, own, runs, waits(text, shown), request)

    def open_kept(
        self, place: float | None, kept: Kept, batch: Batch, own: OwnLabels, runs: LatestRun, text: str,
        shown: Analysis | None, request: gr.Request,
    ) -> Iterator[Changes]:  # fmt: skip
        """Show the article at this place of the comparison, counted from 0."""
        yield from self._open(_at(place, kept), batch, own, runs, waits(text, shown), request)

    def _open(
        self, found: Analysis | None, batch: Batch, own: OwnLabels, runs: LatestRun, keeps_text: bool,
        request: gr.Request,
    ) -> Iterator[Changes]:  # fmt: skip
        """Show an analysis that was made before; a list that is at work goes on."""
        say = words_for(request)
        if found is None:
            raise gr.Error(say("take_gone"), title=say("error"))
        closed: Changes = {self.parts.box: gr.Accordion(open=False)}
        if batch.goes_on(runs) or batch.at_work(runs):
            yield {**self.handlers.opened(found, own, runs, runs.asked, say, keeps_text), **closed}
            yield self.handlers.unchanged()
        else:
            for changes in self.handlers.open(found, own, runs, say, keeps_text=keeps_text):
                yield {**changes, **closed} if self.handlers.on.reading in changes else changes

    def note(self, batch: Batch, shown: Analysis | None, request: gr.Request) -> Changes:
        """The list with the newest analysis of an article that is in it, such as one with other parties."""
        say = words_for(request)
        for file in batch.files:
            if shown and file.found and file.found.article == shown.article:
                file.done(shown, say)
        return self.listing(batch, say) if batch.files else {part: gr.skip() for part in self.parts.listed}

    def clear(self, batch: Batch, runs: LatestRun, request: gr.Request) -> Changes:
        """Forget the files, and end what is done with them."""
        if batch.goes_on(runs) or batch.at_work(runs):
            runs.ask()
        batch.files, batch.number = [], None
        return self.listing(batch, words_for(request))

    def as_csv(self, sent: str, batch: Batch, shown: Analysis | None, own: OwnLabels, request: gr.Request) -> str:
        """All that is done as one table, with the reader's labels."""
        say = words_for(request)
        own.hear(sent)
        done = batch.analyses(shown)
        if not done:
            raise gr.Error(say("files_gone"), title=say("error"))
        return several_to_csv([(name, own.over(found)) for name, found in done])

    def beside(self, batch: Batch, shown: Analysis | None, own: OwnLabels, request: gr.Request) -> tuple[object, ...]:
        """Two to four of them for the comparison, in the place of what was kept for it, and what it shows."""
        kept: Kept = ()
        for _, found in batch.analyses(shown):
            kept = together(kept, found, own)
        return compared(kept, shown, own, request)

    def listing(self, batch: Batch, say: Words) -> Changes:
        """The list as it is now, and the buttons that make sense for it."""
        parts = self.parts
        states = [file.state for file in batch.files]
        done = states.count(State.DONE)
        idle = batch.number is None and not {State.ANALYZING, State.READING} & {*states}
        rows = [
            FileRow(f.name, f.state, titles([f.found])[0][1] if f.found else "", f.told, f.language)
            for f in batch.files
        ]
        return {
            parts.batch: batch,
            parts.box: gr.Accordion(visible=bool(states)),
            parts.rows: file_list(rows, say),
            parts.start: gr.Button(visible=idle and State.WAITING in states),
            parts.csv: gr.Button(visible=done > 0),
            parts.beside: gr.Button(visible=2 <= done <= MOST),
        }

    def _read(self, file: DroppedFile, path: Path, batch: Batch, request: gr.Request) -> None:
        """Take the text of a file, now: the server's copy is gone within two and a half minutes."""
        say = words_for(request)
        try:
            self.handlers.limiter.check(request)
            found = read_file_or_saved(path)
            text = found.article.text if isinstance(found, Analysis) else found
            if sum(len(other.text) for other in batch.files) + len(text) > MOST_CHARACTERS:
                file.failed(say("files_long", millions=MOST_CHARACTERS // 1_000_000), say.language)
                return
            file.text, file.state = text, State.WAITING
            if isinstance(found, Analysis):
                file.done(found, say)
        except SidelightError as error:
            file.failed(str(error))
        except Exception:  # whatever it is, the files behind it are read
            _log.exception("a dropped file could not be read")
            file.failed(say("failed"), say.language)

    def _analyze(self, file: DroppedFile, batch: Batch, request: gr.Request) -> Generator[Changes, None, None]:
        """One file; where its run ends before it is done, it waits again."""
        on, place, say = self.handlers.on, batch.files.index(file) + 1, words_for(request)

        def told(step: str, found: Analysis | None = None) -> Changes:
            at = say("files_stopping") if batch.number is None else say("files_at", place=place, name=file.name)
            return {on.progress: progress(say, step, found, f"{at}: ")}

        try:
            if not file.counted:
                self.handlers.limiter.check(request)
            file.state, file.counted = State.ANALYZING, False
            yield self.listing(batch, say)
            yield from self.handlers.until_loaded(say)
            yield told("stage_read")
            from ..article.nlp import looks_english  # spaCy comes with the models
            from ..article.splitter import split_article

            article = split_article(file.text)
            if not looks_english(article.text):
                file.failed(say("files_language"), say.language)
                return
            for found, step, _ in stages(self.handlers.models, article):
                yield told(step or "stage_labels", found)
            file.done(found, say)
        except BusyError as error:
            batch.number = None
            yield {on.message: alert(str(error))}
        except SidelightError as error:
            file.failed(str(error))
        except Exception:  # whatever it is, this file's turn is over, and the list's
            file.failed(say("failed"), say.language)
            batch.number = None
            raise
        finally:
            if file.state is State.ANALYZING:
                file.state = State.WAITING
