"""Who may be a party where the reader names none: the named entities, and people and bodies without a name."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..article.nlp import ParsedText, Token
from ..domain import TITLE, Kind, Mention
from ..names.plain import plain_name, singular
from .entities import Entity
from .entity_table import EntityTable
from .references import AMOUNTS_AND_DATES

_NOUNS = ("NN", "NNS", "NNP", "NNPS")
_LEFT_OUT = ("DT", "PDT", "WDT", "PRP$", "WP$", "CD", "IN")
"""Tags of words that open a noun phrase and are no part of a name: "the", "his", "two", "some of"."""
_NO_ACTORS = (*AMOUNTS_AND_DATES, "WORK_OF_ART", "LAW", "LANGUAGE")
"""spaCy's labels of what no actor is."""
_LONGEST = 6  # words of a name
_MOST_NAMES = 8
_OVERLAP, _REFERRED = 0.5, 1 / 3  # of the fewer mentions of two actors; of the mentions of one, those that mean another


@dataclass(eq=False, slots=True)
class Actor:
    """Somebody to whom an article refers: a named `entity`, or, for None, people or a body by a common noun.

    `noun` is the last word of its name in small letters, a plural in the singular; `part` says that only one wording
    is meant ("Senate Republicans" beside the Republicans), `mentions` are its names, `references` other words for it
    ("he"), `names` how often the article calls it what, `titled` the same with the words before the name ("President
    Holm").
    """

    noun: str
    entity: Entity | None = None
    part: bool = False
    mentions: list[Mention] = field(default_factory=list)
    references: list[Mention] = field(default_factory=list)
    names: Counter[str] = field(default_factory=Counter)
    titled: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """What a reader would call it: what the article mostly does, a person with the first name where it has one.

        Of a person's names that are met as often the first is taken, of others the shortest. A state goes by its name
        in the table, and so does a person of whom only the surname is met, or a political party of whom one adherent.
        """
        known, names = self.entity, list(self.names)
        if known is not None and known.kind is Kind.PERSON:
            names = [name for name in names if " " in name] or [known.name]
            return max(names, key=self.names.__getitem__)
        if known is not None and known.state is not None:
            return known.name
        if known is not None and known.plural:  # not "Democrat"
            names = [name for name in names if name.endswith("s") or " " in name or name.isupper()] or [known.name]
        return max(names, key=lambda name: (self.names[name], -len(name), name))

    @property
    def other_names(self) -> tuple[str, ...]:
        """What else the article calls it, the most frequent first."""
        names = [name for name, _ in (*self.names.most_common(), *self.titled.most_common()) if name != self.name]
        return tuple(names[:_MOST_NAMES])

    def same_as(self, other: "Actor") -> bool:
        """Whether the two share a name, most mentions of the one are also the other's, or the one means the other."""
        if {plain_name(name) for name in self.names} & {plain_name(name) for name in other.names}:
            return True
        fewer, more = sorted((self.mentions, other.mentions), key=len)
        return _shared(fewer, more) > _OVERLAP * len(fewer) or self._refers_to(other) or other._refers_to(self)

    def _refers_to(self, other: "Actor") -> bool:
        """Whether this has no name and its words refer to the other ("the candidate")."""
        return self.entity is None and _shared(self.mentions, other.references) > _REFERRED * len(self.mentions)

    def acts_for(self, other: "Actor") -> bool:
        """Whether this is a person who holds an office of the state that `other` is."""
        owner = self.entity.owner if self.entity is not None else None
        return owner is not None and other.entity is not None and other.entity.state is owner


def actors_of(table: EntityTable) -> list[Actor]:
    """The entities of `table`, and those without a name who come up twice, in the title or in the first paragraph."""
    found = [entity for entity in table.entities if entity.mentions]
    actors = [Actor(one.name.split()[-1].lower(), one, mentions=list(one.mentions)) for one in found]
    named: dict[int, list[tuple[Mention, Actor]]] = {place: [] for place in table.texts}
    for actor in actors:
        actor.names.update(map(table.article.form, actor.mentions))
        for mention in actor.mentions:
            named[mention.paragraph].append((mention, actor))
    wholes: dict[str, Actor] = {}
    parts: dict[str, Actor] = {}
    for place, parsed in table.texts.items():
        for words in _phrases(parsed):
            text = " ".join(parsed.text[words[0].start : words[-1].end].split())
            head, noun = words[-1], singular(words[-1].text.lower())
            mention = Mention(place, words[0].start, head.end)
            inside = next((one for one in named[place] if one[0].start <= head.start < one[0].end), None)
            if inside is not None and not _adds(words, *inside):
                name, known = inside
                if mention.start < name.start and known.entity and known.entity.kind is Kind.PERSON:
                    known.titled[text] += 1
                continue
            owners = [parts.setdefault(singular(text.lower()), Actor(noun, part=True))] if len(words) > 1 else []
            owners += [wholes.setdefault(noun, Actor(noun))] if inside is None else []
            for actor in owners:
                actor.mentions.append(mention)
                actor.names[text] += 1
    actors += wholes.values()
    actors += [
        part
        for part in parts.values()
        if part.noun not in wholes or len(wholes[part.noun].mentions) > len(part.mentions)
    ]
    return [a for a in actors if a.entity or len(a.mentions) > 1 or a.mentions[0].paragraph in (TITLE, 0)]


def _shared(some: Sequence[Mention], others: Sequence[Mention]) -> int:
    """How many of `some` overlap one of `others`."""
    places: dict[int, list[Mention]] = {}
    for mention in others:
        places.setdefault(mention.paragraph, []).append(mention)
    return sum(any(a.start < b.end and b.start < a.end for b in places.get(a.paragraph, ())) for a in some)


def _phrases(parsed: ParsedText) -> Iterator[Sequence[Token]]:
    """The words of each noun phrase that may be an actor's, from the first that a name may open with to its noun."""
    for phrase in parsed.phrases:
        words = list(parsed.within(phrase))
        while words and words[-1].tag not in (*_NOUNS, "JJ"):
            words.pop()
        opening = words[0].text.lower() if words else ""
        while len(words) > 1 and (words[0].tag in _LEFT_OUT or not words[0].text[0].isalnum()):
            words.pop(0)
        collective = len(words) == 1 and opening == "the"  # "the poor"
        noun = words[-1] if words and len(words) <= _LONGEST else None
        if noun is None or not (noun.tag in _NOUNS or collective):
            continue
        if not any(e.start <= noun.start < e.end and e.label in _NO_ACTORS for e in parsed.entities):
            yield words


def _adds(words: Sequence[Token], name: Mention, actor: Actor) -> bool:
    """Whether the words make a part of those whose name ends them: "Senate Republicans", "GOP candidates"."""
    entity = actor.entity
    if entity is None or entity.kind is Kind.PERSON or entity.state is not None:
        return False
    return any(token.end <= name.start and token.tag in (*_NOUNS, "JJ") for token in words)
