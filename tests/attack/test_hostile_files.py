"""Files made to cost memory or time: each is read within the limits, or refused with a sentence that says them."""

import os
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject

from model.article import files
from model.article.files import read_file, read_text
from model.errors import ArticleError
from tests.test_files import word_file

pytestmark = pytest.mark.slow
BEYOND = "that can be read within .* seconds and .* GB of memory, got one that needs more; paste"


def test_millions_of_empty_paragraphs(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", b"<w:p/>" * 8_000_000)
    assert path.stat().st_size < 200_000
    with pytest.raises(ArticleError, match=f"{BEYOND}|expected a readable"):  # lxml has a limit of its own
        read_file(path)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<w:p>" + b"<w:r/>" * 8_000_000 + b"</w:p>", f"{BEYOND}|expected a readable"),  # lxml has a limit of its own
        (b"<w:p><w:r/>" * 120 + b"</w:p>" * 120, "found none"),
    ],
)
def test_runs_without_end_and_paragraphs_within_paragraphs(tmp_path: Path, body: bytes, message: str) -> None:
    with pytest.raises(ArticleError, match=message):
        read_file(word_file(tmp_path / "a.docx", body))


def test_a_stream_shared_by_all_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SECONDS", 3)
    writer = PdfWriter()
    stream = DecodedStreamObject()
    stream.set_data(b"BT /F1 9 Tf (a) Tj ET q Q " * 200_000)
    shared = writer._add_object(stream.flate_encode())
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in names.items()})
    for _ in range(200):
        page = writer.add_blank_page(200, 200)
        page[NameObject("/Contents")] = ArrayObject([shared])
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
    writer.write(tmp_path / "a.pdf")
    with pytest.raises(ArticleError, match=BEYOND):
        read_file(tmp_path / "a.pdf")


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("a.html", b"<div>" * 200_000, "found none|" + BEYOND),
        ("a.html", b"\x00\xff\xfe" * 1000, "found none|expected a readable"),
        ("a.pdf", b"%PDF-1.7\n" + b"1 0 obj <<" * 10_000, "expected a readable|" + BEYOND),
        ("a.docx", b"PK\x03\x04" + b"\x00" * 100, "expected a readable"),
    ],
)
def test_broken_files(tmp_path: Path, name: str, raw: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(ArticleError, match=message) as refused:
        read_file(tmp_path / name)
    assert str(tmp_path) not in str(refused.value)


def test_an_entity_is_not_expanded(tmp_path: Path) -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    path = word_file(tmp_path / "a.docx", b"<w:p><w:r><w:t>&j;</w:t></w:r></w:p>")
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:document", laughs + b"]><w:document", 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, raw in parts.items():
            archive.writestr(part, raw)
    with pytest.raises(ArticleError):
        read_file(path)


def test_what_never_ends(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    (tmp_path / "folder").mkdir()
    for name in ("a.txt", "folder"):
        with pytest.raises(ArticleError, match="expected a file, got something else of that name"):
            read_text(tmp_path / name)
