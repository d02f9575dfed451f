"""A dropped file as an article's text: plain text, Markdown, HTML, Word and PDF with text in it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..errors import ArticleError
from ..settings import LONGEST_ARTICLE
from . import file_worker

SECONDS = 20
"""How much of a processor's time reading a file may take; on the clock three times as much, where others work too."""
MOST_BYTES = 1 << 30
"""Memory that reading one file may take."""
_LARGEST = 50_000_000  # bytes of a file; the page takes 5 MB
_NOT_WINDOWS = re.compile("[\x00\ufffd]|[a-z][À-Þ]")
_UTF_8 = re.compile("[\xe0-\xef][\x80-\xbf]{2}")  # three bytes of one character, each byte read as one
_CHILD_NEEDS = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LANG")
"""What a process that reads a hostile file learns of the environment, where passwords and tokens may be."""


def read_file(path: Path) -> str:
    """The text of a file, chosen by the end of its name; paragraphs are parted by blank lines.

    HTML, Word and PDF files are read in a process of their own, within `SECONDS` and `MOST_BYTES` of memory.

    Raises:
        ArticleError: the kind is not known, the file is damaged, it has no text, or reading it passes a limit.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ArticleError(
            f"expected a file that ends in {', '.join(READERS)}, got {path.suffix or 'a name without an ending'!r}; "
            "paste the article's text instead"
        )
    text = reader(path)
    if not text.strip():
        raise ArticleError(
            f"expected text in the {path.suffix} file, found none (a scan has only pictures); "
            "paste the article's text instead"
        )
    return text


def read_text(path: Path, *, windows: bool = False) -> str:
    """The UTF-8 text of a file; with `windows` also one in cp1252, as editors there save where they are not told else.

    Raises:
        ArticleError: it is no file, too large, or in another encoding.
    """
    _check(path)
    try:
        raw = path.read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if windows and (text := windows_text(raw, error.start)):
            return text
        raise ArticleError(
            f"expected UTF-8 text, found something else at byte {error.start:,}; save it as UTF-8 text"
        ) from error
    except OSError as error:
        raise _unreadable(error) from error


def windows_text(raw: bytes, start: int) -> str:
    """The text in cp1252 of what is no UTF-8 at `start`; "" for what looks like anything else.

    That is binary data, UTF-8 that is damaged, and the apostrophes of an old Mac ("donÕt").
    """
    text = raw.decode("cp1252", "replace")
    strange = _NOT_WINDOWS.search(text) or _UTF_8.search(raw.decode("latin-1"))
    return text if raw[:start].isascii() and not strange else ""


def read_html(raw: bytes) -> str:
    """The text of a web page, read as an HTML file is: in a process of its own, within its limits.

    Raises:
        ArticleError: it is damaged, it has no text, or reading it passes a limit.
    """
    text = _read_in_process("web page", file_worker.STDIN, raw)
    if not text.strip():
        raise ArticleError(
            "expected text in the web page, found none (it may need a login, or write its text by a script); "
            "paste the article's text instead"
        )
    return text


def _unreadable(error: OSError) -> ArticleError:
    return ArticleError(
        f"expected a file that can be read, got {type(error).__name__}; look at its name, or drop it again"
    )


def _check(path: Path) -> None:
    try:
        regular, size = path.is_file(), path.stat().st_size
    except OSError as error:
        raise _unreadable(error) from error
    if not regular:  # a pipe or a device might never end
        raise ArticleError("expected a file, got something else of that name; drop a file")
    if size > _LARGEST:
        raise ArticleError(f"expected a file of at most {_LARGEST:,} bytes, got {size:,}; paste the article's text")


def _read_apart(path: Path) -> str:
    _check(path)
    return _read_in_process(f"{path.suffix} file", str(path.absolute()))


def _read_in_process(what: str, source: str, raw: bytes = b"") -> str:
    """The text as `file_worker.py` prints it, of a path or of `raw`; errors call it `what`."""
    limits = (LONGEST_ARTICLE + 1, SECONDS, MOST_BYTES)  # one character too many: `split_article` says so
    command = [sys.executable, "-I", file_worker.__file__, source, *map(str, limits)]
    environment = {name: os.environ[name] for name in _CHILD_NEEDS if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603  # no shell
            command, input=raw, capture_output=True, timeout=3 * SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired as error:
        raise _beyond(what) from error
    if done.returncode == 0:
        return done.stdout.decode("utf-8", "replace")
    told = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    if done.returncode == file_worker.REFUSED:
        raise ArticleError(json.loads(told))
    if done.returncode == file_worker.DAMAGED:
        raise ArticleError(f"expected a readable {what}, got {json.loads(told)}; paste the article's text instead")
    raise _beyond(what)


def _beyond(what: str) -> ArticleError:
    return ArticleError(
        f"expected a {what} that can be read within {SECONDS} seconds and {MOST_BYTES >> 30} GB of memory, "
        "got one that needs more; paste the article's text instead"
    )


READERS: dict[str, Callable[[Path], str]] = {
    **dict.fromkeys((".txt", ".md"), partial(read_text, windows=True)),
    **dict.fromkeys(file_worker.READERS, _read_apart),
}
"""How to read each kind of file."""
