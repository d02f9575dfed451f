"""Reading a corpus: every kind of input, every kind of bad row, and shards that are the same each time. No models."""

import gzip
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.corpus.input.rows import BadRow, Broken, Columns, Reason, Record, Row, rows_of
from model.corpus.input.shards import Job
from model.corpus.input.sources import Files, HfApi, open_source
from model.corpus.output.store import Store, begun_with, open_store
from model.errors import CorpusError
from model.settings import LONGEST_ARTICLE

GOOD = {"id": "a", "title": "On tolls", "text": "Norway protests.", "outlet": "Post", "date": "2020-03-01"}
ROW = Row(0, "a", "On tolls", "Norway protests.", "Post", "2020-03-01")


def rows(*records: Record, columns: str = "") -> list[Row | BadRow]:
    return list(rows_of(records, Columns.parse(columns)))


@pytest.mark.parametrize(
    ("record", "columns", "row"),
    [
        (GOOD, "", ROW),
        ({"text": "x"}, "", Row(0, "row-0", "", "x", None, None)),
        ({"id": 7, "text": ["one", "two"], "date": 2019.0}, "", Row(0, "7", "", ("one", "two"), None, "2019")),
        ({"body": "x", "at": date(2019, 1, 4)}, "text=body, date=at", Row(0, "row-0", "", "x", None, "2019-01-04")),
        ({"id": " ", "text": "x", "outlet": {"no": "text"}}, "", Row(0, "row-0", "", "x", None, None)),
    ],
)  # fmt: skip
def test_a_record_becomes_a_row(record: Record, columns: str, row: Row) -> None:
    assert rows(record, columns=columns) == [row]


@pytest.mark.parametrize(
    ("record", "reason", "message"),
    [
        ({"id": "a", "body": "x"}, Reason.COLUMNS, "expected a column 'text' with the text, got 'id', 'body'"),
        ({"id": "a", "text": 5}, Reason.NOT_TEXT, "in 'text', got int"),
        ({"id": "a", "text": None}, Reason.NOT_TEXT, "in 'text', got NoneType"),
        ({"id": "a", "text": ["x", 5]}, Reason.NOT_TEXT, "in 'text', got list"),
        ({"id": "a", "text": b"x"}, Reason.NOT_TEXT, "in 'text', got bytes"),
        ({"id": "a", "text": "caf\udce9"}, Reason.ENCODING, "expected UTF-8 text"),
        ({"id": "a", "text": ["caf\udce9"]}, Reason.ENCODING, "expected UTF-8 text"),
        ({"id": "a", "text": "x", "outlet": "\ud800"}, Reason.ENCODING, "expected UTF-8 text"),
    ],
)
def test_a_bad_record_says_why(record: Record, reason: Reason, message: str) -> None:
    (row,) = rows(record)
    assert isinstance(row, BadRow)
    assert (row.number, row.id, row.reason) == (0, "a", reason)
    assert message in row.message


def test_of_rows_with_one_id_the_first_readable_one_is_kept() -> None:
    found = rows(
        {"id": "a", "text": 5}, {"id": "a", "text": "first"}, {"id": "a", "text": "second"}, {"id": "b", "text": "x"}
    )
    assert [(row.number, getattr(row, "reason", None)) for row in found] == [
        (0, Reason.NOT_TEXT), (1, None), (2, Reason.DUPLICATE), (3, None)
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["text", "body=text", "text=", "text=a=b, nonsense=c"])
def test_columns_that_cannot_be_read(text: str) -> None:
    with pytest.raises(CorpusError, match="expected columns such as 'text=body, outlet=source' with id, title, text"):
        Columns.parse(text)


def records(path: Path) -> list[Record]:
    return list(open_source(str(path)).records())


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.jsonl", b'\xef\xbb\xbf{"id": 1}\n\n{"id": 2}', [{"id": 1}, {"id": 2}]),
        ("a.jsonl", b'{"id": 1}\n[1]\n{\n\xff\n{"id": 2}', [{"id": 1}, "got list", ":3", "byte 0xff", {"id": 2}]),
        ("a.jsonl", b"[" * 100_000 + b"\n{}", ["expected a JSON object", {}]),
        ("a.ndjson", b'"' + b"x" * (17 << 20) + b'"\n{"id": 2}\n', ["at most 16 MiB at a.ndjson:1", {"id": 2}]),
        ("a.jsonl.gz", gzip.compress(b'{"id": 1}\n'), [{"id": 1}]),
        ("a.jsonl.gz", gzip.compress(b'{"id": 1}\n')[:-4], [{"id": 1}, "read to its end, got 'a.jsonl.gz'"]),
        ("a.csv.gz", b"id,text\n1,x\n", ["read to its end, got 'a.csv.gz'"]),
        ("a.csv", b'a,b\n1,"x\ny"\n2\n3,x,y\n\n4,z', [{"a": "1", "b": "x\ny"}, "got 1", "got 3", {"a": "4", "b": "z"}]),
        ("a.csv", "id,text\n1,caf\u00e9\n".encode("latin-1"), [{"id": "1", "text": "caf\udce9"}]),
        ("a.csv", b"id,a\n1," + b"x" * (17 << 20) + b"\n2,y\n", ["a line of more than 16 MiB", {"id": "2", "a": "y"}]),
        ("a.tsv", b"\xef\xbb\xbfid\ttext\n1\tyes, it is\n", [{"id": "1", "text": "yes, it is"}]),
        ("a.txt", b"\xef\xbb\xbfplain", [{"id": "a.txt", "text": "plain"}]),
        ("a.txt", b"caf\xe9", ["expected UTF-8 text in 'a.txt', got other bytes at 3"]),
        ("a.md", b"x" * (4 * LONGEST_ARTICLE + 5), ["got more: 'a.md'"]),
    ],
    ids=range(14),
)  # fmt: skip
def test_files(tmp_path: Path, name: str, content: bytes, expected: Sequence[Any]) -> None:
    (tmp_path / name).write_bytes(content)
    found = records(tmp_path / name)
    assert len(found) == len(expected)
    for record, wanted in zip(found, expected, strict=True):
        if isinstance(wanted, str):
            assert isinstance(record, Broken)
            assert wanted in record.message
        else:
            assert record == wanted


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 1}', encoding="utf-8")
    (tmp_path / "b.jsonl").symlink_to(tmp_path / "gone.jsonl")
    assert open_source(str(tmp_path)).fingerprint()["files"] == 2
    first, second = records(tmp_path)
    assert first == {"id": 1}
    assert isinstance(second, Broken)


def test_parquet_and_a_folder_in_the_order_of_names(tmp_path: Path) -> None:
    table = pa.table({"id": ["p", "q"], "text": ["x", None], "paragraphs": [["y", "z"], []]})
    pq.write_table(table, tmp_path / "b.parquet")
    assert records(tmp_path / "b.parquet") == table.to_pylist()
    (tmp_path / "sub").mkdir()
    for name in ("sub/c.txt", "sub/a.txt", "z.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "notes.bin").write_bytes(b"\x00")
    found = [record["id"] for record in records(tmp_path) if not isinstance(record, Broken)]
    assert found == ["p", "q", "z.txt", "sub/a.txt", "sub/c.txt"]


def test_inputs_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="expected a file or folder, got 'nowhere'; a data set on the Hub is 'hf:"):
        open_source("nowhere")
    (tmp_path / "a.docx").write_bytes(b"")
    with pytest.raises(CorpusError, match=r"expected a file of a known kind .*, got 'a\.docx'"):
        open_source(str(tmp_path / "a.docx")).fingerprint()
    with pytest.raises(CorpusError, match=r"expected files of a known kind .*, found none"):
        open_source(str(tmp_path)).fingerprint()
    (tmp_path / "a.parquet").write_bytes(b"PAR1 it is not")
    with pytest.raises(CorpusError, match=r"could not read a\.parquet"):
        records(tmp_path / "a.parquet")


def job(path: Path, done: dict[int, str], size: int = 2) -> Job:
    return Job(Files(path), Columns(), size, done)


def test_shards_go_on_where_they_were_and_notice_a_change(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [json.dumps({"id": str(n), "text": f"text {n}"}) for n in range(5)]
    path.write_text("\n".join(lines), encoding="utf-8")
    shards = list(job(path, {}))
    assert [[row.number for row in shard.rows] for shard in shards] == [[0, 1], [2, 3], [4]]
    assert list(job(path, {0: shards[0].digest, 2: shards[2].digest})) == [shards[1]]
    path.write_text("\n".join(lines).replace("text 3", "text 8"), encoding="utf-8")
    with pytest.raises(CorpusError, match="rows 2 to 3 of the input changed since they were judged"):
        list(job(path, {shard.number: shard.digest for shard in shards}))


def test_a_corpus_without_the_column_of_texts_stops_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "body": "x"}\n' * 4, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"no row can be read: .* 'text' .* got 'id', 'body'; say which"):
        list(job(path, {}))


@pytest.mark.parametrize("error", [httpx.ConnectError("no route"), OSError("offline"), ValueError("bad name")])
def test_a_hub_that_cannot_be_asked(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(self: object, name: str) -> None:
        raise error

    monkeypatch.setattr(HfApi, "dataset_info", fail)
    with pytest.raises(CorpusError, match="could not ask the Hub for the data set 'a/b'"):
        open_source("hf:a/b")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ('{"name": "my app"}', "one that this command began"),
        ("[]", "one that this command began"),
        ("{", "could not read .*manifest.json"),
    ],
)
def test_a_manifest_of_something_else(tmp_path: Path, raw: str, told: str) -> None:
    (tmp_path / "manifest.json").write_text(raw, encoding="utf-8")
    with pytest.raises(CorpusError, match=told):
        begun_with(tmp_path)


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with (
        open_store(tmp_path, {"versions": {}}),
        pytest.raises(CorpusError, match="another process is writing"),
        open_store(tmp_path, {"versions": {}}),
    ):
        pass


def test_a_damaged_shard_is_named(tmp_path: Path) -> None:
    shard = tmp_path / "shard-000000" / "articles.parquet"
    shard.parent.mkdir()
    for write in (lambda: shard.write_bytes(b"junk"), lambda: pq.write_table(pa.table({"row": [1]}), shard)):
        write()
        with pytest.raises(CorpusError, match=r"articles\.parquet is damaged .* delete its folder"):
            Store(tmp_path)


def test_semicolons_part_cells_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id;text;title\n7;Norway, too, protests.;Toll\n", encoding="utf-8")
    assert [*Files(tmp_path / "a.csv").records()] == [{"id": "7", "text": "Norway, too, protests.", "title": "Toll"}]
