"""What Gradio translates in the browser: labels, and the HTML that stands on the page from the start."""

from collections.abc import Callable, Mapping

import gradio as gr
from gradio.i18n import I18nData

from .strings import LANGUAGES, Words

_translated = gr.I18n()


def label(key: str) -> I18nData:
    """What stands for the words of `key` until they are in a browser, where its language is known."""
    return _translated(f"sl_{key}")


def translations(views: Mapping[str, Callable[[Words], str]]) -> gr.I18n:
    """What `launch` is told of the languages: the words of each catalogue, and the HTML that each of `views` makes."""
    return gr.I18n(
        **{
            language: {f"sl_{key}": text for key, text in say.strings.items()}
            | {f"sl_{key}": view(say) for key, view in views.items()}
            for language, say in LANGUAGES.items()
        }
    )
