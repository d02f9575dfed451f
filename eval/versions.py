"""What a run depends on: sources, commit, machine."""

import os
import platform
import subprocess
import time
from pathlib import Path

import torch

from model.networks.device import processor

ROOT = Path(__file__).parent.parent


def commit() -> str:
    """The commit at hand, with "+" for a changed tree; "" outside of a git checkout."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def machine() -> dict[str, str | int]:
    """Where the run took place."""
    return {
        "processor": processor(),
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }


def reference_seconds() -> float:
    """How long this machine takes for a fixed load (fp32 products of the encoder's shapes): the unit of speed."""
    left, right = torch.ones(512, 768), torch.ones(768, 3072)
    left @ right
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(4):
            left @ right
        best = min(best, time.perf_counter() - start)
    return best


def _git(*arguments: str) -> str:
    return subprocess.run(  # noqa: S603  # fixed words
        ["git", *arguments],  # noqa: S607  # whichever git the user has
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
