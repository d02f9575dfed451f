"""Definite descriptions: whom "the company", "the prime minister" or "these officers" stands for."""

from collections.abc import Sequence

from ..article.nlp import Token
from ..domain import Kind
from ..names.lexicon import COMPANY_NOUNS, ORGANIZATION_NOUNS, STATE_NOUNS
from .entities import Entity
from .entity_table import EntityTable

_OPEN = COMPANY_NOUNS | {
    "group", "party", "club", "team", "union", "organization", "organisation", "agency", "charity", "movement",
    "department", "regulator", "league", "network", "broadcaster", "channel", "site", "website", "newspaper", "paper",
}  # fmt: skip
"""Nouns that may stand for an organisation whose name does not say what it is."""
_KIN = (
    {
        "union",
        "federation",
        "confederation",
        "association",
        "organization",
        "organisation",
        "group",
        "body",
        "alliance",
    },
    {"ministry", "department", "agency", "authority", "office", "bureau", "regulator", "watchdog"},
    {"party", "alliance", "coalition", "movement", "opposition"},
    {"charity", "foundation", "trust", "fund", "organization", "organisation", "group"},
    {"court", "tribunal", "bench"},
    {"parliament", "assembly", "congress", "legislature", "house"},
)
"""Nouns by which news calls one and the same body in turn."""
_DETERMINERS = {"the", "this", "that", "these", "those"}
_OPENING = {"kingdom", "republic"}
"""What opens a state's name: "the Republic of Cuba" is nobody else's."""
_OFFICE_FIRST = {"prime", "crown", "chief", "foreign", "federal", "local", "national"}
_BODIES = {"administration", "company", "council", "government", "party", "union"}
_SPEAKING = {"official", "officials", "spokesman", "spokeswoman", "spokesperson", "statement", "sources", "ministers"}
"""Who speaks for one of `_BODIES`."""
_SUSPECTS = {"suspect", "gunman", "shooter", "attacker", "defendant", "accused", "boy", "girl", "teenager"}
"""What news calls the one person that an article is about, unless that is somebody in office."""


def start_of_description(tokens: Sequence[Token], position: int) -> int | None:
    """Where "the", "this" or "that" starts before the noun at `position`, past at most two adjectives; None without.

    "Our" counts before "Organization", as speakers to the United Nations call them.

    A noun that only qualifies the next one ("the government data") is no description of its own, unless that is who
    speaks for it ("government officials"); nor is one whose name follows ("the Republic of Cuba").
    """
    following = tokens[position + 1] if position + 1 < len(tokens) else None
    if tokens[position].text.lower() in _OPENING and _of_a_name(tokens, position + 1):
        return None
    if following is not None and following.pos in ("NOUN", "PROPN") and following.tag != "POS":
        if tokens[position].text.lower() not in _BODIES or following.text.lower() not in _SPEAKING:
            return None
        if position == 0 or tokens[position - 1].text.lower() not in _DETERMINERS:
            return tokens[position].start if tokens[position].text[0].islower() else None  # "government officials"
    for back in range(1, 4):
        if position - back < 0:
            return None
        token = tokens[position - back]
        if token.text.lower() in _DETERMINERS or (
            token.text.lower() == "our" and tokens[position].text == "Organization"
        ):
            return token.start
        if token.pos not in ("ADJ", "NUM") and token.tag != "VBN" and token.text.lower() not in _OFFICE_FIRST:
            return None
    return None


def _of_a_name(tokens: Sequence[Token], position: int) -> bool:
    """Whether "of" and a name follow: "the Republic of Cuba" is nobody else's."""
    words = [token for token in tokens[position : position + 3] if token.text.lower() != "the"]
    return len(words) > 1 and words[0].text == "of" and words[1].pos == "PROPN"


def described(table: EntityTable, noun: str, recent: Sequence[Entity]) -> Entity | None:
    """The entity that "the `noun`" stands for: the nearest one known by that noun, else one that nothing rules out.

    Whom the user asked for goes first, and among them the one that has the noun in its name.
    """
    if noun in _SUSPECTS:
        people = [entity for entity in table.entities if entity.requested and entity.kind is Kind.PERSON]
        private = [person for person in people if person.owner is None and not person.nouns]
        return private[0] if len(private) == len(people) == 1 else None
    if noun not in ORGANIZATION_NOUNS | STATE_NOUNS and not any(noun in entity.nouns for entity in table.entities):
        return None
    knowing = [entity for entity in table.entities if noun in entity.nouns and (entity.mentions or entity.requested)]
    knowing = [entity for entity in knowing if entity.requested] or knowing
    called = [entity for entity in knowing if entity.requested and noun in entity.name.lower().split()]
    knowing = called if len(called) == 1 else knowing
    for entity in recent:
        if entity in knowing:
            return entity
    if len(knowing) == 1 or (knowing and noun in STATE_NOUNS):
        return max(knowing, key=lambda entity: len(entity.mentions))
    if knowing:
        return None
    kin = {other for nouns in _KIN if noun in nouns for other in nouns}
    related = [
        entity
        for entity in table.entities
        if entity.nouns & kin and entity.kind is Kind.ORGANIZATION and (entity.requested or len(entity.mentions) > 1)
    ]
    if related:
        return next((entity for entity in recent if entity in related), None)
    if noun not in _OPEN:
        return None
    fitting = [a for a in table.entities if a.kind is Kind.ORGANIZATION and not a.nouns and len(a.mentions) > 1]
    return next((entity for entity in recent if entity in fitting), fitting[0] if len(fitting) == 1 else None)


def learn_noun(entity: Entity, noun: str) -> None:
    """From now on `noun` stands for an organisation of which nothing said what it is."""
    if entity.kind is Kind.ORGANIZATION and not entity.nouns:
        entity.nouns |= COMPANY_NOUNS if noun in COMPANY_NOUNS else {noun}
