"""The list of the files that were dropped together: what each is called, and how far it is."""

from collections.abc import Sequence
from html import escape

from ..strings import Words

DONE, FAILED = "done", "failed"


def file_list(rows: Sequence[tuple[str, str, str, str]], say: Words) -> str:
    """An item for each (name, state, title, what is told of it); a done one has a button that opens it."""
    if not rows:
        return ""
    done, failed = (sum(state == wanted for _, state, _, _ in rows) for wanted in (DONE, FAILED))
    status = say("files_status", done=done, count=len(rows)) + (say("files_failed", count=failed) if failed else "")
    items = "".join(_item(place, *row, say) for place, row in enumerate(rows))
    head = f'<p class="sl-hint" role="status">{status}</p>'
    return f'<div class="sl" id="sl-file-list" lang="{say.language}">{head}<ol>{items}</ol></div>'


def _item(place: int, name: str, state: str, title: str, told: str, say: Words) -> str:
    said = escape(told or say(f"files_{state}"))
    opener = f'<button type="button" data-do="file" data-file="{place}" lang="en">{escape(title)}</button> '
    return f'<li data-state="{state}"><strong>{escape(name)}</strong>: {opener if state == DONE else ""}{said}</li>'
