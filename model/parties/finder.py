"""From the entities that an article names to its parties: grouped, ranked, or as the user asks for them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from ..article.nlp import ParsedArticle, ParsedText, parse_articles
from ..domain import Article, Kind, Mention, Party
from ..names.gazetteer import state_named
from ..networks.encoder import Encoder
from ..networks.span_states import Place, Places, span_states
from .coreference import add_anaphora
from .entities import TITLE, Entity, MentionType
from .entity_table import EntityTable, texts_by_place
from .ranking.actors import Actor, actors_of
from .ranking.regression import Ranking, features_of
from .ranking.states import actor_states, references_of
from .request_matching import absorb, request_entities
from .requests import PartyRequest

_GOVERNING = {"president", "minister", "premier", "chancellor", "secretary", "ambassador", "king", "queen", "general"}
"""Offices whose holders act for a state."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Whom an article without requests may be about; `parties_of` chooses once their states are known."""

    article: ParsedArticle
    table: EntityTable
    actors: Sequence[Actor]

    @classmethod
    def of(cls, article: ParsedArticle) -> "Candidates":
        """The actors of an article; its title may be empty."""
        table = entities_of(article.title, article.paragraphs)
        return cls(article, table, actors_of(table))

    @property
    def places(self) -> list[Place]:
        """Where the encoder's states are wanted, by the number of the text: 0 is the title."""
        return references_of(self.actors)


def find_parties(article: Article, encoder: Encoder) -> tuple[Party, ...]:
    """The parties that a reader would choose, main ones first, with every mention; () where nobody is named."""
    (parsed,) = parse_articles([article])
    candidates = Candidates.of(parsed)
    (states,) = span_states(encoder, [Places(parsed.texts, candidates.places)])
    return parties_of(candidates, states)


def parties_of(candidates: Candidates, states: Tensor) -> tuple[Party, ...]:
    """`find_parties`, with the states of `candidates.places`.

    Each party has what it would have if a reader had asked for it.
    """
    actors, ranking = candidates.actors, Ranking.load()
    probabilities = ranking.probabilities(features_of(actors, candidates.table.texts), actor_states(actors, states))
    chosen, main = ranking.choose(actors, probabilities)
    if not chosen:
        return ()
    wanted = [PartyRequest(actor.name, actor.other_names) for actor in chosen]
    apart = [PartyRequest(person.name) for person in candidates.table.entities if _acts_alone(person, chosen)]
    parties = _named(candidates.article.title, candidates.article.paragraphs, [*wanted, *apart])[: len(wanted)]
    found = [replace(party, main=number < main) for number, party in enumerate(parties)]
    return tuple(party for party in found if party.mentions)


def requested_parties(article: Article, requests: Sequence[PartyRequest]) -> tuple[Party, ...]:
    """Exactly the parties asked for, in their order, with every mention; without any where the article has none."""
    (parsed,) = parse_articles([article])
    return requested_of(parsed.title, parsed.paragraphs, requests)


def requested_of(
    title: ParsedText, paragraphs: Sequence[ParsedText], requests: Sequence[PartyRequest]
) -> tuple[Party, ...]:
    """`requested_parties` for parsed texts; the title may be empty."""
    parties = _named(title, paragraphs, requests)
    exact = {request.name for request in requests if request.exact}
    return tuple(replace(party, exact=party.name in exact) for party in parties)


def _named(title: ParsedText, paragraphs: Sequence[ParsedText], requests: Sequence[PartyRequest]) -> tuple[Party, ...]:
    """The parties with those mentions that rules find."""
    table = EntityTable(texts_by_place(title, paragraphs))
    named = {state for request in requests if (state := state_named(request.name))}
    wanted = request_entities(table, requests, named)
    table.name()
    _assign_ministers(table)
    absorb(table, wanted, requests)
    add_anaphora(table)
    return tuple(_party(table, entity) for entity in wanted)


def entities_of(title: ParsedText, paragraphs: Sequence[ParsedText]) -> EntityTable:
    """Whom an article names, with every reference, where nobody asked for a party."""
    table = EntityTable(texts_by_place(title, paragraphs))
    table.name()
    _assign_ministers(table)
    add_anaphora(table)
    return table


def _assign_ministers(table: EntityTable) -> None:
    """Ministers whose state is not said belong to the one state that the article is about, if there is one."""
    states = [entity for entity in table.entities if entity.state is not None and entity.mentions]
    top = max(states, key=lambda entity: len(entity.mentions), default=None)
    if top is None or 2 * len(top.mentions) < sum(len(entity.mentions) for entity in states):
        return
    for entity in table.entities:
        if entity.kind is Kind.PERSON and entity.owner is None and entity.nouns & {"minister", "premier", "chancellor"}:
            entity.owner = top.state


def _acts_alone(person: Entity, chosen: Sequence[Actor]) -> bool:
    """Whether a person of a state does not act for it here: no office that governs stands before the name.

    Codebook, rules 5 and 12: a leader acting for a party counts as the party; candidates, legislators and former
    officials do not.
    """
    return (
        person.kind is Kind.PERSON
        and person.owner is not None
        and not person.nouns & _GOVERNING
        and all(actor.entity is not person for actor in chosen)
    )


def _party(table: EntityTable, entity: Entity) -> Party:
    references = [r for other in table.entities if entity in (other, other.stands_for) for r in other.mentions]
    kept: list[Mention] = []
    forms: Counter[str] = Counter()
    for reference in sorted(references):
        if reference.by is MentionType.NAME:
            form = " ".join(table.texts[reference.paragraph].text[reference.start : reference.end].split())
            form = re.sub(r"^[Tt]he ", "", re.sub(r"['’]s?$", "", form))
            forms[form] += form != entity.name
        mention = Mention(reference.paragraph, reference.start, reference.end)
        free = not kept or kept[-1].paragraph != mention.paragraph or kept[-1].end <= mention.start  # they are sorted
        if reference.paragraph != TITLE and free:
            kept.append(mention)
    aliases = tuple(sorted((form for form, count in forms.items() if count), key=lambda form: (-forms[form], form)))
    return Party(entity.name, entity.kind, aliases, tuple(kept))
