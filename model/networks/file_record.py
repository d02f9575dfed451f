"""What files of weights were when they were made or shipped: a later start notices one that is another now."""

import base64
import hashlib
import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from ..errors import WeightsError

_SUMS = "SHA256SUMS"
"""What the file with the hashes of shipped weights is called; `sha256sum --check` reads it too."""


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record_files(folder: Path) -> None:
    """Write down, beside `folder`, the SHA-256, size and time of change of every file in it.

    Raises:
        OSError: a file cannot be read, or the record not be written.
    """
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    _write(folder, {path.name: {**_seen(path), "sha256": hash_of(path)} for path in files})


def check_files(folder: Path, pinned: Mapping[str, str] | None = None) -> None:
    """Hold the files against the record; only what has another size or time than it is hashed.

    A folder without a record is hashed whole, once, and held against `pinned`, the SHA-256 by file name.

    Raises:
        WeightsError: a file is missing, shorter, or has other bytes; the text names it and what to do.
    """
    found = _read(folder)
    if found is None:
        for name, wanted in (pinned or {}).items():
            _compare(folder / name, wanted)
        with suppress(OSError):  # nobody may write there: it is hashed at each start
            record_files(folder)
        return
    changed = False
    for name, noted in found.items():
        path = folder / name
        seen = _seen(path) if path.is_file() else {}
        if seen == {key: noted[key] for key in ("size", "mtime")}:
            continue
        if seen.get("size") != noted["size"]:
            raise _damaged(path, f"{noted['size']:,} bytes", f"{seen['size']:,} bytes" if seen else "no such file")
        _compare(path, noted["sha256"])
        noted.update(seen)
        changed = True
    if changed:  # it was copied: the same bytes, written at another time
        with suppress(OSError):
            _write(folder, found)


def note_shipped(path: Path) -> None:
    """Write down, in the folder of a file that a recipe made, its SHA-256."""
    sums = {**_sums(path.parent), path.name: hash_of(path)}
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    (path.parent / _SUMS).write_text(lines, encoding="utf-8")


def check_shipped(folder: Path) -> None:
    """Hold those of the weights that come with Sidelight and say nothing of themselves against their SHA-256.

    Raises:
        WeightsError: one is missing or has other bytes; the text names it and what to do.
    """
    for name, wanted in _sums(folder).items():
        _compare(folder / name, wanted, "restore the file from the repository, or install Sidelight again")


def check_package(name: str) -> None:
    """Hold an installed package's files against the hashes that it was installed with, where it has them.

    Raises:
        WeightsError: a file is missing or has other bytes; the text names it and what to do.
    """
    for file in distribution(name).files or []:
        path = Path(str(file.locate()))
        if file.hash is None or path.suffix == ".pyc":
            continue
        wanted = base64.urlsafe_b64decode(f"{file.hash.value}=").hex()
        _compare(path, wanted, f"run: pip install --force-reinstall --no-deps {name}")


def _sums(folder: Path) -> dict[str, str]:
    """The SHA-256 by file name; {} without a list."""
    path = folder / _SUMS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def _compare(path: Path, wanted: str, way_out: str = "") -> None:
    if not path.is_file():
        raise _damaged(path, "a file", "no such file", way_out)
    digest = hash_of(path)
    if digest != wanted:
        raise _damaged(path, f"SHA-256 {wanted[:16]}…", f"{digest[:16]}…", way_out)


def _damaged(path: Path, wanted: str, found: str, way_out: str = "") -> WeightsError:
    made_anew = f"remove the folder {path.parent} and start again, and it is made anew"
    return WeightsError(
        f"{path} is not the file that was written there: expected {wanted}, got {found}; {way_out or made_anew}"
    )


def _seen(path: Path) -> dict[str, int]:
    status = path.stat()
    return {"size": status.st_size, "mtime": status.st_mtime_ns}


def _read(folder: Path) -> dict[str, dict[str, Any]] | None:
    """The record, or None where there is none that can be read."""
    try:
        found = json.loads(_record(folder).read_text(encoding="utf-8"))
        rows = {
            str(name): {"size": int(row["size"]), "mtime": int(row["mtime"]), "sha256": str(row["sha256"])}
            for name, row in found.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return rows


def _write(folder: Path, rows: Mapping[str, Mapping[str, Any]]) -> None:
    record = _record(folder)
    draft = record.with_name(f".{record.name}.{os.getpid()}.{threading.get_ident()}")  # each writer has its own
    draft.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    draft.replace(record)


def _record(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.files.json")
