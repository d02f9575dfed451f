"""The language model with a given name: the default, a folder, a repository on the Hub, or a server."""

from pathlib import Path

from ..errors import WeightsError
from ..networks.eight_bit import is_exact
from ..networks.file_record import check_shipped
from ..settings import WEIGHTS
from .interface import DEFAULT, JUDGING, NONE, WRITING, LanguageModel
from .weights import LM_STANCE, QWEN, REWRITING, quantized_file


def open_language_model(
    name: str = "", cache: Path | None = None, key: str = "", device: str | None = None
) -> LanguageModel | None:
    """The language model with this name, loaded; None for "none".

    Args:
        name: "" or "none" for none; "default" for the pinned Qwen2.5-Coder-1.5B-Instruct; the address of an
            OpenAI-compatible server, with the model's name behind a `#` where it serves several
            ("http://127.0.0.1:8000/v1#qwen"); a folder; or a Hub repository.
        cache: where the default is put together; None takes the user's cache folder.
        key: the server's key.
        device: where a folder's or the Hub's calculates; None takes a GPU where one works, else the CPU.

    Raises:
        DeviceError: `device` is not there.
        WeightsError: the model is not there or cannot be loaded.
        ServerError: the server does not answer as one.
    """
    if name in ("", NONE):
        return None
    if name.startswith(("http://", "https://")):
        from .server import ServerModel  # openai takes half a second to import

        return ServerModel.connect(name, key)
    if name == DEFAULT:
        return _default(cache)
    if not Path(name).is_dir() and name.count("/") != 1:
        raise WeightsError(
            f"expected a language model as none, default, a folder, a Hub repository (owner/name) or a server's "
            f"address (http://…/v1), got {name!r}"
        )
    from .local import LocalModel  # transformers' networks take three seconds to import

    return LocalModel.from_folder(name, device)


def _default(cache: Path | None) -> LanguageModel:
    """The default model, with the adapters that taught it to rewrite sentences and to judge.

    In eight bits where the CPU calculates them exactly, else through llama.cpp, which is slower there.
    """
    check_shipped(WEIGHTS)  # neither would say which file is amiss
    adapters = {WRITING: REWRITING, JUDGING: LM_STANCE}
    if is_exact():
        from .eight_bit_model import EightBitModel  # transformers' part for GGUF takes a while to import
        from .eight_bit_weights import eight_bit_folder

        return EightBitModel.from_folder(eight_bit_folder(cache), QWEN.version, adapters)
    try:
        from .llama import LlamaModel  # an extra, which needs the system's libgomp
    except ImportError as error:
        raise WeightsError(
            f"expected llama.cpp for the default language model, got {error}; pip install 'sidelight[llm]', or set "
            "LLM=none"
        ) from error
    return LlamaModel.from_file(quantized_file(cache), QWEN.version, adapters)
