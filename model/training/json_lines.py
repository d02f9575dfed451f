"""JSONL files: a JSON object a line."""

import json
from pathlib import Path
from typing import Any


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSONL file, in its order.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not UTF-8, or a line is not JSON.
    """
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
