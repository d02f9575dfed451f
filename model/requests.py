"""Parties that somebody asks for by name: what the name implies, and which of the article's actors it takes over."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from model.actors import Actor, Reference
from model.cast import Cast
from model.domain import Kind, Party
from model.errors import PartyError
from model.gazetteer import Form, State, organization_named, state_matches, state_named
from model.implied_names import HONORIFICS, implied_forms, implied_nouns, office_of, state_of, without_capital
from model.wording import organization_nouns, state_nouns

MOST_PARTIES = 24
"""Parties that a user may ask for at once."""
_PARTICLES = {
    "al", "bin", "bint", "da", "das", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "ibn", "la", "le",
    "van", "von",
}  # fmt: skip
_PERSON = re.compile(
    rf"(?!The )[A-Z][\w.'’\-]+(?: (?:[A-Z][\w.'’\-]*|(?:{'|'.join(sorted(_PARTICLES))})(?:[-‑][A-Z][\w'’]*)?)){{1,4}}"
)
_NUMERALS = {"II", "III", "IV", "V", "VI", "Jr", "Jr.", "Sr", "Sr."}
_COMMON = re.compile(r"[a-z]s$| of | (?:community|family|people|police|public|press|opposition|military|army)$")
"""What a description of people ends with ("Refugees", "International community") or holds."""
_DESCRIBES = re.compile(rf"\b(?!(?:with|from|against|under|within|{'|'.join(sorted(_PARTICLES))})\b)[a-z]{{4,}}")
"""A small word that a name seldom holds."""


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
    requests = [replace(request, aliases=tuple(filter(str.strip, request.aliases))) for request in requests]
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
                actor.forms |= _names_of_person(request.name)
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
    state = next(filter(None, map(state_of, [request.name, *request.aliases])), None)
    if state is not None:
        actor.kind = Kind.STATE
        actor.nouns = state_nouns(state)
    if request.exact:
        return
    for form in (request.name, *request.aliases):
        actor.forms |= implied_forms(form)
        actor.nouns |= implied_nouns(form)
    claimed = {form for other in others for form in (other.name, other.name.split()[-1], *other.aliases)}
    for other in others:
        body = organization_named(other.name)
        claimed |= set(body.names) if body and body.name not in actor.forms else set()
        claimed.add(office_of(other.name))
    claimed = {form for form in claimed if not request.name.endswith(f" {form}")}  # the Security Council's own end
    actor.forms -= claimed - {request.name, *request.aliases}
    if all(other.state is not state for other in cast.actors) and (state_named(request.name) or state not in named):
        actor.state = state  # so that the state's other names and its leaders count for it


def _note_forms(cast: Cast, actors: Sequence[Actor]) -> None:
    """Give each name to its actor, the longest names first; one that two share to whom the article names more.

    A description ("separatists in Ukraine") leaves the names within it to those whom they name.
    """
    described: list[tuple[Actor, int, int, int]] = []
    forms = sorted({form for actor in actors for form in actor.forms}, key=lambda form: (-len(form), form))
    for form in forms:
        actor = max((actor for actor in actors if form in actor.forms), key=_named)
        places = list(cast.occurrences(form))
        if _COMMON.search(form) or (form == actor.name and not places):
            places += cast.occurrences(without_capital(form))
        for place, start, end in places:
            cast.note(actor, place, start, end)
        described += [
            (actor, place, start, end)
            for place, start, end in places
            if _DESCRIBES.search(cast.texts[place].text, start, end)
        ]
    inner: list[tuple[int, int, int]] = []
    for form in forms if described else ():
        if not form[:1].isupper():
            continue
        actor = max((actor for actor in actors if form in actor.forms), key=_named)
        for place, start, end in cast.occurrences(form):
            within = any(
                other is not actor and at == place and left <= start and end <= right
                for other, at, left, right in described
            )
            if within and all(at != place or end <= left or right <= start for at, left, right in inner):
                inner.append((place, start, end))
                actor.add(Reference(place, start, end))


def _named(actor: Actor) -> tuple[int, int, int]:
    """How often the article names the actor by as long a name as its own, how often at all, and how early."""
    full = sum(len(actor.name) <= reference.end - reference.start for reference in actor.references)
    return full, len(actor.references), -min((reference.paragraph for reference in actor.references), default=0)


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


def _names_of_person(name: str) -> set[str]:
    """First name and surname, where they are no state's: "De La Fuente" of "Rocky De La Fuente"."""
    words = [word for word in name.split() if word not in _NUMERALS]
    start = next((index for index, word in enumerate(words[1:], 1) if word.lower() in _PARTICLES), len(words) - 1)
    ends = {words[0], words[-1], " ".join(words[start:])}
    if re.match("[a-z]{2}[-‑][A-Z]", words[-1]):
        ends |= {words[-1][0].upper() + words[-1][1:]}  # "Al-Muhandis" opens a sentence
    if start < len(words) - 1:
        ends |= {
            " ".join([words[start].lower(), *words[start + 1 :]]),
            " ".join([words[start].title(), *words[start + 1 :]]),
        }
    states = {word for word in ends if any(match.form is not Form.CAPITAL for match in state_matches(word))}
    return ends - states - ({words[0]} if words[0] in HONORIFICS else set())


def _is_person(cast: Cast, actor: Actor) -> bool:
    """Whether a requested name looks like a person's: spaCy says so, or nothing says otherwise."""
    if not _PERSON.fullmatch(actor.name) or organization_nouns(actor.name):
        return False
    labels = {
        entity.label
        for reference in actor.references
        for entity in cast.texts[reference.paragraph].entities
        if entity.start < reference.end and reference.start < entity.end
    }
    if "PERSON" in labels:
        return True
    of_state = any(match.start == 0 and match.form is not Form.LEADER for match in state_matches(actor.name))
    before = [cast.texts[r.paragraph].text[max(0, r.start - 4) : r.start].lower() for r in actor.references]
    return not ({"ORG", "GPE"} & labels or of_state or 2 * before.count("the ") > len(before))


def _names_person(form: str, name: str) -> bool:
    """Whether `form` is the person's full name or, if only the surname was met, ends in it."""
    form_words, words = form.split(), name.split()
    if len(form_words) < 2 or len(words) < 2:
        return form == name or (len(words) == 1 and form_words[-1] == name)
    return (form_words[0], form_words[-1]) == (words[0], words[-1])
