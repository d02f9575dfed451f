"""The language model with a given name: the default, a folder, a repository on the Hub, or a server."""

import logging
from pathlib import Path

import torch

from ..errors import WeightsError
from ..networks.device import choose_device, fastest_dtype
from .interface import DEFAULT, NONE, LanguageModel
from .local import LocalModel
from .weights import QWEN, language_model_folder, quantized_file

_AMX = torch.cpu.get_capabilities().get("amx_bf16", False)
"""Without it torch needs longer than llama.cpp for a summary, with and without `avx512_bf16`."""
_log = logging.getLogger("sidelight")


def open_language_model(
    name: str = "", cache: Path | None = None, key: str = "", device: str | None = None
) -> LanguageModel | None:
    """The language model with this name, loaded; None for "none".

    Args:
        name: "" or "none" for none; "default" for the pinned Qwen2.5-Coder-1.5B-Instruct; the address of an
            OpenAI-compatible server, with the model's name behind a `#` where it serves several
            ("http://127.0.0.1:8000/v1#qwen"); a folder; or a Hub repository.
        cache: where the default is converted to; None takes the user's cache folder.
        key: the server's key.
        device: where a local model calculates; None takes a GPU where one works, else the CPU.

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
        return _default(cache, device)
    if not Path(name).is_dir() and name.count("/") != 1:
        raise WeightsError(
            f"expected a language model as none, default, a folder, a Hub repository (owner/name) or a server's "
            f"address (http://…/v1), got {name!r}"
        )
    return LocalModel.from_folder(name, name, device)


def _default(cache: Path | None, device: str | None) -> LanguageModel:
    """The default model: through torch on a GPU and with AMX, elsewhere through llama.cpp if it can be loaded."""
    place = choose_device(device)
    if place.type == "cpu" and not (_AMX and fastest_dtype(place) is torch.bfloat16):
        try:
            from .llama import LlamaModel  # an extra, which needs the system's libgomp
        except ImportError as error:
            _log.warning("llama.cpp cannot be loaded (%s): the language model takes up to 12 GB through torch", error)
        else:
            return LlamaModel.from_file(quantized_file(cache), QWEN.version)
    return LocalModel.from_folder(str(language_model_folder(cache)), QWEN.version, device)
