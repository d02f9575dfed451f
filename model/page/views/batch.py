"""The list of the files that were dropped together: what each is called, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ..strings import Words

DONE, FAILED = "done", "failed"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as the list shows it: its name and state, its article's title, what is `told` of it, in which language."""

    name: str
    state: str
    title: str
    told: str
    language: str


def file_list(rows: Sequence[FileRow], say: Words) -> str:
    """An item for each file; a done one has a button that opens it."""
    if not rows:
        return ""
    done, failed = (sum(row.state == wanted for row in rows) for wanted in (DONE, FAILED))
    status = say("files_status", done=done, count=len(rows)) + (say("files_failed", count=failed) if failed else "")
    items = "".join(_item(place, row, say) for place, row in enumerate(rows))
    head = f'<p class="sl-hint" role="status">{status}</p>'
    return f'<div class="sl" id="sl-file-list" lang="{say.language}">{head}<ol>{items}</ol></div>'


def _item(place: int, row: FileRow, say: Words) -> str:
    said = f'<span lang="{row.language}">{escape(row.told)}</span>' if row.told else say(f"files_{row.state}")
    opener = f'<button type="button" data-do="file" data-file="{place}" lang="en">{escape(row.title)}</button> '
    if row.state == DONE:
        said = opener + said
    return f'<li data-state="{row.state}"><strong>{escape(row.name)}</strong>: {said}</li>'
