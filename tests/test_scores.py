"""What training is scored by and makes small, by hand, and probabilities that mean what they say."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from model.domain import Span, Stance, Voice
from model.networks.stretches import Part, TokenizedText
from model.stance.head import STANCES, Item, ItemMasks, Scores
from model.training.batches import Labels, Reading
from model.training.calibrate import calibration_error, cross_check, fit, reliability, threshold
from model.training.documents import Document, Target
from model.training.evaluate import Collected, Predictions, masks_of, report, reports
from model.training.losses import LABEL_SMOOTHING, REFERS_SHARE, VOICE_SHARE, WORDS_SHARE, loss_of


def test_calibration_error_by_hand() -> None:
    # Two items at confidence 0.9 with one right, |0.5 - 0.9| = 0.4; two at 0.6, both right, |1 - 0.6| = 0.4.
    probabilities = torch.tensor([[0.9, 0.1, 0.0], [0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.6, 0.4, 0.0]])
    labels = torch.tensor([0, 1, 0, 0])
    assert calibration_error(probabilities, labels) == pytest.approx(0.4)
    assert reliability(probabilities, labels) == [
        (2, pytest.approx(1.0), pytest.approx(0.6)),
        (2, pytest.approx(0.5), pytest.approx(0.9)),
    ]


def test_threshold_by_hand() -> None:
    probabilities = torch.tensor([[0.95, 0.05], [0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    labels = torch.tensor([0, 0, 1, 0, 1])  # right, right, wrong, right, wrong
    assert threshold(probabilities, labels, 0.9) == pytest.approx(0.9)
    assert threshold(probabilities, labels, 0.75) == pytest.approx(0.7)  # 3 of 4
    assert threshold(probabilities, 1 - labels, 1.0) == 1.0  # the surest is wrong


def test_overconfident_logits_are_cooled() -> None:
    generator = torch.Generator().manual_seed(1)
    labels = torch.randint(0, 3, (600,), generator=generator)
    guesses = torch.where(torch.rand(600, generator=generator) < 0.7, labels, (labels + 1) % 3)
    logits = torch.nn.functional.one_hot(guesses, 3).float() * 5  # 99 % sure, 70 % right
    calibration = fit(logits, labels)
    assert calibration_error(calibration.probabilities(logits), labels) < 0.05
    checked = cross_check(logits, labels, [number % 2 for number in range(600)])
    assert checked.error_before > 0.25
    assert checked.error_after < 0.08


def labels_by_hand() -> tuple[list[Reading], ItemMasks, Labels]:
    """Two readings of five tokens: one with two items, one with an item of which only the stance is known."""
    part = Part(0, TokenizedText((7, 8, 9), ((0, 2), (3, 5), (6, 8))), start=1, judged=True)
    items = [Item(part, party, (slice(1, 2),), ()) for party in range(2)]
    said = Target(0, 0, Stance.CRITICAL, Voice.QUOTED, evidence=Span(3, 8), holder=())
    named = Target(0, 1, Stance.NEUTRAL, Voice.AUTHOR, holder=(Span(6, 8),))
    first = Reading((0, 7, 8, 9, 2), tuple(items), (said, named), ((slice(1, 2), slice(3, 4)), None))
    second = Reading((0, 7, 8, 9, 2), (items[0],), (Target(0, 0, Stance.ABSENT),), ((),))
    return [first, second], *masks_of([first, second], 5)


def test_labels_by_hand() -> None:
    _, _, labels = labels_by_hand()
    critical, neutral, absent = (STANCES.index(s) for s in (Stance.CRITICAL, Stance.NEUTRAL, Stance.ABSENT))
    assert labels.stance.tolist() == [[critical, neutral], [absent, -100]]
    assert labels.voice.tolist() == [[1, 0], [-100, -100]]
    assert labels.evidence.nonzero().tolist() == [[0, 0, 2], [0, 0, 3]]
    assert labels.holder.nonzero().tolist() == [[0, 0, 0], [0, 1, 3]]
    assert labels.refers.nonzero().tolist() == [[0, 0, 1], [0, 0, 3]]
    assert labels.marked.tolist() == [[True, False], [True, False]]


def test_the_loss_by_hand() -> None:
    _, items, labels = labels_by_hand()
    even = torch.full((2, 2, 5), 0.25).log()  # of a part's three tokens and the lead
    scores = Scores(torch.zeros(2, 2, 4), torch.zeros(2, 2, 2), even, even, torch.zeros(2, 2, 5))
    log = {number: float(torch.log(torch.tensor(float(number)))) for number in (2, 4)}
    # Three stances of four, two voices of two, evidence of two tokens and two holders of one, six tokens that refer.
    words = (log[4] - log[2]) + 2 * log[4]
    expected = 3 * log[4] + VOICE_SHARE * 2 * log[2] + WORDS_SHARE * words + REFERS_SHARE * 6 * log[2]
    assert loss_of(scores, labels, items).item() == pytest.approx(expected / 3, rel=1e-5)
    sure = torch.zeros(2, 2, 4)
    sure[0, 0, STANCES.index(Stance.CRITICAL)] = 40.0
    better = loss_of(replace(scores, stance=sure), labels, items).item()
    assert better == pytest.approx((expected - log[4] + LABEL_SMOOTHING * 0.75 * 40) / 3, rel=1e-4)


def test_what_was_not_read_is_absent_and_of_pieces_the_one_with_most_mentions_counts() -> None:
    part = Part(0, TokenizedText((7, 8), ((0, 2), (3, 5))), start=1, judged=True)
    less, more = (Item(part, 0, (slice(1, end),), ()) for end in (2, 3))
    label = Target(0, 0, Stance.NEUTRAL, Voice.AUTHOR, evidence=Span(3, 5))
    one = Document("a", "press", "a", ("Norway met us.",), (), (label, Target(0, 1, Stance.ABSENT)))
    collected = Collected([one])
    for item, stance, best in ((less, 0, 1), (more, 2, 2), (less, 1, 1)):
        reading = Reading((0, 7, 8, 2), (item,), (label,), (None,))
        _, labels = masks_of([reading], 4)
        where = nn.functional.one_hot(torch.tensor([[best]]), 4).float()
        said = nn.functional.one_hot(torch.tensor([[stance]]), 4).float()
        collected.add([one], [reading], Scores(said, torch.ones(1, 1, 2), where, where, where), labels)
    found = collected.predictions()
    assert found.stance.argmax(dim=1).tolist() == [2, STANCES.index(Stance.ABSENT)]
    assert found.labels.tolist() == [STANCES.index(Stance.NEUTRAL), STANCES.index(Stance.ABSENT)]
    assert (found.voices.tolist(), found.evidence.tolist(), found.holder.tolist()) == (
        [0, -100],
        [1, -100],
        [-100, -100],
    )
    assert found.read.tolist() == [True, False]
    assert (found.groups, found.sources) == (("a", "a"), ("press", "press"))


def test_scores_by_hand() -> None:
    favorable, critical, neutral, absent = (STANCES.index(stance) for stance in Stance)
    labels = torch.tensor([favorable, critical, critical, neutral, absent])
    guesses = torch.tensor([favorable, favorable, critical, absent, absent])
    none = torch.full((5,), -100)
    found = Predictions(
        torch.zeros(5, 4),
        labels,
        torch.eye(2)[[0, 1, 1, 0, 0]],
        torch.tensor([0, 0, 1, -100, -100]),
        none,
        torch.tensor([1, 0, -100, -100, -100]),
        labels != neutral,
        tuple("aabbb"),
        ("press", "own", "own", "own", "own"),
    )
    probabilities = nn.functional.one_hot(guesses, 4).float()
    scores = report(found, probabilities)
    assert (scores["items"], scores["present"]) == (5, 4)
    assert scores["opposite"] == 0.25
    assert scores["taken_for_absent"] == 0.25
    assert scores["f1"] == {
        Stance.FAVORABLE: pytest.approx(2 / 3), Stance.CRITICAL: pytest.approx(2 / 3), Stance.NEUTRAL: 0,
        Stance.ABSENT: pytest.approx(2 / 3),
    }  # fmt: skip
    assert scores["macro_f1"] == pytest.approx(0.5)
    assert scores["present_macro_f1"] == pytest.approx(4 / 9)
    assert scores["voice"] == {"items": 3, "accuracy": pytest.approx(2 / 3)}
    assert scores["evidence"] == {"items": 0, "accuracy": None}
    assert scores["holder"] == {"items": 2, "accuracy": 0.5}
    by_source = reports(found, probabilities)
    assert {source: some["items"] for source, some in by_source.items()} == {"own": 4, "press": 1}
    assert found.where(found.fitted("press")).labels.tolist() == [favorable]
    assert found.where(found.fitted("own")).groups == ("a", "b", "b")
