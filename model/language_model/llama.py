"""The default language model where the CPU has no VNNI: llama.cpp reads its four-bit file, and the adapters."""

import secrets
from collections.abc import Generator, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import torch
import xllamacpp
from openai import APIError, DefaultHttpxClient, OpenAI

from ..errors import ServerError, WeightsError
from ..networks.file_record import hash_of
from .interface import JUDGING, WRITING, Choice
from .server import ServerModel, failure

_WINDOW = 4_096
"""Tokens of a prompt and its reply; a token's keys and values take 29 kB."""
_ONLY, _LEAST = 100.0, 1e-6
"""What is added to the logits of the tokens that a question offers, and the least share of one that is told."""
_AT_ONCE = 400
"""Tokens that are read before whoever waits can stop; fewer at once are slower."""
_TIMEOUT = 900.0
"""Seconds until a reply begins: a slow laptop reads ten tokens a second."""


class LlamaModel(ServerModel):
    """llama.cpp's own server in this process, and a client of it; `from_file` starts it.

    It listens on loopback, for those who know a key that is drawn at each start.
    """

    def __init__(self, server: xllamacpp.Server, client: OpenAI, version: str, tasks: Sequence[str] = ()) -> None:
        super().__init__(client, "default")
        self.choosing = _adapter(tasks, "")
        self.writing = {"logprobs": True, "top_logprobs": 1, **_adapter(tasks, WRITING)}
        self.judging = _adapter(tasks, JUDGING)
        self.server = server  # ends with the last reference to it
        self.version = version

    @classmethod
    def from_file(cls, file: Path, version: str, adapters: Mapping[str, Path] = MappingProxyType({})) -> "LlamaModel":
        """Read a GGUF file, and an adapter for `WRITING` or `JUDGING`, with as many threads as torch uses.

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
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 0.0) for adapter in adapters.values()]
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
        files = [f"{adapter.stem}@{hash_of(adapter)[:12]}" for adapter in adapters.values()]
        version = ", ".join([version, *files, f"llama.cpp {metadata.version('xllamacpp')}"])
        return cls(server, client, version, list(adapters))

    def tokens(self, text: str, control: bool = False) -> list[int]:
        """The tokens of `text`; control tokens (<|im_start|>) are read as such only with `control`.

        Raises:
            ServerError: the server failed.
        """
        found = self._post("tokenize", {"content": text, "parse_special": control, "add_special": False})
        return cast("list[int]", found["tokens"])

    def answers(
        self, text: Sequence[int], questions: Sequence[tuple[int, Sequence[int]]], options: Sequence[int]
    ) -> Iterator[tuple[int, list[float]] | None]:
        """The number of each question, and the log-probability that each of `options` answers it if one of them does.

        A question is asked behind the first tokens of `text`, as many as stand beside it. None comes while it reads.

        Raises:
            ServerError: the server failed.
        """
        text = text[: max(end for end, _ in questions)]
        for end in range(_AT_ONCE, len(text), _AT_ONCE):
            self._next_token(text[:end], options)
            yield None
        # Backwards, all of it is read already.
        for number, (end, tokens) in sorted(enumerate(questions), key=lambda one: -one[1][0]):
            yield number, self._next_token([*text[:end], *tokens], options)

    def _next_token(self, prompt: Sequence[int], options: Sequence[int]) -> list[float]:
        """The log-probability that each of `options` comes next if one of them does."""
        asked = {
            "prompt": list(prompt),
            "n_predict": 1,
            "logit_bias": [[option, _ONLY] for option in options],
            "n_probs": len(options),
            "post_sampling_probs": True,  # else the bias is left out
            "samplers": ["temperature"],
            "temperature": 1.0,
            **self.judging,
        }
        found = cast("Any", self._post("completion", asked))
        try:
            shares = {one["id"]: float(one["prob"]) for one in found["completion_probabilities"][0]["top_probs"]}
        except (KeyError, IndexError) as error:  # of half a character it tells none
            raise ServerError(
                f"expected probabilities of the next token from llama.cpp, got {sorted(found)}"
            ) from error
        logits = torch.tensor([max(shares.get(option, 0.0), _LEAST) for option in options]).log()
        return list(logits.log_softmax(0).tolist())

    def _post(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """What llama.cpp's own interface answers."""
        address = f"{self.server.listening_address}/{path}"
        try:
            return cast("Mapping[str, object]", self.client.post(address, body=body, cast_to=object))
        except APIError as error:
            raise failure(address, error) from error

    def generate(self, prompt: str, limit: int) -> Generator[str, None, float | None]:
        """`ServerModel.generate`; what the model reads as a control token is broken up in the prompt."""
        return super().generate(defused(prompt), limit)

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        """`ServerModel.choose`, the prompts as for `generate`."""
        return super().choose([defused(prompt) for prompt in prompts], options)


def _adapter(tasks: Sequence[str], task: str) -> dict[str, object]:
    """What a request says of the adapters: that of its task alone acts."""
    return {"lora": [{"id": number, "scale": float(own == task)} for number, own in enumerate(tasks)]} if tasks else {}


def defused(text: str) -> str:
    """`text`, as long as it was, without Qwen's control tokens (<|im_end|> and its like)."""
    return text.replace("<|", "<¦")
