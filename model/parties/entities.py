"""An entity: somebody whom an article names, with the places that refer to it."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..domain import Kind, Mention
from ..names.gazetteer import State
from ..names.people import may_be_same_person


@dataclass(eq=False, slots=True)
class Entity:
    """Somebody whom the article names; filled while the article is read.

    `state` is the state that it is; `owner` the state that a person acts for; `forms` are names that mean it wherever
    they stand; `roles` the offices that a person is given ("minister"); `plural` says that it goes by those who belong
    to it ("Democrats"), `requested` that the user asked for it; `mentions` are in reading order.
    """

    name: str
    kind: Kind
    state: State | None = None
    owner: State | None = None
    forms: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    plural: bool = False
    requested: bool = False
    mentions: list[Mention] = field(default_factory=list)

    def add(self, mention: Mention) -> None:
        """Note a mention, unless it overlaps one that is noted already."""
        if is_free(self.mentions, mention):
            insort(self.mentions, mention)


def is_free(taken: Sequence[Mention], mention: Mention) -> bool:
    """Whether `mention` overlaps none of `taken`, which are sorted and do not overlap each other."""
    after = bisect_left(taken, Mention(mention.paragraph, mention.end, 0))
    return not after or taken[after - 1].paragraph < mention.paragraph or taken[after - 1].end <= mention.start


def are_namesakes(one: Entity, other: Entity) -> bool:
    """Whether they are two people who share no more than a surname."""
    if one.kind is not Kind.PERSON or other.kind is not Kind.PERSON or " " not in other.name:
        return False
    names = [form for form in one.forms if " " in form]
    return bool(names) and not any(may_be_same_person(name, other.name) for name in names)
