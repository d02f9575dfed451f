"""The unit of work: neighbouring rows that are judged and written together, the same ones in each run."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice

from ...errors import CorpusError
from .rows import BadRow, Columns, Reason, Row, rows_of
from .sources import Files, Hub


@dataclass(frozen=True, slots=True)
class Shard:
    """Shard `number` of the input; `digest` is the SHA-256 of its rows' content."""

    number: int
    rows: tuple[Row | BadRow, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Job:
    """The shards that are still to be judged: those of `size` rows (the last is shorter) whose digest is not in `done`.

    A job can be sent to another process; iterating reads the whole input, however much is done, and
    so finds out whether it is still the same.
    """

    source: Files | Hub
    columns: Columns
    size: int
    done: Mapping[int, str]

    def __iter__(self) -> Iterator[Shard]:
        """The shards in order.

        Raises:
            CorpusError: no row of the first shard has the column of texts, or a shard that is done had other rows.
        """
        rows = rows_of(self.source.records(), self.columns)
        for number in count():
            some = tuple(islice(rows, self.size))
            if not some:
                return
            lacking = [row.message for row in some if isinstance(row, BadRow) and row.reason is Reason.COLUMNS]
            if number == 0 and len(lacking) == len(some):
                raise CorpusError(f"no row can be read: {lacking[0]}; say which it is: --columns 'text=…'")
            shard = Shard(number, some, hashlib.sha256(repr(some).encode()).hexdigest())
            if number not in self.done:
                yield shard
            elif self.done[number] != shard.digest:
                first = number * self.size
                raise CorpusError(
                    f"rows {first:,} to {first + len(some) - 1:,} of the input changed since they were judged; "
                    "restore the input, or name another folder to begin anew"
                )
