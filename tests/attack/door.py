"""The page around an analyzer that needs no model, for attacks on the page alone."""

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from model.domain import Analysis, Article, Summary
from model.page import server
from model.page.guard import uploads
from model.page.guard.gate import gated
from model.page.layout import build
from model.page.models import Models
from model.settings import RuntimeSettings

if TYPE_CHECKING:
    from model.pipeline import Analyzer  # torch takes its time

CRASH, ENDLESS = "the handler crashes here", "the handler never ends here"
"""What a text says to have the page of `main` do so."""


def _stages(article: Article, requests: Any = (), before: Any = None) -> Iterator[Analysis]:
    for _ in range(3):
        yield Analysis(article, (), (), Summary(()))


def _nothing(analysis: Analysis) -> Iterator[Analysis]:
    yield from ()


MODEL_FREE = cast("Analyzer", SimpleNamespace(ensemble=None, writer=None, stages=_stages, write=_nothing))
"""Finds no party in any article."""


@contextmanager
def opened_page(analyzer: "Analyzer" = MODEL_FREE, **settings: Any) -> Iterator[str]:
    """The address of the page, served from this process until the block ends."""
    port = free_port()
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


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def obedient(inner: "Analyzer") -> "Analyzer":
    """`inner`, but for what a text tells it to do; its error holds the text, as a library's may."""

    def stages(article: Article, requests: Any = (), before: Any = None) -> Iterator[Analysis]:
        if CRASH in article.text:
            raise KeyError(article.text)
        while ENDLESS in article.text:
            yield Analysis(article, (), (), Summary(()))
            time.sleep(0.05)
        yield from inner.stages(article, requests, before)

    kept = {name: getattr(inner, name) for name in ("ensemble", "writer", "write")}
    return cast("Analyzer", SimpleNamespace(**kept, stages=stages))


def _read_nothing() -> None:
    """Let encoders make up what they read: that takes most of the time, in which torch holds nobody up."""
    import torch

    from model.networks.encoder import Encoder

    def states(self: Any, windows: Any, after: int | None = None) -> torch.Tensor:
        return torch.randn(len(windows), max(len(window.ids) for window in windows), self.hidden)

    Encoder.states = states  # type: ignore[method-assign]


def main() -> int:
    """`sidelight page` as it is, but that dropped files go after a second, and around an obedient analyzer.

    In the environment, REAL has it load the models, and QUICK leaves out what their encoders calculate.
    """
    uploads.KEPT_SECONDS = 1
    if "QUICK" in os.environ:
        _read_nothing()
    real = server.load
    server.load = lambda settings: obedient(real(settings) if "REAL" in os.environ else MODEL_FREE)
    return server.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
