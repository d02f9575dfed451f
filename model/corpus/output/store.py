"""The result's folder: shards that appear whole or not at all, and a manifest that says what they were made of."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from ...errors import CorpusError
from ..engine.worker import Judged
from .tables import SCHEMAS

_MANIFEST, _FINISHED = "manifest.json", "finished.json"
_DIGEST = b"sidelight.input"


class Store:
    """A folder of results; `open_store` opens it. `digests` are those of the shards that are there, by number."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.digests = {
            int(path.name.removeprefix("shard-")): _digest(path / "articles.parquet") for path in folder.glob("shard-*")
        }

    def add(self, judged: Judged) -> None:
        """Write a shard's tables; a kill at any moment leaves all of them or none."""
        draft = self.folder / f".draft-{judged.shard:06}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        for name, table in judged.tables.by_name.items():
            metadata = {_DIGEST: judged.digest.encode()} if name == "articles" else None
            with (draft / f"{name}.parquet").open("wb") as file:
                pq.write_table(table.replace_schema_metadata(metadata), file, compression="zstd")
                file.flush()
                os.fsync(file.fileno())
        draft.rename(self.folder / f"shard-{judged.shard:06}")
        self.digests[judged.shard] = judged.digest

    def counts(self) -> dict[str, int]:
        """How many rows each table has so far."""
        return {
            name: sum(pq.read_metadata(path).num_rows for path in self.folder.glob(f"shard-*/{name}.parquet"))
            for name in SCHEMAS
        }

    def finish(self) -> dict[str, int]:
        """`counts`, written down as the sign that no shard is missing."""
        counts = self.counts()
        _write_json(self.folder / _FINISHED, {"shards": len(self.digests), **counts})
        return counts


def is_finished(folder: Path) -> bool:
    """Whether the folder has every shard of its corpus."""
    try:
        finished = json.loads((folder / _FINISHED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(finished, dict) and finished.get("shards") == len(list(folder.glob("shard-*/")))


def begun_with(folder: Path) -> Mapping[str, Any] | None:
    """The manifest of a folder that was begun; None for a new one.

    Raises:
        CorpusError: the folder holds other things.
    """
    path = folder / _MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir()):
            raise CorpusError(f"expected a new folder or one that this command began, got {folder}") from None
        return None
    except (OSError, ValueError) as error:
        raise CorpusError(f"could not read {path}: {error}; name another folder to begin anew") from error
    if not (isinstance(manifest, dict) and isinstance(manifest.get("versions"), dict)):
        raise CorpusError(f"expected a new folder or one that this command began, got {folder}")
    return manifest


@contextmanager
def open_store(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Store]:
    """The store in `folder`, for one process alone; begun if it is new.

    Raises:
        CorpusError: another process has it, or it was begun with another manifest.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=0):
            before = begun_with(folder)
            if before is None:
                _write_json(folder / _MANIFEST, manifest)
            elif changes := [*_changes(before, manifest)]:
                raise CorpusError(
                    f"{folder} was begun otherwise: {'; '.join(changes)}; go back to that, or name another folder"
                )
            for draft in folder.glob(".draft-*/"):
                shutil.rmtree(draft)
            yield Store(folder)
    except Timeout:
        raise CorpusError(f"another process is writing to {folder}; wait for it or stop it") from None


def _changes(before: Mapping[str, Any], now: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for key in sorted({*before, *now}):
        old, new = before.get(key), now.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _changes(old, new, f"{path}{key}.")
        elif old != new:
            yield f"{path}{key} was {old!r} and is {new!r}"


def _digest(articles: Path) -> str:
    try:
        digest: bytes = (pq.read_schema(articles).metadata or {})[_DIGEST]
    except (OSError, KeyError, pa.ArrowInvalid) as error:
        raise CorpusError(f"{articles} is damaged ({error}); delete its folder and run the command again") from error
    return digest.decode()


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    draft = path.with_name(f".draft-{path.name}")
    draft.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)  # which is there where a finished job is run again
