"""Parties that somebody asks for by name: what the name implies, and which of the article's actors it takes over."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from model.actors import Actor
from model.cast import Cast
from model.domain import Kind, Party
from model.errors import PartyError
from model.gazetteer import State, leader_named, organization_named, state_matches, state_named
from model.wording import ORGANIZATION_NOUNS, POLITICAL, STATE_NOUNS, organization_forms, organization_nouns

MOST_PARTIES = 24
"""Parties that a user may ask for at once."""
_TOO_COMMON = {"authorities", "forces", "leaders", "ministers", "officials", "parties", "people", "states"}
_COMMON = re.compile(r"[a-z]s$| of | (?:community|family|people|police|public|press|opposition|military|army)$")
"""What a description of people ends with ("Refugees", "International community") or holds."""
_GOVERNMENT = r"(?:administration|government|regime|cabinet|authorities|coalition|ministers|leadership|presidency|side)"


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


def request_actors(cast: Cast, requests: Sequence[PartyRequest], named: set[State]) -> list[Actor]:
    """An actor for each request; their names are given to them, the longest first, before anybody else's are found.

    A government stands for its state, unless the state is a party too (`named`).
    """
    actors = [
        Actor(request.name, Kind.ORGANIZATION, forms={request.name, *request.aliases}, requested=True)
        for request in requests
    ]
    cast.actors += actors
    _note_forms(cast, actors)
    for actor, request in zip(actors, requests, strict=True):
        _describe(cast, actor, request, [other for other in requests if other is not request], named)
    _note_forms(cast, actors)
    for actor, request in zip(actors, requests, strict=True):
        if actor.kind is Kind.ORGANIZATION and _is_person(cast, actor):
            actor.kind = Kind.PERSON
            if not request.exact:
                ends = (request.name.split()[0], request.name.split()[-1])
                actor.forms |= {word for word in ends if not list(state_matches(word))}
    _note_forms(cast, actors)
    for actor in actors:
        if actor.kind is Kind.PERSON:
            cast.note_role(actor)
    return actors


def _describe(
    cast: Cast, actor: Actor, request: PartyRequest, others: Sequence[PartyRequest], named: set[State]
) -> None:
    """Give the actor the state that it is, the names that its names imply and the nouns that may stand for it.

    What the `others` are called stays theirs.
    """
    state = next(filter(None, map(_state_of, [request.name, *request.aliases])), None)
    if state is not None:
        actor.kind = Kind.STATE
        actor.nouns = set(STATE_NOUNS)
    if request.exact:
        return
    for form in (request.name, *request.aliases):
        actor.forms |= _derived_forms(form)
        actor.nouns |= organization_nouns(form) | _head_noun(form)
        known = organization_named(form)
        if known is not None:
            actor.forms |= {known.name, *known.names}
            actor.nouns |= set(known.nouns)
    claimed = {form for other in others for form in (other.name, other.name.split()[-1], *other.aliases)}
    for other in others:
        body = organization_named(other.name)
        claimed |= set(body.names) if body and body.name not in actor.forms else set()
    actor.forms -= claimed - {request.name, *request.aliases}
    if all(other.state is not state for other in cast.actors) and (state_named(request.name) or state not in named):
        actor.state = state  # so that the state's other names and its leaders count for it


def _note_forms(cast: Cast, actors: Sequence[Actor]) -> None:
    forms = [(form, actor) for actor in actors for form in actor.forms]
    for form, actor in sorted(forms, key=lambda pair: (-len(pair[0]), pair[0])):
        places = list(cast.occurrences(form))
        if _COMMON.search(form) or (form == actor.name and not places):
            places += cast.occurrences(_without_capital(form))
        for place, start, end in places:
            cast.note(actor, place, start, end)


def _without_capital(form: str) -> str:
    """Without the capital that may only open a description ("Bus driver", "People of Guam")."""
    opening = form.split()[0]
    return form[0].lower() + form[1:] if opening[1:] == opening[1:].lower() else form


def _derived_forms(name: str) -> set[str]:
    """Other names that `name` implies: without "the", without or from its brackets, acronym, adherents, first word."""
    if re.match(r"[Tt]he [a-z]", name):  # "the club": any club would be too much
        return {name}
    plain = re.sub(r"^[Tt]he ", "", name)
    inner = re.findall(r"\(([^)]+)\)", plain)
    base = re.sub(r"\s*\([^)]*\)", "", plain).strip()
    forms = {base, *inner}
    for part in (base, *inner):
        if any(word[0].isupper() for word in part.split()):
            forms |= set(organization_forms(part))
        forms |= _without_state(part)
        party = re.fullmatch(r"(\w+(?: \w+)?) Party", part)
        if party:
            forms |= {party[1], f"{party[1]}s"}
        government = re.fullmatch(rf"(\w[\w'’ \-]*) {_GOVERNMENT}", part, re.IGNORECASE)
        leader = leader_named(government[1]) if government else None
        if government and leader:
            forms |= {government[1], leader[1]}
        political = POLITICAL.get(part, part)
        forms |= {word for word, full in POLITICAL.items() if full == political}
        last = part.split()[-1] if part else ""
        if (last.endswith("s") and last == last.lower() and last not in _TOO_COMMON) or last.lower() == "police":
            forms.add(last.lower())  # "Hong Kong protesters"
        if part == part.lower() and part.isalpha():
            forms |= {part.removesuffix("s"), part.removesuffix("s") + "s"}
    return {form for form in forms if len(form) > 1}


def _head_noun(name: str) -> set[str]:
    """What "the …" may call the party: "team" of "Research team", "project" of "Lost 52 Project"."""
    head = re.split(r" (?:of|on|for|in|from|to) ", name)[0].split()
    return (
        {head[-1].lower()} if len(head) > 1 and head[-1].isalpha() and not re.search(r"\b(?:and|&)\b", name) else set()
    )


def _without_state(name: str) -> set[str]:
    """A state's body by its own name: "Senate" of "United States Senate", "Parliament" of "Parliament of Tunisia"."""
    for match in state_matches(name):
        rest = name[match.end :].strip()
        if match.start == 0 and rest[:1].isupper():
            return {rest}
        body = re.match(r"(\w+) of (?:the )?$", name[: match.start])
        if body and not rest and body[1].lower() in ORGANIZATION_NOUNS:
            return {body[1]}
    return set()


def _state_of(name: str) -> State | None:
    """The state that `name` is, or whose government it is ("Trump administration", "Syria (Assad government)")."""
    base = re.sub(r"\s*\([^)]*\)", "", re.sub(r"^[Tt]he ", "", name)).strip()
    state = state_named(base)
    if state is not None:
        return state
    government = re.fullmatch(rf"(.+?)(?:['’]s)?(?: {_GOVERNMENT})+", base, re.IGNORECASE)
    if government is None:
        return None
    leader = leader_named(government[1])
    return state_named(government[1]) or (leader[0] if leader else None)


def absorb(cast: Cast, wanted: Sequence[Actor], requests: Sequence[PartyRequest]) -> None:
    """Give each requested party the found actors that are the same, then to each requested state its leaders."""
    for actor, request in zip(wanted, requests, strict=True):
        for other in [other for other in cast.actors if not other.requested]:
            same = bool(actor.forms & other.forms) or (not request.exact and _shortened(other.name, actor.name))
            person = other.kind is Kind.PERSON and (
                same or any(_names_person(form, other.name) for form in actor.forms)
            )
            if person or same:
                if person and actor.state is None and not organization_nouns(actor.name):
                    actor.kind = Kind.PERSON
                    actor.pronouns = actor.pronouns or other.pronouns
                actor.nouns |= other.nouns
                for reference in other.references:
                    actor.add(reference)
                cast.actors.remove(other)
    for actor, request in zip(wanted, requests, strict=True):
        for other in cast.actors:
            if actor.state is not None and other.owner is actor.state and not other.requested and not request.exact:
                other.stands_for = actor


def _shortened(short: str, name: str) -> bool:
    """Whether `short` is a body's name without some of its words: "Constitutional Court" of "… of Latvia"."""
    words = {word for word in short.split() if word[0].isupper()}
    return len(words) > 1 and words <= set(name.split()) and bool(organization_nouns(short) & organization_nouns(name))


def _is_person(cast: Cast, actor: Actor) -> bool:
    """Whether a requested name looks like a person's: two or three words, no body's noun, not tagged as one."""
    if not re.fullmatch(r"[A-Z][\w.'’\-]+(?: [A-Z][\w.'’\-]+){1,2}", actor.name) or organization_nouns(actor.name):
        return False
    labels = [
        entity.label
        for reference in actor.references
        for entity in cast.texts[reference.paragraph].entities
        if entity.start < reference.end and reference.start < entity.end
    ]
    return "PERSON" in labels or "ORG" not in labels


def _names_person(form: str, name: str) -> bool:
    """Whether `form` is the person's full name or, if only the surname was met, ends in it."""
    form_words, words = form.split(), name.split()
    if len(form_words) < 2 or len(words) < 2:
        return form == name or (len(words) == 1 and form_words[-1] == name)
    return (form_words[0], form_words[-1]) == (words[0], words[-1])
