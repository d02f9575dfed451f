"""Where a corpus comes from: which files it has or which data set on the Hub, and what tells it from another one."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import datasets
import httpx
from huggingface_hub import HfApi

from ...errors import CorpusError
from ...settings import LONGEST_ARTICLE
from .line_readers import csv_records, json_records
from .rows import Broken, Reason, Record

TEXT = (".txt", ".md")
LINES = (".jsonl", ".ndjson", ".csv", ".tsv")
_KNOWN = ", ".join((*LINES, ".parquet", *TEXT))


@dataclass(frozen=True, slots=True)
class Files:
    """A file, or a folder with files below it, read in the order of their names."""

    path: Path

    def records(self) -> Iterator[Record]:
        """A record for each row of a table or each text file; the file's path in the folder is a text's `id`."""
        for file in self.files():
            kind = _kind(file)
            if file.exists() and not file.is_file():  # a pipe might never end
                yield Broken(Reason.UNREADABLE, f"expected a regular file, got something else: {file.name!r}")
            elif kind in TEXT:
                yield _text_record(file, file.relative_to(self.path if self.path.is_dir() else file.parent).as_posix())
            elif kind == ".parquet":
                yield from _stream(file.name, lambda file=file: _load("parquet", data_files=str(file)))
            else:
                yield from _line_records(file, json_records if kind in (".jsonl", ".ndjson") else csv_records)

    def files(self) -> Iterator[Path]:
        """The files in order; of a big tree only one folder's names are held at once."""
        if self.path.is_file():
            if not _kind(self.path):
                raise CorpusError(f"expected a file of a known kind ({_KNOWN}, .gz), got {self.path.name!r}; rename it")
            yield self.path
            return
        for folder, folders, names in os.walk(self.path):
            folders.sort()
            yield from (Path(folder, name) for name in sorted(names) if _kind(Path(name)))

    def fingerprint(self) -> dict[str, Any]:
        """How many files, how many bytes, and a hash of their names and sizes."""
        digest = hashlib.sha256()
        count = size = 0
        for file in self.files():
            length = file.stat().st_size if file.exists() else 0  # a link may lead nowhere
            digest.update(f"{file.relative_to(self.path)}\0{length}\n".encode("utf-8", "surrogateescape"))
            count, size = count + 1, size + length
        if not count:
            raise CorpusError(f"expected files of a known kind ({_KNOWN}, .gz) in {self.path}, found none")
        return {"files": count, "bytes": size, "names": digest.hexdigest()[:16]}


@dataclass(frozen=True, slots=True)
class Hub:
    """A split of a data set on the Hub, at one revision."""

    name: str
    split: str
    revision: str

    def records(self) -> Iterator[Record]:
        """A record for each row."""
        return _stream(self.name, lambda: _load(self.name, split=self.split, revision=self.revision))

    def fingerprint(self) -> dict[str, Any]:
        """Name, split and revision."""
        return {"dataset": self.name, "split": self.split, "revision": self.revision}


def open_source(name: str, split: str = "train") -> Files | Hub:
    """The file or folder called `name`; "hf:owner/data" is a data set on the Hub, at its newest revision.

    Raises:
        CorpusError: there is nothing of that name, or the Hub cannot be asked.
    """
    if name.startswith("hf:"):
        try:
            return Hub(name[3:], split, str(HfApi().dataset_info(name[3:]).sha))
        except (OSError, ValueError, httpx.HTTPError) as error:
            raise CorpusError(f"could not ask the Hub for the data set {name[3:]!r}: {error}") from error
    path = Path(name)
    if not path.exists():
        raise CorpusError(f"expected a file or folder, got {name!r}; a data set on the Hub is 'hf:owner/name'")
    return Files(path)


def _kind(file: Path) -> str:
    """The ending that tells how to read the file, without .gz; "" for none that is known."""
    name = Path(file.stem) if file.suffix == ".gz" else file
    kind = name.suffix.lower()
    return kind if kind in (LINES if file.suffix == ".gz" else (*LINES, ".parquet", *TEXT)) else ""


def _line_records(file: Path, read: Callable[[IO[bytes], str], Iterator[Record]]) -> Iterator[Record]:
    """The records of a file of lines; where it cannot be read, or not to its end, one that says so."""
    try:
        with cast("IO[bytes]", gzip.open(file) if file.suffix == ".gz" else file.open("rb")) as stream:
            yield from read(stream, file.name)
    except (OSError, EOFError, zlib.error) as error:
        yield Broken(Reason.UNREADABLE, f"expected a file that can be read to its end, got {file.name!r}: {error}")


def _text_record(file: Path, identity: str) -> Record:
    try:
        if file.stat().st_size > 4 * LONGEST_ARTICLE + 4:  # UTF-8 takes at most four bytes a character
            return Broken(Reason.ARTICLE, f"expected at most {LONGEST_ARTICLE:,} characters, got more: {identity!r}")
        return {"id": identity, "text": file.read_bytes().decode("utf-8-sig")}
    except OSError as error:
        return Broken(Reason.UNREADABLE, f"{identity!r}: {error.strerror}")
    except UnicodeDecodeError as error:
        return Broken(Reason.ENCODING, f"expected UTF-8 text in {identity!r}, got other bytes at {error.start}")


def _load(*names: str, split: str = "train", **options: Any) -> Any:  # datasets is untyped
    return datasets.load_dataset(*names, split=split, streaming=True, **options)


def _stream(name: str, load: Any) -> Iterator[Record]:
    """The rows of a data set, never all in memory."""
    try:
        yield from load()
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise CorpusError(f"could not read {name}: {error}; mend the file and run the command again") from error
