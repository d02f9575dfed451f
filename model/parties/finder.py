"""From the entities that an article names to its parties: grouped, ranked, or as the user asks for them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ..article.nlp import ParsedText, parse_articles
from ..domain import Article, Kind, Mention, Party
from ..names.gazetteer import state_named
from ..names.lexicon import SOURCES
from .coreference import add_anaphora
from .entities import TITLE, Entity, EntityMention, MentionType
from .entity_table import EntityTable, texts_by_place
from .request_matching import absorb, request_entities
from .requests import PartyRequest

_MOST_FOUND = 8
_MOST_MAIN = 5
_MAIN_SHARE = 0.4  # of the first party's weight


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
    table = EntityTable(texts_by_place(title, paragraphs))
    named = {state for request in requests if (state := state_named(request.name))}
    wanted = request_entities(table, requests, named)
    table.name()
    _assign_ministers(table)
    if wanted:
        absorb(table, wanted, requests)
    add_anaphora(table)
    if wanted:
        return tuple(_party(table, entity, main=True) for entity in wanted)
    _give_leaders_to_states(table)
    return _rank(table)


def _assign_ministers(table: EntityTable) -> None:
    """Ministers whose state is not said belong to the one state that the article is about, if there is one."""
    states = [entity for entity in table.entities if entity.state is not None and entity.mentions]
    top = max(states, key=lambda entity: len(entity.mentions), default=None)
    if top is None or 2 * len(top.mentions) < sum(len(entity.mentions) for entity in states):
        return
    for entity in table.entities:
        if entity.kind is Kind.PERSON and entity.owner is None and entity.nouns & {"minister", "premier", "chancellor"}:
            entity.owner = top.state


def _give_leaders_to_states(table: EntityTable) -> None:
    """Leaders count as their state, unless the article is more about the person than about the state.

    Codebook, rule 5: a leader acting for a party counts as the party, unless that person is a party
    of their own in this article.
    """
    for person in [entity for entity in table.entities if entity.kind is Kind.PERSON and entity.owner is not None]:
        state = next((entity for entity in table.entities if entity.state is person.owner), None)
        own = sum(reference.by is MentionType.NAME for reference in person.mentions)
        named = sum(reference.by is MentionType.NAME for reference in state.mentions) if state is not None else 0
        if own < 3 or own <= 0.6 * named:
            person.stands_for = state or table.state(person.owner)  # type: ignore[arg-type]  # owner is not None


def _references(table: EntityTable, entity: Entity) -> list[EntityMention]:
    """All references that count for `entity`: its own and those of whoever stands for it."""
    return [r for other in table.entities if other is entity or other.stands_for is entity for r in other.mentions]


def _weight(table: EntityTable, entity: Entity) -> float:
    """How much the article is about `entity`: paragraphs that refer to it, repeated references, the title."""
    places = [reference.paragraph for reference in _references(table, entity)]
    spread = len({place for place in places if place != TITLE})
    weight = spread + 0.25 * (len(places) - spread) + (2.0 if TITLE in places else 0.0)
    return weight * (0.4 if entity.kind is Kind.STATE and entity.state is None else 1.0)  # a city is mostly a place


def _rank(table: EntityTable) -> tuple[Party, ...]:
    weights = {id(entity): _weight(table, entity) for entity in table.entities if entity.stands_for is None}
    parties = [
        (weights[id(entity)], _party(table, entity, main=False)) for entity in table.entities if id(entity) in weights
    ]
    ranked = sorted(((weight, party) for weight, party in parties if party.mentions), key=lambda pair: -pair[0])
    if not ranked:
        return ()
    least = max(1.0, _MAIN_SHARE * ranked[0][0])
    main = [replace(party, main=True) for weight, party in ranked[:_MOST_MAIN] if weight >= least]
    others = [party for _, party in ranked[len(main) :] if len(party.mentions) > 1 and party.name not in SOURCES]
    return (*main, *others[: _MOST_FOUND - len(main)])


def _party(table: EntityTable, entity: Entity, main: bool) -> Party:
    kept: list[Mention] = []
    forms: Counter[str] = Counter()
    for reference in sorted(_references(table, entity)):
        if reference.by is MentionType.NAME:
            form = " ".join(table.texts[reference.paragraph].text[reference.start : reference.end].split())
            form = re.sub(r"^[Tt]he ", "", re.sub(r"['’]s?$", "", form))
            forms[form] += form != entity.name
        mention = Mention(reference.paragraph, reference.start, reference.end)
        free = not kept or kept[-1].paragraph != mention.paragraph or kept[-1].end <= mention.start  # they are sorted
        if reference.paragraph != TITLE and free:
            kept.append(mention)
    aliases = tuple(sorted((form for form, count in forms.items() if count), key=lambda form: (-forms[form], form)))
    return Party(entity.name, entity.kind, aliases, tuple(kept), main)
