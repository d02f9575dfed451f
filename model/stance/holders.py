"""Who is quoted: each holder that labels name once, with as many labels as carry the name."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..domain import Analysis, Kind, Span, StanceLabel
from ..names.name_spans import name_in
from ..names.plain import plain_name
from .phrases import Say

HolderNames = Mapping[tuple[int, str], str]
"""By what name a holder goes, by the label's paragraph and its words for the holder."""
_FEW = 3
_MOST_ALIKE = 20
"""Names with the same last word; of more, none is taken for another."""


def holder_names(analysis: Analysis) -> HolderNames:
    """Each holder's name: the party's whose mention the words end with ("President Trump"), or else the fullest."""
    people = [party for party in analysis.parties if party.kind is Kind.PERSON]
    ends = {(mention.paragraph, mention.end): party.name for party in people for mention in party.mentions}
    found = {
        (label.paragraph, label.holder): ends.get((label.paragraph, label.holder_span.end))
        for label in analysis.labels
        if label.holder and label.holder_span
    }
    holders = [(label.paragraph, label.holder) for label in analysis.labels if label.holder]
    fullest = _fullest_names([*(party.name for party in people), *(_plain(holder) for _, holder in holders)])
    return {at: found.get(at) or fullest[_plain(at[1])] for at in holders}


def _fullest_names(holders: Iterable[str]) -> dict[str, str]:
    """The fullest form of each name."""
    first: dict[str, tuple[str, ...]] = {}  # "White House" may be taken for a person, "the White House" not
    forms: dict[tuple[str, ...], str] = {}
    names = {holder: first.setdefault(" ".join(name := _name(holder)), name) for holder in dict.fromkeys(holders)}
    alike: dict[str, list[tuple[str, ...]]] = {}
    for holder, name in names.items():
        if forms.setdefault(name, holder) == holder:
            alike.setdefault(name[-1], []).append(name)
    return {holder: forms[_fullest(name, alike[name[-1]])] for holder, name in names.items()}


def holders_phrase(labels: Sequence[StanceLabel], names: HolderNames, say: Say) -> str:
    """The quoted holders in brackets, with counts where one speaks more than once or not all are named; "" for none.

    `names` are the article's `holder_names`.
    """
    found = Counter(names[label.paragraph, label.holder] for label in labels if label.holder)
    unnamed = len(labels) - found.total()
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


def _plain(holder: str) -> str:
    return " ".join(holder.split())


def _fullest(name: tuple[str, ...], alike: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The fuller name of the same person, of those with the last word; a name that two people share stays by itself."""
    fuller = [other for other in alike if set(name) < set(other)] if len(alike) <= _MOST_ALIKE else []
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
