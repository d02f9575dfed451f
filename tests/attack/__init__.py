"""What the tool is attacked with; `make attack` sets ATTACK=whole and tries all of it, other runs a share."""

import os
import sys

WHOLE = os.environ.get("ATTACK") == "whole"


def figure(line: str) -> None:
    """What was measured, for `make attack` to show."""
    sys.stdout.write(f"{line}\n")
