"""The default language model: llama.cpp reads its four-bit file as it is, and the adapter that taught it."""

import secrets
from collections.abc import Generator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import cast

import torch
import xllamacpp
from openai import DefaultHttpxClient, OpenAI

from ..errors import WeightsError
from ..networks.file_record import hash_of
from .interface import Choice
from .server import ServerModel

_WINDOW = 4_096
"""Tokens of a prompt and its reply; a token's keys and values take 29 kB."""
_TIMEOUT = 900.0
"""Seconds until a reply begins: a slow laptop reads ten tokens a second."""


class LlamaModel(ServerModel):
    """llama.cpp's own server in this process, and a client of it; `from_file` starts it.

    It listens on loopback, for those who know a key that is drawn at each start.
    """

    writing: Mapping[str, object] = {"logprobs": True, "top_logprobs": 1}

    def __init__(self, server: xllamacpp.Server, client: OpenAI, version: str, adapted: bool = False) -> None:
        super().__init__(client, "default")
        self.choosing = {"lora": [{"id": 0, "scale": 0.0}]} if adapted else {}  # the adapter rewrites, nothing else
        self.server = server  # ends with the last reference to it
        self.version = version

    @classmethod
    def from_file(cls, file: Path, version: str, adapter: Path | None = None) -> "LlamaModel":
        """Read a GGUF file, and an adapter to it, with as many threads as torch uses.

        Raises:
            WeightsError: llama.cpp cannot read the file.
        """
        key = secrets.token_urlsafe()
        params = xllamacpp.CommonParams()
        params.model.path = str(file)
        params.n_ctx, params.n_parallel = _WINDOW, 1
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = torch.get_num_threads()
        params.api_keys = [key]
        # llama.cpp puts most weights into another order, and would keep the file in memory beside them.
        params.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
        params.cache_ram_mib = 0  # keeps no prompt but the last
        params.warmup = params.ui = params.endpoint_slots = params.endpoint_props = False
        params.verbosity = -1  # prompts would be in the log
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)] if adapter else []
        try:
            server = xllamacpp.Server(params)
        except RuntimeError as error:
            raise WeightsError(
                f"expected a language model that llama.cpp reads in {file}, got {error}; remove its folder, and it is "
                "made anew, or set LLM=none"
            ) from error
        direct = DefaultHttpxClient(trust_env=False)  # no proxy between this process and itself
        address = f"{server.listening_address}/v1"
        client = OpenAI(base_url=address, api_key=key, timeout=_TIMEOUT, max_retries=0, http_client=direct)
        version = f"{version}, {adapter.stem}@{hash_of(adapter)[:12]}" if adapter else version
        return cls(server, client, f"{version}, llama.cpp {metadata.version('xllamacpp')}", bool(adapter))

    def count(self, text: str) -> int:
        """How many tokens `text` has."""
        found = self.client.post(f"{self.server.listening_address}/tokenize", body={"content": text}, cast_to=object)
        return len(cast("dict[str, list[int]]", found)["tokens"])

    def generate(self, prompt: str, limit: int) -> Generator[str, None, float | None]:
        """`ServerModel.generate`; what the model reads as a control token is broken up in the prompt."""
        return super().generate(defused(prompt), limit)

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        """`ServerModel.choose`, the prompts as for `generate`."""
        return super().choose([defused(prompt) for prompt in prompts], options)


def defused(text: str) -> str:
    """`text`, as long as it was, without Qwen's control tokens (<|im_end|> and its like)."""
    return text.replace("<|", "<¦")
