"""The pointer on a tiny transformer: one pass for all questions, and what it finds on its way to the labels."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch

from model import Analysis, Analyzer, pointer
from model.adapter import add_adapters
from model.careful import CarefulWeights
from model.careful_classifier import POINTING, CarefulClassifier
from model.domain import Kind, Mention, Party, Stance
from model.errors import WeightsError
from model.first_layers import first_layers, states_of
from model.language import read
from model.local_model import LocalModel
from model.pointer import Pointer, PointerHead, PointerWeights, sheets_of, spans_at
from model.requests import parse_requests, party_line
from model.training import layers
from model.training import pointer as recipe
from model.training.loop import Course, save_weights, trainable
from tests.test_careful import Fixed
from tests.tiny import drawn

TITLE = "The ferry"
TEXTS = [
    "Hale Line cut two ships on Monday.",
    "The company had promised not to, and the islanders were angry.",
    "Nobody was there, and it rained.",
]
NAMES = ["Hale Line", "Islanders"]


@pytest.fixture
def path(lm: LocalModel, tmp_path: Path) -> Path:
    path = tmp_path / "pointer.safetensors"
    metadata = {"layers": "1", "threshold": "0.5", "language_model": "tiny"}
    save_weights(path, *drawn(lm, PointerHead, 3), metadata, "pointer")
    return path


def asked(paragraphs: Sequence[int], names: Sequence[str] = NAMES) -> dict[int, list[str]]:
    return {index: list(names) for index in paragraphs}


def test_a_question_sees_the_text_up_to_its_paragraph_and_itself(lm: LocalModel, path: Path) -> None:
    weights = Pointer.of(lm, PointerWeights.load(path))
    together = {(q.paragraph, q.party): (shares, p) for q, shares, p in weights.point(TITLE, TEXTS, asked(range(3)))}
    assert set(together) == {(index, name) for index in range(3) for name in NAMES}
    for (index, name), (shares, present) in together.items():
        ((q, alone, p),) = weights.point(TITLE, TEXTS[: index + 1], {index: [name]})
        assert (q.paragraph, q.party, len(q.offsets)) == (index, name, len(shares))
        if index == 0:  # another paragraph that nothing is asked about is still read
            assert torch.allclose(alone, shares, atol=1e-4)
            assert p == pytest.approx(present, abs=1e-4)
        assert float(shares.sum()) == pytest.approx(1, abs=1e-4)
    assert together[1, NAMES[0]][1] != pytest.approx(together[1, NAMES[1]][1], abs=1e-4)


def test_sheets_hold_title_text_and_questions(lm: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    (sheet,) = sheets_of(lm.tokenizer, TITLE, TEXTS, asked([1, 2]))
    assert lm.tokenizer.decode(sheet.text) == "\n\n".join([TITLE, *TEXTS, ""])
    assert [(q.paragraph, q.party) for q in sheet.questions] == [(index, name) for index in (1, 2) for name in NAMES]
    for q in sheet.questions:
        assert lm.tokenizer.decode([sheet.ids[place] for place in q.tokens]) == f"{TEXTS[q.paragraph]}\n\n"
        seen = sheet.seen()[q.end].nonzero().flatten()
        before = "\n\n".join([TITLE, *TEXTS[: q.paragraph + 1], ""])
        words = f"{before}Which words of the last paragraph mean {q.party}?"
        assert lm.tokenizer.decode([sheet.ids[place] for place in seen]) == words
        assert sheet.places()[seen].tolist() == list(range(len(seen)))
    asked_twice = len(lm.tokenizer("Which words of the last paragraph mean", add_special_tokens=False)["input_ids"])
    assert len(sheet.ids) <= len(sheet.text) + 2 * asked_twice + 40  # what questions begin with alike is there once
    assert list(sheets_of(lm.tokenizer, TITLE, TEXTS, {})) == []
    length = len(sheet.text)
    monkeypatch.setattr(pointer, "TEXT", length - 1)  # the last paragraph comes on a sheet of its own
    first, second = sheets_of(lm.tokenizer, TITLE, TEXTS, asked([0, 2]))
    assert [q.paragraph for q in first.questions + second.questions] == [0, 0, 2, 2]
    assert lm.tokenizer.decode(second.text) == "\n\n".join([TITLE, *TEXTS, ""])  # with what is before it
    monkeypatch.setattr(pointer, "LONGEST", 5)
    assert [q.paragraph for s in sheets_of(lm.tokenizer, TITLE, TEXTS, asked(range(3))) for q in s.questions] == []


def test_a_paragraph_may_begin_as_a_question_does(lm: LocalModel, path: Path) -> None:
    texts = [TEXTS[0], "Which words of the last paragraph mean more?"]
    (sheet,) = sheets_of(lm.tokenizer, TITLE, texts, asked([0, 1]))
    for q in sheet.questions:
        assert lm.tokenizer.decode([sheet.ids[place] for place in q.tokens]) == f"{texts[q.paragraph]}\n\n"
    told = Pointer.of(lm, PointerWeights.load(path))
    together = {(q.paragraph, q.party): shares for q, shares, _ in told.point(TITLE, texts, asked([0, 1]))}
    ((_, alone, _),) = told.point(TITLE, texts, {1: NAMES[:1]})
    assert torch.allclose(together[1, NAMES[0]], alone, atol=1e-4)


def test_what_looks_like_a_control_token_is_read_as_text(lm: LocalModel) -> None:
    texts = ["<|im_start|>Norway<|im_end|> left."]
    (sheet,) = sheets_of(lm.tokenizer, "<|im_end|>", texts, {0: ["<|im_start|>"]})
    assert not set(sheet.ids) & set(lm.tokenizer.added_tokens_encoder.values())


def test_states_are_the_same_beside_others(lm: LocalModel) -> None:
    network, _ = drawn(lm, PointerHead, 3)
    ids = list(range(5, 25))
    seen = torch.ones(20, 20, dtype=torch.bool).tril()
    places = torch.arange(20)
    with torch.inference_mode():
        alone = states_of(network, ids, places, seen)
        plain = network(input_ids=torch.tensor([ids]), use_cache=False).last_hidden_state[0]
    assert alone.shape == (20, 64)
    assert torch.allclose(alone, plain, atol=1e-4)


def shares_on(text: str, words: str, offsets: Sequence[tuple[int, int]]) -> torch.Tensor:
    start = text.index(words)
    on = torch.tensor([float(start < b and a < start + len(words)) for a, b in offsets])
    return on / on.sum()


@pytest.mark.parametrize(
    ("words", "phrases"),
    [("company", ["The company"]), ("islanders", ["the islanders"]), ("angry", ["angry"]), (".", ["The"])],
)
def test_the_phrase_that_is_pointed_at(lm: LocalModel, words: str, phrases: list[str]) -> None:
    text = TEXTS[1]
    (sheet,) = sheets_of(lm.tokenizer, TITLE, TEXTS, {1: ["Hale Line"]})
    (q,) = sheet.questions
    spans = spans_at(q, shares_on(text, words, q.offsets), read([text])[0])
    assert [text[span.start : span.end] for span in spans] == phrases


class Told(Pointer):
    """Points at words that it is told, by party and paragraph."""

    def __init__(self, lm: LocalModel, words: Mapping[tuple[str, int], str]) -> None:
        super().__init__(lm.tokenizer, *drawn(lm, PointerHead, 3), 0.5, "pointer@told")
        self.words = words
        self.asked: list[tuple[int, str]] = []

    def point(self, title, texts, asked):  # type: ignore[no-untyped-def]
        for q, shares, _ in super().point(title, texts, asked):
            self.asked.append((q.paragraph, q.party))
            words = self.words.get((q.party, q.paragraph))
            there = shares_on(texts[q.paragraph], words, q.offsets) if words else shares
            yield q, there, 0.9 if words else 0.1


def test_mentions_are_added_where_there_were_none(lm: LocalModel) -> None:
    parties = [
        Party("Hale Line", Kind.ORGANIZATION, mentions=(Mention(0, 0, 9),)),
        Party("Islanders", Kind.ORGANIZATION),
    ]
    told = Told(lm, {("Hale Line", 1): "company", ("Hale Line", 0): "ships"})
    line, islanders = told.add(TITLE, read(TEXTS), parties)
    assert line.mentions == (Mention(0, 0, 9), Mention(1, 0, 11))
    assert islanders == parties[1]
    assert told.asked == [(0, "Islanders"), (1, "Hale Line"), (1, "Islanders"), (2, "Hale Line"), (2, "Islanders")]


def test_who_is_found_is_judged_and_asked_about_once(analyzer: Analyzer, analysis: Analysis, lm: LocalModel) -> None:
    absent = next(label for label in analysis.labels if label.stance is Stance.ABSENT)
    text = analysis.article.paragraphs[absent.paragraph].text
    told = Told(lm, {(absent.party, absent.paragraph): text.split()[-1].strip(".,")})
    shares = CarefulWeights({}, {}, 1, 1.0, 0.0, 0.0, 0.5, "", "", "careful@fixed")
    careful = CarefulClassifier(analyzer.classifier, Fixed(), shares, told)
    two = replace(analyzer, careful=careful)
    lines = "\n".join(party_line(party) for party in analysis.parties)
    *_, judged = two.stages(analysis.article, parse_requests(lines, exact=True))
    *_, found = two.read_carefully(judged)
    labels = {(label.paragraph, label.party): label for label in found.labels}
    assert labels[absent.paragraph, absent.party].stance is not Stance.ABSENT
    assert all(label.careful for label in found.labels)
    assert found.versions[POINTING] == "pointer@told"
    party = next(party for party in found.parties if party.name == absent.party)
    assert party.in_paragraph(absent.paragraph)
    assert len(told.asked) == len(set(told.asked)) == sum(x.stance is Stance.ABSENT for x in judged.labels)
    told.asked.clear()
    *_, same = two.stages(analysis.article, parse_requests(lines, exact=True), found)
    assert same.labels == found.labels
    assert list(two.read_carefully(same)) == []
    other = "\n".join(
        f"{line.split(':')[0]}: Someone" if line.startswith(absent.party) else line for line in lines.split("\n")
    )
    *_, renamed = two.stages(analysis.article, parse_requests(other, exact=True), found)
    *_, _ = two.read_carefully(renamed)
    assert (absent.paragraph, absent.party) in told.asked  # what found it before is gone with its line
    told.asked.clear()
    *_, more = two.stages(analysis.article, parse_requests(f"{lines}\nBhutan", exact=True), found)
    *_, again = two.read_carefully(more)
    assert told.asked == [(paragraph.index, "Bhutan") for paragraph in analysis.article.paragraphs]
    assert [x for x in again.labels if x.party != "Bhutan"] == list(found.labels)


def test_weights_of_another_shape_and_missing_ones(lm: LocalModel, path: Path, tmp_path: Path) -> None:
    weights = PointerWeights.load(path)
    for broken in (replace(weights, adapter={}), replace(weights, layers=2), replace(weights, head={})):
        with pytest.raises(WeightsError, match="make train-pointer"):
            Pointer.of(lm, broken)
    with pytest.raises(WeightsError, match="make train-pointer"):
        PointerWeights.load(tmp_path / "none.safetensors")
    with pytest.raises(WeightsError, match="threshold"):
        PointerWeights.load(Path("model/weights/careful.safetensors"))


def cases() -> list[recipe.Case]:
    """Paragraphs that mean the party by "the company", and others that do not."""
    found = []
    for number in range(12):
        there = f"The company {'cut' if number % 2 else 'sold'} ships."
        truths = {
            (0, "Hale Line"): recipe.Truth(True, ((0, 9),), True, True),
            (1, "Hale Line"): recipe.Truth(True, ((0, 11),), False, False),
            (2, "Hale Line"): recipe.Truth(False, (), False, False),
        }
        texts = [f"Hale Line {'lost' if number % 3 else 'won'}.", there, f"It rained {number} days."]
        found.append(recipe.Case(f"g{number}", "own", TITLE, texts, truths))
    return found


def test_it_learns_where_and_whether(lm: LocalModel, tmp_path: Path) -> None:
    torch.manual_seed(1)
    network, head = first_layers(lm.network.base_model, 1), PointerHead(64)
    add_adapters(network, recipe.RANK, recipe.SCALE)
    rng = random.Random(1)
    steps = []
    for _ in range(12):
        some = [one for case in cases() for one in recipe.marked(lm.tokenizer, case, rng)]
        steps += recipe.make_batches(recipe.densest(some, 1.0), 4, rng, lambda one: len(one.sheet.ids))
    course = Course(trainable(network, head), 5e-3, 0.0, len(steps), 0.1, tmp_path)
    parts = [list(recipe.packs(batch)) for batch in steps]
    layers.learn(network, head, parts, partial(recipe.loss_of, network, head), recipe.items_of, course, 1)
    answers = recipe.answers_on(Pointer(lm.tokenizer, network, head, 0.5, "new"), cases(), "own")
    assert len(answers) == 24
    scores = recipe.scores_of(answers, recipe.fit_threshold(answers))
    assert scores["average_precision"] > 0.95
    assert scores["words_right"] > 0.9
    assert scores["precision"] == scores["recall"] == 1


def test_the_densest_sheets_are_kept(lm: LocalModel) -> None:
    some = [one for case in cases() for one in recipe.marked(lm.tokenizer, case, random.Random(1))]
    found = replace(some[0], truths=[replace(truth, found=True) for truth in some[0].truths])
    kept = recipe.densest([found, *some[1:]], 0.5)
    assert 0 < len(kept) < len(some)
    assert found not in kept
