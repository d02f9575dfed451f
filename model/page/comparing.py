"""Articles that a reader keeps to set them beside the next one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from ..comparison.align import MOST
from ..comparison.formats import to_csv, to_markdown
from ..domain import Analysis
from ..stance.corrections import Corrections, corrected
from .labels import label
from .own_labels import HEARD, OwnLabels, article_id
from .strings import Words, words_for
from .typed import waits
from .views.comparison import comparison

_FORMS: dict[str, tuple[Callable[[Sequence[Analysis], Words], str], str, str]] = {
    "csv": (lambda analyses, _: to_csv(analyses), "csv", "text/csv"),
    "markdown": (to_markdown, "md", "text/markdown"),
}
"""How each form is written, its files' ending, and their media type; what programs read is English."""


@dataclass(frozen=True)
class KeptArticle:
    """An article of the comparison: what the models `found`, which can be opened again, and the reader's labels."""

    found: Analysis
    labels: Corrections = field(default_factory=dict)

    @property
    def corrected(self) -> Analysis:
        """The analysis with the reader's labels, as it is compared."""
        return corrected(self.found, self.labels)


Kept = tuple[KeptArticle, ...]


@dataclass(frozen=True)
class Comparing:
    """The place of the comparison, and the buttons below it; the constructor puts them on the page."""

    kept: gr.State
    open: gr.Button
    place: gr.HTML
    row: gr.Row
    forget: gr.Button
    takers: dict[str, gr.Button]

    @classmethod
    def lay_out(cls, kept_seconds: int) -> "Comparing":
        """Where it stands: nothing is to be seen until an article is kept."""
        kept = gr.State((), time_to_live=kept_seconds)
        opener = gr.Button(visible="hidden", elem_id="sl-compare-open")  # the script presses it for a title
        place = gr.HTML(elem_id="sl-compared", apply_default_css=False)
        with gr.Row(visible=False, elem_id="sl-compare-bar") as row:
            forget = gr.Button(label("compare_forget"), size="sm", elem_id="sl-compare-forget", min_width=90)
            takers = {
                kind: gr.Button(label(f"compare_{kind}"), size="sm", elem_id=f"sl-compare-{kind}", min_width=90)
                for kind in _FORMS
            }
        return cls(kept, opener, place, row, forget, takers)

    @property
    def shown(self) -> list[Any]:
        """What `compared` fills."""
        return [self.kept, self.place, self.row, *self.takers.values()]

    def wire(
        self, keep: gr.Button, analysis: gr.State, own: gr.State, article: gr.Textbox, taken: gr.Textbox,
        events: Sequence[Any],
    ) -> None:  # fmt: skip
        """`keep` takes the analysis and makes the box free for the next; what the `events` bring stands beside it."""
        unseen: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        shown = self.shown
        kept = keep.click(kept_with, [self.kept, analysis, own, article], [article, *shown], **unseen)
        kept.success(None, None, None, js="() => window.sidelightNext()", api_visibility="private")
        self.forget.click(_forgotten, None, shown, **unseen)
        for event in events:
            event.success(compared, [self.kept, analysis, own], shown, **unseen)
        for kind, (form, ending, mime) in _FORMS.items():
            told_first = [taken, self.kept, analysis, own]
            written = self.takers[kind].click(_writer(form), told_first, taken, js=HEARD, **unseen)
            save = f"(text) => {{ if (text) window.sidelightSave('{ending}', '{mime}', text, 'comparison'); }}"
            written.success(None, [taken], None, js=save, api_visibility="private")


def kept_with(
    kept: Kept, analysis: Analysis | None, own: OwnLabels, text: str, request: gr.Request
) -> tuple[object, ...]:
    """The box, and what `compared` shows of the kept ones and this one with the reader's labels.

    The box is emptied, unless its `text` is another article's already.
    """
    say = words_for(request)
    if analysis is None:
        raise gr.Error(say("take_gone"), title=say("error"))
    kept = together(kept, analysis, own)
    if len(kept) > MOST - 1:
        raise gr.Error(say("compare_most", most=MOST), title=say("error"))
    return gr.skip() if waits(text, analysis) else "", *compared(kept, None, own, request)


def compared(kept: Kept, analysis: Analysis | None, own: OwnLabels, request: gr.Request) -> tuple[object, ...]:
    """The kept articles as they are now, their comparison with the one that is shown, and which buttons it has."""
    some = together(kept, analysis, own) if kept else ()
    taken = [gr.Button(visible=len(some) > 1) for _ in _FORMS]
    full = analysis is not None and bool(some) and all(one.found is not analysis for one in some)
    shown = comparison([one.corrected for one in some], words_for(request), full=full)
    return some[: len(kept)], shown, gr.Row(visible=bool(some)), *taken


def together(kept: Kept, analysis: Analysis | None, own: OwnLabels) -> Kept:
    """The kept articles, with the shown one in its place among them, or behind them where there is room."""
    if analysis is None:
        return kept
    ids = [article_id(one.found.article) for one in kept]
    this = article_id(analysis.article)
    known = {name: one.labels for name, one in zip(ids, kept, strict=True)}
    # Of an article that was just opened again the browser has not said the labels yet.
    labels = own.of(analysis)
    shown = KeptArticle(analysis, known.get(this, {}) if labels is None else labels)
    if this in known:
        return tuple(shown if name == this else one for name, one in zip(ids, kept, strict=True))
    return (*kept, shown)[:MOST]


def _forgotten(request: gr.Request) -> tuple[object, ...]:
    return compared((), None, OwnLabels(), request)


def _writer(form: Callable[[Sequence[Analysis], Words], str]) -> Callable[..., str]:
    """What gives the comparison as the text of a file."""

    def written(sent: str, kept: Kept, analysis: Analysis | None, own: OwnLabels, request: gr.Request) -> str:
        say = words_for(request)
        own.hear(sent)
        if not kept:
            raise gr.Error(say("take_gone"), title=say("error"))
        return form([one.corrected for one in together(kept, analysis, own)], say)

    return written
