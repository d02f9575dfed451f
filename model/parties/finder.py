"""From the entities that an article names to its parties: grouped, ranked, or as the user asks for them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..article.nlp import ParsedArticle, ParsedText
from ..domain import TITLE, Kind, Mention, Party
from ..networks.text_states import TextStates
from .actors import Actor, actors_of
from .article_texts import ArticleTexts
from .coreference import Coreference, Outline
from .entities import Entity
from .entity_table import EntityTable
from .ranking import Ranking, actor_states, features_of, with_references
from .request_matching import absorb, request_entities
from .requests import PartyRequest

_GOVERNING = {"president", "minister", "premier", "chancellor", "secretary", "ambassador", "king", "queen", "general"}
"""Offices whose holders act for a state."""


def find_parties(article: ParsedArticle, read: TextStates) -> tuple[Party, ...]:
    """The parties that a reader would choose, main ones first, with every mention; () where there is nobody.

    Each has the mentions that it would have if a reader had asked for it; but a state has none of the people whom the
    article names without an office that governs. `read` are the states of the article's texts.
    """
    texts, paragraphs = ArticleTexts(article.title, article.paragraphs), len(article.paragraphs)
    table = _Named.of(texts, ()).table
    actors = actors_of(table)
    ranking = Ranking.load()
    by_names, states = features_of(actors, table.texts), actor_states(actors, read)
    likely = ranking.likeliest(with_references(by_names, actors, paragraphs), states)
    note_references(table, actors, [actors[at] for at in likely], read)
    probabilities = ranking.probabilities(with_references(by_names, actors, paragraphs), states)
    chosen, main = ranking.choose(actors, probabilities)
    wanted = [PartyRequest(actor.name, actor.other_names) for actor in chosen]
    named = _Named.of(texts, wanted, in_office=True)
    found = [replace(party, main=number < main) for number, party in enumerate(named.parties(read))]
    return tuple(party for party in found if party.mentions)


def note_references(table: EntityTable, actors: Sequence[Actor], some: Sequence[Actor], read: TextStates) -> None:
    """Note the words that refer to each of `some` of an article's actors without its name."""
    names = [mention for entity in table.entities for mention in entity.mentions]
    unnamed = [mention for actor in actors if actor.entity is None for mention in actor.mentions]
    outline = Outline.of(table.texts, names, unnamed)
    found = Coreference.load(read.dtype).references(outline, read, [actor.mentions for actor in some], theirs=False)
    for actor, references in zip(some, found, strict=True):
        actor.references = references


def requested_parties(
    title: ParsedText,
    paragraphs: Sequence[ParsedText],
    requests: Sequence[PartyRequest],
    read: TextStates | None = None,
) -> tuple[Party, ...]:
    """Exactly the parties asked for, in their order, with every mention; without any where the article has none.

    The title may be empty. Without the states of the texts only names are found.
    """
    parties = _Named.of(ArticleTexts(title, paragraphs), requests).parties(read)
    exact = {request.name for request in requests if request.exact}
    return tuple(replace(party, exact=party.name in exact) for party in parties)


def named_in(sentence: ParsedText, title: ParsedText, parties: Sequence[Party]) -> list[Party]:
    """Those of an article's parties that a sentence of another text names, with their mentions in it.

    `title` is of the article, or empty.
    """
    requests = [PartyRequest(party.name, party.aliases, party.exact) for party in parties]
    return [party for party in requested_parties(title, [sentence], requests) if party.mentions]


def outline_of(
    title: ParsedText, paragraphs: Sequence[ParsedText], requests: Sequence[PartyRequest]
) -> tuple[Outline, Sequence[Sequence[Mention]]]:
    """The names in an article and what may refer to somebody without one, and the names of the parties asked for."""
    named = _Named.of(ArticleTexts(title, paragraphs), requests)
    return named.outline(), named.names


def entities_of(title: ParsedText, paragraphs: Sequence[ParsedText]) -> EntityTable:
    """Whom an article names, with every name, where nobody asked for a party."""
    return _Named.of(ArticleTexts(title, paragraphs), ()).table


@dataclass(frozen=True, slots=True)
class _Named:
    """Whom an article names, who of them is asked for, and the names of each of these and of who acts for it."""

    table: EntityTable
    wanted: Sequence[Entity]
    names: Sequence[Sequence[Mention]]

    @classmethod
    def of(cls, article: ArticleTexts, requests: Sequence[PartyRequest], *, in_office: bool = False) -> "_Named":
        """`in_office`: only people whom the article names with an office that governs act for their state.

        Codebook, rules 5 and 12: a leader acting for a party counts as the party; candidates, legislators and former
        officials do not.
        """
        table = EntityTable(article)
        wanted = request_entities(table, requests)
        table.find_names()
        _assign_ministers(table)
        absorb(table, wanted, requests)
        names = []
        for entity, request in zip(wanted, requests, strict=True):
            leaders = [] if request.exact else [one for one in table.entities if _acts_for(one, entity, in_office)]
            names.append(sorted(mention for one in (entity, *leaders) for mention in one.mentions))
        return cls(table, wanted, names)

    def outline(self) -> Outline:
        """The names, and what may refer to somebody without one."""
        return Outline.of(self.table.texts, (name for entity in self.table.entities for name in entity.mentions))

    def parties(self, read: TextStates | None) -> tuple[Party, ...]:
        """Those who are asked for, by names, and by references if there are states to read."""
        references: Sequence[Sequence[Mention]] = [()] * len(self.wanted)
        if read is not None:
            references = Coreference.load(read.dtype).references(self.outline(), read, self.names)
        return tuple(self._party(*one) for one in zip(self.wanted, self.names, references, strict=True))

    def _party(self, entity: Entity, names: Sequence[Mention], references: Sequence[Mention]) -> Party:
        """The party that an entity is; of two mentions that overlap the first one counts, names before references."""
        whole = Entity(entity.name, entity.kind)
        for mention in (*names, *references):
            whole.add(mention)
        forms = Counter(form for form in map(self.table.article.form, names) if form != entity.name)
        kept = (mention for mention in whole.mentions if mention.paragraph != TITLE)
        aliases = sorted(forms, key=lambda form: (-forms[form], form))
        return Party(entity.name, entity.kind, tuple(aliases), tuple(kept))


def _assign_ministers(table: EntityTable) -> None:
    """Ministers whose state is not said belong to the one state that the article is about, if there is one."""
    states = [entity for entity in table.entities if entity.state is not None and entity.mentions]
    top = max(states, key=lambda entity: len(entity.mentions), default=None)
    if top is None or 2 * len(top.mentions) < sum(len(entity.mentions) for entity in states):
        return
    for entity in table.entities:
        if entity.kind is Kind.PERSON and entity.owner is None and entity.roles & {"minister", "premier", "chancellor"}:
            entity.owner = top.state


def _acts_for(person: Entity, state: Entity, in_office: bool) -> bool:
    """Whether all mentions of a leader count for a state that is asked for, since the leader is not."""
    governs = bool(person.roles & _GOVERNING) or not in_office
    return state.state is not None and person.owner is state.state and not person.requested and governs
