"""Who is quoted: each holder once, by the fullest name or that of a party, with as many labels as carry it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..domain import Analysis, Kind, Party, Span, StanceLabel, Voice
from ..names.name_spans import name_in
from ..names.plain import plain_name
from .corrections import LONGEST_HOLDER
from .phrases import Say

HolderNames = Mapping[tuple[int, str, Span | None], str]
"""By what name a holder goes, by the label's paragraph, its words for the holder and where they stand."""
_FEW = 3
_MOST_ALIKE = 20
"""Names with the same last word that are held against each other; of more, none is taken for another."""
PartyEnds = Mapping[tuple[int, int], str]
"""The name of the party that words refer to, by their paragraph and their last character's end."""


def party_ends(parties: Sequence[Party]) -> PartyEnds:
    """Which party is referred to where; of two with the same last words, the first."""
    return {(mention.paragraph, mention.end): party.name for party in reversed(parties) for mention in party.mentions}


def holder_names(analysis: Analysis) -> HolderNames:
    """By what name each holder of a quoted label goes.

    It is that of the person among the parties to whom its last words refer ("President Trump"), and the fullest form.
    """
    people = [party for party in analysis.parties if party.kind is Kind.PERSON]
    ends = party_ends(people)
    found = {
        key: (key[2] and ends.get((key[0], key[2].end))) or " ".join(key[1].split())
        for key in map(_key, analysis.labels)
        if key
    }
    fullest = _fullest_names([*(party.name for party in people), *found.values()])
    return {key: fullest[name] for key, name in found.items()}


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
    found = Counter(names[key] for key in map(_key, labels) if key)
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


def _key(label: StanceLabel) -> tuple[int, str, Span | None] | None:
    quoted = label.holder and label.voice is Voice.QUOTED
    return (label.paragraph, label.holder or "", label.holder_span) if quoted else None


def _fullest(name: tuple[str, ...], alike: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The fuller name of the same person, of those with the last word; a name that two people share stays by itself."""
    fuller = [other for other in alike if set(name) < set(other)] if len(alike) <= _MOST_ALIKE else []
    longest = max(fuller, key=len, default=name)
    return longest if all(set(other) <= set(longest) for other in fuller) else name


def _name(holder: str) -> tuple[str, ...]:
    """The words of a person's name, without titles; of any other holder ("the House", "Clinton aides") the whole."""
    whole = (plain_name(holder),)
    span = name_in(holder, Span(0, len(holder))) if len(holder) <= LONGEST_HOLDER else None
    if (
        span is None
        or span.end < len(holder.removesuffix("’s").removesuffix("'s"))
        or holder.lower().startswith("the ")
    ):
        return whole
    return tuple(plain_name(word) for word in holder[span.start :].split() if not word.endswith(".")) or whole
