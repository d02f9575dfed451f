"""Summaries by a server's language model, for several articles at once; where it fails, an article keeps its own."""

import threading
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from ...domain import Analysis
from ...errors import ServerError
from ...language_model.interface import Choice, LanguageModel
from ...language_model.server import ServerModel
from ...pipeline import Analyzer, unwritten

_WAITS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Seconds before a request is sent again; a server that starts anew takes a minute."""


@dataclass(frozen=True, slots=True)
class Server:
    """Whose language model writes: the server's address with the model's name behind `#`, and its key.

    A worker has at most `requests` open at once.
    """

    address: str
    requests: int
    key: str = field(default="", repr=False)

    def model(self) -> ServerModel:
        """A client that leaves sending again to `Summaries`."""
        return ServerModel.named(self.address, self.key, retries=0)


class Summaries:
    """Has the summaries of judged articles written, so many at once, and checked one after the other.

    Args:
        analyzer: with a writer.
        requests: how many are open at once.
        waits: seconds before each time that a request is sent again.
    """

    def __init__(self, analyzer: Analyzer, requests: int, waits: Sequence[float] = _WAITS) -> None:
        assert analyzer.writer
        self.requests = requests
        self._turn = threading.Lock()
        model = _Elsewhere(analyzer.writer.language_model, self._turn, waits)
        self._analyzer = replace(analyzer, writer=replace(analyzer.writer, language_model=model))

    def write(self, analyses: Sequence[Analysis]) -> list[Analysis]:
        """Each analysis with its written summary, or with the reason in its warnings why it has none."""
        with ThreadPoolExecutor(self.requests) as pool:
            return list(pool.map(self._one, analyses))

    def _one(self, analysis: Analysis) -> Analysis:
        try:
            with self._turn:
                return [analysis, *self._analyzer.write(analysis)][-1]
        except Exception as error:  # whatever it is, the article keeps what was found without the server
            return unwritten(analysis, analysis, error)


class _Elsewhere:
    """A language model on another machine: while it writes, the turn to use the models of this one is free."""

    def __init__(self, model: LanguageModel, turn: threading.Lock, waits: Sequence[float]) -> None:
        self.model = model
        self.version = model.version
        self.turn = turn
        self.waits = waits

    def generate(self, prompt: str, limit: int) -> Generator[str, None, None]:
        """The reply in one piece.

        Raises:
            ServerError: the server failed each time that it was asked, or refuses.
        """
        self.turn.release()
        try:
            reply = self._reply(prompt, limit)
        finally:
            self.turn.acquire()
        yield reply

    def _reply(self, prompt: str, limit: int) -> str:
        for wait in self.waits:
            try:
                return "".join(self.model.generate(prompt, limit))
            except ServerError as error:
                if not error.passing:
                    raise
            time.sleep(wait)
        return "".join(self.model.generate(prompt, limit))

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        """For each prompt, how likely each option is as the reply."""
        return self.model.choose(prompts, options)
