"""Who is named in an article: names grouped into actors, each with the places that name it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from model.domain import Kind
from model.gazetteer import Form, State, StateMatch, leader_named, state_matches
from model.language import Entity, Reading

TITLE = -1
"""The title's place among the texts of an article; its paragraphs count from 0."""


class By(StrEnum):
    """By what a reference refers."""

    NAME = "name"
    LEADER = "leader"
    PRONOUN = "pronoun"
    DESCRIPTION = "description"
    PLURAL = "plural"


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """A place that refers to an actor: characters `start` to `end` of paragraph `paragraph` (or of the title)."""

    paragraph: int
    start: int
    end: int
    by: By = field(compare=False, default=By.NAME)


@dataclass(eq=False, slots=True)
class Actor:
    """Somebody whom the article names; filled while the article is read.

    `nouns` are the common nouns that may stand for it ("ministry", "company"); `owner` is the state
    that a person acts for; `stands_for` is the actor for whom all of its references count (a
    president's for the state), or None; `requested` says that the user asked for it.
    """

    name: str
    kind: Kind
    state: State | None = None
    owner: State | None = None
    forms: set[str] = field(default_factory=set)
    nouns: set[str] = field(default_factory=set)
    pronouns: str = ""
    plural: bool = False
    requested: bool = False
    stands_for: "Actor | None" = None
    references: list[Reference] = field(default_factory=list)

    def add(self, reference: Reference) -> None:
        """Note a reference, unless it overlaps one that is noted already."""
        for known in self.references:
            if known.paragraph == reference.paragraph and known.start < reference.end and reference.start < known.end:
                return
        self.references.append(reference)


COMPANY_NOUNS = {
    "company", "firm", "manufacturer", "maker", "producer", "operator", "retailer", "developer", "supplier", "miner",
    "corporation", "business", "employer",
}  # fmt: skip
ORGANIZATION_NOUNS = COMPANY_NOUNS | {
    "agency", "alliance", "assembly", "association", "authority", "bank", "board", "body", "bureau", "charity",
    "chamber", "club", "coalition", "college", "commission", "committee", "confederation", "conference", "congress",
    "council", "court", "department", "endowment", "federation", "force", "foundation", "fund", "group", "house", "institute",
    "institution", "laboratory", "league", "ministry", "movement", "museum", "newspaper", "office", "opposition",
    "organisation", "organization", "panel", "parliament", "party", "police", "regulator", "senate", "service",
    "society", "team", "tribunal", "trust", "union", "university", "watchdog",
}  # fmt: skip
STATE_NOUNS = {"country", "nation", "government", "state", "kingdom", "republic", "regime", "administration", "cabinet"}
_COMPANY = re.compile(
    r"\b(?:Inc|Corp|Corporation|Ltd|Limited|LLC|PLC|plc|Co|Company|Group|Holdings|Industries|Resources|Mining|Motors"
    r"|Airlines|Airways|Energy|Pharma\w*|Medical|Devices|Systems|Technologies|Foods|Steel|Buses|Media|Partners)\b\.?"
)
_ACRONYM = re.compile(r"(?: \((?:the )?|,? (?:known as|called|or) (?:the )?)([A-Z][A-Z&.]{1,9})\b")
_CLUB = re.compile(r"\w (?:Town|United|City|Rovers|Wanderers|Athletic|Albion|FC|F\.C\.)$")
# A state's name inside one of these is somebody else's name.
_NOT_STATE_AFTER = re.compile(
    r"(?:[ \-](?:[A-Z][\w'’]*|of|for|and|the))*?[ \-](?:Post|Times|Daily|Bank|Airlines?|Airways|Press|University|College"
    r"|Institute|Studies|Club|Journal|Herald|Tribune|Telegraph|Broadcasting|Open|Cup|Sea|Ocean|Gulf|Bay|Canal|Inc|Corp"
    r"|Ltd|Monument|Mercury|Guardian|Mail|Express|Museum|Academy|Street|Avenue|Road|Bridge|Marathon)\b"
)
_NOT_STATE_BEFORE = re.compile(
    r"(?:\b(?:Latin|Central|African|Native|Pan|Meso|New|George|Fort|Lake|Port|Bank of|Baptist|University of)[ \-])$"
)
_GOVERNMENT_BODY = re.compile(
    r"\b(?:Ministry|Department|Government|Embassy|Consulate|Mission|Army|Navy|Air Force|Armed Forces|Forces|Military"
    r"|Administration|Foreign|Defen[cs]e|Treasury|State|Republic|Presidency|Cabinet)\b"
)
_LOCATIVE = re.compile(r"\b(?:in|at|near|outside|around|across|from|of|into|through|to|visit(?:ing|ed)?) $", re.IGNORECASE)
_OFFICE = (
    r"(?:(?:[Vv]ice|[Dd]eputy|[Ff]ormer|[Aa]cting|[Ss]enior|[Tt]op|[Cc]hief|[Pp]ermanent|[Ss]pecial|[Ff]oreign|[Dd]efen[cs]e"
    r"|[Ff]inance|[Ii]nterior|[Tt]rade|[Pp]rime|[Nn]ational|[Ss]ecurity|[Hh]ealth|[Jj]ustice|[Ee]nvironment|[Ss]tate) )*"
    r"(?:[Pp]resident|[Mm]inister|[Pp]remier|[Cc]hancellor|[Ss]ecretary(?: of [A-Z]\w+)?|[Aa]mbassador|[Ee]nvoy|[Dd]iplomat"
    r"|[Ss]pokes(?:man|woman|person)|[Oo]fficial|[Gg]eneral|[Kk]ing|[Qq]ueen|[Ee]mperor|[Ll]eader|[Aa]dvis[eo]r"
    r"|[Nn]egotiator|[Aa]dmiral|[Cc]ommander|[Rr]epresentative)"
)
_OFFICE_END = re.compile(rf"\b{_OFFICE}[, ]*$")
_ROLE_END = re.compile(
    r"\b([Pp]resident|[Mm]inister|[Pp]remier|[Cc]hancellor|[Ss]ecretary|[Aa]mbassador|[Ss]enator|[Mm]ayor|[Gg]overnor"
    r"|[Jj]udge|[Jj]ustice|[Cc]hairman|[Cc]hairwoman|[Cc]hair|[Cc]oach|[Cc]aptain|[Pp]rofessor|[Cc]ouncillor"
    r"|[Cc]ongress(?:man|woman)|[Rr]epresentative|[Dd]irector|[Pp]ope|[Kk]ing|[Qq]ueen|[Gg]eneral)[, ]*$"
)
_HONORIFIC_END = re.compile(r"\b(Mr|Mrs|Ms|Miss|Sir|Lady|Dame|Lord|King|Queen|Prince|Princess)\.? $")
_HER, _HIS = {"Mrs", "Ms", "Miss", "Lady", "Dame", "Queen", "Princess"}, {"Mr", "Sir", "Lord", "King", "Prince"}
_RULES_AFTER = re.compile(
    r"(?:['’]s?)? (?:administration|government|regime|cabinet|presidency|White House|team)\b", re.IGNORECASE
)
_HONORIFIC = re.compile(r"^(Mr|Mrs|Ms|Miss|Dr|Sir|Lady|Dame|Lord)\.? ")
_POLITICAL = {
    "Republican": "Republican Party", "Republicans": "Republican Party", "GOP": "Republican Party",
    "Democrat": "Democratic Party", "Democrats": "Democratic Party", "Democratic": "Democratic Party",
    "Conservatives": "Conservative Party", "Tory": "Conservative Party", "Tories": "Conservative Party",
    "Labour": "Labour Party",
}  # fmt: skip
_UNNAMED = {"ministry", "council", "union", "commission", "federation", "regulator", "agency", "opposition", "club", "court", "board"}
_GENERIC_FIRST = {
    "National", "New", "United", "First", "American", "International", "General", "Federal", "Royal", "Central",
    "Ministry", "Department", "University", "Court", "Supreme", "High", "World", "Bank", "House", "Council", "Free",
    "Constitutional", "Democratic", "Republican", "People", "Human", "Public", "Great", "European", "Global", "North",
    "South", "East", "West", "Northern", "Southern", "Eastern", "Western", "City", "State", "St", "San", "Los", "Las",
    "Health", "Home", "Security", "Foreign", "White", "Air", "Trade", "Union", "The", "Association", "Federation",
    "Confederation", "Institute", "Office", "Committee", "Commission", "Society", "League", "Party", "Senate",
}  # fmt: skip


class Cast:
    """The actors of one article, found text by text; `texts` maps `TITLE` and paragraph indices to readings."""

    def __init__(self, texts: dict[int, Reading]) -> None:
        self.texts = texts
        self.actors: list[Actor] = []
        self._taken: dict[int, list[tuple[int, int]]] = {place: [] for place in texts}

    def state(self, state: State) -> Actor:
        """The actor for `state`, made at need."""
        for actor in self.actors:
            if actor.state is state:
                return actor
        actor = Actor(state.name, Kind.STATE, state=state, forms={state.name, *state.names}, nouns=set(STATE_NOUNS))
        self.actors.append(actor)
        return actor

    def name(self) -> None:
        """Find all names: states and their leaders first, then spaCy's persons, organisations and places."""
        for place, reading in self.texts.items():
            for match in state_matches(reading.text):
                if _is_state(reading, match):
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
        words = name.split()
        for actor in self.actors:
            if actor.kind is Kind.PERSON and (name in actor.forms or (len(words) == 1 and words[0] in actor.forms)):
                return actor
        return None

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

    def _leader(self, state: State, surname: str) -> Actor | None:
        """A person of `state` with this surname: other spellings of the same leader."""
        return next((a for a in self.actors if a.owner is state and surname in a.forms), None)

    def _note_entity(self, place: int, reading: Reading, entity: Entity) -> None:
        text = re.sub(r"['’]s?$", "", entity.text).strip(" \"“”'’")
        text = re.sub(r"^[Tt]he\s+", "", " ".join(text.split()))
        if len(text) < 3 or not text[0].isupper() or text in _GENERIC_FIRST:
            return
        if not self._free(place, entity.start, entity.end):
            return
        if entity.label == "PERSON":
            self._note_person(place, reading, entity, text)
        elif entity.label == "ORG":
            self._note_organization(place, entity, text, Kind.ORGANIZATION)
        elif entity.label == "NORP" and text in _POLITICAL:
            self._note_organization(place, entity, _POLITICAL[text], Kind.ORGANIZATION, form=text)
        elif entity.label == "GPE":
            self._note_organization(place, entity, text, Kind.STATE)

    def _note_person(self, place: int, reading: Reading, entity: Entity, text: str) -> None:
        before = reading.text[max(0, entity.start - 80) : entity.start]
        inner = _HONORIFIC.match(text)
        text = text[inner.end() :] if inner else text
        words = text.split()
        actor = self.person(text) or (self.person(words[-1]) if len(words) > 1 else None)
        if actor is not None and len(words) > 1 and len(actor.name.split()) > 1 and not _same_person(actor.name, text):
            actor = None
        if actor is None:
            actor = Actor(text, Kind.PERSON)
            self.actors.append(actor)
        if len(words) > len(actor.name.split()):
            actor.name = text
        actor.forms |= {text, words[-1]} if len(words[-1]) > 2 else {text}
        role = _ROLE_END.search(before)
        if role:
            actor.nouns.add(role[1].lower())
        honorific = inner or _HONORIFIC_END.search(before)
        if honorific:
            actor.pronouns = "she" if honorific[1] in _HER else "he" if honorific[1] in _HIS else ""
        if actor.owner is None:
            actor.owner = _state_before(reading.text, entity.start)
        if actor.owner is None and len(words) == 1:
            rules = _OFFICE_END.search(before) or _RULES_AFTER.match(reading.text, entity.end)
            leader = leader_named(text) if rules else None
            if leader is not None:
                actor.owner, actor.name = leader
                actor.forms.add(leader[1])
        self.note(actor, place, entity.start, entity.end)

    def _note_organization(self, place: int, entity: Entity, name: str, kind: Kind, form: str = "") -> None:
        actor = next((a for a in self.actors if a.state is None and a.kind is not Kind.PERSON and name in a.forms), None)
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
                match = _ACRONYM.match(text, reference.end)
                if match and actor.kind is not Kind.PERSON:
                    actor.forms.add(match[1])

    def _merge(self) -> None:
        """Join actors that share a form, or whose one word is a person's surname or an organisation's first or last word.

        spaCy may take "Karrawin" for a person and "Karrawin Resources" for an organisation: the longer name decides.
        """
        for actor in sorted(self.actors, key=lambda actor: len(actor.name.split())):
            if actor.state is not None or actor.requested:
                continue
            for other in self.actors:
                if other is actor or other.state is not None or len(other.name.split()) < len(actor.name.split()):
                    continue
                if actor.forms & other.forms or _short_for(actor.name, other):
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
                if noun not in _UNNAMED or token.tag not in ("NN", "NNP"):
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
            actor = Actor(max(names, key=lambda name: (len(name.split()), names.count(name))), Kind.ORGANIZATION, nouns={noun})
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
        """Where `form` stands as whole words; a form with a capital must match it, others match in any case."""
        flags = re.IGNORECASE if form == form.lower() else 0
        pattern = re.compile(rf"(?<!\w){re.escape(form)}(?!\w)".replace(r"\ ", r"\s+"), flags)
        for place, reading in self.texts.items():
            for match in pattern.finditer(reading.text):
                yield place, match.start(), match.end()


def organization_forms(name: str) -> Iterator[str]:
    """`name`, its acronym, and its first word where that alone can stand for it ("Karrawin Resources" → "Karrawin")."""
    yield name
    words = re.findall(r"[\w'’&\-]+", name)
    capitals = [word for word in words if word[0].isupper()]
    if len(capitals) >= 3:
        yield "".join(word[0] for word in capitals)
    if len(words) > 1 and words[0][0].isupper() and words[0] not in _GENERIC_FIRST and len(words[0]) > 3:
        known = {match.state.name for match in state_matches(words[0])}
        if not known and (_COMPANY.search(name) or words[-1] in {"Party", "Town", "United", "City"}):
            yield words[0]


def organization_nouns(name: str) -> set[str]:
    """The common nouns that the name itself holds ("Ministry of Education" → ministry), and "company" for companies."""
    words = re.findall(r"\w+", name)
    nouns = {word.lower() for word in words} & ORGANIZATION_NOUNS
    if "ministry" in nouns:
        nouns.add("minister")
    if _CLUB.search(name):
        nouns |= {"club", "team", "side"}
    return nouns | (COMPANY_NOUNS if _COMPANY.search(name) else set())


def _is_state(reading: Reading, match: StateMatch) -> bool:
    """Whether a state's name here is not part of another name (a paper, a person) and a capital not just a place."""
    before, after = reading.text[max(0, match.start - 20) : match.start], reading.text[match.end : match.end + 60]
    if match.form is Form.LEADER:
        return True
    if _NOT_STATE_BEFORE.search(before) or _NOT_STATE_AFTER.match(after):
        return False
    if re.search(r"\b(?:South|North) $", before) and match.state.name in {"United States"}:
        return False
    if _own_body(reading, match):
        return False
    for entity in reading.entities:
        inside = entity.start <= match.start and match.end <= entity.end and len(entity.text) > match.end - match.start + 4
        if inside and entity.label == "PERSON" and match.form in (Form.NAME, Form.CAPITAL):
            return False
    return match.form is not Form.CAPITAL or not _LOCATIVE.search(before) or after.startswith(("'s", "’s"))


def _own_body(reading: Reading, match: StateMatch) -> bool:
    """Whether the state's name is part of a body that is not the state ("Health Canada", "Supreme Court of Puerto Rico")."""
    for entity in reading.entities:
        if entity.label == "ORG" and entity.start <= match.start and match.end <= entity.end:
            start = entity.start + (4 if entity.text.lower().startswith("the ") else 0)
            rest = reading.text[start : match.start] + reading.text[match.end : entity.end]
            if _GOVERNMENT_BODY.search(rest) or not rest.strip(" '’s"):
                return False
            nouns = {word.lower() for word in re.findall(r"\w+", rest)} & ORGANIZATION_NOUNS
            return start < match.start or bool(nouns)
    return False


def _short_for(name: str, other: Actor) -> bool:
    """Whether the one word `name` is short for `other`'s longer name."""
    words = other.name.split()
    if len(words) < 2 or " " in name or name in _GENERIC_FIRST or not all(word[0].isupper() for word in words):
        return False
    return name == words[-1] or (other.kind is not Kind.PERSON and name == words[0])


def _same_person(known: str, name: str) -> bool:
    """Whether two full names with one surname can be one person: one's first name is in the other or is an initial."""
    first, other = known.split()[0], name.split()[0]
    return first == other or first[0] == other[0] and min(len(first.rstrip(".")), len(other.rstrip("."))) == 1 or (
        set(known.split()) >= set(name.split()) or set(name.split()) >= set(known.split())
    )


def _state_before(text: str, start: int) -> State | None:
    """The state for which a person acts by the words before the name: "China's senior diplomat", "US Secretary of State"."""
    before = text[max(0, start - 80) : start]
    office = _OFFICE_END.search(before)
    if office is None:
        return None
    head = before[: office.start()]
    found = [m for m in state_matches(head) if re.fullmatch(r"(?:['’]s)?[ \-]*(?:the )?", head[m.end :])]
    return found[-1].state if found else None


def read_texts(title: str, paragraphs: Sequence[Reading], title_reading: Reading) -> dict[int, Reading]:
    """The readings by place: the title's first if there is one, then the paragraphs'."""
    texts = {TITLE: title_reading} if title else {}
    return texts | dict(enumerate(paragraphs))
