"""The page: what stands where, and which handler a button calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from ..article.files import READERS
from ..domain import Analysis
from ..export.csv_format import to_csv
from ..export.json_format import to_json
from ..export.markdown import to_markdown
from ..settings import RuntimeSettings, shipped_folder
from .api import Endpoints, Limiter
from .batch import MOST_FILES, FileHandlers, FileList
from .comparing import Comparing, together
from .guard.gate import MOST_UPLOAD_BYTES
from .guard.quiet import Quiet
from .handlers import Components, Handlers
from .labels import label
from .latest_run import LatestRun
from .models import Models
from .own_labels import HEARD, OwnLabels
from .strings import Words
from .views import frame
from .views.report import to_html

EXAMPLES = ("ferry-line", "water-company", "harbour-talks")
MOST_FILE_BYTES = 5_000_000
_QUEUE = 100
_KEPT_SECONDS = 3600
"""How long a reader's analysis stays in memory for exports and new parties; it is never written to disk."""
_LEAVE = """(...states) => {
  const { textContent } = document.querySelector("#sl-progress");
  if (/queue:/.test(textContent)) document.querySelector("#sl-leave").click();
  return states;
}"""
"""Stop takes a run that waits for its turn out of the queue."""
_TAKE: dict[str, tuple[Callable[[Analysis, Words, Analysis], str], str, str]] = {
    "csv": (lambda analysis, *_: to_csv(analysis), "csv", "text/csv"),
    "json": (lambda analysis, *_: to_json(analysis), "json", "application/json"),
    "markdown": (to_markdown, "md", "text/markdown"),
    "html": (to_html, "html", "text/html"),
}
"""How each form is written, its files' ending, and their media type; what programs read is English."""
_TURN: dict[str, Any] = {"concurrency_id": "judge", "concurrency_limit": 1}
"""One reader's article at a time: the others wait in the queue, and the progress line says at which place."""
_WRITING: dict[str, Any] = {"concurrency_id": "write", "concurrency_limit": 1}
_UNSEEN: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_NUMBERED = "(...inputs) => [...inputs.slice(0, -1), Math.random()]"
"""A run gets its number in the browser, and `ask` hears it at once, while a run before it may still be at work."""
_html = partial(gr.HTML, apply_default_css=False)
FRAME: Mapping[str, Callable[[Words], str]] = {
    "html_head": frame.head,
    "html_keys": frame.keys,
    "html_folded": frame.folded,
    "html_examples": partial(frame.hint, "examples", tag="span"),
    "html_refusal": partial(frame.refusal, MOST_FILE_BYTES, MOST_UPLOAD_BYTES, MOST_FILES),
    "html_replaced": frame.replaced,
    "html_sample": frame.sample,
    "html_history": frame.history,
    "html_parties": frame.party_controls,
    "html_take": frame.taking,
    "html_limits": partial(frame.hint, "limits"),
}
"""The HTML that stands on the page from the start, by the key under which Gradio translates it."""


@dataclass(frozen=True)
class _Controls:
    """What a reader uses."""

    dropped: gr.File
    run: gr.Button
    stop: gr.Button
    leave: gr.Button
    insist: gr.Button
    again: gr.Button
    examples: list[gr.Button]
    takers: dict[str, gr.Button]
    taken: gr.Textbox
    tell: gr.Button
    comparing: Comparing
    keep: gr.Button
    files: FileList


def build(models: Models, settings: RuntimeSettings) -> gr.Blocks:
    """The page around models that may still be loading."""
    limiter = Limiter(settings.rate)
    with Quiet(title="Sidelight", analytics_enabled=False, delete_cache=(60, 60)) as page:
        analysis = gr.State(None, time_to_live=_KEPT_SECONDS)
        own, runs, number = gr.State(OwnLabels()), gr.State(LatestRun()), gr.Number(visible=False)
        components, controls = _lay_out(analysis, settings)
        _wire(Handlers(models, limiter, components, links=settings.links), controls, [own, runs], number)
        endpoints = Endpoints(models, limiter)
        gr.api(endpoints.analyze, api_name="analyze", **_TURN)
        gr.api(endpoints.find_parties, api_name="find_parties", **_TURN)
    return page.queue(max_size=_QUEUE, default_concurrency_limit=4, api_open=False)


def _lay_out(analysis: gr.State, settings: RuntimeSettings) -> tuple[Components, _Controls]:
    """Everything from top to bottom."""
    _html(label("html_head"), elem_id="sl-head")
    comparing = Comparing.lay_out(_KEPT_SECONDS)  # first, so that it is seen that the next article is asked for
    article, dropped = _inputs(settings)
    with gr.Row(elem_id="sl-bar"):
        run = gr.Button(label("judge"), variant="primary", elem_id="sl-judge")
        _html(label("html_keys"))
        _html(label("html_folded"))
        stop = gr.Button(label("stop"), elem_id="sl-stop", min_width=80)
        leave = gr.Button(visible="hidden", elem_id="sl-leave")
        insist = gr.Button(visible="hidden", elem_id="sl-insist")
    with gr.Row(elem_id="sl-examples"):
        _html(label("html_examples"))
        examples = [gr.Button(label(name), size="sm", elem_id=f"sl-{name}") for name in EXAMPLES]
    progress = _html(elem_id="sl-progress", min_height=28)
    _html(label("html_refusal"))
    _html(label("html_replaced"))
    message = _html(elem_id="sl-message")
    files = FileList.lay_out(_KEPT_SECONDS)
    _html(label("html_sample"), elem_id="sl-empty")
    _html(label("html_history"))
    glance = _html()
    with gr.Row(elem_id="sl-body"):
        reading, matrix = _html(), _html()
    # Hidden but open, so that the list is in the page from the start: Gradio would put the parties into a list that
    # appears later a moment after it can be typed in, over what was typed.
    with gr.Accordion(label("parties_title"), visible="hidden", elem_id="sl-editor") as editor:
        _html(label("html_parties"))
        info = label("parties_info")
        parties = gr.Textbox(label=label("parties"), info=info, lines=4, max_lines=12, elem_id="sl-parties")
        again = gr.Button(label("parties_again"), elem_id="sl-again")
    taken = gr.Textbox(visible="hidden", elem_id="sl-taken")
    tell = gr.Button(visible="hidden", elem_id="sl-tell")  # the script presses it when a reader's label changes
    take, takers, keep = _exports()
    _html(label("html_limits"))
    components = Components(article, analysis, progress, message, glance, matrix, reading, parties, editor, take)
    return components, _Controls(
        dropped, run, stop, leave, insist, again, examples, takers, taken, tell, comparing, keep, files
    )


def _inputs(settings: RuntimeSettings) -> tuple[gr.Textbox, gr.File]:
    with gr.Row(equal_height=True, elem_id="sl-inputs"):
        article = gr.Textbox(
            label=label("article"),
            info=label("article_info_server" if settings.model_server else "article_info"),
            placeholder=label("article_placeholder_link" if settings.links else "article_placeholder"),
            lines=9,
            max_lines=18,
            elem_id="sl-input",
            autofocus=True,
            scale=3,
            min_width=320,
        )
        dropped = gr.File(
            label=label("file"),
            file_types=[*READERS, ".json"],
            file_count="multiple",
            type="filepath",
            elem_id="sl-file",
            scale=1,
            min_width=240,
        )
    return article, dropped


def _exports() -> tuple[gr.Column, dict[str, gr.Button], gr.Button]:
    with gr.Column(visible=False) as take:
        keep = gr.Button(label("compare_keep"), elem_id="sl-compare")
        _html(label("html_take"))
        with gr.Row(elem_id="sl-take"):
            takers = {
                kind: gr.Button(label(f"take_{kind}"), size="sm", elem_id=f"sl-take-{kind}", min_width=90)
                for kind in _TAKE
            }
    return take, takers, keep


def _wire(handlers: Handlers, controls: _Controls, session: list[gr.State], number: gr.Number) -> None:
    """Which handler a control calls, with what, and what it fills; `session` is the reader's labels and runs."""
    on = handlers.on
    own = session[0]
    shown: dict[str, Any] = {
        "show_progress": "full",
        "show_progress_on": [on.progress],
        "api_visibility": "private",
        "trigger_mode": "multiple",
    }
    numbered = {"validator": handlers.ask, "js": _NUMBERED}
    inputs = [on.article, *session, number]
    again = [on.parties, on.analysis, *inputs]
    filled = [on.article, *on.results]  # the article too: where a link was pasted, with the text found there
    judged = [
        controls.run.click(handlers.judge_article, inputs, filled, **_TURN, **shown, **numbered),
        controls.insist.click(handlers.judge_anyway, inputs, filled, **_TURN, **shown, **numbered),
        controls.again.click(handlers.judge_again, again, filled, **_TURN, **shown, **numbered),
    ]
    found = [on.analysis, *session]
    written = [event.success(handlers.write, found, on.results, **_WRITING, **shown) for event in judged]
    for event in (*judged, *written):
        event.failure(lambda: "", None, on.progress, **_UNSEEN)
    files = FileHandlers(handlers, controls.files)
    for event in (*judged, *written):
        event.success(files.note, [controls.files.batch, on.analysis], controls.files.listed, **_UNSEEN)
    opening, steps = _wire_files(files, controls, session, number, shown)
    controls.leave.click(None, cancels=[*judged, *written, *steps])
    told = controls.tell.click(  # a label that is set while the one before it is answered is heard too
        handlers.follow, [controls.taken, *session, on.analysis], on.glance, trigger_mode="always_last", js=HEARD,
        **_UNSEEN,
    )  # fmt: skip
    events = [*judged, *written, *opening, told]
    controls.comparing.wire(controls.keep, on.analysis, own, on.article, controls.taken, events)
    for name, button in zip(EXAMPLES, controls.examples, strict=True):
        text = (shipped_folder("examples") / f"{name}.txt").read_text(encoding="utf-8")
        example = button.click(lambda text=text: text, None, on.article, **_UNSEEN)
        example.then(None, None, None, js="() => document.querySelector('#sl-judge').click()", api_visibility="private")
    for kind, (form, ending, mime) in _TAKE.items():
        save = f"(text) => {{ if (text) window.sidelightSave('{ending}', '{mime}', text); }}"
        told_first = [controls.taken, on.analysis, own]
        given = controls.takers[kind].click(handlers.taker(form), told_first, controls.taken, js=HEARD, **_UNSEEN)
        given.success(None, [controls.taken], None, js=save, api_visibility="private")


def _wire_files(
    of_files: FileHandlers, controls: _Controls, session: list[gr.State], number: gr.Number, shown: dict[str, Any]
) -> tuple[list[Any], list[Any]]:
    """What is dropped, and the list of several; gives the events that open an analysis, and those that make one."""
    handlers, parts, comparing = of_files.handlers, of_files.parts, controls.comparing
    on, (own, runs), batch = handlers.on, session, parts.batch
    opened, box = [on.article, *on.results, parts.box], [on.article, on.analysis]
    taken = list(dict.fromkeys([*opened, *parts.listed]))
    # At once the place is free for the next drop: what stays there would be sent again with it.
    held = {"js": "(files) => [files, null]", **_UNSEEN}
    moving = controls.dropped.upload(None, controls.dropped, [parts.held, controls.dropped], **held)
    reading = {"trigger_mode": "multiple", **_UNSEEN}
    taking = moving.then(of_files.take_files, [parts.held, batch, *session, *box], taken, **reading)
    place = {"js": "(_, ...states) => [window.sidelightFile, ...states]", **_UNSEEN}
    openings = [parts.open.click(of_files.open_file, [number, batch, *session, *box], opened, **place)]
    # All that stand side by side are kept, the one that is shown too, which gives way to the one that is opened.
    kept = comparing.open.click(together, [comparing.kept, on.analysis, own], comparing.kept, **_UNSEEN)
    openings += [kept.success(of_files.open_kept, [number, comparing.kept, batch, *session, *box], opened, **place)]
    for opening in openings:
        opening.success(None, None, None, js="() => window.sidelightAt('#sl-folded h2')", api_visibility="private")
    working = [on.glance, on.progress, on.message, *parts.listed, parts.more]
    started = [on.analysis, batch, *session, number]
    steps = [
        parts.start.click(of_files.start, started, working, validator=handlers.ask, js=_NUMBERED, **_TURN, **shown),
        parts.step.click(of_files.go_on, [batch, runs], working, **_TURN, **shown),
    ]
    again = "(more) => { if (more) document.querySelector('#sl-files-step').click(); }"
    for step in steps:  # each article waits for its turn anew: other readers are not held up by a list
        step.success(None, [parts.more], None, js=again, api_visibility="private")
        step.failure(of_files.after_failure, [batch], [on.progress, *parts.listed], **_UNSEEN)
    ended = [on.glance, on.message, on.progress, *parts.listed]
    controls.stop.click(of_files.end, [on.analysis, batch, *session], ended, queue=False, js=_LEAVE, **_UNSEEN)
    parts.clear.click(of_files.clear, [batch, runs], parts.listed, **_UNSEEN)
    beside = parts.beside.click(of_files.beside, [batch, on.analysis, own], comparing.shown, **_UNSEEN)
    beside.success(None, None, None, js="() => window.sidelightAt('#sl-comparison h2')", api_visibility="private")
    save = "(text) => { if (text) window.sidelightSave('csv', 'text/csv', text, 'files'); }"
    told_first = [controls.taken, batch, on.analysis, own]
    written = parts.csv.click(of_files.as_csv, told_first, controls.taken, js=HEARD, **_UNSEEN)
    written.success(None, [controls.taken], None, js=save, api_visibility="private")
    return [taking, *openings], steps
