"""Who is quoted: each holder that labels name once, with as many labels as carry the name."""

from collections import Counter
from collections.abc import Sequence

from ..domain import Span, StanceLabel
from ..names.name_spans import name_in
from ..names.plain import plain_name
from .phrases import Say

_FEW = 3


def holders_phrase(labels: Sequence[StanceLabel], say: Say) -> str:
    """The quoted holders in brackets, with counts where one speaks more than once or not all are named; "" for none."""
    found, unnamed = holder_counts(labels)
    if not found:
        return ""
    if not unnamed and len(found) <= _FEW and (len(found) == 1 or found.total() == len(found)):
        return say("line_holders", names=", ".join(say("line_holder", name=name) for name in found))
    shown = found.most_common(_FEW)
    parts = [say("line_holder_count", count=count, name=say("line_holder", name=name)) for name, count in shown]
    rest = found.total() - sum(count for _, count in shown)
    if rest:
        parts.append(say("line_holder_rest", count=rest + unnamed))
    elif unnamed:
        parts.append(say("line_holder_unnamed", count=unnamed))
    return say("line_holders", names=", ".join(parts))


def holder_counts(labels: Sequence[StanceLabel]) -> tuple[Counter[str], int]:
    """How many labels each holder has, by the fullest form of the name, and how many name nobody."""
    holders = [" ".join(label.holder.split()) for label in labels if label.holder]
    first: dict[str, tuple[str, ...]] = {}  # "White House" may be taken for a person, "the White House" not
    names = [first.setdefault(" ".join(name), name) for name in map(_name, holders)]
    forms: dict[tuple[str, ...], str] = {}
    for name, holder in zip(names, holders, strict=True):
        forms.setdefault(name, holder)
    return Counter(forms[_fullest(name, list(forms))] for name in names), len(labels) - len(holders)


def _fullest(name: tuple[str, ...], others: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The fuller name of the same person; a last name that two people share stays by itself."""
    fuller = [other for other in others if other[-1] == name[-1] and set(name) < set(other)]
    longest = max(fuller, key=len, default=name)
    return longest if all(set(other) <= set(longest) for other in fuller) else name


def _name(holder: str) -> tuple[str, ...]:
    """The words of a person's name, without titles; of any other holder ("the House", "Clinton aides") the whole."""
    span = name_in(holder, Span(0, len(holder)))
    whole = (plain_name(holder),)
    if (
        span is None
        or span.end < len(holder.removesuffix("’s").removesuffix("'s"))
        or holder.lower().startswith("the ")
    ):
        return whole
    return tuple(plain_name(word) for word in holder[span.start :].split() if not word.endswith(".")) or whole
