"""From the records of an input to rows that can be judged, and to bad rows with the reason why they cannot."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from ...errors import CorpusError


class Reason(StrEnum):
    """Why a row is in the table of errors."""

    UNREADABLE = "unreadable"
    ENCODING = "encoding"
    COLUMNS = "columns"
    NOT_TEXT = "not text"
    DUPLICATE = "duplicate"
    ARTICLE = "article"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that its file does not give."""

    reason: Reason
    message: str


Record = Mapping[str, Any] | Broken


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the input hold what; `text` is a string, or a list of strings, one a paragraph."""

    id: str = "id"
    title: str = "title"
    text: str = "text"
    outlet: str = "outlet"
    date: str = "date"

    @classmethod
    def parse(cls, text: str) -> "Columns":
        """Read "text=body, outlet=source"; what is not named stays as it is.

        Raises:
            CorpusError: a part is not NAME=COLUMN, or there is no such name.
        """
        named = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, sign, column = (piece.strip() for piece in part.partition("="))
            if name not in asdict(cls()) or not sign or not column:
                raise CorpusError(
                    f"expected columns such as 'text=body, outlet=source' with {', '.join(asdict(cls()))} on the left, "
                    f"got {part!r}"
                )
            named[name] = column
        return replace(cls(), **named)


@dataclass(frozen=True, slots=True)
class Row:
    """An article of the input. `number` counts the input's rows from 0; `text` has one string a paragraph if a tuple.

    `date` begins with year and month where the input says them so ("2019-01-04").
    """

    number: int
    id: str
    title: str
    text: str | tuple[str, ...]
    outlet: str | None
    date: str | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be judged; `id` is None where it could not be read."""

    number: int
    id: str | None
    reason: Reason
    message: str


def rows_of(records: Iterable[Record], columns: Columns) -> Iterator[Row | BadRow]:
    """A row for each record. Of rows with the same id the first that can be read is kept."""
    seen = sqlite3.connect("")  # a private file that SQLite deletes: 10 million ids need no memory
    seen.execute("CREATE TABLE ids (id BLOB PRIMARY KEY) WITHOUT ROWID")
    try:
        for number, record in enumerate(records):
            row = _row(number, record, columns)
            if isinstance(row, Row):
                key = hashlib.blake2b(row.id.encode(), digest_size=16).digest()
                if not seen.execute("INSERT OR IGNORE INTO ids VALUES (?)", (key,)).rowcount:
                    message = f"expected each id once, got {row.id!r} again; its first row is the one that is judged"
                    row = BadRow(number, row.id, Reason.DUPLICATE, message)
            yield row
    finally:
        seen.close()


def _row(number: int, record: Record, columns: Columns) -> Row | BadRow:
    if isinstance(record, Broken):
        return BadRow(number, None, record.reason, record.message)
    identity = _word(record.get(columns.id)) or f"row-{number}"
    if not _encodable(identity):
        return BadRow(number, None, Reason.ENCODING, "expected UTF-8 text in the id, got other bytes")
    if columns.text not in record:
        found = ", ".join(repr(name) for name in record) or "none"
        message = f"expected a column {columns.text!r} with the text, got {found}"
        return BadRow(number, identity, Reason.COLUMNS, message)
    text = record[columns.text]
    if isinstance(text, Sequence) and not isinstance(text, str | bytes) and all(isinstance(p, str) for p in text):
        text = tuple(text)
    if not isinstance(text, str | tuple):
        message = f"expected text or a list of paragraphs in {columns.text!r}, got {type(text).__name__}"
        return BadRow(number, identity, Reason.NOT_TEXT, message)
    title = _word(record.get(columns.title)) or ""
    row = Row(number, identity, title, text, _word(record.get(columns.outlet)), _word(record.get(columns.date)))
    if not _encodable(title, row.outlet or "", row.date or "", *([text] if isinstance(text, str) else text)):
        return BadRow(number, identity, Reason.ENCODING, "expected UTF-8 text, got other bytes; convert the input")
    return row


def _word(value: object) -> str | None:
    """A short value as text; None for nothing, a blank and what is no short value."""
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value).strip() or None
    if isinstance(value, float) and value.is_integer():  # what a whole number becomes beside empty cells
        return str(int(value))
    return None


def _encodable(*texts: str) -> bool:
    """Whether the texts are free of lone surrogates, which stand for bytes that are no UTF-8."""
    try:
        for text in texts:
            text.encode()
    except UnicodeEncodeError:
        return False
    return True
