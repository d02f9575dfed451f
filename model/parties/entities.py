"""An entity: somebody whom an article names, with the places that refer to it."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from enum import StrEnum

from ..domain import Kind
from ..names.gazetteer import State
from ..names.lexicon import may_be_same_person

TITLE = -1
"""The title's place among the texts of an article; its paragraphs count from 0."""


class MentionType(StrEnum):
    """By what a reference refers."""

    NAME = "name"
    LEADER = "leader"
    PRONOUN = "pronoun"
    DESCRIPTION = "description"
    PLURAL = "plural"


@dataclass(frozen=True, slots=True, order=True)
class EntityMention:
    """A place that refers to an entity: characters `start` to `end` of paragraph `paragraph` (or of the title)."""

    paragraph: int
    start: int
    end: int
    by: MentionType = field(compare=False, default=MentionType.NAME)


@dataclass(eq=False, slots=True)
class Entity:
    """Somebody whom the article names; filled while the article is read.

    `nouns` are the common nouns that may stand for it ("ministry", "company"); `owner` is the state
    that a person acts for; `stands_for` is the entity for whom all of its references count (a
    president's for the state), or None; `requested` says that the user asked for it.
    """

    name: str
    kind: Kind
    state: State | None = None
    owner: State | None = None
    forms: set[str] = field(default_factory=set)
    nouns: set[str] = field(default_factory=set)
    pronouns: str = ""
    plural: bool = False
    requested: bool = False
    stands_for: "Entity | None" = None
    mentions: list[EntityMention] = field(default_factory=list)
    _taken: dict[int, list[tuple[int, int]]] = field(default_factory=dict, repr=False)

    def add(self, reference: EntityMention) -> None:
        """Note a reference, unless it overlaps one that is noted already."""
        taken = self._taken.setdefault(reference.paragraph, [])  # sorted, and none overlaps another
        after = bisect_left(taken, (reference.end,))
        if after and taken[after - 1][1] > reference.start:
            return
        insort(taken, (reference.start, reference.end))
        self.mentions.append(reference)


def are_namesakes(one: Entity, other: Entity) -> bool:
    """Whether they are two people who share no more than a surname."""
    if one.kind is not Kind.PERSON or other.kind is not Kind.PERSON or " " not in other.name:
        return False
    names = [form for form in one.forms if " " in form]
    return bool(names) and not any(may_be_same_person(name, other.name) for name in names)
