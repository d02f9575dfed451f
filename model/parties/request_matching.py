"""What the name of a requested party implies, and which of the article's entities it takes over."""

import re
from bisect import insort
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from ..domain import Kind, Mention
from ..names.aliases import HONORIFICS, implied_forms, office_of, state_of, without_capital
from ..names.gazetteer import Form, State, organization_named, state_matches, state_named
from ..names.lexicon import ROLE_END, organization_nouns
from ..names.people import JUNIOR, may_be_same_person, surname_of, without_endings
from ..names.plain import plain_letters
from .entities import Entity, are_namesakes, is_free
from .entity_table import EntityTable
from .requests import PartyRequest

_PARTICLES = {
    "al", "bin", "bint", "da", "das", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "ibn", "la", "le",
    "van", "von",
}  # fmt: skip
_PERSON = re.compile(
    rf"(?!The )[A-Z][\w.'’\-]+(?: (?:[A-Z][\w.'’\-]*|(?:{'|'.join(sorted(_PARTICLES))})(?:[-‑][A-Z][\w'’]*)?)){{1,4}}"
)
_COMMON = re.compile(r"[a-z]s$| of | (?:community|family|people|police|public|press|opposition|military|army)$")
"""What a description of people ends with ("Refugees", "International community") or holds."""
_DESCRIBES = re.compile(rf"\b(?!(?:with|from|against|under|within|{'|'.join(sorted(_PARTICLES))})\b)[a-z]{{4,}}")
"""A small word that a name seldom holds."""


def request_entities(table: EntityTable, requests: Sequence[PartyRequest]) -> list[Entity]:
    """An entity for each request; their names are given to them, the longest first, before anybody else's are found.

    A government stands for its state, unless the state is a party too.
    """
    named = {state_named(request.name) for request in requests}
    requests = [replace(request, aliases=tuple(filter(str.strip, request.aliases))) for request in requests]
    entities = [
        Entity(request.name, Kind.ORGANIZATION, forms={request.name, *request.aliases}, requested=True)
        for request in requests
    ]
    table.entities += entities
    _note_forms(table, entities)
    for entity, request in zip(entities, requests, strict=True):
        _add_implied_names(table, entity, request, [other for other in requests if other is not request], named)
    _note_forms(table, entities)
    for entity, request in zip(entities, requests, strict=True):
        if entity.kind is Kind.ORGANIZATION and _is_person(table, entity):
            entity.kind = Kind.PERSON
            if not request.exact:
                first = request.name.split()[0]
                names = _names_of_person(request.name)
                if _mostly_means_others(table, first):
                    names.discard(first)
                entity.forms |= names - _opening_others(table, {first}, request.name)
    _note_forms(table, entities)
    for entity in entities:
        if entity.kind is Kind.PERSON:
            table.note_roles(entity)
    return entities


def _add_implied_names(
    table: EntityTable, entity: Entity, request: PartyRequest, others: Sequence[PartyRequest], named: set[State | None]
) -> None:
    """Give the entity the state that it is, and the names that its names imply.

    What the `others` are called stays theirs; `named` are the states that are asked for by name.
    """
    own = request.name.split()  # "Jordan" is no state where it is asked for as a name of Jim Jordan
    names = [request.name, *(alias for alias in request.aliases if alias not in own)]
    state = next(filter(None, map(state_of, names)), None)
    if state is not None:
        entity.kind = Kind.STATE
    if request.exact:
        return
    small = request.name.lower()  # whether "Greens" are "greens" is for the article to say
    common = (
        small == request.name or " " in small or small in map(table.article.words, table.article.occurrences(small))
    )
    implied = implied_forms(request.name, common=common)
    for alias in request.aliases:
        implied |= implied_forms(alias, common=" " in alias)
    entity.forms |= implied - _opening_others(table, implied - set(own), request.name)
    claimed = {form for other in others for form in (other.name, other.name.split()[-1], *other.aliases)}
    for other in others:
        body = organization_named(other.name)
        claimed |= set(body.names) if body and body.name not in entity.forms else set()
        claimed.add(office_of(other.name))
    claimed = {form for form in claimed if not request.name.endswith(f" {form}")}  # the Security Council's own end
    entity.forms -= claimed - {request.name, *request.aliases}
    if all(other.state is not state for other in table.entities) and (state_named(request.name) or state not in named):
        entity.state = state  # so that the state's other names and its leaders count for it


def _note_forms(table: EntityTable, entities: Sequence[Entity]) -> None:
    """Give each name to its entity, the longest names first; one that two share to whom the article names more.

    A description ("separatists in Ukraine") leaves the names within it to those whom they name.
    """
    described: dict[int, list[tuple[Entity, Mention]]] = {}
    names = {(at.paragraph, end): words for at, words in table.article.full_names for end in (at.start, at.end)}
    forms = sorted({form for entity in entities for form in entity.forms}, key=lambda form: (-len(form), form))
    for form in forms:
        entity = max((entity for entity in entities if form in entity.forms), key=_prominence)
        places = table.article.occurrences(form)
        if (_COMMON.search(form) and (" " in form or form == entity.name)) or (form == entity.name and not places):
            places = [*places, *table.article.occurrences(without_capital(form))]
        if _PERSON.fullmatch(entity.name) and " " not in form:
            places = [place for place in places if not _of_another(entity.name, form, place, names)]
        for place in places:
            table.note(entity, place)
            if " " in form and _DESCRIBES.search(table.texts[place.paragraph].text, place.start, place.end):
                described.setdefault(place.paragraph, []).append((entity, place))
    inner: list[Mention] = []
    for form in forms if described else ():
        if not form[:1].isupper():
            continue
        entity = max((entity for entity in entities if form in entity.forms), key=_prominence)
        for place in table.article.occurrences(form):
            within = any(
                other is not entity and whole.start <= place.start < place.end <= whole.end
                for other, whole in described.get(place.paragraph, ())
            )
            if within and is_free(inner, place):
                insort(inner, place)
                entity.add(place)


def _of_another(name: str, form: str, place: Mention, full_names: Mapping[tuple[int, int], list[str]]) -> bool:
    """Whether the person `name`'s first name or surname is part of another's full name there ("Joe" Manchin)."""
    words = set(name.split())
    opens, closes = (full_names.get((place.paragraph, at)) for at in (place.start, place.end))
    if opens and form == name.split()[0]:
        return opens[1][:1].isupper() and opens[1] not in words
    if closes and form == surname_of(name):
        titled = closes[0].endswith(".") or ROLE_END.search(f"{closes[-2]} ")
        return not titled and not words & set(closes[:-1])
    return opens is not None and form not in words and not words & set(opens)


def _prominence(entity: Entity) -> tuple[int, int, int]:
    """How often the article names the entity by as long a name as its own, how often at all, and how early."""
    full = sum(len(entity.name) <= mention.end - mention.start for mention in entity.mentions)
    return full, len(entity.mentions), -min((mention.paragraph for mention in entity.mentions), default=0)


def absorb(table: EntityTable, wanted: Sequence[Entity], requests: Sequence[PartyRequest]) -> None:
    """Give each requested party the found entities that are the same."""
    for entity, request in zip(wanted, requests, strict=True):
        for other in [other for other in table.entities if not other.requested]:
            if other.state is not None and (request.exact or entity.kind is Kind.PERSON):
                continue  # Jim Jordan, or "China" without "Chinese", is no whole state
            same = bool(entity.forms & other.forms) and not are_namesakes(entity, other)
            same = same or (not request.exact and _shortened(other.name, entity.name))
            person = other.kind is Kind.PERSON and (
                same or any(_names_person(form, other.name) for form in entity.forms)
            )
            if person or same:
                if person and entity.state is None and not organization_nouns(entity.name):
                    entity.kind = Kind.PERSON
                entity.roles |= other.roles
                for mention in other.mentions:
                    entity.add(mention)
                table.entities.remove(other)


def _shortened(short: str, name: str) -> bool:
    """Whether `short` is a body's name without some of its words: "Constitutional Court" of "… of Latvia"."""
    words = {word for word in short.split() if word[0].isupper()}
    return len(words) > 1 and words <= set(name.split()) and bool(organization_nouns(short) & organization_nouns(name))


def _names_of_person(name: str) -> set[str]:
    """First name and surname, where they are no state's: "De La Fuente" of "Rocky De La Fuente"."""
    words = without_endings(name)
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


def _opening_others(table: EntityTable, forms: Set[str], name: str) -> set[str]:
    """Those of the forms that open full names in the article, most of which cannot be those of the person `name`.

    "Donald" is Donald Trump Jr.'s where his father is not named in full, "Robert" is no singular of "Roberts".
    """
    are_own: dict[str, list[bool]] = {}
    for place, words in table.article.full_names:
        if words[0] in forms:
            junior = JUNIOR.match(table.texts[place.paragraph].text, place.end)  # spaCy may leave it out
            full = " ".join(words) + (junior[0] if junior else "")
            are_own.setdefault(words[0], []).append(_may_be_spelt(name, full))
    return {form for form, found in are_own.items() if 2 * sum(found) < len(found)}


def _may_be_spelt(name: str, other: str) -> bool:
    """Whether two full names may be one person's in two spellings: accents, hyphens, or letters at the end differ."""
    one, two = (plain_letters(full).replace("-", " ") for full in (name, other))
    short, long = sorted((surname_of(one).lower(), surname_of(two).lower()), key=len)
    return long.startswith(short) and may_be_same_person(one, two)


def _mostly_means_others(table: EntityTable, name: str) -> bool:
    """Whether a person's first name mostly means others in the article.

    "Will" is a word, "Christian" an adjective, and "United" part of a state.
    """
    others = [table.article.means_other(place) for place in table.article.occurrences(name)]
    return 2 * sum(others) > len(others)


def _is_person(table: EntityTable, entity: Entity) -> bool:
    """Whether a requested name looks like a person's: spaCy says so, or nothing says otherwise.

    Of one that the article does not have, a word may stand for others there: "United" is no name of somebody.
    """
    if not _PERSON.fullmatch(entity.name) or organization_nouns(entity.name) or organization_named(entity.name):
        return False
    if not entity.mentions:
        places = (place for name in _names_of_person(entity.name) for place in table.article.occurrences(name))
        if any(table.article.means_other(place) for place in places):
            return False
    labels = {
        named.label
        for mention in entity.mentions
        for named in table.texts[mention.paragraph].entities
        if named.start < mention.end and mention.start < named.end
    }
    if "PERSON" in labels:
        return True
    of_state = any(match.start == 0 and match.form is not Form.LEADER for match in state_matches(entity.name))
    before = [table.texts[r.paragraph].text[max(0, r.start - 4) : r.start].lower() for r in entity.mentions]
    return not ({"ORG", "GPE"} & labels or of_state or 2 * before.count("the ") > len(before))


def _names_person(form: str, name: str) -> bool:
    """Whether `form` is the person's full name or, if only the surname was met, ends in it."""
    form_words, words = form.split(), name.split()
    if len(form_words) < 2 or len(words) < 2:
        return form == name or (len(words) == 1 and form_words[-1] == name)
    return (form_words[0], form_words[-1]) == (words[0], words[-1])
