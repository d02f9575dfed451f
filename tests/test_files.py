"""Dropped files: each kind becomes the text in it, and a bad one says what to do."""

import zipfile
from pathlib import Path

import docx
import pytest
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from model.article.files import read_file, read_text
from model.article.splitter import split_article
from model.errors import ArticleError

PARAGRAPHS = [
    "The harbour board of Lysvik met on Tuesday evening and refused the ferry company a third berth.",
    "Residents had asked for the refusal in four letters, and the company for a berth in one very long letter.",
    "The board will meet the company again in May, when the new breakwater has been paid for and blessed.",
]


def word_file(path: Path, body: bytes) -> Path:
    """A Word file with another body than Word writes."""
    docx.Document().save(str(path))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    start, end = parts["word/document.xml"].split(b"<w:body>")[0], b"</w:body></w:document>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, start + b"<w:body>" + body + end if name == "word/document.xml" else part)
    return path


def test_text_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfOne.\n\nTwo.")
    assert read_file(tmp_path / "a.txt") == "One.\n\nTwo."


def test_text_as_windows_saves_it(tmp_path: Path) -> None:
    text = "The caf\u00e9 is \u201copen\u201d \u2013 today."
    (tmp_path / "a.txt").write_bytes(text.encode("cp1252"))
    assert read_file(tmp_path / "a.txt") == text
    with pytest.raises(ArticleError, match="expected UTF-8 text, found something else at byte 7; save"):
        read_text(tmp_path / "a.txt")


@pytest.mark.parametrize("raw", [b"He didn\xd5t open.", b"It\xe2\x80 is \xe2\x80\x99open\xe2\x80\x99.", b"\x00\x92"])
def test_text_in_an_encoding_that_nobody_knows(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(raw)
    with pytest.raises(ArticleError, match="expected UTF-8 text"):
        read_file(tmp_path / "a.txt")


def test_html_without_its_furniture(tmp_path: Path) -> None:
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    (tmp_path / "a.html").write_text(
        "<html><head><title>No third berth</title><script>alert('x')</script></head><body>"
        "<nav><a href='/'>Home</a> <a href='/sport'>Sport</a></nav>"
        f"<article><h1>No third berth</h1>{body}</article><footer>Cookies and terms</footer></body></html>",
        encoding="utf-8",
    )
    text = read_file(tmp_path / "a.html")
    assert [line for line in text.split("\n\n") if line != "No third berth"] == PARAGRAPHS
    assert "alert" not in text
    assert "Sport" not in text


def test_word(tmp_path: Path) -> None:
    document = docx.Document()
    for text in PARAGRAPHS:
        document.add_paragraph(text)
    document.save(str(tmp_path / "a.docx"))
    assert read_file(tmp_path / "a.docx") == "\n\n".join(PARAGRAPHS)


RUN = "<w:r><w:t>{}</w:t></w:r>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"<w:p>{RUN}<w:ins>{RUN}</w:ins><w:del>{RUN}</w:del>{RUN}</w:p>", "124"),
        (f"<w:p><w:moveFrom>{RUN}</w:moveFrom></w:p><w:p><w:moveTo>{RUN}</w:moveTo></w:p>", "2"),
        (f"<w:p><w:del>{RUN}</w:del><w:sdt><w:sdtContent>{RUN}</w:sdtContent></w:sdt></w:p>", "2"),
        (f"<w:sdt><w:sdtContent><w:p>{RUN}</w:p></w:sdtContent></w:sdt>", "1"),
        (f"<w:p><w:smartTag>{RUN}<w:smartTag>{RUN}</w:smartTag></w:smartTag></w:p>", "12"),
        (f"<w:p>{RUN}</w:p><w:tbl><w:tr>{f'<w:tc><w:p>{RUN}</w:p></w:tc>' * 2}</w:tr></w:tbl>", "1\n\n2\n\n3"),
        ("<w:p><w:r><w:t>1</w:t><w:tab/><w:t>2</w:t><w:br/><w:t>3</w:t></w:r></w:p>", "1\t2\n3"),
    ],
    ids=[
        "changes",
        "moved",
        "content control",
        "content control of paragraphs",
        "smart tags",
        "table",
        "tab and break",
    ],
)
def test_word_text_wherever_it_stands(tmp_path: Path, body: str, text: str) -> None:
    word_file(tmp_path / "a.docx", body.format(*range(1, 9)).encode())
    assert read_file(tmp_path / "a.docx") == text


def test_a_text_box_in_word_is_read_once(tmp_path: Path) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>In the box.</w:t></w:r></w:p></w:txbxContent>"
    both = f"<mc:Choice Requires='wps'>{box}</mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>"
    compatible = "xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'"
    body = (
        f"<w:p><w:r><w:t>Before, </w:t></w:r><w:r><mc:AlternateContent {compatible}>{both}</mc:AlternateContent></w:r>"
        "<w:r><w:t>after.</w:t></w:r></w:p>"
    )
    word_file(tmp_path / "a.docx", body.encode())
    assert read_file(tmp_path / "a.docx") == "Before, after.\n\nIn the box."


def test_pdf(tmp_path: Path) -> None:
    figure = Figure(figsize=(11, 8))
    for place, text in enumerate(PARAGRAPHS):
        figure.text(0.05, 0.9 - 0.1 * place, text)
    with PdfPages(tmp_path / "a.pdf") as pdf:
        pdf.savefig(figure)
    article = split_article(read_file(tmp_path / "a.pdf"))
    assert " ".join(" ".join(paragraph.text.split()) for paragraph in article.paragraphs) == " ".join(PARAGRAPHS)


def test_a_pdf_without_text(tmp_path: Path) -> None:
    with PdfPages(tmp_path / "scan.pdf") as pdf:
        pdf.savefig(Figure())
    with pytest.raises(ArticleError, match="a scan has only pictures"):
        read_file(tmp_path / "scan.pdf")


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("a.exe", b"MZ", "a file that ends in .txt, .md"),
        ("noending", b"text", "a name without an ending"),
        ("a.txt", b"x" * 1204 + b"\x81", "expected UTF-8 text, found something else at byte 1,204; save it as UTF-8"),
        ("a.txt", "cut off: “é".encode()[:-1], "expected UTF-8 text"),
        ("a.txt", "café".encode("utf-16"), "expected UTF-8 text"),
        ("a.pdf", b"not a pdf", "expected a readable .pdf file"),
        ("a.docx", b"not a zip", "expected a readable .docx file"),
        ("a.html", b"<html></html>", "found none"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, raw: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(ArticleError, match=message):
        read_file(tmp_path / name)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 60_000_000)
    with pytest.raises(ArticleError, match="at most 50,000,000 bytes in the"):
        read_file(tmp_path / "a.docx")
