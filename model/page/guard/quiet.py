"""Nothing that a reader sends reaches the log or a core file: Gradio's own errors name the values they are about."""

import logging
import traceback
from pathlib import Path
from typing import Any

import gradio as gr

from ..strings import words_for

_FRAMES = 3
_log = logging.getLogger("sidelight")


class Quiet(gr.Blocks):  # type: ignore[misc]  # gradio is not checked
    """Blocks whose errors about inputs say how many and of which kind, never what."""

    async def process_api(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """What comes of a handler.

        Raises:
            gr.Error: one that the handler or a check raised; or it failed, which the log says without the error's
                text: that may hold what a reader sent.
        """
        try:
            answer: dict[str, Any] = await super().process_api(*arguments, **options)
        except gr.Error as error:
            error.print_exception = False  # none is for the log; some of Gradio's own name files
            raise
        except Exception as error:
            _log.error("a handler failed: %s, at %s", type(error).__name__, places_of(error))
            say = words_for(options.get("request"))
            raise gr.Error(say("failed"), title=say("error"), print_exception=False) from None
        return answer

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        """Refuse too few inputs.

        Raises:
            gr.Error: with how many were expected and came.
        """
        if len(inputs) < len(block_fn.inputs):
            message = f"expected {len(block_fn.inputs)} inputs, got {len(inputs)}; the page's /info route lists them"
            raise gr.Error(message)

    async def preprocess_data(self, *arguments: Any, **options: Any) -> list[Any]:
        """Inputs as handlers get them.

        Raises:
            gr.Error: one is of another kind; the text names the kind of error and no value.
        """
        try:
            inputs: list[Any] = await super().preprocess_data(*arguments, **options)
        except gr.Error:
            raise
        except Exception as error:
            told = f"expected inputs of the kinds that the /info route lists, got {type(error).__name__}"
            raise gr.Error(told) from None
        return inputs


def without_core_files() -> None:
    """Let no crash of this process write its memory to disk, where the system can be told."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows writes none
        return
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    few = 1 if most == resource.RLIM_INFINITY or most >= 1 else 0  # of one byte Linux tells no crash handler either
    resource.setrlimit(resource.RLIMIT_CORE, (few, few))


def places_of(error: Exception) -> str:
    """Where an error was raised, the innermost last; nothing of what it says."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return ", ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
