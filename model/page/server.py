"""Opens the page: loads the models and serves it."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import gradio as gr

from ..errors import SidelightError
from ..pipeline import Analyzer
from ..settings import RuntimeSettings
from .guard.gate import gated
from .guard.uploads import remove_on_sigterm, upload_folder
from .layout import MOST_FILE_BYTES, build
from .report import style


def serve(analyzer: Analyzer, settings: RuntimeSettings) -> None:
    """Serve the page around loaded models until it is stopped."""
    script = (Path(__file__).parent / "static" / "page.js").read_text(encoding="utf-8")
    build(analyzer, settings).launch(
        server_name=settings.host,
        server_port=settings.port,
        auth=settings.login,
        theme=gr.themes.Base(
            primary_hue="slate", neutral_hue="stone", font=["system-ui", "sans-serif"], font_mono=["monospace"]
        ),
        head=f"<style>{style()}</style><script>{script}</script>",  # Gradio would put a scope before each rule of `css`
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


def main(arguments: Sequence[str] = ()) -> int:
    """Load what the environment says and open the page on http://127.0.0.1:PORT (7860 unless set)."""
    parser = argparse.ArgumentParser(prog="sidelight page", description="Open the page in a browser.")
    parser.add_argument("--port", type=int, help="(default: PORT in the environment, else 7860)")
    parser.add_argument(
        "--llm", metavar="MODEL", help="none, default, a folder, a Hub repository, or a server's address"
    )
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    try:
        settings = replace(RuntimeSettings.from_environment(), **given)
        analyzer = Analyzer.from_settings(settings)
    except SidelightError as error:
        print(f"sidelight: {error}", file=sys.stderr)
        return 2
    with upload_folder() as folder:
        remove_on_sigterm(folder)
        serve(analyzer, settings)
    return 0
