"""References without a name: pronouns, "the company", "both sides". Careful rules, for what a reader finds plain."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from ..article.nlp import Token
from ..domain import Kind, Span
from .definite_descriptions import described, learn_noun, start_of_description
from .entities import TITLE, Entity, EntityMention, MentionType
from .entity_table import EntityTable
from .speaker import Speaker

_HE, _SHE = {"he", "him", "his", "himself"}, {"she", "her", "hers", "herself"}
_IT = {"it", "its", "itself"}
_IS = {"is", "was", "'s", "’s"}
_THEY = {"they", "them", "their", "theirs", "themselves"}
_ADDRESSED = re.compile(
    r"(?:ask|tell|told|warn|urg|thank|prais|expect|requir|oblig|permit|enabl|defend|credit|admir|accus|blam|critici"
    r"|condemn|congratulat|commend|remind|forc|invit)",
    re.IGNORECASE,
)
_EMPTY_IT = re.compile(
    r"\b[Ii]t(?:['’]s| (?:is|was|has been|had been|will be|would be|must be|should be|can be|could be|may be|might be"
    r"|isn['’]t|wasn['’]t|won['’]t be|wouldn['’]t be|remains?|seems?|appears?|becomes?|turns? out|takes?|follows?"
    r"|happens?|makes? (?:no |little |good )?sense|goes without"
    r"|took [^.;,]{0,30}?(?:years?|months?|weeks?|days?|hours?|minutes?|decades?|time)))\b"
    r"[^.;,]{0,60}?\b(?:that|to|who|how|whether|if|time|when)\b"
)
_SAID = re.compile(
    r"[^\"“”]*\b(?:said|says|say|stated|told|added|wrote|tweeted|replied|asked|declared|explained|continued)\b[^\"“”]*"
    r"[\"“][^\"”]*"
)
_OPENING = 20  # characters: "It", "In response, it", "Its new rules"
_STATES = {
    "country",
    "nation",
    "government",
    "state",
    "power",
    "capital",
    "president",
    "leader",
    "neighbor",
    "neighbour",
}
_ANY = {"side", "party", "rival", "opponent", "partner", "camp"}
_PLURAL = re.compile(
    r"\b(?:both(?: of)?(?: the)?|the two|these two|those two|either|neither"
    r"|(?:each|two)(?! (?:men|women|candidates?|politicians?)\b))(?: of the)?"
    r"(?: (?:great|big|major|world|neighbo(?:u)?ring|rival|largest|Asian|European|nuclear|global|old|former))* "
    r"(sides?|parties|party|countries|country|nations?|governments?|states?|powers?|capitals?|presidents?|leaders?"
    r"|neighbo(?:u)?rs?|rivals?|opponents?|partners?|camps?|companies|company|firms?|clubs?|teams?|unions?|ministries"
    r"|agencies|men|women|candidates?|politicians?|manufacturers?|makers?|operators?|institutions?|organi[sz]ations?)\b"
    r"(?! and (?:wo)?men\b| of the (?:street|road|river|border|aisle|story|Atlantic)\b| in the world\b"
    r"|(?-i:, [A-Z]\w+ and [A-Z]))",
    re.IGNORECASE,
)
_SINGULAR = {
    "parties": "party", "countries": "country", "companies": "company", "ministries": "ministry", "agencies": "agency",
    "men": "man", "women": "woman",
}  # fmt: skip


def add_anaphora(table: EntityTable) -> None:
    """Add to each entity the places that refer to it without a name. Names must be found already."""
    plurals = _Plurals(table)
    speaker = Speaker(table)
    before: list[tuple[EntityMention, Entity]] = []
    for place in sorted(table.texts):
        if place == TITLE:
            continue
        plurals.find(place)
        speaker.find(place)
        before = _read_paragraph(table, place, before)


class _Plurals:
    """Plurals that include the article's chief entities: "the two countries", "both sides"."""

    def __init__(self, table: EntityTable) -> None:
        self.table = table
        self.ranking = sorted(table.entities, key=lambda entity: -len(entity.mentions))

    def find(self, place: int) -> None:
        text = self.table.texts[place].text
        for match in _PLURAL.finditer(text):
            noun = match[1].lower()
            noun = _SINGULAR.get(noun, noun.removesuffix("s"))
            members = self.members(noun)
            if len(members) == 2:
                for entity in members:
                    entity.add(EntityMention(place, match.start(), match.end(), MentionType.PLURAL))

    def members(self, noun: str) -> list[Entity]:
        """The two entities that "the two `noun`s" most likely are: the most often named ones of that kind."""
        if noun in _ANY:
            fitting = [a for a in self.ranking if a.kind is not Kind.PERSON or a.requested]
        elif noun in {"man", "woman", "candidate", "politician"}:
            fitting = [a for a in self.ranking if a.kind is Kind.PERSON]
        elif noun in _STATES:
            fitting = [a for a in self.ranking if a.state is not None or (a.requested and a.kind is Kind.STATE)]
        else:
            fitting = [a for a in self.ranking if a.kind is Kind.ORGANIZATION and (noun in a.nouns or not a.nouns)]
        return fitting[:2] if len(fitting) > 1 and len(fitting[1].mentions) > 1 else []


@dataclass(frozen=True, slots=True)
class _Context:
    """What a pronoun can point back to.

    `here` are the references of its sentence, `last` those of the sentence before, `recent` the
    entities met so far, the latest first; `opening` says that no reference of this paragraph came yet, `stale` that a
    sentence without a reference stands between.
    """

    here: Sequence[tuple[EntityMention, Entity]]
    last: Sequence[tuple[EntityMention, Entity]]
    recent: Sequence[Entity]
    opening: bool
    stale: bool


def _read_paragraph(
    table: EntityTable, place: int, before: list[tuple[EntityMention, Entity]]
) -> list[tuple[EntityMention, Entity]]:
    """Resolve a paragraph's pronouns and descriptions; `before` are the references of the paragraph before.

    Returns this paragraph's references, for the next one.
    """
    parsed = table.texts[place]
    named = sorted(
        (
            (reference, entity)
            for entity in table.entities
            for reference in entity.mentions
            if reference.paragraph == place
        ),
        key=_position,
    )
    empty = {match.start() for match in _EMPTY_IT.finditer(parsed.text)}
    starts = [token.start for token in parsed.tokens]
    done: list[tuple[EntityMention, Entity]] = []
    last, stale = _closing(table, before), False
    for sentence in parsed.sentences:
        here = [pair for pair in named if sentence.start <= pair[0].start < sentence.end]
        for position in range(bisect_left(starts, sentence.start), bisect_left(starts, sentence.end)):
            token = parsed.tokens[position]
            if token.start in empty:
                continue
            if any(reference.start <= token.start < reference.end for reference, _ in here):
                continue
            earlier = [pair for pair in here if pair[0].end <= token.start]
            context = _Context(
                earlier, last, [entity for _, entity in reversed(before + done + earlier)], not done, stale
            )
            for span, by, entity in _resolve(table, parsed.text, parsed.tokens, position, sentence, context):
                reference = EntityMention(place, span.start, span.end, by)
                entity.add(reference)
                here = sorted([*here, (reference, entity)], key=_position)
        done += here
        last, stale = here or ([] if not done else last), not here
    return done


def _position(pair: tuple[EntityMention, Entity]) -> tuple[int, int]:
    return pair[0].start, pair[0].end


def _closing(table: EntityTable, pairs: list[tuple[EntityMention, Entity]]) -> list[tuple[EntityMention, Entity]]:
    """Those of a paragraph's references that stand in its last sentence."""
    if not pairs:
        return []
    sentences = table.texts[pairs[0][0].paragraph].sentences
    return [pair for pair in pairs if sentences and pair[0].start >= sentences[-1].start]


def _resolve(
    table: EntityTable, text: str, tokens: Sequence[Token], position: int, sentence: Span, context: _Context
) -> list[tuple[Span, MentionType, Entity]]:
    """Whom the token at `position` refers to, if it is a pronoun or a definite description with one clear answer.

    "Its" and "they" take the nearest fitting name before them in the sentence, else the first one
    (mostly the subject) of the sentence before; from the paragraph before only at a sentence's
    beginning. "It" takes that name only where it is the first fitting one of its sentence, or of the sentence directly
    before. "He" and "she" may reach back further.
    """
    token = tokens[position]
    word = token.text.lower()
    span = Span(token.start, token.end)
    reach = [entity for _, entity in reversed(context.here)]
    if not context.opening or token.start - sentence.start < _OPENING:
        reach += [entity for _, entity in context.last]
    if word in _HE | _SHE:
        gender = "he" if word in _HE else "she"
        saying = [a for reference, a in context.here if _says(text, reference.end, token.start)]
        people = [
            a
            for a in (*reach, *context.recent)
            if a.kind is Kind.PERSON and a.pronouns in ("", gender) and a not in saying
        ]
        # A lone word that spaCy calls a person may be a place: full names, titles and known genders go first.
        people.sort(key=lambda a: not (" " in a.name or a.nouns or a.requested or a.pronouns))
        if people:
            people[0].pronouns = gender
            return [(span, MentionType.PRONOUN, people[0])]
    elif word in _IT and token.text != "IT" and not (word == "it" and _means_a_thing(tokens, position)):
        # "IT" is information technology.
        fitting = [entity for entity in reach if entity.kind is not Kind.PERSON and not entity.plural]
        if word == "it":
            first = next((entity for _, entity in context.here if entity in fitting), None)
            fitting = [entity for entity in fitting[:1] if (entity is first if first else not context.stale)]
        return [(span, MentionType.PRONOUN, entity) for entity in fitting[:1]]
    elif word in _THEY:
        several = _last_plural(context)
        if several:
            return [(span, MentionType.PRONOUN, entity) for entity in several]
        for entity in reach:
            if entity.plural:
                return [(span, MentionType.PRONOUN, entity)]
    elif token.pos in ("NOUN", "PROPN"):
        start = start_of_description(tokens, position)
        meant = described(table, word, context.recent) if start is not None else None
        if start is not None and meant is not None:
            learn_noun(meant, word)
            return [(Span(start, token.end), MentionType.DESCRIPTION, meant)]
    return []


def _means_a_thing(tokens: Sequence[Token], position: int) -> bool:
    """Whether the "it" at `position` is of the kind that seldom means an entity.

    Resolved like others, "it" as an object ("I signed it", "a flag on it") was what readers of training articles mark
    in 9 % of 709 places, and before "is" or "was" without a verb ("it was a cheap line") in 15 % of 219; in the other
    1,289 in 57 %. What is thanked, warned or asked is an entity in half of the places.
    """
    before = tokens[position - 1] if position else None
    after = [token for token in tokens[position + 1 : position + 5] if token.pos not in ("ADV", "PART")]
    acts = bool(after) and after[0].pos in ("AUX", "VERB")
    if not acts and before is not None and before.pos in ("VERB", "ADP") and not _ADDRESSED.match(before.text):
        return True
    verbs = [token for token in after[1:] if token.pos != "AUX"]
    return bool(after) and after[0].text.lower() in _IS and not (verbs and verbs[0].pos == "VERB")


def _says(text: str, end: int, pronoun: int) -> bool:
    """Whether who is named up to `end` speaks the quotation in which the pronoun stands: then it means another."""
    return pronoun - end < 200 and bool(_SAID.fullmatch(text, end, pronoun))


def _last_plural(context: _Context) -> list[Entity]:
    """The entities of the nearest plural ("both sides") in this sentence or the one before."""
    for pairs in (context.here, context.last):
        plurals = [reference for reference, _ in pairs if reference.by is MentionType.PLURAL]
        if plurals:
            return [entity for reference, entity in pairs if reference == plurals[-1]]
    return []
