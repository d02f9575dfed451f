"""Articles that a reader keeps to set them beside the next one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from ..comparison.align import MOST
from ..comparison.formats import to_csv, to_markdown
from ..domain import Analysis
from .strings import say
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
            forget = gr.Button(say("compare_forget"), size="sm", elem_id="sl-compare-forget", min_width=90)
            takers = {
                kind: gr.Button(say(f"compare_{kind}"), size="sm", elem_id=f"sl-compare-{kind}", min_width=90)
                for kind in _FORMS
            }
        return cls(kept, place, row, forget, takers)

    @property
    def shown(self) -> list[Any]:
        """What `compared` fills."""
        return [self.place, self.row, *self.takers.values()]

    def wire(
        self, keep: gr.Button, analysis: gr.State, article: gr.Textbox, taken: gr.Textbox, events: Sequence[Any]
    ) -> None:
        """`keep` takes the analysis and empties the box for the next; what the `events` bring stands beside it."""
        unseen: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        shown = self.shown
        kept = keep.click(kept_with, [self.kept, analysis], [self.kept, article, *shown], **unseen)
        kept.success(None, None, None, js="() => window.sidelightNext()", api_visibility="private")
        self.forget.click(lambda: ((), *compared((), None)), None, [self.kept, *shown], **unseen)
        for event in events:
            event.success(compared, [self.kept, analysis], shown, **unseen)
        for kind, (form, ending, mime) in _FORMS.items():
            written = self.takers[kind].click(partial(_written, form), [self.kept, analysis], taken, **unseen)
            save = f"(text) => {{ if (text) window.sidelightSave('{ending}', '{mime}', text); }}"
            written.success(None, [taken], None, js=save, api_visibility="private")


def kept_with(kept: Kept, analysis: Analysis | None) -> tuple[object, ...]:
    """The kept ones and this one, an empty box, and what `compared` shows."""
    if analysis is None:
        raise gr.Error(say("take_gone"))
    if len(together(kept, analysis)) > MOST - 1:
        raise gr.Error(say("compare_most", most=MOST))
    kept = together(kept, analysis)
    return kept, "", *compared(kept, None)


def compared(kept: Kept, analysis: Analysis | None) -> tuple[object, ...]:
    """The comparison of the kept articles with the one that is shown, and which buttons it has."""
    some = together(kept, analysis) if kept else ()
    taken = [gr.Button(visible=len(some) > 1) for _ in _FORMS]
    return comparison(some), gr.Row(visible=bool(some)), *taken


def together(kept: Kept, analysis: Analysis | None) -> Kept:
    """The kept analyses, and the shown one in the place of an earlier one of the same article, where there is room."""
    if analysis is None:
        return kept
    return (*(one for one in kept if one.article != analysis.article), analysis)[:MOST]


def _written(form: Callable[[Sequence[Analysis]], str], kept: Kept, analysis: Analysis | None) -> str:
    if not kept:
        raise gr.Error(say("take_gone"))
    return form(together(kept, analysis))
