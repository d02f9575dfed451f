"""From the actors that an article names to its parties: grouped, ranked, or as the user asks for them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from model.actors import TITLE, Actor, By, Reference
from model.anaphora import add_anaphora
from model.cast import Cast, read_texts
from model.domain import Article, Kind, Mention, Party
from model.gazetteer import state_named
from model.language import Reading, read
from model.referents import Referents
from model.requests import PartyRequest, absorb, request_actors
from model.wording import SOURCES

_MOST_FOUND = 8
_MOST_MAIN = 5
_MAIN_SHARE = 0.4  # of the first party's weight


def find_parties(article: Article, requests: Sequence[PartyRequest] = ()) -> tuple[Party, ...]:
    """The article's parties with every mention, main ones first; with `requests`, exactly those, in their order.

    A requested party that the article never mentions is returned without mentions. Returns () when
    nothing is requested and nobody is named.
    """
    title = article.read(article.title)
    readings = read([title, *(paragraph.text for paragraph in article.paragraphs)])
    return parties_of(title, readings[1:], readings[0], requests)


def parties_of(
    title: str, paragraphs: Sequence[Reading], title_reading: Reading, requests: Sequence[PartyRequest] = ()
) -> tuple[Party, ...]:
    """`find_parties` for texts that are read already."""
    parties = named_parties(title, paragraphs, title_reading, requests)
    exact = {request.name for request in requests if request.exact}
    parties = tuple(replace(party, exact=party.name in exact) for party in parties)
    return Referents.load().add(parties, paragraphs)


def named_parties(
    title: str, paragraphs: Sequence[Reading], title_reading: Reading, requests: Sequence[PartyRequest] = ()
) -> tuple[Party, ...]:
    """The parties with those mentions that rules find."""
    cast = Cast(read_texts(title, paragraphs, title_reading))
    named = {state for request in requests if (state := state_named(request.name))}
    wanted = request_actors(cast, requests, named)
    cast.name()
    _assign_ministers(cast)
    if wanted:
        absorb(cast, wanted, requests)
    add_anaphora(cast)
    if wanted:
        return tuple(_party(cast, actor, main=True) for actor in wanted)
    _give_leaders_to_states(cast)
    return _rank(cast)


def _assign_ministers(cast: Cast) -> None:
    """Ministers whose state is not said belong to the one state that the article is about, if there is one."""
    states = [actor for actor in cast.actors if actor.state is not None and actor.references]
    top = max(states, key=lambda actor: len(actor.references), default=None)
    if top is None or 2 * len(top.references) < sum(len(actor.references) for actor in states):
        return
    for actor in cast.actors:
        if actor.kind is Kind.PERSON and actor.owner is None and actor.nouns & {"minister", "premier", "chancellor"}:
            actor.owner = top.state


def _give_leaders_to_states(cast: Cast) -> None:
    """Leaders count as their state, unless the article is more about the person than about the state.

    Codebook, rule 5: a leader acting for a party counts as the party, unless that person is a party
    of their own in this article.
    """
    for person in [actor for actor in cast.actors if actor.kind is Kind.PERSON and actor.owner is not None]:
        state = next((actor for actor in cast.actors if actor.state is person.owner), None)
        own = sum(reference.by is By.NAME for reference in person.references)
        named = sum(reference.by is By.NAME for reference in state.references) if state is not None else 0
        if own < 3 or own <= 0.6 * named:
            person.stands_for = state or cast.state(person.owner)  # type: ignore[arg-type]  # owner is not None


def _references(cast: Cast, actor: Actor) -> list[Reference]:
    """All references that count for `actor`: its own and those of whoever stands for it."""
    return [r for other in cast.actors if other is actor or other.stands_for is actor for r in other.references]


def _weight(cast: Cast, actor: Actor) -> float:
    """How much the article is about `actor`: paragraphs that refer to it, repeated references, the title."""
    places = [reference.paragraph for reference in _references(cast, actor)]
    spread = len({place for place in places if place != TITLE})
    weight = spread + 0.25 * (len(places) - spread) + (2.0 if TITLE in places else 0.0)
    return weight * (0.4 if actor.kind is Kind.STATE and actor.state is None else 1.0)  # a city is mostly a place


def _rank(cast: Cast) -> tuple[Party, ...]:
    weights = {id(actor): _weight(cast, actor) for actor in cast.actors if actor.stands_for is None}
    parties = [(weights[id(actor)], _party(cast, actor, main=False)) for actor in cast.actors if id(actor) in weights]
    ranked = sorted(((weight, party) for weight, party in parties if party.mentions), key=lambda pair: -pair[0])
    if not ranked:
        return ()
    least = max(1.0, _MAIN_SHARE * ranked[0][0])
    main = [replace(party, main=True) for weight, party in ranked[:_MOST_MAIN] if weight >= least]
    others = [party for _, party in ranked[len(main) :] if len(party.mentions) > 1 and party.name not in SOURCES]
    return (*main, *others[: _MOST_FOUND - len(main)])


def _party(cast: Cast, actor: Actor, main: bool) -> Party:
    kept: list[Mention] = []
    forms: Counter[str] = Counter()
    for reference in sorted(_references(cast, actor)):
        if reference.by is By.NAME:
            form = " ".join(cast.texts[reference.paragraph].text[reference.start : reference.end].split())
            form = re.sub(r"^[Tt]he ", "", re.sub(r"['’]s?$", "", form))
            forms[form] += form != actor.name
        mention = Mention(reference.paragraph, reference.start, reference.end)
        free = not kept or kept[-1].paragraph != mention.paragraph or kept[-1].end <= mention.start  # they are sorted
        if reference.paragraph != TITLE and free:
            kept.append(mention)
    aliases = tuple(sorted((form for form, count in forms.items() if count), key=lambda form: (-forms[form], form)))
    return Party(actor.name, actor.kind, aliases, tuple(kept), main)
