"""What a language model is here: it goes on from a prompt, and says how likely each of a few words is as its reply."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

DEFAULT, NONE = "default", "none"
WRITING, JUDGING = "writing", "judging"
"""What an adapter of the default model is for: to rewrite sentences, or to answer questions about an article."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How likely each offered word is as the reply, and the reply itself where it came as text.

    The shares are of everything that the model might have said, so that they may add up to little.
    """

    shares: Mapping[str, float]
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A whole reply, and its log-likelihood (natural logarithm) where the model tells it."""

    text: str
    log_likelihood: float | None = None


class Reply:
    """The pieces of a reply, to go through once; then `log_likelihood` is what `LanguageModel.generate` returned."""

    log_likelihood: float | None = None

    def __init__(self, pieces: Generator[str, None, float | None]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Generator[str, None, None]:
        self.log_likelihood = yield from self._pieces


class LanguageModel(Protocol):
    """Anything that answers prompts."""

    version: str
    """Which model it is, for the Analysis and the cache."""

    def generate(self, prompt: str, limit: int) -> Generator[str, None, float | None]:
        """The reply in pieces, at most `limit` tokens, decoded greedily; closing the iterator stops the model.

        Returns:
            The reply's log-likelihood (natural logarithm), where the model tells it.
        """
        ...

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        """For each prompt, how likely each option is as the reply."""
        ...


@runtime_checkable
class WritesTogether(Protocol):
    """A language model that answers several prompts at once."""

    def write_together(self, prompts: Sequence[str], limit: int) -> Iterator[tuple[int, Written] | None]:
        """The number of each prompt with its reply, as they end; None comes while it writes.

        Whenever something comes, the last reply too, further prompts may be added to the list.
        """
        ...


def replies(
    model: LanguageModel, prompts: Sequence[str], limit: int
) -> Generator[tuple[int, Written] | None, None, None]:
    """The number of each prompt with its reply, at most `limit` tokens, as they end; None comes while it writes.

    Whenever something comes, the last reply too, further prompts may be added to the list. Closing the iterator stops
    the model.
    """
    if isinstance(model, WritesTogether):
        yield from model.write_together(prompts, limit)
        return
    for number, prompt in enumerate(prompts):
        with closing(model.generate(prompt, limit)) as pieces:
            text, reply = "", Reply(pieces)
            for piece in reply:
                text += piece
                yield None
        yield number, Written(text, reply.log_likelihood)


def word_of(reply: str, options: Sequence[str]) -> str | None:
    """The option that a reply names with one word and nothing else; None for any other reply."""
    word = reply.strip().strip(".\"'“”*`").lower()
    return word if word in options else None
