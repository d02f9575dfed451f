"""Two runs side by side: which items changed, and whether the scores' difference is more than chance."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.intervals import difference
from eval.record import Item, counts_of
from model.errors import LabelError


@dataclass(frozen=True, slots=True)
class Comparison:
    """Items that both runs have: `gained` are right only in the second, `lost` only in the first.

    `moved` are wrong in both, with other labels; `differences` are second less first with their 95 %
    intervals, by score; `only_first` and `only_second` count items that the other run lacks.
    """

    gained: list[tuple[Item, Item]]
    lost: list[tuple[Item, Item]]
    moved: list[tuple[Item, Item]]
    same: int
    differences: dict[str, tuple[float, float, float]]
    only_first: int
    only_second: int


def compare(first: Sequence[Item], second: Sequence[Item], seed: int = 1) -> Comparison:
    """Compare two runs on the items that both have.

    Raises:
        LabelError: they have no item in common, or an item's gold label differs.
    """
    before, after = {item.key: item for item in first}, {item.key: item for item in second}
    keys = [key for key in before if key in after]
    if not keys:
        raise LabelError("expected runs over the same items, found none in common; score the same gold files twice")
    changed = [key for key in keys if before[key].gold is not after[key].gold]
    if changed:
        raise LabelError(
            f"expected the same gold labels in both runs, {len(changed)} differ, the first at {changed[0]}; "
            "score the older model on today's gold again"
        )
    pairs = [(before[key], after[key]) for key in keys]
    differ = [(a, b) for a, b in pairs if a.predicted is not b.predicted]
    return Comparison(
        gained=[(a, b) for a, b in differ if b.right],
        lost=[(a, b) for a, b in differ if a.right],
        moved=[(a, b) for a, b in differ if not a.right and not b.right],
        same=len(pairs) - len(differ),
        differences=difference(counts_of([a for a, _ in pairs]), counts_of([b for _, b in pairs]), seed),
        only_first=len(before) - len(keys),
        only_second=len(after) - len(keys),
    )


def lines_of(comparison: Comparison) -> list[str]:
    """The comparison for a terminal."""
    c = comparison
    lines = [f"{'score':<18} difference, points   95 % interval"]
    for name, (value, low, high) in c.differences.items():
        verdict = "" if low <= 0 <= high else "  more than chance"
        lines.append(f"{name:<18} {100 * value:+19.1f}   {100 * low:+.1f} to {100 * high:+.1f}{verdict}")
    lines.append(
        f"{len(c.gained)} items gained, {len(c.lost)} lost, {len(c.moved)} wrong in another way, {c.same} the same"
    )
    if c.only_first or c.only_second:
        lines.append(f"left out: {c.only_first} items only in the first run, {c.only_second} only in the second")
    for name, some in (("gained", c.gained), ("lost", c.lost), ("moved", c.moved)):
        lines += [f"{name}: {flip(a, b)}" for a, b in some]
    return lines


def flip(before: Item, after: Item) -> str:
    """One changed item in a line."""
    return (
        f"{before.article} ¶{before.paragraph + 1} {before.party}: "
        f"{before.predicted or 'unread'} → {after.predicted or 'unread'} (gold {before.gold})"
    )
