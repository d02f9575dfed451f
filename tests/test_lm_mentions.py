"""The pointer on a tiny transformer: one pass for all questions, and what it finds on its way to the labels."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch

from model import Analysis, Analyzer
from model.article.nlp import parse
from model.domain import Kind, Mention, Party, Span, Stance
from model.errors import WeightsError
from model.language_model import question_sheet
from model.language_model.local import LocalModel
from model.language_model.question_sheet import sheets_of
from model.language_model.truncated import first_layers, states_of
from model.networks.lora import add_adapters
from model.parties.lm_mentions import LmMentionFinder, MentionHead, MentionWeights, certain, spans_at
from model.parties.requests import parse_requests, party_line
from model.stance.ensemble import POINTING, EnsembleClassifier
from model.stance.lm_classifier import LmStanceWeights
from model.training import lm_layers
from model.training.loop import Course, save_weights, trainable
from model.training.recipes import lm_mention_cases, lm_mention_scores
from model.training.recipes import lm_mentions as recipe
from tests.test_lm_classifier import Fixed
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
    path = tmp_path / "lm_mentions.safetensors"
    metadata = {"layers": "1", "threshold": "0.5", "doubt": "0.1", "language_model": "tiny"}
    save_weights(path, *drawn(lm, MentionHead, 3), metadata, "pointer")
    return path


def asked(paragraphs: Sequence[int], names: Sequence[str] = NAMES) -> dict[int, list[str]]:
    return {index: list(names) for index in paragraphs}


def test_a_question_sees_the_text_up_to_its_paragraph_and_itself(lm: LocalModel, path: Path) -> None:
    weights = LmMentionFinder.of(lm, MentionWeights.load(path))
    together = {(q.paragraph, q.party): (each, p) for q, each, p in weights.point(TITLE, TEXTS, asked(range(3)))}
    assert set(together) == {(index, name) for index in range(3) for name in NAMES}
    for (index, name), (each, present) in together.items():
        ((q, alone, p),) = weights.point(TITLE, TEXTS[: index + 1], {index: [name]})
        assert (q.paragraph, q.party, len(q.offsets)) == (index, name, len(each))
        if index == 0:  # another paragraph that nothing is asked about is still read
            assert torch.allclose(alone, each, atol=1e-4)
            assert p == pytest.approx(present, abs=1e-4)
        assert float(each.sum()) != pytest.approx(1, abs=1e-2)  # each token has a probability of its own
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
    monkeypatch.setattr(question_sheet, "TEXT", length - 1)  # the last paragraph comes on a sheet of its own
    first, second = sheets_of(lm.tokenizer, TITLE, TEXTS, asked([0, 2]))
    assert [q.paragraph for q in first.questions + second.questions] == [0, 0, 2, 2]
    assert lm.tokenizer.decode(second.text) == "\n\n".join([TITLE, *TEXTS, ""])  # with what is before it
    monkeypatch.setattr(question_sheet, "LONGEST", 5)
    assert [q.paragraph for s in sheets_of(lm.tokenizer, TITLE, TEXTS, asked(range(3))) for q in s.questions] == []


def test_a_paragraph_may_begin_as_a_question_does(lm: LocalModel, path: Path) -> None:
    texts = [TEXTS[0], "Which words of the last paragraph mean more?"]
    (sheet,) = sheets_of(lm.tokenizer, TITLE, texts, asked([0, 1]))
    for q in sheet.questions:
        assert lm.tokenizer.decode([sheet.ids[place] for place in q.tokens]) == f"{texts[q.paragraph]}\n\n"
    told = LmMentionFinder.of(lm, MentionWeights.load(path))
    together = {(q.paragraph, q.party): each for q, each, _ in told.point(TITLE, texts, asked([0, 1]))}
    ((_, alone, _),) = told.point(TITLE, texts, {1: NAMES[:1]})
    assert torch.allclose(together[1, NAMES[0]], alone, atol=1e-4)


def test_what_looks_like_a_control_token_is_read_as_text(lm: LocalModel) -> None:
    texts = ["<|im_start|>Norway<|im_end|> left."]
    (sheet,) = sheets_of(lm.tokenizer, "<|im_end|>", texts, {0: ["<|im_start|>"]})
    assert not set(sheet.ids) & set(lm.tokenizer.added_tokens_encoder.values())


def test_states_are_the_same_beside_others(lm: LocalModel) -> None:
    network, _ = drawn(lm, MentionHead, 3)
    ids = list(range(5, 25))
    seen = torch.ones(20, 20, dtype=torch.bool).tril()
    places = torch.arange(20)
    with torch.inference_mode():
        alone = states_of(network, ids, places, seen)
        plain = network(input_ids=torch.tensor([ids]), use_cache=False).last_hidden_state[0]
    assert alone.shape == (20, 64)
    assert torch.allclose(alone, plain, atol=1e-4)


def falling_on(text: str, words: Sequence[str], offsets: Sequence[tuple[int, int]]) -> torch.Tensor:
    """Probabilities of 0.9 for the tokens of `words`, and 0.01 for the others."""
    places = [(text.index(word), text.index(word) + len(word)) for word in words]
    return torch.tensor([0.9 if any(a < end and start < b for start, end in places) else 0.01 for a, b in offsets])


@pytest.mark.parametrize(
    ("words", "known", "phrases"),
    [
        (["company"], [], ["The company"]),
        (["company", "islanders"], [], ["The company", "the islanders"]),
        (["company", "islanders"], [Span(0, 11)], ["the islanders"]),
        (["company"], [Span(0, 11)], []),
        (["angry"], [], []),
    ],
)
def test_the_phrases_that_are_pointed_at(
    lm: LocalModel, words: list[str], known: list[Span], phrases: list[str]
) -> None:
    text = TEXTS[1]
    (sheet,) = sheets_of(lm.tokenizer, TITLE, TEXTS, {1: ["Hale Line"]})
    (q,) = sheet.questions
    spans = spans_at(q, falling_on(text, words, q.offsets), parse([text])[0], known)
    assert [text[span.start : span.end] for span in spans] == phrases


def test_the_name_of_another_is_not_pointed_at(lm: LocalModel) -> None:
    text = "Hale Line blamed Northern Ferries, and the company left."
    (sheet,) = sheets_of(lm.tokenizer, TITLE, [text], {0: ["Hale Line"]})
    (q,) = sheet.questions
    each = falling_on(text, ["Northern Ferries", "the company"], q.offsets)
    first, second = (spans_at(q, each, parse([text])[0], [Span(0, 9)], some) for some in ([], [Span(17, 33)]))
    assert [text[span.start : span.end] for span in first] == ["Northern Ferries", "the company"]
    assert [text[span.start : span.end] for span in second] == ["the company"]


class Told(LmMentionFinder):
    """Points at words that it is told, by party and paragraph, and doubts what it is told words for that are ""."""

    def __init__(self, lm: LocalModel, words: Mapping[tuple[str, int], str]) -> None:
        super().__init__(lm.tokenizer, *drawn(lm, MentionHead, 3), threshold=0.6, doubt=0.2, version="pointer@told")
        self.words = words
        self.asked: list[tuple[int, str]] = []

    def point(self, title, texts, asked):  # type: ignore[no-untyped-def]
        for q, _, _ in super().point(title, texts, asked):
            self.asked.append((q.paragraph, q.party))
            words = self.words.get((q.party, q.paragraph))
            there = falling_on(texts[q.paragraph], [words] if words else [], q.offsets)
            yield q, there, 0.9 if words else 0.5 if words is None else 0.1


def test_mentions_are_added_and_doubted(lm: LocalModel) -> None:
    line = Party("Hale Line", Kind.ORGANIZATION, mentions=(Mention(0, 0, 9), Mention(1, 56, 61)))
    islanders = Party("Islanders", Kind.ORGANIZATION, mentions=(Mention(0, 14, 23), Mention(2, 0, 6)))
    told = Told(
        lm, {("Hale Line", 1): "company", ("Hale Line", 0): "", ("Islanders", 1): "islanders", ("Islanders", 2): ""}
    )
    first, second = told.revise(TITLE, parse(TEXTS), [line, islanders])
    assert first.mentions == (Mention(0, 0, 9), Mention(1, 0, 11), Mention(1, 56, 61))  # its name stands in the first
    assert second.mentions == (Mention(0, 14, 23), Mention(1, 37, 50))
    assert told.asked == [(index, name) for index in range(3) for name in NAMES]
    told.asked.clear()
    exact = replace(islanders, exact=True)
    assert told.revise(TITLE, parse(TEXTS), [exact], {2: ["Islanders"]}) == (exact,)
    assert told.asked == [(2, "Islanders")]


@pytest.mark.slow
def test_who_is_found_is_judged_and_asked_about_once(analyzer: Analyzer, analysis: Analysis, lm: LocalModel) -> None:
    main = {party.name for party in analysis.parties if party.main}
    absent = next(label for label in analysis.labels if label.stance is Stance.ABSENT and label.party in main)
    text = analysis.article.paragraphs[absent.paragraph].text
    told = Told(lm, {(absent.party, absent.paragraph): text.split()[-1].strip(".,")})
    shares = LmStanceWeights({}, {}, 1, 1.0, 0.0, 0.0, 0.5, "", "", "careful@fixed")
    careful = EnsembleClassifier(analyzer.classifier, Fixed(), shares, told)
    two = replace(analyzer, ensemble=careful)
    lines = "\n".join(party_line(party) for party in analysis.parties)
    *_, judged = two.stages(analysis.article, parse_requests(lines, exact=True))
    *_, found = two.refine_with_lm(judged)
    labels = {(label.paragraph, label.party): label for label in found.labels}
    assert labels[absent.paragraph, absent.party].stance is not Stance.ABSENT
    assert all(label.careful for label in found.labels)
    assert found.versions[POINTING] == "pointer@told"
    party = next(party for party in found.parties if party.name == absent.party)
    assert party.in_paragraph(absent.paragraph)
    assert len(told.asked) == len(set(told.asked)) == len(judged.labels)
    told.asked.clear()
    *_, same = two.stages(analysis.article, parse_requests(lines, exact=True), found)
    assert same.labels == found.labels
    assert list(two.refine_with_lm(same)) == []
    other = "\n".join(
        f"{line.split(':')[0]}: Someone" if line.startswith(absent.party) else line for line in lines.split("\n")
    )
    *_, renamed = two.stages(analysis.article, parse_requests(other, exact=True), found)
    *_, _ = two.refine_with_lm(renamed)
    assert (absent.paragraph, absent.party) in told.asked  # what found it before is gone with its line
    told.asked.clear()
    *_, more = two.stages(analysis.article, parse_requests(f"{lines}\nBhutan", exact=True), found)
    *_, again = two.refine_with_lm(more)
    assert told.asked == [(paragraph.index, "Bhutan") for paragraph in analysis.article.paragraphs]
    assert [x for x in again.labels if x.party != "Bhutan"] == list(found.labels)


def test_what_is_doubted_is_absent_and_stays_so(analyzer: Analyzer, analysis: Analysis, lm: LocalModel) -> None:
    parties = {party.name: party for party in analysis.parties}
    texts = [paragraph.text for paragraph in analysis.article.paragraphs]
    doubted = next(
        label
        for label in analysis.labels
        if (some := parties[label.party].in_paragraph(label.paragraph))
        and not certain(parties[label.party], some, texts[label.paragraph])
    )
    told = Told(lm, {(doubted.party, doubted.paragraph): ""})
    shares = LmStanceWeights({}, {}, 1, 1.0, 0.0, 0.0, 0.5, "", "", "careful@fixed")
    two = replace(analyzer, ensemble=EnsembleClassifier(analyzer.classifier, Fixed(), shares, told))
    *_, found = two.refine_with_lm(analysis)
    label = next(x for x in found.labels if (x.paragraph, x.party) == (doubted.paragraph, doubted.party))
    assert (label.stance, label.careful) == (Stance.ABSENT, True)
    assert not next(p for p in found.parties if p.name == doubted.party).in_paragraph(doubted.paragraph)
    assert len(told.asked) == len(analysis.labels)
    told.asked.clear()
    lines = "\n".join(party_line(party) for party in found.parties)
    *_, same = two.stages(analysis.article, parse_requests(lines, exact=True), found)
    assert (same.labels, list(two.refine_with_lm(same))) == (found.labels, [])
    word = next(word for word in texts[doubted.paragraph].split() if word.isalpha() and len(word) > 6)
    *_, more = two.stages(analysis.article, parse_requests(f"{lines}\n{word}", exact=True), found)
    *_, _ = two.refine_with_lm(more)  # who is named beside it is judged again, and not asked about
    assert {party for _, party in told.asked} == {word}
    told.asked.clear()
    other = [
        f"{line}{', ' if ':' in line else ': '}Someone" if line.startswith(doubted.party) else line
        for line in lines.split("\n")
    ]
    *_, changed = two.stages(analysis.article, parse_requests("\n".join(other), exact=True), found)
    *_, again = two.refine_with_lm(changed)
    assert {party for _, party in told.asked} == {doubted.party}
    before = next(party for party in changed.parties if party.name == doubted.party)
    after = next(party for party in again.parties if party.name == doubted.party)
    assert before.in_paragraph(doubted.paragraph) == after.in_paragraph(doubted.paragraph)  # listed names are believed


def test_weights_of_another_shape_and_missing_ones(lm: LocalModel, path: Path, tmp_path: Path) -> None:
    weights = MentionWeights.load(path)
    for broken in (replace(weights, adapter={}), replace(weights, layers=2), replace(weights, head={})):
        with pytest.raises(WeightsError, match="make train-lm-mentions"):
            LmMentionFinder.of(lm, broken)
    with pytest.raises(WeightsError, match="make train-lm-mentions"):
        MentionWeights.load(tmp_path / "none.safetensors")
    with pytest.raises(WeightsError, match="threshold"):
        MentionWeights.load(Path("model/weights/lm_stance.safetensors"))


def cases() -> list[lm_mention_cases.Case]:
    """Paragraphs that mean the party by "the company", and others that do not."""
    found = []
    for number in range(12):
        there = f"The company {'cut' if number % 2 else 'sold'} ships."
        truths = {
            (0, "Hale Line"): lm_mention_cases.Truth(True, ((0, 9),), ((0, 9),), certain=True),
            (1, "Hale Line"): lm_mention_cases.Truth(True, ((0, 11),), ()),
            (2, "Hale Line"): lm_mention_cases.Truth(False, (), ((0, 2),) if number % 2 else ()),
        }
        texts = [f"Hale Line {'lost' if number % 3 else 'won'}.", there, f"It rained {number} days."]
        found.append(lm_mention_cases.Case(f"g{number}", "own", TITLE, texts, truths))
    return found


def test_it_learns_where_and_whether(lm: LocalModel, tmp_path: Path) -> None:
    torch.manual_seed(1)
    network, head = first_layers(lm.network.base_model, 1), MentionHead(64)
    add_adapters(network, recipe.RANK, recipe.SCALE)
    rng = random.Random(1)
    steps = []
    for _ in range(12):
        some = [one for case in cases() for one in lm_mention_cases.marked(lm.tokenizer, case, rng)]
        steps += recipe.make_batches(some, 4, rng, lambda one: len(one.sheet.ids))
    course = Course(trainable(network, head), 5e-3, 0.0, len(steps), 0.1, tmp_path)
    parts = [list(recipe.packs(batch)) for batch in steps]
    lm_layers.learn(network, head, parts, partial(recipe.loss_of, network, head), recipe.items_of, course, 1)
    answers = lm_mention_scores.answers_on(
        LmMentionFinder(lm.tokenizer, network, head, threshold=0.5, doubt=0.1, version="new"), cases(), "own"
    )
    threshold, doubt = lm_mention_scores.fit_threshold(answers), lm_mention_scores.fit_doubt(answers)
    assert 0 < doubt <= 1
    scores = lm_mention_scores.scores_of(answers, threshold, doubt)
    assert (scores["unfound"], scores["unfound_present"], scores["doubtful"]) == (18, 12, 6)
    assert (scores["found_rightly"], scores["found_wrongly"]) == (12, 0)
    assert (scores["dropped_rightly"], scores["dropped_wrongly"]) == (6, 0)
    assert scores["average_precision"] > 0.95
    assert scores["tokens_average_precision"] > 0.95
    assert scores["words_right"] > 0.9


def test_thresholds_are_where_most_is_right() -> None:
    def answer(present: float, there: bool, found: bool) -> lm_mention_scores.Answer:
        marked, known = (((0, 1),) if some else () for some in (there, found))
        return lm_mention_scores.Answer(present, lm_mention_cases.Truth(there, marked, known), [0.9], [there])

    unfound = [answer(p, there, False) for p, there in ((0.9, True), (0.8, True), (0.7, False), (0.6, True))]
    found = [answer(p, there, True) for p, there in ((0.1, False), (0.2, True), (0.3, False))]
    assert lm_mention_scores.fit_threshold(unfound + found) == pytest.approx(0.8, abs=1e-3)
    assert lm_mention_scores.fit_doubt(unfound + found) == pytest.approx(0.2)
    assert lm_mention_scores.fit_threshold(found) == 1.0  # nothing is found, and nothing doubted
    assert lm_mention_scores.fit_doubt(unfound) == 0.0
    assert lm_mention_scores.fit_doubt([replace(a, truth=replace(a.truth, certain=True)) for a in found]) == 0.0


def test_an_epoch_draws_from_our_densest_sheets(lm: LocalModel) -> None:
    some = [one for case in cases() for one in lm_mention_cases.marked(lm.tokenizer, case, random.Random(1))]
    seen = replace(some[0], truths=[replace(truth, found=((0, 2),)) for truth in some[0].truths])
    epochs = [recipe.densest([seen, *some[1:]], random.Random(seed)) for seed in range(9)]
    assert all(0 < len(kept) < len(some) / 2 and seen not in kept for kept in epochs)
    assert len({tuple(map(id, kept)) for kept in epochs}) > 1
