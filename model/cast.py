"""The cast of an article: the names in it, grouped into actors."""

import re
from calendar import month_name
from collections.abc import Iterator, Sequence

from model.actors import TITLE, Actor, Reference
from model.domain import Kind
from model.gazetteer import Form, State, StateMatch, leader_named, state_matches
from model.language import Entity, Reading
from model.wording import (
    ACRONYM,
    GENERIC_WORDS,
    HE_TITLES,
    HONORIFIC,
    HONORIFIC_END,
    OFFICE_END,
    POLITICAL,
    ROLE_END,
    RULES_AFTER,
    SHE_TITLES,
    UNNAMED,
    is_short_for,
    is_state,
    may_be_same_person,
    organization_forms,
    organization_nouns,
    plain_letters,
    state_before,
    state_nouns,
)

_LONG = 9
"""Characters of a name of several words that is found in any case ("BOKO HARAM")."""


class Cast:
    """The actors of one article, found text by text; `texts` maps `TITLE` and paragraph indices to readings."""

    def __init__(self, texts: dict[int, Reading]) -> None:
        self.texts = texts
        self.actors: list[Actor] = []
        self._plain = {place: plain_letters(reading.text) for place, reading in texts.items()}
        self._taken: dict[int, list[tuple[int, int]]] = {place: [] for place in texts}

    def state(self, state: State) -> Actor:
        """The actor for `state`, made at need."""
        for actor in self.actors:
            if actor.state is state:
                return actor
        actor = Actor(state.name, Kind.STATE, state=state, forms={state.name, *state.names}, nouns=state_nouns(state))
        self.actors.append(actor)
        return actor

    def name(self) -> None:
        """Find all names: states and their leaders first, then spaCy's persons, organisations and places."""
        for place, reading in self.texts.items():
            for match in state_matches(reading.text):
                if is_state(reading, match):
                    self._note_state(place, match)
        for place, reading in self.texts.items():
            for entity in reading.entities:
                self._note_entity(place, reading, entity)
        self._note_acronyms()
        self._merge()
        self._repeat_forms()
        self._note_unnamed()

    def note(self, actor: Actor, place: int, start: int, end: int) -> None:
        """Give the name at characters `start` to `end` of a text to `actor`, unless it was given already."""
        if self._free(place, start, end):
            self._taken[place].append((start, end))
            actor.add(Reference(place, start, end))

    def _free(self, place: int, start: int, end: int) -> bool:
        return all(end <= left or right <= start for left, right in self._taken[place])

    def person(self, name: str) -> Actor | None:
        """The person called `name` in full or by surname, if one was named."""
        return next((actor for actor in self.actors if actor.kind is Kind.PERSON and name in actor.forms), None)

    def _note_state(self, place: int, match: StateMatch) -> None:
        if match.form is not Form.LEADER:
            self.note(self.state(match.state), place, match.start, match.end)
            return
        surname = match.state.surname(match.leader)
        actor = self.person(match.leader) or self._leader(match.state, surname)
        if actor is None:
            actor = Actor(match.leader, Kind.PERSON, owner=match.state)
            self.actors.append(actor)
        actor.forms |= {match.leader, surname}
        self.note(actor, place, match.start, match.end)
        self.note_role(actor)

    def note_role(self, actor: Actor) -> None:
        """Learn a person's office and pronoun from what stands before the name ("Judge", "Mrs")."""
        for reference in actor.references:
            text = self.texts[reference.paragraph].text
            before = text[max(0, reference.start - 80) : reference.start]
            role, honorific = ROLE_END.search(before), HONORIFIC_END.search(before)
            if role:
                actor.nouns.add(role[1].lower())
            if honorific:
                actor.pronouns = "she" if honorific[1] in SHE_TITLES else "he" if honorific[1] in HE_TITLES else ""

    def _leader(self, state: State, surname: str) -> Actor | None:
        """A person of `state` with this surname: other spellings of the same leader."""
        return next((a for a in self.actors if a.owner is state and surname in a.forms), None)

    def _note_entity(self, place: int, reading: Reading, entity: Entity) -> None:
        text = re.sub(r"['’]s?$", "", entity.text).strip(" \"“”'’")
        text = re.sub(r"^[Tt]he\s+", "", " ".join(text.split()))
        if len(text) < (2 if entity.label == "PERSON" else 3) or not text[0].isupper() or text in GENERIC_WORDS:
            return
        if not self._free(place, entity.start, entity.end):
            return
        if text in POLITICAL:
            self._note_organization(place, entity, POLITICAL[text], Kind.ORGANIZATION, form=text)
        elif entity.label == "PERSON":
            self._note_person(place, reading, entity, text)
        elif entity.label == "ORG":
            self._note_organization(place, entity, text, Kind.ORGANIZATION)
        elif entity.label == "GPE" and not any(a.state is not None and text in a.forms for a in self.actors):
            self._note_organization(place, entity, text, Kind.STATE)

    def _note_person(self, place: int, reading: Reading, entity: Entity, text: str) -> None:
        before = reading.text[max(0, entity.start - 80) : entity.start]
        inner = HONORIFIC.match(text)
        text = text[inner.end() :] if inner else text
        words = text.split()
        actor = self.person(text) or (self.person(words[-1]) if len(words) > 1 else None)
        if (
            actor is not None
            and len(words) > 1
            and len(actor.name.split()) > 1
            and not may_be_same_person(actor.name, text)
        ):
            actor = None
        if actor is None:
            actor = Actor(text, Kind.PERSON)
            self.actors.append(actor)
        if len(words) > len(actor.name.split()):
            actor.name = text
        actor.forms |= {text, words[-1]} if len(words[-1]) > 2 else {text}
        role = ROLE_END.search(before)
        if role:
            actor.nouns.add(role[1].lower())
        honorific = inner or HONORIFIC_END.search(before)
        if honorific:
            actor.pronouns = "she" if honorific[1] in SHE_TITLES else "he" if honorific[1] in HE_TITLES else ""
        if actor.owner is None:
            actor.owner = state_before(reading.text, entity.start)
        if actor.owner is None and len(words) == 1:
            rules = OFFICE_END.search(before) or RULES_AFTER.match(reading.text, entity.end)
            leader = leader_named(text) if rules else None
            if leader is not None:
                actor.owner, actor.name = leader
                actor.forms.add(leader[1])
        self.note(actor, place, entity.start, entity.end)

    def _note_organization(self, place: int, entity: Entity, name: str, kind: Kind, form: str = "") -> None:
        actor = next(
            (a for a in self.actors if a.state is None and a.kind is not Kind.PERSON and name in a.forms), None
        )
        if actor is None:
            actor = Actor(name, kind, forms=set(organization_forms(name)), nouns=organization_nouns(name))
            if kind is Kind.STATE:
                actor.nouns = {"city", "state", "province"}
            self.actors.append(actor)
        if form:
            actor.forms.add(form)
            actor.plural = True
        self.note(actor, place, entity.start, entity.end)

    def _note_acronyms(self) -> None:
        """Learn "(FNPF)" or "known as FNPF" after a name as a form of that name."""
        for actor in self.actors:
            for reference in list(actor.references):
                text = self.texts[reference.paragraph].text
                match = ACRONYM.match(text, reference.end)
                if match and actor.kind is not Kind.PERSON:
                    actor.forms.add(match[1])

    def _merge(self) -> None:
        """Join actors that share a form, or of whom one goes by one word of the other's name.

        spaCy may take "Karrawin" for a person and "Karrawin Resources" for an organisation: the longer name decides.
        """
        for actor in sorted(self.actors, key=lambda actor: len(actor.name.split())):
            if actor.state is not None or actor.requested:
                continue
            for other in self.actors:
                if other is actor or other.state is not None or len(other.name.split()) < len(actor.name.split()):
                    continue
                if actor.forms & other.forms or is_short_for(actor.name, other.name, other.kind is Kind.PERSON):
                    other.forms |= actor.forms
                    other.nouns |= actor.nouns
                    other.pronouns = other.pronouns or actor.pronouns
                    other.owner = other.owner or actor.owner
                    for reference in actor.references:
                        other.add(reference)
                    self.actors.remove(actor)
                    break

    def _note_unnamed(self) -> None:
        """Make actors of bodies that go by a common noun alone ("the infrastructure ministry"), if met three times."""
        found: dict[str, list[tuple[int, int, int]]] = {}
        for place, reading in self.texts.items():
            for position, token in enumerate(reading.tokens):
                noun = token.text.lower()
                if noun not in UNNAMED or token.tag not in ("NN", "NNP"):
                    continue
                following = reading.tokens[position + 1 : position + 2]
                if following and following[0].tag in ("NN", "NNS", "NNP"):
                    continue
                start = position
                while start and reading.tokens[start - 1].pos == "NOUN" and reading.tokens[start - 1].tag == "NN":
                    start -= 1
                found.setdefault(noun, []).append((place, reading.tokens[start].start, token.end))
        for noun, spans in found.items():
            if len(spans) < 3 or any(noun in actor.nouns for actor in self.actors if actor.references):
                continue
            names = [self.texts[place].text[start:end] for place, start, end in spans]
            actor = Actor(
                max(names, key=lambda name: (len(name.split()), names.count(name))), Kind.ORGANIZATION, nouns={noun}
            )
            self.actors.append(actor)
            for place, start, end in spans:
                self.note(actor, place, start, end)

    def _repeat_forms(self) -> None:
        """Give every further occurrence of a known form to its actor: spaCy sees one "Tessaryn" and misses the next."""
        forms = {form: actor for actor in self.actors for form in actor.forms if actor.state is None}
        for form in sorted(forms, key=len, reverse=True):
            for place, start, end in self.occurrences(form):
                self.note(forms[form], place, start, end)

    def occurrences(self, form: str) -> Iterator[tuple[int, int, int]]:
        """Where `form` stands as whole words, accents aside.

        A name of one word must have its capitals ("US"); several words match in any case.
        """
        flags = re.IGNORECASE if form == form.lower() or (len(form) >= _LONG and " " in form) else 0
        words = re.escape(plain_letters(form)).replace(r"\ ", r"\s+").replace(r"\-", r"-(?:\s(?=\w))?")
        pattern = re.compile(rf"(?<!\w){words}(?!\w)", flags)
        for place, text in self._plain.items():
            for match in pattern.finditer(text):
                if form not in month_name or not self._in_date(place, match.start()):  # "in May 2019"
                    yield place, match.start(), match.end()

    def _in_date(self, place: int, at: int) -> bool:
        entities = self.texts[place].entities
        return any(entity.label == "DATE" and entity.start <= at < entity.end for entity in entities)


def read_texts(title: str, paragraphs: Sequence[Reading], title_reading: Reading) -> dict[int, Reading]:
    """The readings by place: the title's first if there is one, then the paragraphs'."""
    texts = {TITLE: title_reading} if title else {}
    return texts | dict(enumerate(paragraphs))
