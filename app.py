"""The page: paste an article, see what it says and where each paragraph stands. `python app.py` opens it."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import gradio as gr
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from model import Analysis, Analyzer, SidelightError
from model.article import split_article
from model.errors import BusyError, PartyError, WeightsError
from model.formats import to_csv, to_dict, to_json, to_markdown
from model.language_model import DEFAULT, LanguageModel, open_language_model
from model.page import view
from model.page.files import READERS, read_file, read_text
from model.page.newest import Newest
from model.page.report import style, to_html
from model.page.settings import Settings
from model.page.strings import say
from model.reopen import from_json
from model.requests import parse_requests, party_line
from model.second_opinion import NEAR_CHANCE

EXAMPLES = Path(__file__).parent / "examples"
EXAMPLE_NAMES = ("ferry-line", "water-company", "harbour-talks")
QUEUE = 50
MOST_FILE_BYTES = 5_000_000
SIGN_OF_LIFE = 0.5
"""Seconds between two signs that the language model is at work; at a sign a reader's stop is heard."""
LEAVE = """(runs) => {
  const { textContent } = document.querySelector("#sl-progress");
  if (/queue:/.test(textContent)) document.querySelector("#sl-leave").click();
  return runs;
}"""
"""Stop takes a run that waits for its turn out of the queue."""
KEPT_SECONDS = 3600
"""How long a reader's analysis stays in memory for exports and new parties; it is never written to disk."""
TAKE = {
    "csv": (to_csv, "sidelight.csv", "text/csv"),
    "json": (to_json, "sidelight.json", "application/json"),
    "markdown": (to_markdown, "sidelight.md", "text/markdown"),
    "html": (to_html, "sidelight.html", "text/html"),
}


class Limiter:
    """Holds each address to the rate of the settings."""

    def __init__(self, settings: Settings) -> None:
        self.rate = settings.rate
        self.window = MovingWindowRateLimiter(MemoryStorage())

    def check(self, request: gr.Request | None) -> None:
        """Count one article.

        Raises:
            BusyError: the address has had its share; the text says when to come back.
        """
        address = request.client.host if request and request.client else "?"
        if self.rate and not self.window.hit(self.rate, address):
            wait = max(1, round(self.window.get_window_stats(self.rate, address).reset_time - time.time()))
            raise BusyError(f"expected at most {self.rate} from one reader; come back in {wait} seconds")


def build(analyzer: Analyzer, settings: Settings = Settings()) -> gr.Blocks:  # noqa: B008  # it is frozen
    """The page around loaded models."""
    limiter = Limiter(settings)
    html = partial(gr.HTML, apply_default_css=False)
    hint = "" if analyzer.writer else say("summary_none")
    offered = analyzer.writer is not None and analyzer.writer.language_model.version not in NEAR_CHANCE

    def judge(text: str, names: str, before: Analysis | None, request: gr.Request) -> Iterator[dict[Any, object]]:
        """Fill the page stage by stage; an error leaves what was typed and clears the results."""
        try:
            limiter.check(request)
            article = split_article(text)
            requests = parse_requests(names, exact=True)
            yield {message: "", progress: _progress("stage_read")}
            steps = ("stage_parties", "stage_labels", "")
            for step, found in zip(steps, analyzer.stages(article, requests, before), strict=True):
                first = {} if names or found.labels else listed(found)
                changed = {glance: view.glance(found, hint)} if found.summary.sentences else {**show(found), **first}
                yield {**changed, progress: _progress(step, found)}
            yield kept(found)
        except (BusyError, PartyError) as error:  # the results that are shown are still right
            yield {message: told(str(error)), progress: ""}
        except SidelightError as error:
            yield failed(error)

    def write(found: Analysis | None) -> Iterator[dict[Any, object]]:
        """Let the language model read once more, then write the summary, sentence by sentence; closing stops it."""
        shown, last = found, 0.0
        try:
            for read in analyzer.read_carefully(found) if found else ():
                yield {progress: _progress("stage_careful", read)}
                shown = read
            if shown is not None and shown is not found:
                found = shown
                yield {
                    glance: view.glance(found, hint),
                    matrix: view.matrix(found),
                    reading: view.article(found),
                    analysis: found,
                }
            for grown in analyzer.write(found) if found else ():
                new = shown is None or (grown.written, grown.portrayals) != (shown.written, shown.portrayals)
                if new or time.monotonic() - last > SIGN_OF_LIFE:
                    last = time.monotonic()
                    changed = {glance: view.glance(grown, growing=True)} if new else {}
                    yield {**changed, progress: _progress("stage_writing")}
                shown = grown
            whole = {glance: view.glance(shown)} if shown is not None and shown is not found else {}
            yield {**whole, analysis: shown, progress: ""}
        except SidelightError as error:  # what is shown is still right
            yield {message: told(str(error)), progress: "", analysis: shown}

    def ask_again(found: Analysis | None) -> Iterator[dict[Any, object]]:
        """Let the language model label the cells too; what is there so far is shown and kept as it grows."""
        if found is None:
            yield {message: told(say("take_gone")), progress: ""}
            return
        try:
            for grown in analyzer.ask_again(found):
                yield {matrix: view.matrix(grown), analysis: grown, progress: _progress("stage_second")}
            yield {progress: ""}
        except SidelightError as error:
            yield {message: told(str(error)), progress: ""}

    def told(text: str) -> str:
        """A message that is brought into view, though it may say what the one before it said."""
        return view.message(text, time.time_ns())

    def show(found: Analysis) -> dict[Any, object]:
        """Results in the place of others, whose analysis can no longer be taken away nor be asked about."""
        return {
            message: "",
            glance: view.glance(found, hint),
            matrix: view.matrix(found),
            reading: view.article(found),
            second: gr.Button(visible=False),
            take: gr.Column(visible=False),
            editor: gr.Accordion(visible=True),
        }

    def kept(found: Analysis) -> dict[Any, object]:
        """The analysis that is shown, now whole: to be taken away, and to be asked about."""
        return {
            analysis: found,
            second: gr.Button(visible=offered and bool(found.labels)),
            take: gr.Column(visible=True),
        }

    def listed(found: Analysis) -> dict[Any, object]:
        lines = "\n".join(party_line(party) for party in found.parties if party.main)
        return {parties: lines, editor: gr.Accordion(visible=True, open=False)}

    def failed(error: SidelightError) -> dict[Any, object]:
        return {
            message: told(str(error)),
            progress: "",
            glance: "",
            matrix: "",
            reading: "",
            second: gr.Button(visible=False),
            analysis: None,
            editor: gr.Accordion(visible="hidden"),
            take: gr.Column(visible=False),
        }

    def while_newest(
        runs: Newest, number: float | None, run: Iterator[dict[Any, object]]
    ) -> Iterator[dict[Any, object]]:
        """The steps of a run until the reader asks for another, or for none."""
        yield from runs.steps(number, run)
        if runs.asked != number:  # Gradio shows the last step once more as a run ends: it must not be an old one
            yield {progress: "" if runs.asked < 0 else gr.skip()}

    def judge_article(text: str, runs: Newest, number: float, request: gr.Request) -> Iterator[dict[Any, object]]:
        yield from while_newest(runs, number, judge(text, "", None, request))

    def judge_again(
        names: str, before: Analysis | None, text: str, runs: Newest, number: float, request: gr.Request
    ) -> Iterator[dict[Any, object]]:
        yield from while_newest(runs, number, judge(text, names, before, request))

    def write_newest(found: Analysis | None, runs: Newest) -> Iterator[dict[Any, object]]:
        yield from while_newest(runs, runs.ended, write(found))

    def ask_newest(found: Analysis | None, runs: Newest) -> Iterator[dict[Any, object]]:
        number = runs.asked if runs.asked < 0 else runs.ended  # of another article that is still judged: none
        yield from while_newest(runs, number, ask_again(found))

    def ask(*inputs: Any) -> list[dict[str, Any]]:
        """End the reader's runs so far, as one more is asked for; says that each of its `inputs` will do."""
        runs, number = inputs[-2:]
        runs.ask(number)
        return [gr.validate(True, "") for _ in inputs]

    def end(runs: Newest) -> str:
        """End the reader's runs; Gradio's own `cancels` says "Error" now and then where a run is at work."""
        runs.ask()
        return ""

    def take_file(path: str | None, runs: Newest, request: gr.Request) -> dict[Any, object]:
        """Read a dropped file; Gradio deletes the server's copy of it within two minutes."""
        if path is None:
            return {message: ""}
        try:
            limiter.check(request)
            if path.lower().endswith(".json"):
                found = from_json(read_text(Path(path)))
                runs.ask()
                return {
                    **show(found),
                    **listed(found),
                    **kept(found),
                    article: found.article.text,
                    progress: "",
                }
            return {article: read_file(Path(path)), message: "", progress: ""}
        except SidelightError as error:
            return {message: told(str(error)), progress: ""}

    def taken_text(found: Analysis | None, write: Callable[[Analysis], str]) -> str:
        if found is None:
            raise gr.Error(say("take_gone"))
        return write(found)

    def analyze(text: str, parties: str = "", request: gr.Request = None) -> dict[str, Any]:
        """Summarise an English news or opinion article and label each paragraph's stance toward each party.

        Args:
            text: the article, paragraphs parted by blank lines; at most 200,000 characters.
            parties: the parties to judge, parted by semicolons, such as "United States; China"; empty finds them.
            request: who asks; Gradio fills it in.

        Returns:
            The analysis: parties, paragraphs, stances (favorable, critical, neutral or absent, with
            probabilities, voice, holder and evidence), a line for each party, and the summary; the
            README lists the keys.
        """
        try:
            limiter.check(request)
            return to_dict(analyzer.analyze(text, parse_requests(parties)))
        except SidelightError as error:
            raise gr.Error(str(error)) from error

    def find_parties(text: str, request: gr.Request = None) -> list[dict[str, Any]]:
        """Find the parties of an English news or opinion article: states, organisations and persons.

        Args:
            text: the article, paragraphs parted by blank lines; at most 200,000 characters.
            request: who asks; Gradio fills it in.

        Returns:
            The parties, main ones first, each with name, kind, aliases, and mentions by paragraph.
        """
        try:
            limiter.check(request)
            found = next(analyzer.stages(split_article(text)))
            return list(to_dict(found)["parties"])
        except SidelightError as error:
            raise gr.Error(str(error)) from error

    with gr.Blocks(title="Sidelight", analytics_enabled=False, delete_cache=(60, 60)) as page:
        analysis = gr.State(None, time_to_live=KEPT_SECONDS)
        newest, number = gr.State(Newest()), gr.Number(visible=False)
        html(f'<header class="sl"><h1>Sidelight</h1><p>{say("tagline")}</p></header>', elem_id="sl-head")
        with gr.Row(equal_height=True):
            article = gr.Textbox(
                label=say("article"),
                info=say("article_info"),
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
        with gr.Row():
            run = gr.Button(say("judge"), variant="primary", elem_id="sl-judge")
            stop = gr.Button(say("stop"), elem_id="sl-stop", min_width=80)
            leave = gr.Button(visible="hidden", elem_id="sl-leave")
        with gr.Row(elem_id="sl-examples"):
            html(f'<span class="sl sl-hint">{say("examples")}</span>')
            examples = [gr.Button(say(name), size="sm", elem_id=f"sl-{name}") for name in EXAMPLE_NAMES]
        progress = html(elem_id="sl-progress", min_height=28)
        html(view.refusal(MOST_FILE_BYTES))
        message = html(elem_id="sl-message")
        glance = html()
        matrix = html()
        second = gr.Button(say("second"), visible=False, size="sm", elem_id="sl-second")
        # Hidden but open, so that the list is in the page from the start: Gradio would put the parties into a list that
        # appears later a moment after it can be typed in, over what was typed.
        with gr.Accordion(say("parties_title"), visible="hidden", elem_id="sl-editor") as editor:
            parties = gr.Textbox(
                label=say("parties"), info=say("parties_info"), lines=4, max_lines=12, elem_id="sl-parties"
            )
            again = gr.Button(say("parties_again"), elem_id="sl-again")
        reading = html()
        taken = gr.Textbox(visible="hidden", elem_id="sl-taken")
        with gr.Column(visible=False) as take:
            html(f'<div class="sl"><h2>{say("take_title")}</h2></div>')
            with gr.Row(elem_id="sl-take"):
                takers = {
                    kind: gr.Button(say(f"take_{kind}"), size="sm", elem_id=f"sl-take-{kind}", min_width=90)
                    for kind in TAKE
                }
        html(f'<p class="sl sl-hint">{say("limits")}</p>')

        results = [analysis, progress, message, glance, matrix, second, reading, parties, editor, take]
        # One reader's article at a time: the others wait in the queue, and the progress line says at which place.
        turn = {"concurrency_id": "judge", "concurrency_limit": 1}
        shown = {
            "show_progress": "full",
            "show_progress_on": [progress],
            "api_visibility": "private",
            "trigger_mode": "multiple",
        }
        # A run gets its number in the browser, and `ask` hears it at once, while a run before it may still be at work.
        numbered = {"validator": ask, "js": "(...inputs) => [...inputs.slice(0, -1), Math.random()]"}
        inputs = [article, newest, number]
        judged = [
            run.click(judge_article, inputs, results, **turn, **shown, **numbered),
            again.click(judge_again, [parties, analysis, *inputs], results, **turn, **shown, **numbered),
        ]
        writing = {"concurrency_id": "write", "concurrency_limit": 1}
        written = [event.success(write_newest, [analysis, newest], results, **writing, **shown) for event in judged]
        asked = second.click(ask_newest, [analysis, newest], results, **writing, **shown)
        unseen = {"api_visibility": "private", "show_progress": "hidden"}
        stop.click(end, newest, progress, queue=False, js=LEAVE, **unseen)
        leave.click(None, cancels=[*judged, *written, asked])
        taking = dropped.upload(take_file, [dropped, newest], [article, *results], **unseen)
        taking.then(lambda: None, None, dropped, **unseen)
        for name, button in zip(EXAMPLE_NAMES, examples, strict=True):
            text = (EXAMPLES / f"{name}.txt").read_text(encoding="utf-8")
            button.click(lambda text=text: text, None, article, **unseen)
        for kind, (form, filename, mime) in TAKE.items():
            takers[kind].click(lambda found, form=form: taken_text(found, form), [analysis], taken, **unseen).success(
                None,
                [taken],
                None,
                js=f"(text) => {{ if (text) window.sidelightSave('{filename}', '{mime}', text); }}",
                api_visibility="private",
            )
        gr.api(analyze, api_name="analyze", **turn)
        gr.api(find_parties, api_name="find_parties", **turn)
    return page.queue(max_size=QUEUE, default_concurrency_limit=4)


def _progress(step: str, found: Analysis | None = None) -> str:
    """What is done next, and how much of it."""
    paragraphs, parties = (len(found.article.paragraphs), len(found.parties)) if found else (0, 0)
    words = say(step, paragraphs=paragraphs, parties=parties) if step else ""
    return f'<p class="sl sl-hint" role="status">{words} …</p>' if step else ""


def language_model(settings: Settings) -> LanguageModel | None:
    """The language model of the settings; where none is set, the default if it can be had.

    Raises:
        WeightsError, ServerError: the one that is set cannot be had.
    """
    try:
        return open_language_model(settings.llm or DEFAULT, settings.cache, settings.llm_key)
    except WeightsError as error:
        if settings.llm:
            raise
        print(
            f"sidelight: no language model, so summaries are made of the article’s own sentences: {error}",
            file=sys.stderr,
        )
        return None


def main() -> int:
    """Load the models and open the page on http://127.0.0.1:PORT (7860 unless set)."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    try:
        settings = Settings.from_environment()
        analyzer = Analyzer.from_pretrained(
            settings.encoder, settings.cache, language_model=language_model(settings), device=settings.device
        )
    except SidelightError as error:
        print(f"sidelight: {error}", file=sys.stderr)
        return 1
    script = files("model.page").joinpath("page.js").read_text(encoding="utf-8")
    build(analyzer, settings).launch(
        server_name=settings.host,
        server_port=settings.port,
        auth=settings.login,
        theme=gr.themes.Base(
            primary_hue="slate", neutral_hue="stone", font=["system-ui", "sans-serif"], font_mono=["monospace"]
        ),
        head=f"<style>{style()}</style><script>{script}</script>",  # Gradio would put a scope before each rule of `css`
        share=False,
        show_error=True,
        max_file_size=MOST_FILE_BYTES,
        state_session_capacity=200,  # Gradio keeps what a session saw last until newer ones push it out
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
        ssr_mode=False,
        pwa=False,
        mcp_server=settings.mcp,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
