"""Definite descriptions: whom "the company", "the prime minister" or "these officers" stands for."""

from collections.abc import Sequence

from model.actors import Actor
from model.cast import Cast
from model.domain import Kind
from model.language import Token
from model.wording import COMPANY_NOUNS, ORGANIZATION_NOUNS, STATE_NOUNS

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
"""What news calls the one person that an article is about."""


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


def described(cast: Cast, noun: str, recent: Sequence[Actor]) -> Actor | None:
    """The actor that "the `noun`" stands for: the nearest one known by that noun, else one that nothing rules out.

    Whom the user asked for goes first, and among them the one that has the noun in its name.
    """
    if noun in _SUSPECTS:
        people = [actor for actor in cast.actors if actor.requested and actor.kind is Kind.PERSON]
        return people[0] if len(people) == 1 else None
    if noun not in ORGANIZATION_NOUNS | STATE_NOUNS and not any(noun in actor.nouns for actor in cast.actors):
        return None
    knowing = [actor for actor in cast.actors if noun in actor.nouns and (actor.references or actor.requested)]
    knowing = [actor for actor in knowing if actor.requested] or knowing
    called = [actor for actor in knowing if actor.requested and noun in actor.name.lower().split()]
    knowing = called if len(called) == 1 else knowing
    for actor in recent:
        if actor in knowing:
            return actor
    if len(knowing) == 1 or (knowing and noun in STATE_NOUNS):
        return max(knowing, key=lambda actor: len(actor.references))
    if knowing:
        return None
    kin = {other for nouns in _KIN if noun in nouns for other in nouns}
    related = [
        actor
        for actor in cast.actors
        if actor.nouns & kin and actor.kind is Kind.ORGANIZATION and (actor.requested or len(actor.references) > 1)
    ]
    if related:
        return next((actor for actor in recent if actor in related), None)
    if noun not in _OPEN:
        return None
    fitting = [a for a in cast.actors if a.kind is Kind.ORGANIZATION and not a.nouns and len(a.references) > 1]
    chosen = next((actor for actor in recent if actor in fitting), fitting[0] if len(fitting) == 1 else None)
    if chosen is not None:
        chosen.nouns |= COMPANY_NOUNS if noun in COMPANY_NOUNS else {noun}
    return chosen
