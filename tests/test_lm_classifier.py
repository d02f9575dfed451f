"""The language model as a judge: articles in letters, passages, questions, and labels pooled with the encoder's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import pytest
import torch
from torch import Tensor

from model import Stance
from model.domain import Span
from model.errors import WeightsError
from model.language_model.loading import open_language_model
from model.stance.classifier import ItemKey
from model.stance.head import STANCES
from model.stance.letters import LETTERS, in_letters, letters_of
from model.stance.lm_classifier import CONTEXT, LONGEST, LmStanceClassifier, Range, TaughtModel, ranges_of
from model.stance.masking import Mentions
from tests.test_stance import BLAME, PRAISE, party

OPENS = "¤"
TEXTS = ["Ann Berg leads the union. Berg, its head, blamed Norway.", "Norway's plan X failed, she said."]


def spans(text: str, *phrases: str) -> list[Span]:
    return [Span(text.index(phrase), text.index(phrase) + len(phrase)) for phrase in phrases]


def found() -> list[dict[int, list[Span]]]:
    berg = {0: [*spans(TEXTS[0], "Ann Berg", "its head"), Span(26, 30)], 1: spans(TEXTS[1], "she")}
    return [{0: spans(TEXTS[0], "Norway"), 1: spans(TEXTS[1], "Norway")}, berg]


@dataclass
class Parrot:
    """Answers each question with the same stance, sure of it, and keeps what it was asked; a token is a letter."""

    stance: Stance
    version: str = "parrot"
    asked: list[str] = field(default_factory=list)

    def tokens(self, text: str, control: bool = False) -> list[int]:
        if control:
            return [ord(OPENS)]
        if text.startswith(" "):  # an answer is one token
            return [STANCES.index(Stance(text[1:]))]
        return list(map(ord, text))

    def answer(self) -> list[float]:
        """The log-probability of each stance."""
        logits = torch.tensor([0.0 if stance is self.stance else -9.0 for stance in STANCES])
        return list(logits.log_softmax(0).tolist())

    def answers(
        self, text: Sequence[int], questions: Sequence[tuple[int, Sequence[int]]], options: Sequence[int]
    ) -> Iterator[tuple[int, list[float]] | None]:
        assert list(options) == [0, 1, 2, 3]
        yield None
        for number, (end, tokens) in enumerate(questions):
            self.asked.append("".join(map(chr, [*text[:end], *tokens])))
            yield number, self.answer()


def answers_of(
    model: TaughtModel, texts: Sequence[str], mentions: Mentions, items: Sequence[ItemKey]
) -> dict[ItemKey, Tensor]:
    return dict(filter(None, LmStanceClassifier(model).judging(texts, mentions, items)))


def test_names_become_letters_and_other_phrases_get_them() -> None:
    letters = letters_of(TEXTS, found())
    assert letters == ["Z", "Y"], "by who is named first; X is a word of the article"
    assert in_letters(TEXTS, found(), letters) == [
        "Y leads the union. Y, its head [Y], blamed Z.",
        "Z's plan X failed, she [Y] said.",
    ]


def test_one_phrase_may_mean_two_parties() -> None:
    text = "Ann met Bo, and both left."
    mentions = [{0: spans(text, name, "both")} for name in ("Ann", "Bo")]
    assert in_letters([text], mentions, ["X", "Y"]) == ["X met Y, and both [X, Y] left."]


def test_parties_that_share_a_letter_are_not_asked_about() -> None:
    many = [{0: [Span(at, at + 2)]} for at in range(0, 72, 3)]
    text = "".join(f"N{chr(97 + number)} " for number in range(24))
    model = Parrot(Stance.NEUTRAL)
    answers = [found for found in LmStanceClassifier(model).judging([text], many, [(0, n) for n in range(24)]) if found]
    assert {party for (_, party), _ in answers} == set(range(1, 23))


def test_letters_are_drawn_alike_for_a_seed_and_run_out_in_turn() -> None:
    many = [{0: [Span(at, at + 2)]} for at in range(0, 90, 3)]
    text = "".join(f"N{chr(97 + number % 26)} " for number in range(30))
    assert letters_of([text], many) == [*LETTERS, *LETTERS][:30]
    drawn = letters_of([text], many, Random(3))
    assert drawn == letters_of([text], many, Random(3)) != letters_of([text], many)
    assert set(drawn) == set(LETTERS)
    assert "X" not in letters_of(TEXTS, found(), Random(3)), "a word of the article"


def test_passages_cover_every_paragraph_once_and_see_what_came_before() -> None:
    lengths = [300] * 14
    passages = list(ranges_of(lengths))
    assert passages == [Range(0, 0, 6), Range(5, 6, 11), Range(10, 11, 14)]
    for one in passages:
        assert sum(lengths[one.start : one.stop]) <= LONGEST
        assert sum(lengths[one.start : one.first]) <= CONTEXT


def test_a_paragraph_that_is_too_long_is_in_no_passage() -> None:
    assert list(ranges_of([100, LONGEST + 1, 100, LONGEST])) == [Range(0, 0, 1), Range(2, 2, 3), Range(3, 3, 4)]
    assert list(ranges_of([])) == []


def test_each_question_stands_behind_its_paragraph() -> None:
    model = Parrot(Stance.CRITICAL)
    assert isinstance(model, TaughtModel)
    answers = answers_of(model, TEXTS, found(), [(0, 1), (1, 0), (1, 1)])
    first, second = in_letters(TEXTS, found(), ["Z", "Y"])
    assert model.asked == [
        f"{first}\n\n{OPENS}How does the paragraph portray Y?",
        f"{first}\n\n{second}\n\n{OPENS}How does the paragraph portray Z?",
        f"{first}\n\n{second}\n\n{OPENS}How does the paragraph portray Y?",
    ]
    assert set(answers) == {(0, 1), (1, 0), (1, 1)}
    for answer in answers.values():
        assert answer.exp().sum() == pytest.approx(1)
        assert STANCES[int(answer.argmax())] is Stance.CRITICAL


def test_a_stretch_is_read_at_once_and_none_where_nothing_is_asked() -> None:
    texts = ["a" * 700, "b" * 700, "c" * 700, "d" * 400, "e" * (LONGEST + 1), "f" * 10]
    model = Parrot(Stance.NEUTRAL)
    found = list(LmStanceClassifier(model).judging(texts, [{}], [(0, 0), (1, 0), (4, 0), (5, 0)]))
    assert [one[0] if one else None for one in found] == [None, (0, 0), (1, 0), None, (5, 0)]
    question = f"{OPENS}How does the paragraph portray X?"
    asked = [texts[0], f"{texts[0]}\n\n{texts[1]}", texts[5]]
    assert model.asked == [f"{text}\n\n{question}" for text in asked]


def test_names_that_are_exchanged_ask_the_same() -> None:
    other = [text.replace("Norway", "Sweden") for text in TEXTS]
    asked = []
    for texts in (TEXTS, other):
        model = Parrot(Stance.NEUTRAL)
        answers_of(model, texts, found(), [(1, 0), (1, 1)])
        asked.append(model.asked)
    assert asked[0] == asked[1]


@pytest.mark.parametrize("control", [False, True])
def test_a_model_without_a_token_for_an_answer_or_the_opening_is_refused(control: bool) -> None:
    class Two(Parrot):
        def tokens(self, text: str, control: bool = False) -> list[int]:
            return [9] * (control is two) + super().tokens(text, control)

    two = control
    with pytest.raises(WeightsError, match=r"a token for each of \['<\|im_start\|>', ' favorable'"):
        LmStanceClassifier(Two(Stance.NEUTRAL))


@pytest.mark.llm
def test_the_default_model_tells_praise_from_blame() -> None:
    model = open_language_model("default")
    assert isinstance(model, TaughtModel)
    again, answer = tells_praise_from_blame(model)
    assert torch.allclose(again.exp(), answer.exp(), atol=0.02)


def tells_praise_from_blame(model: TaughtModel) -> tuple[Tensor, Tensor]:
    """Returns one of its answers alone, and beside another question."""
    texts = [PRAISE, BLAME]
    parties = [party("Norway", *texts), party("Denmark", *texts)]
    mentions = [{m.paragraph: [m] for m in one.mentions} for one in parties]
    answers = answers_of(model, texts, mentions, [(0, 0), (1, 1)])
    assert STANCES[int(answers[0, 0].argmax())] is Stance.FAVORABLE
    assert STANCES[int(answers[1, 1].argmax())] is Stance.CRITICAL
    again = answers_of(model, texts, mentions, [(1, 1)])
    return again[1, 1], answers[1, 1]
