"""The page: what stands where, and which handler a button calls."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from ..article.files import READERS
from ..export.csv_format import to_csv
from ..export.json_format import to_json
from ..export.markdown import to_markdown
from ..settings import RuntimeSettings, shipped_folder
from .api import Endpoints, Limiter
from .comparing import Comparing
from .guard.quiet import Quiet
from .handlers import Components, Handlers
from .latest_run import LatestRun
from .models import Models
from .own_labels import OwnLabels
from .strings import say
from .views import html
from .views.report import to_html

EXAMPLES = ("ferry-line", "water-company", "harbour-talks")
MOST_FILE_BYTES = 5_000_000
_QUEUE = 100
_KEPT_SECONDS = 3600
"""How long a reader's analysis stays in memory for exports and new parties; it is never written to disk."""
_LEAVE = """(runs) => {
  const { textContent } = document.querySelector("#sl-progress");
  if (/queue:/.test(textContent)) document.querySelector("#sl-leave").click();
  return runs;
}"""
"""Stop takes a run that waits for its turn out of the queue."""
_TAKE = {
    "csv": (to_csv, "csv", "text/csv"),
    "json": (to_json, "json", "application/json"),
    "markdown": (to_markdown, "md", "text/markdown"),
    "html": (to_html, "html", "text/html"),
}
"""How each form is written, its files' ending, and their media type."""
_TURN: dict[str, Any] = {"concurrency_id": "judge", "concurrency_limit": 1}
"""One reader's article at a time: the others wait in the queue, and the progress line says at which place."""
_WRITING: dict[str, Any] = {"concurrency_id": "write", "concurrency_limit": 1}
_UNSEEN: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_html = partial(gr.HTML, apply_default_css=False)


@dataclass(frozen=True)
class _Controls:
    """What a reader uses."""

    dropped: gr.File
    run: gr.Button
    stop: gr.Button
    leave: gr.Button
    again: gr.Button
    examples: list[gr.Button]
    takers: dict[str, gr.Button]
    taken: gr.Textbox
    tell: gr.Button
    comparing: Comparing
    keep: gr.Button


def build(models: Models, settings: RuntimeSettings) -> gr.Blocks:
    """The page around models that may still be loading."""
    limiter = Limiter(settings.rate)
    with Quiet(title="Sidelight", analytics_enabled=False, delete_cache=(60, 60)) as page:
        analysis = gr.State(None, time_to_live=_KEPT_SECONDS)
        own, runs, number = gr.State(OwnLabels()), gr.State(LatestRun()), gr.Number(visible=False)
        components, controls = _lay_out(analysis, settings.links)
        _wire(Handlers(models, limiter, components, links=settings.links), controls, [own, runs], number)
        endpoints = Endpoints(models, limiter)
        gr.api(endpoints.analyze, api_name="analyze", **_TURN)
        gr.api(endpoints.find_parties, api_name="find_parties", **_TURN)
    return page.queue(max_size=_QUEUE, default_concurrency_limit=4, api_open=False)


def _lay_out(analysis: gr.State, links: bool) -> tuple[Components, _Controls]:
    """Everything from top to bottom."""
    skip = f'<a class="sl-skip" href="#sl-folded">{say("skip")}</a>'
    _html(f'{skip}<header class="sl"><h1>Sidelight</h1><p>{say("tagline")}</p></header>', elem_id="sl-head")
    article, dropped = _inputs(links)
    with gr.Row(elem_id="sl-bar"):
        run = gr.Button(say("judge"), variant="primary", elem_id="sl-judge")
        _html(html.keys())
        _html(html.folded())
        stop = gr.Button(say("stop"), elem_id="sl-stop", min_width=80)
        leave = gr.Button(visible="hidden", elem_id="sl-leave")
    with gr.Row(elem_id="sl-examples"):
        _html(f'<span class="sl sl-hint">{say("examples")}</span>')
        examples = [gr.Button(say(name), size="sm", elem_id=f"sl-{name}") for name in EXAMPLES]
    progress = _html(elem_id="sl-progress", min_height=28)
    _html(html.refusal(MOST_FILE_BYTES))
    message = _html(elem_id="sl-message")
    comparing = Comparing.lay_out(_KEPT_SECONDS)
    _html(html.sample(), elem_id="sl-empty")
    _html(html.history())
    glance = _html()
    with gr.Row(elem_id="sl-body"):
        reading, matrix = _html(), _html()
    # Hidden but open, so that the list is in the page from the start: Gradio would put the parties into a list that
    # appears later a moment after it can be typed in, over what was typed.
    with gr.Accordion(say("parties_title"), visible="hidden", elem_id="sl-editor") as editor:
        _html(html.party_controls())
        info = say("parties_info")
        parties = gr.Textbox(label=say("parties"), info=info, lines=4, max_lines=12, elem_id="sl-parties")
        again = gr.Button(say("parties_again"), elem_id="sl-again")
    taken = gr.Textbox(visible="hidden", elem_id="sl-taken")
    tell = gr.Button(visible="hidden", elem_id="sl-tell")  # the script presses it when a reader's label changes
    take, takers, keep = _exports()
    _html(f'<p class="sl sl-hint">{say("limits")}</p>')
    components = Components(article, analysis, progress, message, glance, matrix, reading, parties, editor, take)
    return components, _Controls(dropped, run, stop, leave, again, examples, takers, taken, tell, comparing, keep)


def _inputs(links: bool) -> tuple[gr.Textbox, gr.File]:
    with gr.Row(equal_height=True, elem_id="sl-inputs"):
        article = gr.Textbox(
            label=say("article"),
            info=say("article_info"),
            placeholder=say("article_placeholder_link" if links else "article_placeholder"),
            lines=9,
            max_lines=18,
            elem_id="sl-input",
            autofocus=True,
            scale=3,
            min_width=320,
        )
        dropped = gr.File(
            label=say("file"),
            file_types=[*READERS, ".json"],
            type="filepath",
            elem_id="sl-file",
            scale=1,
            min_width=240,
        )
    return article, dropped


def _exports() -> tuple[gr.Column, dict[str, gr.Button], gr.Button]:
    with gr.Column(visible=False) as take:
        keep = gr.Button(say("compare_keep"), elem_id="sl-compare")
        _html(f'<div class="sl"><h2>{say("take_title")}</h2></div>')
        with gr.Row(elem_id="sl-take"):
            takers = {
                kind: gr.Button(say(f"take_{kind}"), size="sm", elem_id=f"sl-take-{kind}", min_width=90)
                for kind in _TAKE
            }
    return take, takers, keep


def _wire(handlers: Handlers, controls: _Controls, session: list[gr.State], number: gr.Number) -> None:
    """Which handler a control calls, with what, and what it fills; `session` is the reader's labels and runs."""
    on = handlers.on
    own, runs = session
    shown: dict[str, Any] = {
        "show_progress": "full",
        "show_progress_on": [on.progress],
        "api_visibility": "private",
        "trigger_mode": "multiple",
    }
    # A run gets its number in the browser, and `ask` hears it at once, while a run before it may still be at work.
    numbered = {"validator": handlers.ask, "js": "(...inputs) => [...inputs.slice(0, -1), Math.random()]"}
    inputs = [on.article, *session, number]
    again = [on.parties, on.analysis, *inputs]
    filled = [on.article, *on.results]  # the article too: where a link was pasted, with the text found there
    judged = [
        controls.run.click(handlers.judge_article, inputs, filled, **_TURN, **shown, **numbered),
        controls.again.click(handlers.judge_again, again, filled, **_TURN, **shown, **numbered),
    ]
    found = [on.analysis, *session]
    written = [event.success(handlers.write, found, on.results, **_WRITING, **shown) for event in judged]
    controls.stop.click(handlers.end, runs, on.progress, queue=False, js=_LEAVE, **_UNSEEN)
    controls.leave.click(None, cancels=[*judged, *written])
    taking = controls.dropped.upload(handlers.take_file, [controls.dropped, *session], filled, **_UNSEEN)
    taking.then(lambda: None, None, controls.dropped, **_UNSEEN)
    controls.comparing.wire(controls.keep, on.analysis, on.article, controls.taken, [*judged, taking])
    hear = {"js": "(sent, ...states) => [window.sidelightOwn, ...states]", **_UNSEEN}
    controls.tell.click(handlers.follow, [controls.taken, own, on.analysis], on.glance, **hear)
    for name, button in zip(EXAMPLES, controls.examples, strict=True):
        text = (shipped_folder("examples") / f"{name}.txt").read_text(encoding="utf-8")
        example = button.click(lambda text=text: text, None, on.article, **_UNSEEN)
        example.then(None, None, None, js="() => document.querySelector('#sl-judge').click()", api_visibility="private")
    for kind, (form, ending, mime) in _TAKE.items():
        as_text = partial(handlers.taken_text, form)
        save = f"(text) => {{ if (text) window.sidelightSave('{ending}', '{mime}', text); }}"
        controls.takers[kind].click(as_text, [on.analysis, own], controls.taken, **_UNSEEN).success(
            None, [controls.taken], None, js=save, api_visibility="private"
        )
