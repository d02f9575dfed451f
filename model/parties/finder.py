"""From the entities that an article names to its parties: grouped, ranked, or as the user asks for them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ..article.nlp import ParsedText, parse_articles
from ..domain import Article, Kind, Mention, Party
from ..names.gazetteer import state_named
from .coreference import add_anaphora
from .entities import TITLE, Entity, MentionType
from .entity_table import EntityTable, texts_by_place
from .ranking.actors import Actor, actors_of
from .ranking.regression import Ranking, features_of
from .request_matching import absorb, request_entities
from .requests import PartyRequest

_GOVERNING = {"president", "minister", "premier", "chancellor", "secretary", "ambassador", "king", "queen", "general"}
"""Offices whose holders act for a state."""


def find_parties(article: Article, requests: Sequence[PartyRequest] = ()) -> tuple[Party, ...]:
    """The article's parties with every mention, main ones first; with `requests`, exactly those, in their order.

    A requested party that the article never mentions is returned without mentions. Returns () when
    nothing is requested and nobody is named.
    """
    (parsed,) = parse_articles([article])
    return parties_of(parsed.title, parsed.paragraphs, requests)


def parties_of(
    title: ParsedText, paragraphs: Sequence[ParsedText], requests: Sequence[PartyRequest] = ()
) -> tuple[Party, ...]:
    """`find_parties` for parsed texts; the title may be empty."""
    parties = named_parties(title, paragraphs, requests)
    exact = {request.name for request in requests if request.exact}
    return tuple(replace(party, exact=party.name in exact) for party in parties)


def named_parties(
    title: ParsedText, paragraphs: Sequence[ParsedText], requests: Sequence[PartyRequest] = ()
) -> tuple[Party, ...]:
    """The parties with those mentions that rules find."""
    if not requests:
        return _found(title, paragraphs)
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


def _found(title: ParsedText, paragraphs: Sequence[ParsedText]) -> tuple[Party, ...]:
    """The parties that a reader would choose, each with what it would have if a reader had asked for it."""
    table = entities_of(title, paragraphs)
    actors = actors_of(table)
    ranking = Ranking.load()
    chosen, main = ranking.choose(actors, [ranking.probability(f) for f in features_of(actors, table.texts)])
    wanted = [PartyRequest(actor.name, actor.other_names) for actor in chosen]
    apart = [PartyRequest(person.name) for person in table.entities if _acts_alone(person, chosen)]
    parties = named_parties(title, paragraphs, [*wanted, *apart])[: len(wanted)] if wanted else ()
    found = [replace(party, main=number < main) for number, party in enumerate(parties)]
    return tuple(party for party in found if party.mentions)


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
