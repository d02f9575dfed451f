"""What a language model is here: it goes on from a prompt, and says how likely each of a few words is as its reply."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from model.errors import WeightsError
from model.language_weights import QWEN, language_model_folder
from model.local_model import LocalModel
from model.replies import Choice
from model.server_model import ServerModel

DEFAULT, NONE = "default", "none"


class LanguageModel(Protocol):
    """Anything that answers prompts."""

    version: str
    """Which model it is, for the Analysis and the cache."""
    window: int
    """Tokens that prompt and reply may have together."""

    def count(self, text: str) -> int:
        """How many tokens `text` has, or somewhat more."""
        ...

    def generate(self, prompt: str, limit: int) -> Iterator[str]:
        """The reply in pieces, at most `limit` tokens, decoded greedily; closing the iterator stops the model."""
        ...

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        """For each prompt, how likely each option is as the reply."""
        ...


def open_language_model(name: str, cache: Path | None = None, key: str = "") -> LanguageModel | None:
    """The language model with this name, loaded; None for "none".

    Args:
        name: "none"; "default" for the pinned Qwen2.5-Coder-1.5B-Instruct; the address of an
            OpenAI-compatible server, with the model's name behind a `#` where it serves several
            ("http://127.0.0.1:8000/v1#qwen"); a folder; or a repository on the Hub.
        cache: where the default is converted to; None takes the user's cache folder.
        key: the server's key.

    Raises:
        WeightsError: the model is not there or cannot be loaded.
        ServerError: the server does not answer as one.
    """
    if name == NONE:
        return None
    if name.startswith(("http://", "https://")):
        return ServerModel.connect(name, key)
    if name == DEFAULT:
        return LocalModel.from_folder(str(language_model_folder(cache)), QWEN.version)
    if not Path(name).is_dir() and name.count("/") != 1:
        raise WeightsError(
            f"expected a language model as none, default, a folder, a Hub repository (owner/name) or a server's "
            f"address (http://…/v1), got {name!r}"
        )
    return LocalModel.from_folder(name, name)
