"""The page around an analyzer that needs no model, for attacks on the page alone."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

from model.domain import Analysis, Article, Summary
from model.page.guard.gate import gated
from model.page.layout import build
from model.page.models import Models
from model.pipeline import Analyzer
from model.settings import RuntimeSettings


def _stages(article: Article, requests: Any = (), before: Any = None) -> Iterator[Analysis]:
    for _ in range(3):
        yield Analysis(article, (), (), Summary(()))


def _nothing(analysis: Analysis) -> Iterator[Analysis]:
    yield from ()


MODEL_FREE = cast("Analyzer", SimpleNamespace(writer=None, stages=_stages, write=_nothing))
"""Finds no party in any article."""


@contextmanager
def opened_page(analyzer: Analyzer = MODEL_FREE, **settings: Any) -> Iterator[str]:
    """The address of the page, served from this process until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    of_page = RuntimeSettings(port=port, **settings)
    models = Models(lambda: analyzer)
    models.start()
    page = build(models, of_page)
    page.launch(
        server_name=of_page.host,
        server_port=port,
        auth=of_page.login,
        prevent_thread_lock=True,
        quiet=True,
        show_error=True,
        app_kwargs=gated(of_page),
        ssr_mode=False,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        page.close()
