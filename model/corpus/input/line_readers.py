"""JSONL and CSV, a record at a time: what cannot be read costs its own row and no other.

`datasets` reads both as well, but stops at the first line that it cannot read.
"""

import csv
import json
from collections.abc import Iterator
from typing import IO

from .rows import Broken, Reason, Record

_LONGEST_LINE = 16 << 20  # bytes; the longest article, escaped sign by sign, has 2.4 MB
_LONGEST_ROW = 64 << 20  # bytes; a row of CSV may have lines within quotation marks


def json_records(stream: IO[bytes], name: str) -> Iterator[Record]:
    """A record for each line that is not blank."""
    number = 0
    while line := stream.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield Broken(Reason.UNREADABLE, f"expected a line of at most 16 MiB at {name}:{number}, got a longer one")
        elif line.strip():
            yield _json_record(line, f"{name}:{number}")


def _json_record(line: bytes, place: str) -> Record:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Broken(Reason.ENCODING, f"expected UTF-8 text at {place}, got byte 0x{line[error.start]:02x}")
    except (ValueError, RecursionError) as error:  # RecursionError: thousands of brackets
        return Broken(Reason.UNREADABLE, f"expected a JSON object at {place}, got {error}")
    if not isinstance(record, dict):
        return Broken(Reason.UNREADABLE, f"expected a JSON object at {place}, got {type(record).__name__}")
    return record


def csv_records(stream: IO[bytes], name: str) -> Iterator[Record]:
    """A record for each row below the header; what its header has most of, commas, tabs or semicolons, parts cells.

    A quotation mark that stands where none may, or is never closed, costs the lines from its row's first to the one
    where that is noticed; the message says which.
    """
    csv.field_size_limit(_LONGEST_LINE)
    header_line = stream.readline(_LONGEST_LINE).decode("utf-8-sig", "surrogateescape")
    delimiter = max(",\t;", key=header_line.count)  # the first of equals
    lines = _Lines(stream)
    try:
        header = next(csv.reader([header_line], delimiter=delimiter), [])
    except csv.Error as error:  # a lone carriage return within it
        yield Broken(Reason.UNREADABLE, f"expected a header of CSV at {name}:1, got {error}; its rows are left out")
        return
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        first = lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            to = f" to {lines.number}" if lines.number > first else ""
            yield Broken(Reason.UNREADABLE, f"expected a row of CSV at {name}:{first}{to}, got {error}")
            continue
        if len(cells) == len(header):
            yield dict(zip(header, cells, strict=True))
        elif cells:
            yield Broken(Reason.UNREADABLE, f"expected {len(header)} cells at {name}:{lines.number}, got {len(cells)}")


class _Lines:
    """The lines below a header, of bounded length, each row's together too; bytes that are no UTF-8 become surrogates.

    By those `rows` can tell which row has them. `number` is the line that was read last; the header is line 1.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.number = 1
        self._row = 0

    def begin_row(self) -> int:
        """The number of the line that comes next, the first of a row."""
        self._row = 0
        return self.number + 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.stream.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        self._row += len(line)
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := self.stream.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            raise csv.Error("a line of more than 16 MiB")
        if self._row > _LONGEST_ROW:
            raise csv.Error("a row of more than 64 MiB")
        return line.decode("utf-8", "surrogateescape")
