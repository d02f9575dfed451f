"""What a language model replies when it is asked to choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """How likely each offered word is as the reply, and the reply itself where it came as text.

    The shares are of everything that the model might have said, so that they may add up to little.
    """

    shares: Mapping[str, float]
    reply: str = ""


def word_of(reply: str, options: Sequence[str]) -> str | None:
    """The option that a reply names with one word and nothing else; None for any other reply."""
    word = reply.strip().strip(".\"'“”*`").lower()
    return word if word in options else None
