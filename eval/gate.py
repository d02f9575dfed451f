"""The gate: a run against the tracked baseline. It closes on worse labels, parties or summaries, or lost speed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.compare import compare, flip
from eval.record import Item, read_record, write_record
from model.errors import LabelError

BASELINE = Path(__file__).parent / "baseline.json"
TOLERANCES: Mapping[str, float] = {"accuracy": 0.010, "macro_f1": 0.010, "present_macro_f1": 0.015}
"""How far each score may fall, in 0–1, on the items that both runs have."""
FALLS: Mapping[tuple[str, ...], float] = {
    ("unaided", "scores", "macro_f1"): 0.015,
    ("unaided", "finding", "found"): 0.03,
    ("scores", "voice", "accuracy"): 0.02,
    ("names", "swapped", "followed"): 0.03,
    ("names", "invented", "followed"): 0.02,
    ("summary", "rougeLsum"): 0.015,
}
RISES: Mapping[tuple[str, ...], float] = {
    ("unaided", "finding", "junk"): 0.03,
    ("scores", "opposite", "accuracy"): 0.01,
    ("scores", "calibration_error"): 0.03,
}
"""How far other figures of a record may fall or rise, in 0–1; one that the baseline has may not be missing."""
FEW, FEW_WORSE = 500, 3
"""With fewer items than this, chance moves macro-F1 by more than that: accuracy alone counts, and as many items may
be lost (other number formats round otherwise)."""
_ROUNDING = 1e-9
SLOWEST = 2.0
"""How many times the baseline's time an item may take, both in units of the machine's own speed with fp32; only runs on
one kind of processor and in one number format are compared."""


def check(record: Mapping[str, Any], items: Sequence[Item], baseline: Path = BASELINE) -> list[str]:
    """What is worse than the baseline allows, one message a cause with the items that flipped; [] lets the run pass.

    Raises:
        LabelError: there is no baseline, or it was made with other gold labels.
    """
    before, old = read_record(baseline)
    old = [item for item in old if item.article not in record.get("without_text", ())]
    found = compare(old, items)
    failures = []
    if found.only_first:
        failures.append(f"{found.only_first} items of the baseline were not scored; score all of its gold files")
    few = len(old) < FEW
    for name, tolerance in TOLERANCES.items():
        change, most = found.differences[name][0], max(tolerance, FEW_WORSE / len(old)) if few else tolerance
        if few and name != "accuracy":
            continue
        if change < -most - _ROUNDING:
            failures.append(f"{name} fell by {-100 * change:.1f} points, {100 * most:.1f} are allowed")
    if not few and not record.get("without_text"):  # else of other articles, or chance
        failures += _worse(before, record)
    if record["scores"]["unread"] > before["scores"]["unread"]:
        failures.append(f"{record['scores']['unread']} items unread, {before['scores']['unread']} in the baseline")
    pace, old_pace = record["pace"], before["pace"]
    alike = _calculated_on(record) == _calculated_on(before)
    if alike and pace and old_pace and pace > SLOWEST * old_pace:
        failures.append(
            f"an item takes {pace / old_pace:.1f} times as long as in the baseline, {SLOWEST:.1f} are allowed"
        )
    if failures:
        failures += [f"flipped to wrong: {flip(a, b)}" for a, b in found.lost]
    return failures


def _calculated_on(record: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The kind of processor and the number format: a faster one is not so for all that an article takes."""
    return record["machine"].get("processor"), record["versions"].get("precision")


def _worse(before: Mapping[str, Any], record: Mapping[str, Any]) -> list[str]:
    """The figures of `FALLS` and `RISES` that moved too far, or are missing."""
    failures = []
    for sign, paths in ((-1, FALLS), (1, RISES)):
        for path, most in paths.items():
            old, new = _figure(before, path), _figure(record, path)
            if old is None:
                continue
            name = " ".join(path)
            if new is None:
                failures.append(f"{name} is missing, the baseline has it; run without --named and --labels-only")
            elif sign * (new - old) > most + _ROUNDING:
                moved = "rose" if sign > 0 else "fell"
                failures.append(f"{name} {moved} from {100 * old:.1f} to {100 * new:.1f}, by {100 * most:.1f} it may")
    return failures


def _figure(record: Mapping[str, Any], path: Sequence[str]) -> float | None:
    found: Any = record
    for key in path:
        found = (found or {}).get(key)
    return None if found is None else float(found)


def move_baseline(run: Path, why: str, baseline: Path = BASELINE) -> None:
    """Make a run the baseline and note why.

    Raises:
        LabelError: `why` is empty, or the run is no record or was cut short by --only or --limit.
    """
    if not why.strip():
        raise LabelError("expected a reason with --why, got none: say what changed and that the new labels are better")
    record, _ = read_record(run)
    if record["selected"]:
        raise LabelError(f"expected a run over all gold articles in {run}, got one with --only or --limit")
    history: list[Mapping[str, Any]] = []
    if baseline.exists():
        old, _ = read_record(baseline)
        for key in ("judge", "gold", "every"):
            names = [sorted(r.get(key) or {}) if key == "gold" else r.get(key) for r in (old, record)]
            if old.get(key) is not None and names[0] != names[1]:
                raise LabelError(f"expected a run with {key} {names[0]} as in {baseline}, got {names[1]}; name --file")
        history = old.get("history", [])
    scores = {name: round(record["scores"][name], 4) for name in ("accuracy", "macro_f1")}
    entry = {
        "date": datetime.now(UTC).date().isoformat(),
        "why": why.strip(),
        "commit": record["commit"],
        "versions": record["versions"],
        **scores,
    }
    kept = {key: value for key, value in record.items() if key not in ("items", "ceiling", "baselines", "by")}
    slim = [{**item, "text": "", "evidence": ""} for item in record["items"]]
    write_record({**kept, "items": slim, "history": [*history, entry]}, baseline)
