"""What stands on the page around the results, the same for every reader of a language; Gradio translates it."""

from html import escape

from ...domain import Stance
from ...export.phrases import SIGNS
from ..strings import Words


def head(say: Words) -> str:
    """The skip link, the name, and what the page is for."""
    return (
        f'<a class="sl-skip" href="#sl-folded" lang="{say.language}">{say("skip")}</a>'
        f'<header class="sl" lang="{say.language}"><h1>Sidelight</h1><p>{say("tagline")}</p></header>'
    )


def hint(key: str, say: Words, tag: str = "p") -> str:
    """A sentence around the controls."""
    return f'<{tag} class="sl sl-hint" lang="{say.language}">{say(key)}</{tag}>'


def refusal(most_bytes: int, most_together: int, most_files: int, say: Words) -> str:
    """The place of the messages with which the script refuses a file of more than `most_bytes`, and too many files."""
    return (
        f'<div class="sl" lang="{say.language}"><p class="sl-alert" role="alert" id="sl-refused" '
        f'data-most="{most_bytes}" data-message="{escape(say("file_large"))}" data-together="{most_together}" '
        f'data-heavy="{escape(say("files_heavy"))}" data-files="{most_files}" data-many="{escape(say("files_many"))}">'
        "</p></div>"
    )


def replaced(say: Words) -> str:
    """The way back to what a reader typed; the script shows it while other text stands in its place."""
    return (
        f'<div class="sl" lang="{say.language}"><p class="sl-hint" role="status" id="sl-replaced" hidden>'
        f'{say("replaced")} <button type="button" data-do="put-back">{say("put_back")}</button></p></div>'
    )


def keys(say: Words) -> str:
    """How a keyboard asks for the analysis; not shown where there is none."""
    return f'<span class="sl sl-hint" id="sl-keys" lang="{say.language}">{say("keys")}</span>'


def folded(say: Words) -> str:
    """What stands in the place of the input once there is a result, filled by the script: its title, two ways on."""
    return (
        f'<div class="sl" id="sl-folded" lang="{say.language}"><h2 tabindex="-1" lang="en"></h2>'
        f'<button type="button" data-do="edit">{say("edit")}</button>'
        f'<button type="button" data-do="end">{say("to_end")}</button>'
        '<span class="sl-hidden" role="status"></span></div>'
    )


def sample(say: Words) -> str:
    """What stands on the page before the first result: what will come, and what the four signs mean."""
    legend = "".join(
        f'<li><span class="sl-count {stance}"><span class="sl-sign" aria-hidden="true">{SIGNS[stance]}</span>'
        f"{say(stance)}</span> {say('legend_' + stance)}</li>"
        for stance in Stance
    )
    return (
        f'<section class="sl" id="sl-sample" lang="{say.language}"><h2>{say("sample_title")}</h2>'
        f"<p>{say('sample_result')}</p><ul>{legend}</ul><p>{say('sample_party')}</p></section>"
    )


def party_controls(say: Words) -> str:
    """The place of the controls for the parties; `parties.js` fills it from the list below it."""
    names = f'<ul aria-label="{say("parties")}"></ul>'
    return f'<div class="sl" id="sl-chips" lang="{say.language}">{names}<p></p></div>'


def history(say: Words) -> str:
    """The place of what this browser remembers; the script fills it, and shows it beside the empty page."""
    return (
        f'<section class="sl" id="sl-history" lang="{say.language}" hidden><h2>{say("history_title")}</h2><ul></ul>'
        '<p class="sl-tools"><label><input type="checkbox" data-do="remember" checked> '
        f"{say('history_remember')}</label>"
        f'<button type="button" data-do="forget">{say("history_forget")}</button>'
        f'<span class="sl-hint">{say("history_info")}</span></p></section>'
    )


def taking(say: Words) -> str:
    """The heading above the buttons that save files."""
    return f'<div class="sl" lang="{say.language}"><h2>{say("take_title")}</h2></div>'
