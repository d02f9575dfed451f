"""What the recipes' commands share: the log, and an error's message in place of its trace."""

import argparse
import logging
import sys
from collections.abc import Callable

from model.errors import SidelightError


def run(train: Callable[[argparse.Namespace], None], options: argparse.Namespace) -> int:
    """Train as `options` say; returns 0, or 1 after an error message."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        train(options)
    except SidelightError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
