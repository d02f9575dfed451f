"""The entities of an article: the names in it, grouped by whom they mean."""

import re
import sys
from bisect import insort

from ..article.nlp import NamedEntity
from ..domain import TITLE, Kind, Mention
from ..names.gazetteer import Form, State, StateMatch, leader_named, organization_named, state_named
from ..names.lexicon import (
    ACRONYM,
    GENERIC_WORDS,
    HONORIFIC,
    POLITICAL,
    ROLE_END,
    RULER_END,
    RULES_AFTER,
    is_short_for,
    organization_forms,
    state_before,
    states_named,
)
from ..names.people import JUNIOR, may_be_same_person, surname_of
from .article_texts import ArticleTexts
from .entities import Entity, are_namesakes, is_free
from .requests import LONGEST_NAME

_MOST_ENTITIES = 300
"""Names that are told apart in one article, those of one word after the others; what is beyond is left out. An article
of 5,000 words has fewer than 100."""
_NOWHERE = Mention(sys.maxsize, 0, 0)


class EntityTable:
    """The entities of one article; `texts` has its title by `TITLE`, and its paragraphs."""

    def __init__(self, article: ArticleTexts) -> None:
        self.article = article
        self.texts = article.parsed
        self.entities: list[Entity] = []
        self._taken: list[Mention] = []

    def state(self, state: State) -> Entity:
        """The entity for `state`, made at need."""
        for entity in self.entities:
            if entity.state is state:
                return entity
        entity = Entity(state.name, Kind.STATE, state=state, forms={state.name, *state.names})
        self.entities.append(entity)
        return entity

    def find_names(self) -> None:
        """Find all names: states and their leaders first, then spaCy's persons, organisations and places."""
        for place, match in states_named(self.texts):
            self._note_state(match, Mention(place, match.start, match.end))
        named = [(place, entity) for place, parsed in self.texts.items() for entity in parsed.entities]
        for place, entity in sorted(named, key=lambda one: (_is_one_word(one[1]), one[0] == TITLE)):
            self._note_entity(entity, Mention(place, entity.start, entity.end))
        self._note_acronyms()
        self._merge()
        self._repeat_forms()

    def note(self, entity: Entity, name: Mention) -> None:
        """Give a name in a text to `entity`, unless it was given already; a first name unless it means another."""
        if is_free(self._taken, name) and not (self._is_first_name(entity, name) and self.article.means_other(name)):
            insort(self._taken, name)
            entity.add(name)

    def _is_first_name(self, entity: Entity, name: Mention) -> bool:
        """Whether a person's name begins so, and it is no surname that stands first ("Xi")."""
        first = self.article.words(name)
        surname = entity.owner.surname(entity.name) if entity.owner is not None else ""
        return entity.kind is Kind.PERSON and entity.name.startswith(f"{first} ") and first != surname

    def _added(self, entity: Entity) -> Entity | None:
        """A new entity, now one of the table's; None where it has too many already."""
        if len(self.entities) >= _MOST_ENTITIES:
            return None
        self.entities.append(entity)
        return entity

    def person(self, name: str) -> Entity | None:
        """The person called `name` in full or by surname, if one was named; of several the one who was named first."""
        people = [entity for entity in self.entities if entity.kind is Kind.PERSON and name in entity.forms]
        if len(people) < 2:
            return people[0] if people else None
        return min(people, key=lambda person: person.mentions[0] if person.mentions else _NOWHERE)

    def _note_state(self, match: StateMatch, name: Mention) -> None:
        if match.form is not Form.LEADER:
            self.note(self.state(match.state), name)
            return
        if self.article.is_juniors(name):
            return
        surname = match.state.surname(match.leader)
        spelt_otherwise = (
            a
            for a in self.entities
            if a.owner is match.state and surname in a.forms and may_be_same_person(a.name, match.leader)
        )
        entity = self.person(match.leader) or next(spelt_otherwise, None)
        entity = entity or self._added(Entity(match.leader, Kind.PERSON, owner=match.state))
        if entity is None:
            return
        entity.forms |= {match.leader, surname}
        self.note(entity, name)
        self._note_role(entity, name)

    def note_roles(self, entity: Entity) -> None:
        """Learn a person's offices from what stands before the names ("Judge")."""
        for mention in entity.mentions:
            self._note_role(entity, mention)

    def _role(self, name: Mention) -> str:
        """The office that stands before a person's name, or ""."""
        role = ROLE_END.search(self.article.before(name))
        return role[1].lower() if role else ""

    def _note_role(self, entity: Entity, name: Mention) -> None:
        if role := self._role(name):
            entity.roles.add(role)

    def _leader(self, name: Mention, surname: str, known: Entity | None) -> tuple[State, str] | None:
        """The leader whom a lone surname means by the office or the state beside it, with the state.

        None where the article gives that office to `known`, whose surname it is too.
        """
        leader = leader_named(surname)
        if leader is None or (known and self._role(name) in known.roles):
            return None
        text = self.texts[name.paragraph].text
        office = RULER_END.search(self.article.before(name)) or RULES_AFTER.match(text, name.end)
        return leader if office or state_before(text, name.start) is leader[0] else None

    def _note_entity(self, named: NamedEntity, name: Mention) -> None:
        text = re.sub(r"['’]s?$", "", named.text).strip(" \"“”'’")
        text = re.sub(r"^[Tt]he\s+", "", " ".join(text.split()))
        if not (2 if named.label == "PERSON" else 3) <= len(text) <= LONGEST_NAME:
            return
        if not text[0].isupper() or text in GENERIC_WORDS:
            return
        if not is_free(self._taken, name):
            return
        if text not in POLITICAL and named.label == "PERSON":
            self._note_person(name, text)
        elif text in POLITICAL or named.label == "ORG":
            self._note_organization(name, text, Kind.ORGANIZATION)
        elif named.label == "GPE" and not any(a.state is not None and text in a.forms for a in self.entities):
            self._note_organization(name, text, Kind.STATE)

    def _note_person(self, name: Mention, text: str) -> None:
        whole = self.texts[name.paragraph].text
        inner = HONORIFIC.match(text)
        text = text[inner.end() :] if inner else text
        if junior := JUNIOR.match(whole, name.end):  # spaCy may leave it out
            name, text = Mention(name.paragraph, name.start, junior.end()), f"{text} {junior[0].lstrip(', ')}"
        words = text.split()
        surname = surname_of(text)
        if len(words) > 1 and name.paragraph == TITLE and self._known_otherwise(text, surname):
            return
        entity = self.person(text) or (self.person(surname) if len(words) > 1 else None)
        if (
            entity is not None
            and len(words) > 1
            and len(entity.name.split()) > 1
            and not may_be_same_person(entity.name, text)
        ):
            entity = None
        leader = self._leader(name, text, entity) if len(words) == 1 else None
        if leader is not None and entity is not None and entity.name != text:
            entity = self.person(leader[1])  # not of the same surname
        entity = entity or self._added(Entity(text, Kind.PERSON))
        if entity is None:
            return
        if len(words) > len(entity.name.split()):
            entity.name = text
        entity.forms |= {text, surname} if len(surname) > 2 else {text}
        self._note_role(entity, name)
        if entity.owner is None:
            entity.owner = state_before(whole, name.start)
        if entity.owner is None and leader is not None:
            entity.owner, entity.name = leader
            entity.forms.add(leader[1])
        self.note(entity, name)

    def _known_otherwise(self, text: str, surname: str) -> bool:
        """Whether somebody's name in a headline ends with what the paragraphs call another, as in "Hate Obama"."""
        others = (one for one in self.entities if surname in one.forms and text not in one.forms)
        return any(one.kind is not Kind.PERSON or " " in one.name for one in others)

    def _note_organization(self, name: Mention, text: str, kind: Kind) -> None:
        full = POLITICAL.get(text, text)
        bodies = (a for a in self.entities if a.state is None and a.kind is not Kind.PERSON)
        entity = next((body for body in bodies if full in body.forms), None)
        entity = entity or self._added(Entity(full, kind, forms=set(organization_forms(full))))
        if entity is None:
            return
        if text in POLITICAL:
            entity.forms.add(text)
            entity.plural = True
        self.note(entity, name)

    def _note_acronyms(self) -> None:
        """Learn "(FNPF)" or "known as FNPF" after a name as a form of that name, after "or" its first letters alone."""
        for entity in self.entities:
            for mention in entity.mentions:
                text = self.texts[mention.paragraph].text
                match = ACRONYM.match(text, mention.end)
                said = match and ("(" in match[0] or "known as" in match[0])
                if match and not said and match[1] not in organization_forms(entity.name):
                    continue  # "the FBI or CIA", "Congress called FBI Director"
                if match and entity.kind is not Kind.PERSON:
                    entity.forms.add(match[1])

    def _merge(self) -> None:
        """Join entities that share a form or are one known body, or of whom one goes by a word of the other's name.

        spaCy may take "Karrawin" for a person and "Karrawin Resources" for an organisation: the longer name decides.
        """
        for entity in sorted(self.entities, key=lambda entity: len(entity.name.split())):
            if entity.state is not None or entity.requested:
                continue
            called_so = self._called(entity)
            body = organization_named(entity.name)
            for other in self.entities:
                if other is entity or other.state is not None or len(other.name.split()) < len(entity.name.split()):
                    continue
                if (
                    (entity.forms & other.forms and not are_namesakes(entity, other))
                    or (is_short_for(entity.name, other.name, other.kind is Kind.PERSON) and not self._is_place(entity))
                    or called_so == [other]
                    or (body is not None and body is organization_named(other.name))
                ):
                    other.forms |= entity.forms
                    other.roles |= entity.roles
                    other.owner = other.owner or entity.owner
                    for mention in entity.mentions:
                        other.add(mention)
                    self.entities.remove(entity)
                    break

    def _is_place(self, entity: Entity) -> bool:
        """Whether something stands in it: a city, which is not its police; spaCy takes companies for places too."""
        return entity.kind is Kind.STATE and any(
            re.search(r"\bin $", self.article.before(m), re.I) for m in entity.mentions
        )

    def _called(self, entity: Entity) -> list[Entity]:
        """The people whose full names begin with the one name that `entity` has.

        spaCy takes a lone first name for a body's at times ("Rand" beside "Rand Paul"). Then no body or state that is
        known and nobody else may go by it, and it comes up no more often than the full name.
        """
        if " " in entity.name or entity.kind is Kind.STATE:
            return []
        found = [other for other in self.entities if other.name.startswith(f"{entity.name} ")]
        if entity.kind is Kind.PERSON:
            return [other for other in found if other.kind is Kind.PERSON]
        if not found or organization_named(entity.name) or state_named(entity.name):
            return []
        others = [other for other in self.entities if other is not entity and entity.name in other.forms]
        first_name = all(o.kind is Kind.PERSON and len(o.mentions) >= len(entity.mentions) for o in found)
        return found if first_name and not others else []

    def _repeat_forms(self) -> None:
        """Give further occurrences of a known form to its entity: spaCy sees one "Tessaryn" and misses the next."""
        known = sorted(self.entities, key=lambda entity: len(entity.mentions))  # of two bodies the one it names most
        forms = {form: entity for entity in known for form in entity.forms if entity.state is None}
        for form in sorted(forms, key=len, reverse=True):
            entity = (self.person(form) if forms[form].kind is Kind.PERSON else None) or forms[form]
            for place in self.article.occurrences(form):
                if not self.article.is_pronoun(place):
                    self.note(entity, place)


def _is_one_word(named: NamedEntity) -> bool:
    """Whether it is a person by one word: whose surname that is shows once everybody is known by the full name."""
    return named.label == "PERSON" and len(HONORIFIC.sub("", named.text).split()) == 1
