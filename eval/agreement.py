"""How far two annotators agree who labelled the same items without seeing each other's labels."""

from pathlib import Path
from typing import Any

from eval.gold import read_lines
from eval.metrics import kappa
from model.domain import Stance
from model.errors import LabelError


def agreement(file: Path) -> dict[str, Any]:
    """Cohen's κ between the two annotators in `file`, over all items and over those that neither calls absent.

    Raises:
        LabelError: the file has other than two annotators, or they labelled different items.
    """
    readings: dict[str, dict[tuple[str, int, str], Stance]] = {}
    for line, row in read_lines(file):
        try:
            key = (row["id"], row["paragraph"], row["party"])
            labels = readings.setdefault(row["annotator"], {})
            if key in labels:
                raise line.fail("one label per item and annotator", key)
            labels[key] = Stance(row["stance"])
        except (KeyError, ValueError, TypeError) as error:
            raise line.fail("id, paragraph, party, a stance and annotator", str(error)) from error
    if len(readings) != 2:
        raise LabelError(f"expected two annotators in {file}, found {sorted(readings)}")
    first, second = readings.values()
    if first.keys() != second.keys():
        raise LabelError(
            f"expected the same items from both annotators in {file}, "
            f"they differ in {len(first.keys() ^ second.keys())}"
        )
    pairs = [(first[key], second[key]) for key in first]
    present = [pair for pair in pairs if Stance.ABSENT not in pair]
    return {
        "annotators": sorted(readings),
        "items": len(pairs),
        "kappa": kappa([a for a, _ in pairs], [b for _, b in pairs]),
        "present": {"items": len(present), "kappa": kappa([a for a, _ in present], [b for _, b in present])},
        "differ": [
            {"id": key[0], "paragraph": key[1], "party": key[2], "labels": [first[key].value, second[key].value]}
            for key in first
            if first[key] is not second[key]
        ],
    }
