"""Parties that somebody asks for by name."""

import re
from dataclasses import dataclass

from ..domain import Party
from ..errors import PartyError

MOST_PARTIES = 24
"""Parties that a user may ask for at once."""


@dataclass(frozen=True, slots=True)
class PartyRequest:
    """A party that the user (or a gold file) asks for.

    With `exact`, its names are `name` and `aliases` and no others; otherwise the other names that
    usually stand for it are found too.
    """

    name: str
    aliases: tuple[str, ...] = ()
    exact: bool = False

    @property
    def line(self) -> str:
        """The request as `parse_requests` reads it: its name, then its other names after a colon."""
        return f"{self.name}: {', '.join(self.aliases)}" if self.aliases else self.name


def party_line(party: Party) -> str:
    """The line that asks for a party that was found, without what a line cannot hold."""
    aliases = tuple(alias for alias in party.aliases if not re.search("[,:;]", alias))
    return PartyRequest(" ".join(re.sub("[,:;]", " ", party.name).split()), aliases).line


def parse_requests(text: str, exact: bool = False) -> list[PartyRequest]:
    """Read "United States; China" or one `name: other name, other name` a line.

    Raises:
        PartyError: no name, the same name twice, or more than `MOST_PARTIES`.
    """
    requests: list[PartyRequest] = []
    for piece in re.split(r"[;\n]", text):
        name, colon, others = piece.partition(":")
        name = " ".join(name.split())
        aliases = tuple(" ".join(other.split()) for other in others.split(",") if other.strip())
        if not name:
            if aliases or colon:
                raise PartyError(f"expected a party's name before the colon, got {piece.strip()!r}")
            continue
        if any(name.casefold() == known.name.casefold() for known in requests):
            raise PartyError(f"expected each party once, got {name!r} twice; put its other names on one line with it")
        requests.append(PartyRequest(name, aliases, exact=exact and bool(aliases)))
    if len(requests) > MOST_PARTIES:
        raise PartyError(f"expected at most {MOST_PARTIES} parties, got {len(requests)}; judge some of them first")
    return requests
