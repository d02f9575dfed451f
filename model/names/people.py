"""People's names: surnames, and whether two names can be one person's."""

import re

_ENDING = re.compile(r"[IVX]+|[JS]r\.?")
"""What may follow the surname: "Jr.", the number of a king."""


JUNIOR = re.compile(r",? [JS]r\b")
"""What tells a son from his father, where it follows the name."""


def without_endings(name: str) -> list[str]:
    """The words of a person's name without "Jr." and numbers; all of them if nothing else is left."""
    words = name.split()
    return [word for word in words if not _ENDING.fullmatch(word)] or words


def surname_of(name: str) -> str:
    """The last word of a person's name that is no "Jr."."""
    return without_endings(name)[-1]


def may_be_same_person(known: str, name: str) -> bool:
    """Whether two full names with one surname can be one person.

    One's first name is in the other, is an initial, or is spelt without an "h" or one of two letters ("Teresa"). A
    "Jr." is another one than who goes without it.
    """
    if bool(JUNIOR.search(known)) != bool(JUNIOR.search(name)):
        return False
    first, other = known.split()[0], name.split()[0]
    fewer, more = sorted((first, other), key=len)
    return (
        first == other
        or fewer in {more[:at] + more[at + 1 :] for at in range(1, len(more)) if more[at] in f"h{more[at - 1]}"}
        or (first[0] == other[0] and min(len(first.rstrip(".")), len(other.rstrip("."))) == 1)
        or (set(known.split()) >= set(name.split()) or set(name.split()) >= set(known.split()))
    )
