"""Input of a corpus that is broken on purpose: each bad row is in the table of errors, with its place."""

import gzip
import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.corpus.input.line_readers import csv_records
from model.corpus.input.rows import Broken
from model.export.csv_format import inert


def told(raw: bytes) -> list[object]:
    """The records, and of a broken one its message."""
    found = csv_records(io.BytesIO(raw), "a.csv")
    return [record.message if isinstance(record, Broken) else record for record in found]


def test_an_unclosed_quotation_mark_is_said() -> None:
    records = told(b'id,text\n1,"never closed\n2,"second row"\n3,third\n')
    assert str(records[0]).startswith("expected a row of CSV at a.csv:2 to 3, got")
    assert records[1:] == [{"id": "3", "text": "third"}]


def test_one_that_is_open_at_the_end_is_said() -> None:
    records = told(b'id,text\n1,first\n2,"never closed\nand more\n')
    assert records[0] == {"id": "1", "text": "first"}
    assert "at a.csv:3 to 4, got unexpected end of data" in str(records[1])


def test_a_header_that_cannot_be_read_is_said() -> None:
    (message,) = told(b"id\rnumber,text\n1,first\n")
    assert str(message).startswith("expected a header of CSV at a.csv:1, got new-line character")
    assert str(message).endswith("its rows are left out")


def test_a_cell_may_have_lines() -> None:
    assert told(b'id,text\n1,"one\n\ntwo"\n') == [{"id": "1", "text": "one\n\ntwo"}]


def test_a_line_without_end_in_a_small_file() -> None:
    raw = gzip.compress(b"id,text\n1," + b"x" * (40 << 20) + b"\n2,y\n")
    assert len(raw) < 100_000
    with gzip.open(io.BytesIO(raw)) as stream:
        first, second = csv_records(stream, "a.csv.gz")
    assert isinstance(first, Broken)
    assert "a.csv.gz:2, got a line of more than 16 MiB" in first.message
    assert second == {"id": "2", "text": "y"}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(['"', ",", "\n", "\r", "a", "\x00", "é", "\\", " "]), max_size=40))
def test_no_row_makes_the_reader_raise(signs: list[str]) -> None:
    body = "".join(signs)
    records = told(f"id,text\n{body}\n7,last\n".encode())
    assert all(isinstance(record, dict | str) for record in records)
    assert records
    if '"' not in body:
        assert records[-1] == {"id": "7", "text": "last"}


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.sampled_from("\u200b\u200d\u2060\ufeff\u00ad\u202e \u00a0\u3000\t\x00"), max_size=5),
    st.sampled_from("=+-@＝＋－＠﹢﹣﹦﹫"),
    st.text(max_size=5),
)
def test_no_hidden_sign_begins_a_formula(before: str, sign: str, after: str) -> None:
    assert inert(before + sign + after).startswith("'")


@pytest.mark.parametrize("text", ["", "Norway = Sweden", "a=1", "1-2", "\u200bNorway", "É", "— he said"])
def test_words_stay_as_they_are(text: str) -> None:
    assert inert(text) == text


def test_a_pipe_in_the_folder_is_said(tmp_path: Path) -> None:
    from model.corpus.input.sources import Files

    os.mkfifo(tmp_path / "a.jsonl")
    os.mkfifo(tmp_path / "b.txt")
    (tmp_path / "c.jsonl").write_text('{"id": 1}\n', encoding="utf-8")
    first, second, third = Files(tmp_path).records()
    for broken, name in ((first, "a.jsonl"), (second, "b.txt")):
        assert isinstance(broken, Broken)
        assert broken.message == f"expected a regular file, got something else: {name!r}"
    assert third == {"id": 1}
