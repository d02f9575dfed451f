"""Which words may refer to a party, what the network sees of them, and what it says."""

import json
import re

import pytest
import torch

from model import Analyzer
from model.article.nlp import parse
from model.article.splitter import join_article
from model.domain import TITLE, Mention
from model.networks.eight_bit import is_exact
from model.networks.encoder import Encoder
from model.networks.text_states import text_states
from model.parties import reference_network
from model.parties.coreference import Coreference, Outline, _windows
from model.parties.finder import outline_of
from model.parties.reference_network import OTHER, OWN, REFERENCE, ReferenceNetwork
from model.parties.references import possible_references
from model.parties.requests import PartyRequest
from model.training.examples import LABELS, OWN_TEXTS, PARAGRAPH_SHARE, group_of, in_development
from tests.tiny import asked_parties

TITLE_TEXT = "Berg defends the bridge"
TEXTS = [
    "Mayor Ann Berg defended the new bridge on Monday. She said that it would pay for itself in ten years.",
    "Tom Lind of the Harbor Union called the plan a gift to builders. He wants her to explain three costs.",
]


@pytest.fixture(scope="module")
def encoder(analyzer: Analyzer) -> Encoder:
    return analyzer.reader.encoder


def spans(text: str, *names: str) -> list[str]:
    (parsed,) = parse([text])
    taken = [Mention(0, text.index(name), text.index(name) + len(name)) for name in names]
    found = [node.words for node in possible_references(0, parsed, taken)]
    return [text[words.start : words.end] for words in sorted(found, key=lambda words: (words.start, -words.end))]


def test_pronouns_and_definite_phrases_may_refer() -> None:
    assert spans(TEXTS[0], "Ann Berg") == ["the new bridge", "She", "it", "itself"]
    assert spans("Her lawyer met two men in the US on Friday.") == ["Her lawyer", "Her", "two men", "the US"]
    assert spans("A man gave every clerk 20 dollars.") == []
    assert spans("") == []


def test_an_outline_has_names_and_references_in_order() -> None:
    title, *paragraphs = parse([TITLE_TEXT, *TEXTS])
    outline, names = outline_of(title, paragraphs, [PartyRequest("Ann Berg")])
    words = {TITLE: TITLE_TEXT} | dict(enumerate(TEXTS))
    places = [node.words for node in outline.nodes]
    said = [(place.paragraph, words[place.paragraph][place.start : place.end]) for place in places]
    roles = set(zip(said, outline.roles(names)[0].tolist(), strict=True))
    assert said == sorted(said, key=lambda one: one[0])
    assert {((TITLE, "Berg"), OWN), ((0, "Ann Berg"), OWN), ((1, "Tom Lind"), OTHER)} <= roles
    assert {((0, "She"), REFERENCE), ((1, "her"), REFERENCE), ((1, "the plan"), REFERENCE)} <= roles
    assert ((0, "Ann Berg"), REFERENCE) not in roles
    assert ((1, "Tom Lind"), REFERENCE) not in roles
    assert not any(place == TITLE and role == REFERENCE for (place, _), role in roles)
    sentences = dict(zip(said, outline.sentences, strict=True))
    assert sentences[0, "She"] == sentences[0, "Ann Berg"] + 1
    assert sentences[1, "Tom Lind"] == sentences[0, "She"] + 2  # a paragraph's end counts too
    assert outline_of(title, [], [])[0].roles([]).shape[0] == 0


def test_long_outlines_are_read_in_windows() -> None:
    for nodes in (0, 1, 600, 601, 5_000):
        read = [number for _, start, stop in _windows(nodes) for number in range(start, stop)]
        assert read == list(range(nodes))
        assert all(stop - first <= 600 for first, _, stop in _windows(nodes))


class Everything(ReferenceNetwork):
    """Says 2 of every node, and that nothing is the party's."""

    def forward(self, states: torch.Tensor, roles: torch.Tensor, sentences: torch.Tensor) -> torch.Tensor:
        assert states.shape[0] == roles.shape[1] == sentences.shape[0]
        return torch.tensor([2.0, -2.0]).expand(*roles.shape, 2)


def test_only_what_is_no_name_refers_and_only_to_whom_is_named(encoder: Encoder) -> None:
    title, *paragraphs = parse([TITLE_TEXT, *TEXTS])
    outline, names = outline_of(title, paragraphs, [PartyRequest("Ann Berg"), PartyRequest("Zembla")])
    (read,) = text_states(encoder, [[TITLE_TEXT, *TEXTS]])
    network = Everything(2 * encoder.hidden)
    berg, nobody = Coreference(network, 1.0, 0.0).references(outline, read, names)
    assert len(berg) == sum(not node.named for node in outline.nodes)
    assert nobody == []
    assert Coreference(network, 3.0, 0.0).references(outline, read, names) == [[], []]
    assert len(Coreference(network, 3.0, -3.0).references(outline, read, names)[0]) == len(berg)
    assert Coreference(network, 3.0, -3.0).references(outline, read, names, theirs=False) == [[], []]


def test_a_singular_pronoun_means_one_party(encoder: Encoder) -> None:
    title, *paragraphs = parse([TITLE_TEXT, *TEXTS])
    outline, names = outline_of(title, paragraphs, [PartyRequest("Ann Berg"), PartyRequest("Tom Lind")])
    (read,) = text_states(encoder, [[TITLE_TEXT, *TEXTS]])
    berg, lind = Coreference(Surest(2 * encoder.hidden), 1.0, 0.0).references(outline, read, names)
    first, second = ({TEXTS[m.paragraph][m.start : m.end] for m in some} for some in (berg, lind))
    assert {"She", "her", "it", "the plan"} <= first
    assert "the plan" in second
    assert not {"She", "her", "it", "He"} & second


class Surest(ReferenceNetwork):
    """Says of every node that it refers to each party, and most surely to the first."""

    def forward(self, states: torch.Tensor, roles: torch.Tensor, sentences: torch.Tensor) -> torch.Tensor:
        surer = 3.0 - torch.arange(len(roles))[:, None].expand(roles.shape)
        return torch.stack([surer, torch.full_like(surer, -2.0)], dim=-1)


def test_the_network_reads_each_party_for_itself() -> None:
    torch.manual_seed(1)
    network = ReferenceNetwork(8).eval()
    states, sentences = torch.randn(5, 8), torch.tensor([0, 0, 1, 40, 900])
    roles = torch.tensor([[OWN, REFERENCE, OTHER, REFERENCE, REFERENCE], [OTHER, REFERENCE, OWN, REFERENCE, REFERENCE]])
    with torch.inference_mode():
        both = network(states, roles, sentences)
        second = network(states, roles[1:], sentences)
    assert both.shape == (2, 5, 2)
    torch.testing.assert_close(both[1], second[0])
    assert (both[0] - both[1]).abs().max() > 1e-3


def test_padding_changes_no_logit(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Coreference.load().network
    torch.manual_seed(1)
    states, sentences = torch.randn(37, 1536), torch.arange(37) // 3
    roles = torch.full((2, 37), REFERENCE)
    roles[0, 3], roles[1, 20] = OWN, OWN
    with torch.inference_mode():
        padded = network(states, roles, sentences)
        monkeypatch.setattr(reference_network, "_MULTIPLE", 1)
        exact = network(states, roles, sentences)
    assert padded.shape == (2, 37, 2)
    torch.testing.assert_close(padded, exact, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    "dtype",
    [
        torch.bfloat16,
        pytest.param(torch.int8, marks=pytest.mark.skipif(not is_exact(), reason="no exact eight bits on this CPU")),
    ],
)
def test_the_shipped_network_in_fewer_bits(dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    states, sentences = torch.randn(40, 1536), torch.arange(40) // 3
    roles = torch.full((2, 40), REFERENCE)
    roles[0, 3], roles[1, 3], roles[0, 20], roles[1, 20] = OWN, OTHER, OTHER, OWN
    exact, fewer = (Coreference.load(each).network for each in (torch.float32, dtype))
    with torch.inference_mode():
        expected, found = exact(states, roles, sentences), fewer(states, roles, sentences)
    assert found.dtype is torch.float32
    assert 0 < (found - expected).abs().max() < 0.25 < expected.std()


def test_sentences_of_an_empty_text() -> None:
    texts = {0: parse([""])[0], 1: parse(["Berg left. She was tired."])[0]}
    outline = Outline.of(texts, [Mention(1, 0, 4)])
    assert [node.words.paragraph for node in outline.nodes] == [1, 1]
    assert outline.sentences[1] == outline.sentences[0] + 1


def test_a_name_within_a_name_is_another_party() -> None:
    (text,) = parse(["The separatists in Ukraine left Ukraine."])
    whole, inside, alone = Mention(0, 4, 26), Mention(0, 19, 26), Mention(0, 32, 39)
    outline = Outline.of({0: text}, [whole, inside, alone])
    words = [text.text[node.words.start : node.words.end] for node in outline.nodes]
    assert words == ["separatists in Ukraine", "Ukraine", "Ukraine"]
    assert outline.roles([[whole], [inside, alone]]).tolist() == [[OWN, OTHER, OTHER], [OTHER, OWN, OWN]]


def test_other_phrases_are_nodes_unless_they_are_known() -> None:
    (text,) = parse(["Some old voters met the mayor and Ann Berg."])
    phrases = [Mention(0, 5, 15), Mention(0, 24, 29), Mention(0, 38, 42)]
    outline = Outline.of({0: text}, [Mention(0, 34, 42)], phrases)
    words = [text.text[node.words.start : node.words.end] for node in outline.nodes]
    assert words == ["old voters", "the mayor", "Ann Berg"]
    assert text.text[outline.nodes[0].head.start : outline.nodes[0].head.end] == "voters"
    assert outline.roles([phrases[:2]]).tolist() == [[OWN, OWN, OTHER]]


def test_pronouns_and_descriptions_are_followed(encoder: Encoder) -> None:
    article = join_article(TITLE_TEXT, TEXTS)
    berg, lind = asked_parties(article, [PartyRequest("Ann Berg"), PartyRequest("Tom Lind")], encoder)
    said = [(m.paragraph, TEXTS[m.paragraph][m.start : m.end]) for m in berg.mentions]
    assert {(0, "Ann Berg"), (0, "She"), (1, "her")} <= set(said)
    assert (1, "He") not in said
    assert (1, "He") in [(m.paragraph, TEXTS[m.paragraph][m.start : m.end]) for m in lind.mentions]


@pytest.mark.slow
def test_most_pronouns_for_people_in_our_development_articles_are_found(encoder: Encoder) -> None:
    """Where a paragraph's label has marked "he" or "she", whom it means is found, and hardly anybody else."""
    rows = [json.loads(line) for line in (LABELS / "own.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = {row["id"]: row for row in map(json.loads, (OWN_TEXTS / "own.jsonl").open(encoding="utf-8"))}
    people = [row for row in rows if row["kind"] == "person" and in_development(group_of(row["id"]), PARAGRAPH_SHARE)]
    wanted: set[tuple[str, int, int, str]] = set()
    found: set[tuple[str, int, int, str]] = set()
    for identifier in sorted({row["id"] for row in people})[:20]:
        own = [row for row in people if row["id"] == identifier]
        article = join_article(texts[identifier]["title"], texts[identifier]["paragraphs"])
        parties = asked_parties(article, [PartyRequest(name) for name in sorted({r["party"] for r in own})], encoder)
        judged = {(row["paragraph"], row["party"]) for row in own}
        wanted |= {(identifier, row["paragraph"], start, row["party"]) for row in own for start, _ in row["mentions"]}
        found |= {
            (identifier, m.paragraph, m.start, party.name)
            for party in parties
            for m in party.mentions
            if (m.paragraph, party.name) in judged
        }

    def pronouns(places: set[tuple[str, int, int, str]]) -> set[tuple[str, int, int, str]]:
        return {
            p for p in places if re.match(r"(?:he|she|his|her|him)\b", texts[p[0]]["paragraphs"][p[1]][p[2] :], re.I)
        }

    wanted, found = pronouns(wanted), pronouns(found)
    assert len(wanted) > 50
    assert len(wanted & found) > 0.75 * len(wanted)
    assert len(wanted & found) > 0.75 * len(found)
