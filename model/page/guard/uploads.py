"""Where dropped files lie while they are read: a folder of this process alone, swept as it runs and when it starts."""

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

KEPT_SECONDS = 120
"""How long a file stays, whole or broken off; reading one takes a minute at most."""
_NAME = "sidelight-uploads-"


@contextmanager
def upload_folder() -> Iterator[Path]:
    """A folder for dropped files until the block ends, in GRADIO_TEMP_DIR or the system's folder for such files.

    Gradio writes each file there as it comes in, and knows nothing of one whose upload breaks off. What another
    process left that was killed is removed.
    """
    root = Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir())
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob(f"{_NAME}*"):
        if not _alive(left.name.removeprefix(_NAME).partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_NAME}{os.getpid()}-", dir=root))
    before = os.environ.get("GRADIO_TEMP_DIR")
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    ended = threading.Event()
    threading.Thread(target=_sweep_on, args=(folder, ended), daemon=True).start()
    try:
        yield folder
    finally:
        ended.set()
        _remove(folder)
        if before is None:
            del os.environ["GRADIO_TEMP_DIR"]
        else:
            os.environ["GRADIO_TEMP_DIR"] = before


def remove_on_sigterm(folder: Path) -> None:
    """Let SIGTERM remove `folder` and end the process at once, whatever its threads are at; none writes any more."""

    def end(*_: object) -> None:
        _write_no_more()
        _remove(folder)
        os._exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)


def _write_no_more() -> None:
    """Let no thread of this process write another byte into a file, where the system can be told."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _remove(folder: Path) -> None:
    """Remove `folder` under another name, where no thread finds it: a file made as it is emptied would keep it."""
    gone = folder.with_name(f"{folder.name}-gone")
    with suppress(OSError):
        folder.rename(gone)
    for left in (gone, folder):  # an upload that begins makes it anew
        shutil.rmtree(left, ignore_errors=True)


def sweep(folder: Path, now: float) -> None:
    """Remove every file below `folder` that was written to last more than `KEPT_SECONDS` before `now`, in seconds."""
    for path in folder.rglob("*"):
        with suppress(OSError):  # it went while we looked
            if path.is_file() and now - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink()


def _sweep_on(folder: Path, ended: threading.Event) -> None:
    while not ended.wait(KEPT_SECONDS / 4):
        sweep(folder, time.time())


def _alive(number: str) -> bool:
    """Whether a process of this number runs; True for what is no process's number."""
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError, OverflowError):
        return True
    return True
