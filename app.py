"""The page: paste an article, see what it says and where each paragraph stands. `python app.py` opens it."""

import os
import re
import sys
from html import escape
from itertools import pairwise
from pathlib import Path

import gradio as gr

from model import Analysis, Analyzer, Party, SidelightError, Stance, StanceLabel
from model.domain import Span
from model.formats import SIGNS, voice_phrase
from model.requests import parse_requests

EXAMPLE = Path(__file__).parent / "examples" / "ferry-line.txt"
QUEUE = 20
HELP = (
    "One party a line: its name, then, after a colon, the other names that stand for it, with commas between. "
    "Delete a line to drop a party, move its names to another line to merge them, "
    "add a line with a name alone to add one."
)
CSS = """
.gradio-container { max-width: 1100px !important; margin: auto !important; }
.sl { color: var(--body-text-color); font-family: Georgia, "Times New Roman", serif; font-size: 1.05rem;
  line-height: 1.55; }
.sl h2 { font-size: 1.15rem; margin: 1rem 0 .4rem; }
.sl-alert { border-left: 4px solid #d55e00; padding: .5rem .8rem; margin: .3rem 0;
  background: var(--background-fill-secondary); }
.sl table { border-collapse: collapse; width: 100%; font-family: system-ui, sans-serif; font-size: .92rem; }
.sl th, .sl td { border: 1px solid var(--border-color-primary); padding: .35rem .5rem; text-align: left;
  vertical-align: top; }
.sl th[scope=row] { font-weight: normal; }
.sl .scroll { overflow-x: auto; }
.sl .sign { font-weight: bold; display: inline-block; width: 1.1em; }
.sl .favorable { background: #c6dbf2; color: #0b2f57; }
.sl .critical { background: #fbd3b4; color: #5f2500; }
.sl .neutral { background: #e6e6e6; color: #2b2b2b; }
.sl .absent { background: transparent; color: #5c5c5c; }
.sl .para { display: grid; grid-template-columns: 9.5rem 1fr; gap: .8rem; margin: .7rem 0;
  scroll-margin-top: 1rem; }
.sl .strip { font-family: system-ui, sans-serif; font-size: .85rem; padding: .3rem .5rem;
  align-self: start; border-radius: 3px; }
.sl .text { white-space: pre-line; overflow-wrap: anywhere; }
.sl .aside { color: #5c5c5c; font-size: .9rem; margin: .4rem 0 .4rem 10.3rem;
  overflow-wrap: anywhere; }
.sl mark { background: transparent; color: inherit; border-bottom: 2px solid #0072b2; }
.sl .evidence { border-radius: 2px; box-decoration-break: clone; }
.sl .voice { font-size: .8rem; overflow-wrap: anywhere; }
.sl .unsure { font-style: italic; font-size: .8rem; border: 1px dashed currentColor; padding: 0 .2rem; }
.sl a { color: inherit; text-decoration: underline; }
.dark .sl .absent, .dark .sl .aside { color: #b8b8b8; }
@media (max-width: 640px) { .sl .para { grid-template-columns: 1fr; } .sl .aside { margin-left: 0; } }
"""


def render_message(text: str) -> str:
    """A message to the reader, as HTML."""
    return f'<div class="sl"><p class="sl-alert" role="alert">{escape(text)}</p></div>' if text else ""


def render_summary(analysis: Analysis) -> str:
    """The summary with a link to the paragraph of each sentence, as HTML."""
    sentences = "".join(
        f"<li>{escape(sentence.text)} {' '.join(_link(index) for index in sentence.paragraphs)}</li>"
        for sentence in analysis.summary.sentences
    )
    warnings = "".join(render_message(warning) for warning in analysis.warnings)
    return (
        f'{warnings}<div class="sl" id="sl-summary"><h2>Summary, in the article’s own sentences</h2>'
        f"<ul>{sentences}</ul></div>"
    )


def render_matrix(analysis: Analysis, parties: list[Party]) -> str:
    """Paragraphs × parties as an HTML table, each cell with sign, stance and probability."""
    if not parties:
        return ""
    labels = analysis.by_item()
    head = "".join(f'<th scope="col">{escape(party.name)}</th>' for party in parties)
    rows = []
    for paragraph in analysis.article.paragraphs:
        cells = "".join(
            f'<td class="{label.stance}">{_stance(label)}</td>'
            for label in (labels[paragraph.index, party.name] for party in parties)
        )
        opening = " ".join(paragraph.text.split()[:7])
        rows.append(f'<tr><th scope="row">{_link(paragraph.index)} {escape(opening)} …</th>{cells}</tr>')
    return (
        '<div class="sl" id="sl-matrix"><h2>Where each paragraph stands</h2><div class="scroll"><table>'
        f'<thead><tr><th scope="col">Paragraph</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></div>"
    )


def render_article(analysis: Analysis, party_name: str | None) -> str:
    """The article as written, each paragraph with the stance toward one party beside it, as HTML."""
    article = analysis.article
    party = next((party for party in analysis.parties if party.name == party_name), None)
    labels = {label.paragraph: label for label in analysis.labels if label.party == party_name}
    parts: list[tuple[int, str]] = []
    for span in (article.byline, article.dateline, *article.captions, *article.notes):
        if span:
            parts.append((span.start, f'<p class="aside">{escape(article.read(span))}</p>'))
    if article.title:
        parts.append((article.title.start, f"<h2>{escape(article.read(article.title))}</h2>"))
    for paragraph in article.paragraphs:
        label = labels.get(paragraph.index)
        strip = (
            f'<div class="strip {label.stance}">¶{paragraph.index + 1} {_stance(label)}{_voice(label)}</div>'
            if label
            else "<div></div>"
        )
        mentions = [Span(m.start, m.end) for m in party.in_paragraph(paragraph.index)] if party else []
        parts.append(
            (
                paragraph.start,
                f'<div class="para" id="sl-p{paragraph.index + 1}">{strip}'
                f'<div class="text">{_marked(paragraph.text, mentions, label)}</div></div>',
            )
        )
    return f'<div class="sl" id="sl-article">{"".join(html for _, html in sorted(parts))}</div>'


def list_parties(parties: tuple[Party, ...]) -> str:
    """The parties as the editor shows them, one a line."""
    return "\n".join(_line(party) for party in parties)


def _line(party: Party) -> str:
    aliases = [alias for alias in party.aliases if not re.search("[,:;]", alias)]
    name = " ".join(re.sub("[,:;]", " ", party.name).split())
    return f"{name}: {', '.join(aliases)}" if aliases else name


def _stance(label: StanceLabel) -> str:
    sure = (label.probabilities or {}).get(label.stance, 0.0)
    share = "" if label.stance is Stance.ABSENT else f" {sure:.0%}"
    unsure = ' <span class="unsure">unsure</span>' if label.unsure else ""
    return f'<span class="sign" aria-hidden="true">{SIGNS[label.stance]}</span>{label.stance}{share}{unsure}'


def _voice(label: StanceLabel) -> str:
    phrase = voice_phrase(label)
    return f'<br><span class="voice">{escape(phrase)}</span>' if phrase else ""


def _link(index: int) -> str:
    return f'<a href="#sl-p{index + 1}" aria-label="paragraph {index + 1}">¶{index + 1}</a>'


def _marked(text: str, mentions: list[Span], label: StanceLabel | None) -> str:
    """`text` as HTML, mentions underlined and the label's evidence shaded in its stance's color."""
    evidence = label.evidence if label else None
    spans = [*mentions, evidence] if evidence else mentions
    cuts = sorted({0, len(text), *(span.start for span in spans), *(span.end for span in spans)})
    html = ""
    for start, end in pairwise(cuts):
        piece = escape(text[start:end])
        if any(span.start <= start and end <= span.end for span in mentions):
            piece = f"<mark>{piece}</mark>"
        if label and evidence and evidence.start <= start and end <= evidence.end:
            piece = f'<span class="evidence {label.stance}">{piece}</span>'
        html += piece
    return html


def build(analyzer: Analyzer) -> gr.Blocks:
    """The page around loaded models."""

    def judge(text: str, names: str, progress: gr.Progress) -> list[object]:
        try:
            analysis = analyzer.analyze(
                text, parse_requests(names, exact=True), lambda share, step: progress(share, step)
            )
        except SidelightError as error:
            return [None, render_message(str(error)), "", "", gr.Radio(visible=False), "", gr.Textbox(), gr.Column()]
        main = [party for party in analysis.parties if party.main]
        shown = [party.name for party in analysis.parties]
        first = shown[0] if shown else None
        return [
            analysis,
            "",
            render_summary(analysis),
            render_matrix(analysis, main),
            gr.Radio(choices=shown, value=first, visible=bool(shown)),
            render_article(analysis, first),
            gr.Textbox(list_parties(tuple(main))),
            gr.Column(visible=True),
        ]

    def judge_article(text: str, progress: gr.Progress = gr.Progress()) -> list[object]:  # noqa: B008  # Gradio's way
        return judge(text, "", progress)

    def judge_parties(text: str, names: str, progress: gr.Progress = gr.Progress()) -> list[object]:  # noqa: B008
        return judge(text, names, progress)

    def choose(analysis: Analysis | None, party: str | None) -> str:
        return render_article(analysis, party) if analysis else ""

    with gr.Blocks(title="Sidelight", analytics_enabled=False) as page:
        analysis = gr.State(None)
        gr.Markdown("# Sidelight\nPaste a news or opinion article: see what it says, and where each paragraph stands.")
        article = gr.Textbox(label="Article (English)", lines=10, max_lines=20, elem_id="sl-input", autofocus=True)
        with gr.Row():
            example = gr.Button("Use the example", elem_id="sl-example")
            run = gr.Button("Judge the article", variant="primary", elem_id="sl-judge")
        message = gr.HTML(elem_id="sl-message")
        summary = gr.HTML()
        matrix = gr.HTML()
        with gr.Column(visible=False) as editor, gr.Accordion("Change the parties", open=False):
            names = gr.Textbox(label="Parties", info=HELP, lines=4, max_lines=12, elem_id="sl-parties")
            again = gr.Button("Judge again with these parties", elem_id="sl-again")
        party = gr.Radio(
            label="Show the article’s stance toward",
            info="Underlined: where a paragraph refers to the party. Shaded: the sentence that carries the stance.",
            visible=False,
            elem_id="sl-party",
        )
        reading = gr.HTML()
        gr.Markdown(
            "Sidelight judges what each paragraph says, not what is true. It reads English only, errs on irony and on "
            "parties that go unnamed, and its labels are a reader’s aid: check them against the text."
        )
        results = [analysis, message, summary, matrix, party, reading, names, editor]
        example.click(lambda: EXAMPLE.read_text(encoding="utf-8"), None, article, api_visibility="private")
        run.click(judge_article, [article], results, api_visibility="private")
        again.click(judge_parties, [article, names], results, api_visibility="private")
        party.input(choose, [analysis, party], reading, api_visibility="private", show_progress="hidden")
    return page.queue(max_size=QUEUE, default_concurrency_limit=1)


def main() -> int:
    """Load the models and open the page on http://127.0.0.1:PORT (7860 unless set)."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    cache, encoder = os.environ.get("SIDELIGHT_CACHE"), os.environ.get("SIDELIGHT_ENCODER")
    try:
        analyzer = Analyzer.from_pretrained(Path(encoder) if encoder else None, Path(cache) if cache else None)
    except SidelightError as error:
        print(f"sidelight: {error}", file=sys.stderr)
        return 1
    build(analyzer).launch(
        server_name="127.0.0.1",
        server_port=int(os.environ.get("PORT", "7860")),
        theme=gr.themes.Base(font=["Georgia", "serif"], font_mono=["monospace"]),
        css=CSS,
        share=False,
        show_error=True,
        max_file_size="1mb",
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
