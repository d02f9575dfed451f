"""Opens the page: serves it, and loads the models behind it."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import gradio as gr

from ..errors import SettingsError, SidelightError
from ..networks.memory import give_back, keep_freed
from ..settings import RuntimeSettings
from .guard.gate import gated
from .guard.quiet import without_core_files
from .guard.uploads import remove_on_sigterm, upload_folder
from .labels import translations
from .layout import FRAME, MOST_FILE_BYTES, build
from .models import Models, load
from .views.report import style

_SCRIPTS = ("common", "labels", "history", "reading", "files", "keys", "clicks", "drops", "typed", "events", "parties")
"""They make one function, in this order."""


def serve(models: Models, settings: RuntimeSettings) -> None:
    """Serve the page until it is stopped.

    Raises:
        SidelightError: the port is taken, or the models cannot be loaded; the page is closed.
    """
    static = Path(__file__).parent / "static"
    scripts = "".join((static / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    script = f"(() => {{\n'use strict';\n{scripts}}})();\n"
    page = build(models, settings)
    try:
        page.launch(
            prevent_thread_lock=True,
            # Gradio would end where the page does not answer itself within three seconds: a busy machine.
            _frontend=False,
            server_name=settings.host,
            server_port=settings.port,
            auth=settings.login,
            theme=gr.themes.Base(
                primary_hue="slate", neutral_hue="stone", font=["system-ui", "sans-serif"], font_mono=["monospace"]
            ),
            # Gradio would put a scope before each rule of `css`.
            head=f"<style>{style()}</style><script>{script}</script>",
            i18n=translations(FRAME),
            share=False,
            show_error=True,
            max_file_size=MOST_FILE_BYTES,
            state_session_capacity=200,  # Gradio keeps what a session saw last until newer ones push it out
            enable_monitoring=False,
            run_history=False,
            footer_links=[],
            ssr_mode=False,
            pwa=False,
            mcp_server=settings.mcp,
            app_kwargs=gated(settings),
        )
    except OSError as error:
        raise SettingsError(
            f"expected a free address and port, got {settings.host} and {settings.port}, which are in use or may not "
            "be used; name another port with --port, or another address with GRADIO_SERVER_NAME"
        ) from error
    models.start()  # not before the page answers: the import of torch would hold it up
    try:
        models.wait()
    except BaseException:
        page.close()
        raise
    # Python holds up all threads while it looks for garbage: a third of a second if it goes through all modules.
    gc.collect()
    gc.freeze()
    give_back()
    page.block_thread()


def main(arguments: Sequence[str] = ()) -> int:
    """Open the page around what the environment says, on http://127.0.0.1:PORT (7860 unless set)."""
    parser = argparse.ArgumentParser(prog="sidelight page", description="Open the page in a browser.")
    parser.add_argument("--port", help="(default: PORT in the environment, else 7860)")
    parser.add_argument(
        "--llm", metavar="MODEL", help="none, default, a folder, a Hub repository, or a server's address"
    )
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    keep_freed()
    try:
        port = {"PORT": given.pop("port")} if "port" in given else {}
        settings = replace(RuntimeSettings.from_environment({**os.environ, **port}), **given)
        without_core_files()
        with upload_folder() as folder:
            remove_on_sigterm(folder)
            serve(Models(partial(load, settings)), settings)
    except SidelightError as error:
        print(f"sidelight: {error}", file=sys.stderr)
        return 2
    return 0
