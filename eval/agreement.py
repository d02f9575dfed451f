"""How far two annotators agree who labelled the same items without seeing each other's labels."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.gold import Line, read_lines
from eval.metrics import krippendorff_alpha, score
from model.domain import VOICES, Stance, Voice
from model.errors import LabelError

Reading = dict[tuple[str, int, str], tuple[Stance, Voice | None]]

SETTLED = {"third", "adjudicated"}
"""Annotators who saw what two readers said before."""
UNNAMED = (None, "", "gold")
"""Annotators for whom the file's name stands; the last is who labels on the page."""


def read_readings(files: Sequence[Path]) -> dict[str, Reading]:
    """Each annotator's labels: one file with two `annotator`s in it, or two files of one annotator each.

    A line is `{"id", "paragraph", "party", "stance", "voice"?, "annotator"?}`, or an article of a gold file with such
    `labels`; without `annotator`, or in a file from the page, the file's name stands for it. A third reading that
    settles is passed over.

    Raises:
        LabelError: a line breaks the format, there are other than two annotators, or they labelled different items.
    """
    readings: dict[str, Reading] = {}
    alike = len({file.name for file in files}) < len(files)  # as the page names the files of two readers
    for file in files:
        name = str(file) if alike else file.name
        for line, row in _rows(file):
            if row.get("annotator") in SETTLED:
                continue
            try:
                key = (row["id"], row["paragraph"], row["party"])
                annotator = name if row.get("annotator") in UNNAMED else str(row["annotator"])
                labels = readings.setdefault(annotator, {})
                if key in labels:
                    raise line.fail("one label per item and annotator", key)
                labels[key] = Stance(row["stance"]), Voice(row["voice"]) if row.get("voice") else None
            except (KeyError, ValueError, TypeError) as error:
                raise line.fail("id, paragraph, party and a stance", str(error)) from error
    names = [*map(str, files)]
    if len(readings) != 2:
        raise LabelError(f"expected two annotators in {names}, found {sorted(readings)}")
    first, second = readings.values()
    if first.keys() != second.keys():
        differ = sorted(first.keys() ^ second.keys())
        raise LabelError(
            f"expected the same items from both annotators in {names}, {len(differ)} have only one label, "
            f"the first is {differ[0]}"
        )
    return readings


def _rows(file: Path) -> Iterator[tuple[Line, dict[str, Any]]]:
    """The labels of a file of readings or of a gold file, with their lines."""
    for line, row in read_lines(file):
        for label in row["labels"] if isinstance(row.get("labels"), list) else [row]:
            yield line, {"id": row.get("id"), **label}


def agreement(files: Sequence[Path]) -> dict[str, Any]:
    """κ and α between two annotators, over all items and over those that neither calls absent, and what differs.

    Raises:
        LabelError: as `read_readings`.
    """
    readings = read_readings(files)
    first, second = readings.values()
    pairs = [(first[key][0], second[key][0]) for key in first]
    present = [pair for pair in pairs if Stance.ABSENT not in pair]
    voices = [(first[key][1], second[key][1]) for key in first]
    heard = [pair for pair in voices if set(pair) <= set(VOICES)]
    return {
        "annotators": list(readings),
        "items": len(pairs),
        **_agree(pairs),
        "present": {"items": len(present), **_agree(present)},
        "voice": {"items": len(heard), "accuracy": sum(a is b for a, b in heard) / len(heard) if heard else None},
        "confusion": score(*map(list, zip(*pairs, strict=True)))["confusion"],
        "differ": [
            {"id": key[0], "paragraph": key[1], "party": key[2], "labels": [first[key][0].value, second[key][0].value]}
            for key in first
            if first[key][0] is not second[key][0]
        ],
    }


def lines_of(found: dict[str, Any]) -> list[str]:
    """The agreement for a terminal."""
    first, second = found["annotators"]
    lines = [f"{first} against {second}"]
    for name, row in (("all items", found), ("present items", found["present"])):
        kappa, alpha = ("–" if row[key] is None else f"{row[key]:.3f}" for key in ("kappa", "alpha"))
        lines.append(f"{name:<14} {row['items']:>5}   κ {kappa}   α {alpha}")
    if found["voice"]["items"]:
        lines.append(
            f"{'voice':<14} {found['voice']['items']:>5}   the same in {100 * found['voice']['accuracy']:.1f} %"
        )
    confusion = found["confusion"]
    lines += ["", f"{first + ' ↓  ' + second + ' →':<24}" + "".join(f"{name:>10}" for name in confusion["labels"])]
    for name, row in zip(confusion["labels"], confusion["rows_gold_columns_predicted"], strict=True):
        lines.append(f"{name:<24}" + "".join(f"{count:>10}" for count in row))
    lines += ["", f"{len(found['differ'])} items to discuss"]
    lines += [
        f"{item['id']} ¶{item['paragraph'] + 1} {item['party']}: {' / '.join(item['labels'])}"
        for item in found["differ"]
    ]
    return lines


def _agree(pairs: Sequence[tuple[Stance, Stance]]) -> dict[str, float | None]:
    if not pairs:
        return {"kappa": None, "alpha": None}
    return {"kappa": score(*map(list, zip(*pairs, strict=True)))["kappa"], "alpha": krippendorff_alpha(pairs)}
