"""Articles that a reader keeps to set them beside the next one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ..comparison.align import MOST
from ..comparison.formats import to_csv, to_markdown
from ..domain import Analysis
from .labels import label
from .own_labels import OwnLabels
from .strings import words_for
from .views.comparison import comparison

_FORMS: dict[str, tuple[Callable[[Sequence[Analysis]], str], str, str]] = {
    "csv": (to_csv, "csv", "text/csv"),
    "markdown": (to_markdown, "md", "text/markdown"),
}
Kept = tuple[Analysis, ...]


@dataclass(frozen=True)
class Comparing:
    """The place of the comparison, and the buttons below it; the constructor puts them on the page."""

    kept: gr.State
    place: gr.HTML
    row: gr.Row
    forget: gr.Button
    takers: dict[str, gr.Button]

    @classmethod
    def lay_out(cls, kept_seconds: int) -> "Comparing":
        """Where it stands: nothing is to be seen until an article is kept."""
        kept = gr.State((), time_to_live=kept_seconds)
        place = gr.HTML(elem_id="sl-compared", apply_default_css=False)
        with gr.Row(visible=False, elem_id="sl-compare-bar") as row:
            forget = gr.Button(label("compare_forget"), size="sm", elem_id="sl-compare-forget", min_width=90)
            takers = {
                kind: gr.Button(label(f"compare_{kind}"), size="sm", elem_id=f"sl-compare-{kind}", min_width=90)
                for kind in _FORMS
            }
        return cls(kept, place, row, forget, takers)

    @property
    def shown(self) -> list[Any]:
        """What `compared` fills."""
        return [self.place, self.row, *self.takers.values()]

    def wire(
        self, keep: gr.Button, analysis: gr.State, own: gr.State, article: gr.Textbox, taken: gr.Textbox,
        events: Sequence[Any],
    ) -> None:  # fmt: skip
        """`keep` takes the analysis and empties the box for the next; what the `events` bring stands beside it."""
        unseen: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        shown = self.shown
        kept = keep.click(kept_with, [self.kept, analysis, own], [self.kept, article, *shown], **unseen)
        kept.success(None, None, None, js="() => window.sidelightNext()", api_visibility="private")
        self.forget.click(_forgotten, None, [self.kept, *shown], **unseen)
        for event in events:
            event.success(compared, [self.kept, analysis, own], shown, **unseen)
        for kind, (form, ending, mime) in _FORMS.items():
            written = self.takers[kind].click(_writer(form), [self.kept, analysis, own], taken, **unseen)
            save = f"(text) => {{ if (text) window.sidelightSave('{ending}', '{mime}', text, 'comparison'); }}"
            written.success(None, [taken], None, js=save, api_visibility="private")


def kept_with(kept: Kept, analysis: Analysis | None, own: OwnLabels, request: gr.Request) -> tuple[object, ...]:
    """The kept ones and this one with the reader's labels, an empty box, and what `compared` shows."""
    say = words_for(request)
    if analysis is None:
        raise gr.Error(say("take_gone"), title=say("error"))
    if len(together(kept, analysis)) > MOST - 1:
        raise gr.Error(say("compare_most", most=MOST), title=say("error"))
    kept = together(kept, own.over(analysis))
    return kept, "", *compared(kept, None, own, request)


def compared(kept: Kept, analysis: Analysis | None, own: OwnLabels, request: gr.Request) -> tuple[object, ...]:
    """The comparison of the kept articles with the one that is shown, and which buttons it has."""
    some = together(kept, analysis and own.over(analysis)) if kept else ()
    taken = [gr.Button(visible=len(some) > 1) for _ in _FORMS]
    return comparison(some, words_for(request)), gr.Row(visible=bool(some)), *taken


def together(kept: Kept, analysis: Analysis | None) -> Kept:
    """The kept analyses, and the shown one in the place of an earlier one of the same article, where there is room."""
    if analysis is None:
        return kept
    return (*(one for one in kept if one.article != analysis.article), analysis)[:MOST]


def _forgotten(request: gr.Request) -> tuple[object, ...]:
    return (), *compared((), None, OwnLabels(), request)


def _writer(form: Callable[[Sequence[Analysis]], str]) -> Callable[..., str]:
    """What gives the comparison as the text of a file."""

    def written(kept: Kept, analysis: Analysis | None, own: OwnLabels, request: gr.Request) -> str:
        if not kept:
            say = words_for(request)
            raise gr.Error(say("take_gone"), title=say("error"))
        return form(together(kept, analysis and own.over(analysis)))

    return written
