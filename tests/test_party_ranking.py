"""Who may be a party where nobody is asked for, how the regression ranks them, and what its recipe learns."""

import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model import Analyzer
from model.article.nlp import parse, parse_articles
from model.article.splitter import join_article
from model.domain import Kind, Mention
from model.errors import LabelError
from model.names.gazetteer import state_named
from model.names.plain import plain_name, singular
from model.networks.text_states import text_states
from model.parties.actors import Actor, actors_of
from model.parties.entities import Entity
from model.parties.finder import entities_of, note_references
from model.parties.ranking import LEARNT, Ranking, actor_states, features_of, with_references
from model.parties.requests import PartyRequest
from model.training.recipes.parties import Choice, learn, read_choices, score, sharing, targets_of
from tests.tiny import asked_parties, found_parties

TITLE = "Farmers fight the Norwegian government over wolves"
TEXTS = [
    "Angry farmers marched to the parliament on Monday. The farmers blame Ada Lund, the minister, for their losses.",
    "Lund said that the government would pay. She called the protest unfair to Green Norway, a charity.",
    "Green Norway sued the government twice. Many local farmers want more guns, and farmers who lost sheep want money.",
    "Lund met the hill farmers in June. She promised them nothing, they say.",
]


def actors() -> dict[str, Actor]:
    title, *paragraphs = parse([TITLE, *TEXTS])
    return {actor.name: actor for actor in actors_of(entities_of(title, paragraphs))}


def ranking_of(
    weights: dict[str, float],
    states: list[float],
    bias: float,
    *,
    affiliated_probability: float = 0.9,
    max_main: int = 2,
    max_parties: int = 3,
) -> Ranking:
    """A ranking that takes actors from 0.1 on, main ones from 0.5, and at least one of these."""
    return Ranking(weights, states, bias, 0.1, 0.5, affiliated_probability, 1, max_main, max_parties)


def test_people_without_a_name_are_actors() -> None:
    farmers = actors()["farmers"]
    assert farmers.entity is None
    assert {"Angry farmers", "hill farmers"} <= set(farmers.other_names)
    assert sorted({mention.paragraph for mention in farmers.mentions}) == [-1, 0, 2, 3]


def test_a_person_goes_by_the_full_name() -> None:
    lund = actors()["Ada Lund"]
    assert lund.entity is not None
    assert lund.entity.kind is Kind.PERSON
    assert lund.other_names == ("Lund",)


def test_dates_and_sums_are_no_actors() -> None:
    assert not {"Monday", "June"} & set(actors())


def test_actors_with_one_name_are_the_same() -> None:
    found = actors()
    assert not found["farmers"].same_as(found["Ada Lund"])
    assert found["farmers"].same_as(Actor("farmer", names=found["farmers"].names.copy()))


def test_who_is_named_once_is_an_actor_and_who_only_comes_up_once_is_not() -> None:
    title, *paragraphs = parse(["", "Ada Lund left.", "A clerk met Tom Berg."])
    assert {actor.name for actor in actors_of(entities_of(title, paragraphs))} == {"Ada Lund", "Tom Berg"}


def test_words_for_another_actor_are_that_actor() -> None:
    lund = Actor("lund", Entity("Ada Lund", Kind.PERSON), names=Counter(["Ada Lund"]))
    minister = Actor("minister", mentions=[Mention(n, 0, 8) for n in range(3)], names=Counter(["minister"]))
    assert not minister.same_as(lund)
    lund.references = [Mention(0, 0, 8)]
    assert not minister.same_as(lund)
    lund.references += [Mention(1, 4, 8)]
    assert minister.same_as(lund)
    assert lund.same_as(minister)


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("farmers", "farmer"),
        ("parties", "party"),
        ("men", "man"),
        ("losses", "loss"),
        ("boxes", "box"),
        ("police",) * 2,
    ],
)
def test_singular(plural: str, one: str) -> None:
    assert singular(plural) == one


@pytest.mark.parametrize("name", ["The U.S.", "the U.S.’s", "THE u.s"])
def test_names_are_compared_without_article_case_and_possessive(name: str) -> None:
    assert plain_name(name) == "u.s"


def test_choose_takes_each_actor_once_and_as_many_as_are_sure() -> None:
    ranking = ranking_of({}, [], 0.0)
    some = [Actor(name, names=Counter([name])) for name in ("a", "b", "b", "c", "d", "e")]
    parties, main = ranking.choose(some, [0.4, 0.9, 0.8, 0.7, 0.6, 0.05])
    assert [actor.noun for actor in parties] == ["b", "c", "d"]
    assert main == 2
    parties, main = ranking.choose(some, [0.2, 0.05, 0.05, 0.15, 0.05, 0.05])
    assert [actor.noun for actor in parties] == ["a", "c"]
    assert main == 1
    assert ranking.choose(some, [0.0] * 6) == ([], 0)


def test_a_leader_beside_the_state_takes_more() -> None:
    ranking = ranking_of({}, [], 0.0, affiliated_probability=0.7, max_main=4, max_parties=4)
    norway = state_named("Norway")
    state = Actor("norway", Entity("Norway", Kind.STATE, state=norway), names=Counter(["Norway"]))
    leader = Actor("lie", Entity("Ada Lie", Kind.PERSON, owner=norway), names=Counter(["Ada Lie"]))
    other = Actor("club", names=Counter(["club"]))
    assert ranking.choose([state, leader, other], [0.9, 0.6, 0.55]) == ([state, other, leader], 2)
    assert ranking.choose([state, leader, other], [0.6, 0.9, 0.55]) == ([leader, other, state], 2)
    assert ranking.choose([state, leader, other], [0.9, 0.8, 0.55]) == ([state, leader, other], 3)


def test_features_say_where_and_how_an_actor_comes_up() -> None:
    title, *paragraphs = parse([TITLE, *TEXTS])
    table = entities_of(title, paragraphs)
    found = actors_of(table)
    features = dict(zip([actor.name for actor in found], features_of(found, table.texts), strict=True))
    assert features["farmers"]["title"] == 1
    assert features["Ada Lund"]["title"] == 0
    assert features["farmers"]["noun farmer"] == 1
    assert features["farmers"]["who"] > 0
    assert features["Ada Lund"]["share speaks"] > 0
    assert "last lund" not in features["Ada Lund"]  # whether somebody is a party does not hang on the surname


def test_references_count_beside_names() -> None:
    lund = Actor("lund", mentions=[Mention(0, 0, 4)], references=[Mention(p, 9, 12) for p in (1, 1, 2)])
    club = Actor("club", mentions=[Mention(-1, 0, 4), Mention(0, 7, 9)])
    first, second = with_references([{"title": 0.0}, {"title": 1.0}], [lund, club], 4)
    assert first["share of references"] == 0.75
    assert first["share of paragraphs in any words"] == 0.75
    assert (first["share of most in any words"], second["share of most in any words"]) == (1.0, 0.5)
    assert (second["references"], second["share of paragraphs in any words"], second["title"]) == (0.0, 0.25, 1.0)
    assert with_references([], [], 0) == []


def test_only_the_likeliest_are_looked_at_closely() -> None:
    ranking = ranking_of({"x": 1.0}, [0.0], 0.0)
    likely = ranking.likeliest([{"x": float(-abs(number - 20))} for number in range(60)], torch.zeros(60, 1))
    assert likely == [20, 19, 21, 18, 22, 17, 23, 16, 24, 15, 25, 14]
    assert ranking.likeliest([], torch.zeros(0, 1)) == []


def test_probabilities_come_from_features_and_states() -> None:
    ranking = ranking_of({"title": 2.0}, [1.0, -1.0], -1.0)
    states = torch.tensor([[0.5, 0.5], [3.0, 1.0], [0.0, 0.0]])
    found = ranking.probabilities([{"title": 1.0}, {"title": 0.0, "other": 9.0}, {}], states)
    assert found == pytest.approx([1 / (1 + math.exp(-1.0)), 1 / (1 + math.exp(-1.0)), 1 / (1 + math.exp(1.0))])
    assert ranking.probabilities([], states[:0]) == []


def test_an_actors_state_is_the_mean_of_its_mentions(analyzer: Analyzer) -> None:
    (parsed,) = parse_articles([join_article(TITLE, TEXTS)])
    actors = actors_of(entities_of(parsed.title, parsed.paragraphs))
    (read,) = text_states(analyzer.reader.encoder, [parsed.texts])
    found = actor_states(actors, read)
    assert found.shape == (len(actors), analyzer.reader.encoder.hidden)
    for actor, state in zip(actors, found, strict=True):
        places = actor.mentions
        words = {parsed.texts[m.paragraph + 1][m.start : m.end].removesuffix("'s") for m in places}
        assert words & set(actor.names)
        torch.testing.assert_close(state, read.means(places).mean(dim=0))
    assert actor_states([], read).shape == (0, analyzer.reader.encoder.hidden)


def test_found_parties_are_what_asking_for_them_finds(analyzer: Analyzer) -> None:
    article = join_article(TITLE, TEXTS)
    parties = found_parties(article, analyzer.reader.encoder)
    assert "Ada Lund" in [party.name for party in parties if party.main]
    requests = [PartyRequest(party.name, party.aliases) for party in parties]
    asked = asked_parties(article, requests, analyzer.reader.encoder)
    assert [party.mentions for party in asked] == [party.mentions for party in parties]


def test_references_are_found_before_parties_are_chosen(analyzer: Analyzer) -> None:
    (parsed,) = parse_articles([join_article(TITLE, TEXTS)])
    table = entities_of(parsed.title, parsed.paragraphs)
    actors = actors_of(table)
    lund = next(actor for actor in actors if actor.name == "Ada Lund")
    note_references(table, actors, [lund], *text_states(analyzer.reader.encoder, [parsed.texts]))
    said = {(m.paragraph, TEXTS[m.paragraph][m.start : m.end]) for m in lund.references}
    assert {(1, "She"), (3, "She")} <= said


def test_an_article_without_actors_has_no_parties(analyzer: Analyzer) -> None:
    assert found_parties(join_article("", ["It rained."]), analyzer.reader.encoder) == ()


def test_the_recipe_learns_whom_readers_choose(tmp_path: Path) -> None:
    title, *paragraphs = parse([TITLE, *TEXTS])
    table = entities_of(title, paragraphs)
    found = actors_of(table)
    states = torch.eye(len(found))
    features = features_of(found, table.texts)
    choice = Choice(found, features, features, states, [frozenset({"farmers"}), frozenset({"ada lund", "lund"})])
    targets = dict(zip([actor.name for actor in found], targets_of(choice), strict=True))
    assert {name for name, target in targets.items() if target} == {"farmers", "Ada Lund"}
    ranking = learn([choice] * 20)
    counts = score(ranking, [choice])
    assert (counts["readers"], counts["found"], counts["junk"], counts["twice"]) == (2, 2, 0, 0)


def test_what_either_reader_chose_is_no_junk() -> None:
    lund, farmers, sheep = (Actor(name.lower(), names=Counter([name])) for name in ("Lund", "Farmers", "Sheep"))
    for start, (actor, number) in enumerate(((lund, 2), (farmers, 3), (sheep, 1))):
        actor.mentions += [Mention(place, 9 * start, 9 * start + 4) for place in range(number)]
    features = [{"title": 1.0}] * 3
    choice = Choice([lund, farmers, sheep], features, features, torch.zeros(3, 1), [frozenset({"lund"})])
    both = replace(choice, second=[frozenset({"farmers"})])
    assert targets_of(choice) == targets_of(both) == [True, False, False]
    ranking = ranking_of({}, [0.0], 9.0, max_main=3)
    assert (score(ranking, [choice])["junk"], score(ranking, [both])["junk"]) == (2, 1)


def test_what_is_learnt_of_components_is_said_of_states() -> None:
    found = [Actor(str(number), names=Counter([str(number)])) for number in range(60)]
    states = torch.randn(60, 5, generator=torch.Generator().manual_seed(4)) * torch.tensor([9.0, 1, 1, 1, 0.1]) + 3
    told = states[:, 4] > 3
    chosen = [frozenset({actor.name}) for actor, right in zip(found, told, strict=True) if right]
    features = [{"title": 1.0}] * 60
    ranking = learn([Choice(found, features, features, states, chosen)])
    probabilities = torch.tensor(ranking.probabilities(features, states))
    assert (probabilities[told].mean() - probabilities[~told].mean()).item() > 0.2
    assert probabilities.mean().item() == pytest.approx(told.float().mean().item(), abs=0.02)


def test_choices_are_read_with_their_texts(tmp_path: Path, analyzer: Analyzer) -> None:
    row = {"id": "a", "parties": [{"name": "Farmers", "kind": "group", "aliases": ["The hill farmers"]}]}
    (tmp_path / "labels.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    other = {"id": "a", "parties": [{"name": "Ada Lund", "kind": "person", "aliases": []}]}
    (tmp_path / "labels_second_parties.jsonl").write_text(json.dumps(other) + "\n", encoding="utf-8")
    text = {"id": "a", "title": TITLE, "paragraphs": TEXTS}
    (tmp_path / "news.jsonl").write_text(json.dumps(text) + "\n", encoding="utf-8")
    (choice,) = read_choices(tmp_path / "labels.jsonl", tmp_path, analyzer.reader.encoder)
    assert choice.states.shape == (len(choice.actors), analyzer.reader.encoder.hidden)
    assert choice.chosen == [frozenset({"farmers", "hill farmers"})]
    assert choice.second == [frozenset({"ada lund"})]
    assert any(sharing(actor, choice.chosen) for actor in choice.actors)


def test_a_text_that_is_not_there_is_named(tmp_path: Path, analyzer: Analyzer) -> None:
    for name in ("labels", "labels_second_parties"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"id": "a", "parties": []}), encoding="utf-8")
    (tmp_path / "news.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(LabelError, match="expected the text of 'a' in "):
        list(read_choices(tmp_path / "labels.jsonl", tmp_path, analyzer.reader.encoder))


def test_the_file_of_weights_is_small_and_readable() -> None:
    ranking = Ranking.load()
    assert len(ranking.weights) > 100
    assert len(ranking.states) == 768
    assert LEARNT.stat().st_size < 100_000
