"""Nothing that a reader sends reaches the log: Gradio's own errors name the values that they are about."""

from typing import Any

import gradio as gr


class Quiet(gr.Blocks):  # type: ignore[misc]  # gradio is not checked
    """Blocks whose errors about inputs say how many and of which kind, never what."""

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        """Refuse too few inputs.

        Raises:
            gr.Error: with how many were expected and came.
        """
        if len(inputs) < len(block_fn.inputs):
            message = f"expected {len(block_fn.inputs)} inputs, got {len(inputs)}; the page's /info route lists them"
            raise gr.Error(message, print_exception=False)

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
            raise gr.Error(told, print_exception=False) from None
        return inputs
