"""Scores from counts equal scikit-learn's and a published package's on random labels; intervals behave."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from sklearn.metrics import (
    accuracy_score,
    cohen_kappa_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)

from eval.intervals import SCORES, counts_by_article, difference, intervals
from eval.metrics import krippendorff_alpha, score
from model.domain import PRESENT, Stance

STANCES = st.sampled_from(list(Stance))
PAIRS = st.lists(st.tuples(STANCES, STANCES), min_size=1, max_size=60)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(PAIRS)
def test_counts_give_scikit_learns_scores(pairs: list[tuple[Stance, Stance]]) -> None:
    gold, predicted = map(list, zip(*pairs, strict=True))
    found = score(gold, predicted)
    labels = list(Stance)
    precision, recall, f1, items = precision_recall_fscore_support(gold, predicted, labels=labels, zero_division=0)
    assert found["accuracy"] == pytest.approx(accuracy_score(gold, predicted))
    assert found["macro_f1"] == pytest.approx(f1.mean())
    for n, label in enumerate(labels):
        own = found["labels"][label.value]
        assert (own["precision"], own["recall"], own["f1"]) == pytest.approx((precision[n], recall[n], f1[n]))
        assert own["items"] == items[n]
    assert (
        found["confusion"]["rows_gold_columns_predicted"] == confusion_matrix(gold, predicted, labels=labels).tolist()
    )
    for scores, some in ((found, pairs), (found["present"], [pair for pair in pairs if pair[0] in PRESENT])):
        assert scores["items"] == len(some)
        if len({label for pair in some for label in pair}) > 1:
            assert scores["kappa"] == pytest.approx(cohen_kappa_score(*zip(*some, strict=True)))
        else:
            assert scores["kappa"] is None
    if found["present"]["items"]:
        gold, predicted = map(list, zip(*[pair for pair in pairs if pair[0] in PRESENT], strict=True))
        macro = f1_score(gold, predicted, labels=list(PRESENT), average="macro", zero_division=0)
        assert found["present"]["macro_f1"] == pytest.approx(macro)


@settings(max_examples=200, deadline=None)
@given(PAIRS)
def test_alpha_is_nltks(pairs: list[tuple[Stance, Stance]]) -> None:
    found = krippendorff_alpha(pairs)
    if len({label for pair in pairs for label in pair}) < 2:
        assert found is None
        return
    rows = [(who, n, label.value) for n, pair in enumerate(pairs) for who, label in zip("ab", pair, strict=True)]
    assert found == pytest.approx(AnnotationTask(rows).alpha(), abs=1e-9)


def test_alpha_by_hand() -> None:
    f, c = Stance.FAVORABLE, Stance.CRITICAL
    # Two items alike (ff, cc), one not (fc): disagreement observed 2 of 6 ordered pairs,
    # expected 2·3·3/(6·5) = 0.6 of them: α = 1 - (2/6)/0.6 = 4/9.
    assert krippendorff_alpha([(f, f), (c, c), (f, c)]) == pytest.approx(4 / 9)
    assert krippendorff_alpha([(f, f), (f,), ()]) is None


def test_an_interval_holds_the_score_and_narrows_with_articles() -> None:
    rng = np.random.default_rng(3)

    def run(articles: int) -> tuple[float, float, float]:
        gold = [list(Stance)[i] for i in rng.integers(0, 4, articles * 10)]
        predicted = [g if rng.random() < 0.8 else Stance.NEUTRAL for g in gold]
        counts = counts_by_article([str(i // 10) for i in range(articles * 10)], gold, predicted)
        return (float(SCORES["accuracy"](counts.sum(axis=0))), *intervals(counts, seed=1)["accuracy"])

    value, low, high = run(10)
    _, lower, higher = run(200)
    assert low < value < high
    assert higher - lower < (high - low) / 2


def test_a_difference_is_paired() -> None:
    gold = [Stance.FAVORABLE, Stance.CRITICAL] * 20
    names = [str(i // 2) for i in range(40)]
    worse = [Stance.NEUTRAL if i % 2 else label for i, label in enumerate(gold)]
    same = counts_by_article(names, gold, gold)
    assert difference(same, same, seed=1)["accuracy"] == (0, 0, 0)
    # Every article loses one of two items: the difference is the same in every draw.
    assert difference(same, counts_by_article(names, gold, worse), seed=1)["accuracy"] == pytest.approx(
        (-0.5, -0.5, -0.5)
    )
    with pytest.raises(ValueError, match="same articles"):
        difference(same, same[:3], seed=1)
