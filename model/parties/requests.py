"""Parties that somebody asks for by name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..domain import Party
from ..errors import PartyError

MOST_PARTIES = 24
"""Parties that a user may ask for at once."""
LONGEST_NAME = 120
"""Characters in the longest name that is looked for; names of bodies seldom have 80."""
MOST_ALIASES = 20
"""Other names that a user may give to one party."""
_LONGEST_LIST = 100_000  # characters; 24 parties with 20 names each, all of them long, have 58,000


@dataclass(frozen=True, slots=True)
class PartyRequest:
    """A party that the user (or a gold file) asks for.

    With `exact`, its names are `name` and `aliases` and no others, but for a person's surname; otherwise the other
    names that usually stand for it are found too.
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
    aliases = [alias for alias in party.aliases if len(alias) <= LONGEST_NAME and not re.search("[,:;]", alias)]
    return PartyRequest(" ".join(re.sub("[,:;]", " ", party.name).split()), tuple(aliases[:MOST_ALIASES])).line


def parse_requests(text: str, exact: bool = False) -> list[PartyRequest]:
    """Read "United States; China" or one `name: other name, other name` a line.

    Raises:
        PartyError: no name, the same name twice, a name longer than `LONGEST_NAME`, more than `MOST_PARTIES`, or more
            than `MOST_ALIASES` for one of them.
    """
    if len(text) > _LONGEST_LIST:
        raise PartyError(f"expected a list of at most {_LONGEST_LIST:,} characters, got {len(text):,}; list names only")
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise PartyError("expected names of whole characters, got half of one; type the names again")
    pieces = [piece for piece in re.split(r"[;\n]", text) if piece.strip()]
    if len(pieces) > MOST_PARTIES:
        raise PartyError(f"expected at most {MOST_PARTIES} parties, got {len(pieces)}; judge some of them first")
    requests: list[PartyRequest] = []
    for piece in pieces:
        name, _, others = piece.partition(":")
        name = " ".join(name.split())
        aliases = tuple(" ".join(other.split()) for other in others.split(",") if other.strip())
        if not name:
            raise PartyError(f"expected a party's name before the colon, got {piece.strip()[:LONGEST_NAME]!r}")
        _check_names(name, aliases)
        if any(name.casefold() == known.name.casefold() for known in requests):
            raise PartyError(f"expected each party once, got {name!r} twice; put its other names on one line with it")
        requests.append(PartyRequest(name, aliases, exact=exact and bool(aliases)))
    return requests


def _check_names(name: str, aliases: Sequence[str]) -> None:
    if len(aliases) > MOST_ALIASES:
        raise PartyError(
            f"expected at most {MOST_ALIASES} other names for one party, got {len(aliases):,} for "
            f"{name[:LONGEST_NAME]!r}; keep those that the article uses"
        )
    for some in (name, *aliases):
        if len(some) > LONGEST_NAME:
            raise PartyError(
                f"expected names of at most {LONGEST_NAME} characters, got {len(some):,}: {some[:40]!r} …; "
                "shorten it, and part names with semicolons"
            )
