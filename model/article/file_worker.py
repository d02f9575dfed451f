"""A program that prints the text of one HTML, Word or PDF file. It runs as a process of its own, under limits.

It is started by its path and imports nothing of the package, so that no model is loaded. What its readers' libraries
do with a hostile file ends with it: `files.py` kills it when its time is over.
"""

import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

MOST_UNPACKED = 50_000_000
"""Bytes of a Word file's parts together."""
STDIN = "-"
"""In a path's place: HTML comes in by standard input, so that a page that was fetched is on no disk."""
MOST_PAGES = 200
"""Pages of a PDF."""
_TAKEN_OUT = "ancestor::w:del or ancestor::w:moveFrom"
_AGAIN = "ancestor::*[local-name() = 'Fallback']"  # a text box again, for older programs
_RUNS = f".//w:r[ancestor::w:p and not({_TAKEN_OUT} or {_AGAIN})]"
"""The pieces of a Word file's text, be they in tables, in text boxes, in content controls or in what was inserted."""
REFUSED, DAMAGED, TOO_MUCH = 3, 4, 5
"""How it exits: with a sentence for the reader, with the name of a library's error, without memory left."""


class RefusedError(Exception):
    """The file passes a limit; the text says which."""


def _html(path: Path, most: int) -> str:
    return _html_text(path.read_bytes())


def _html_text(raw: bytes) -> str:
    import trafilatura

    text = trafilatura.extract(raw, include_comments=False, include_tables=False, favor_precision=True) or ""
    title = getattr(trafilatura.extract_metadata(raw), "title", None) or ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "\n\n".join([title, *lines] if title and lines[:1] != [title] else lines)


def _word(path: Path, most: int) -> str:
    import docx
    from docx.oxml.ns import qn

    with zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
            raise RefusedError(f"expected at most {MOST_UNPACKED:,} bytes in the .docx file when unpacked, got more")
    paragraphs: dict[object, list[str]] = {}
    for run in docx.Document(str(path)).element.body.xpath(_RUNS):  # Document.paragraphs has not those of tables
        paragraphs.setdefault(next(run.iterancestors(qn("w:p"))), []).append(run.text)
    texts = map("".join, paragraphs.values())
    return "\n\n".join(text for text in texts if text.strip())


def _pdf(path: Path, most: int) -> str:
    from pypdf import PdfReader

    text = ""
    reader = PdfReader(path)
    if len(reader.pages) > MOST_PAGES:
        raise RefusedError(f"expected at most {MOST_PAGES} pages, got {len(reader.pages)}; paste the article's text")
    for page in reader.pages:
        text += page.extract_text() + "\n"
        if len(text) > most:
            break
    return text


READERS: dict[str, Callable[[Path, int], str]] = {".html": _html, ".htm": _html, ".docx": _word, ".pdf": _pdf}
"""How to read each kind of file."""


def limit(seconds: int, most_bytes: int) -> None:
    """Hold this process to `seconds` of CPU time and `most_bytes` of memory, where the system can."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows: the time limit of whoever started this remains
        return
    os.nice(5)
    for kind, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, most_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):  # macOS takes no limit of addresses
            continue


def main(path: str, most: str, seconds: str, most_bytes: str) -> int:
    """Print at most `most` characters of the file's text; what is beyond them says only that there are more."""
    limit(int(seconds), int(most_bytes))
    file = Path(path)
    try:
        whole = _html_text(sys.stdin.buffer.read()) if path == STDIN else READERS[file.suffix.lower()](file, int(most))
        text = whole[: int(most)]
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))  # a PDF may hold half a character
        sys.stdout.flush()
    except RefusedError as error:
        return _told(REFUSED, str(error))
    except MemoryError:
        return TOO_MUCH
    except ModuleNotFoundError as error:
        needs = f"expected the package {error.name} for a {file.suffix or 'web'} file, found none"
        return _told(REFUSED, f"{needs}; run: pip install 'sidelight[page]'")
    except Exception as error:  # damaged and encrypted files raise whatever their readers' libraries raise
        memory = isinstance(error.__cause__ or error.__context__, MemoryError) or "memory" in str(error).lower()
        return TOO_MUCH if memory else _told(DAMAGED, type(error).__name__)
    return 0


def _told(code: int, message: str) -> int:
    sys.stderr.write(f"\n{json.dumps(message)}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
