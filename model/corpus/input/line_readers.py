"""JSONL and CSV, a record at a time: what cannot be read costs its own row and no other.

`datasets` reads both as well, but stops at the first line that it cannot read.
"""

import csv
import json
from collections.abc import Iterator
from typing import IO

from .rows import Broken, Reason, Record

_LONGEST_LINE = 16 << 20  # bytes; the longest article, escaped sign by sign, has 2.4 MB


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
    """A record for each row below the header; tabs part the cells where the header has more of them than commas."""
    csv.field_size_limit(_LONGEST_LINE)
    header_line = stream.readline(_LONGEST_LINE).decode("utf-8-sig", "surrogateescape")
    tab = header_line.count("\t") > header_line.count(",")
    # Bytes that are no UTF-8 become lone surrogates, so that `rows` can tell which row has them.
    lines = (line.decode("utf-8", "surrogateescape") for line in stream)
    header = next(csv.reader([header_line], delimiter="\t" if tab else ","), [])
    reader = csv.reader(lines, delimiter="\t" if tab else ",")
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Broken(Reason.UNREADABLE, f"expected a row of CSV at {name}:{reader.line_num + 1}, got {error}")
            continue
        if len(cells) == len(header):
            yield dict(zip(header, cells, strict=True))
        elif cells:
            message = f"expected {len(header)} cells at {name}:{reader.line_num + 1}, got {len(cells)}"
            yield Broken(Reason.UNREADABLE, message)
