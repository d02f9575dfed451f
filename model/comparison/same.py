"""Who is the same party in two articles."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from ..domain import Analysis, Kind, Party
from ..names.gazetteer import leader_named
from ..names.lexicon import POLITICAL
from ..names.people import may_be_same_person
from ..names.plain import plain_name

Same = Callable[[Party, Party], bool]
Of = Callable[[Iterable[bool]], bool]


def ways_to_be_same(analyses: Sequence[Analysis]) -> tuple[tuple[Same, Of], ...]:
    """How parties of these articles may be one, the surest way first.

    With each stands whether it has to hold for any or for all of those that are one already.
    """
    shared = {surname for analysis in analyses for surname, count in _surnames(analysis).items() if count > 1}
    return (_same_name, any), (_shared_name, any), (partial(_same_surname, shared), all)


def _same_name(one: Party, other: Party) -> bool:
    return plain_name(one.name) == plain_name(other.name)


def _shared_name(one: Party, other: Party) -> bool:
    return one.kind is other.kind and not _names(one).isdisjoint(_names(other))


def _names(party: Party) -> set[str]:
    """Its proper names, as they are compared: "the club" may be another one elsewhere. Democrats are their party.

    A person's lone surname is others' too, so it has a way of its own.
    """
    names = (party.name, *party.aliases)
    return {plain_name(POLITICAL.get(name, name)) for name in names if any(map(str.isupper, name))} - {_surname(party)}


def _same_surname(shared: set[str], one: Party, other: Party) -> bool:
    """Whether both are persons of one surname, which is not `shared` by two persons of one article."""
    surname = _surname(one)
    if not surname or surname in shared or surname != _surname(other):
        return False
    return may_be_same_person(plain_name(one.name), plain_name(other.name))


def _surname(party: Party) -> str:
    """A person's last name, "" for others. A leader of whom only the surname is met may be taken for a body."""
    person = party.kind is Kind.PERSON or leader_named(party.name)
    return (plain_name(party.name).split() or [""])[-1] if person else ""


def _surnames(analysis: Analysis) -> Counter[str]:
    return Counter(filter(None, map(_surname, analysis.parties)))
