"""A dropped file as an article's text: plain text, Markdown, HTML, Word and PDF with text in it."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from ..errors import ArticleError
from ..settings import LONGEST_ARTICLE

_MOST_BYTES = 50_000_000
_MOST_PAGES = 200


def read_file(path: Path) -> str:
    """The text of a file, chosen by the end of its name; paragraphs are parted by blank lines.

    Raises:
        ArticleError: the kind is not known, the file is damaged, or it has no text.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ArticleError(
            f"expected a file that ends in {', '.join(READERS)}, got {path.suffix or 'a name without an ending'!r}; "
            "paste the article's text instead"
        )
    try:
        text = reader(path)
    except ArticleError:
        raise
    except Exception as error:  # damaged and encrypted files raise whatever their readers' libraries raise
        raise ArticleError(
            f"expected a readable {path.suffix} file, got {type(error).__name__}; paste the article's text instead"
        ) from error
    if not text.strip():
        raise ArticleError(
            f"expected text in the {path.suffix} file, found none (a scan has only pictures); "
            "paste the article's text instead"
        )
    return text.encode("utf-8", "replace").decode()  # a PDF may hold half a character


def read_text(path: Path) -> str:
    """The UTF-8 text of a file.

    Raises:
        ArticleError: it is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArticleError(f"expected UTF-8 text, got byte {error.start} that is not; save it as UTF-8 text") from error
    except OSError as error:
        raise ArticleError(f"expected a file, got {type(error).__name__}; drop it again") from error


def _html(path: Path) -> str:
    import trafilatura  # these readers take half a second to import, and few files are dropped

    raw = path.read_bytes()
    text = trafilatura.extract(raw, include_comments=False, include_tables=False, favor_precision=True) or ""
    title = getattr(trafilatura.extract_metadata(raw), "title", None) or ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "\n\n".join([title, *lines] if title and lines[:1] != [title] else lines)


def _word(path: Path) -> str:
    import docx

    with zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > _MOST_BYTES:
            raise ArticleError(f"expected at most {_MOST_BYTES:,} bytes in the .docx file when unpacked, got more")
    return "\n\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs if paragraph.text.strip())


def _pdf(path: Path) -> str:
    from pypdf import PdfReader

    text = ""
    reader = PdfReader(path)
    if len(reader.pages) > _MOST_PAGES:
        raise ArticleError(f"expected at most {_MOST_PAGES} pages, got {len(reader.pages)}; paste the article's text")
    for page in reader.pages:
        text += page.extract_text() + "\n"
        if len(text) > LONGEST_ARTICLE:
            break  # `split_article` says that it is too long
    return text


READERS: dict[str, Callable[[Path], str]] = {
    ".txt": read_text,
    ".md": read_text,
    ".html": _html,
    ".htm": _html,
    ".docx": _word,
    ".pdf": _pdf,
}
"""How to read each kind of file."""
