"""How good the language model's mentions are on development articles, and the thresholds that are fitted there."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from sklearn.metrics import average_precision_score

from ...parties.lm_mentions import LIKELY, LmMentionFinder
from .lm_mention_cases import Case, Truth

DROPPED_RIGHT = 0.9
"""How many of the items that are found otherwise and doubted have to be absent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The probability that a paragraph refers to a party, what is true, and what that says of each token.

    `each` are the tokens' probabilities, `marked` says which of them a reader marked.
    """

    present: float
    truth: Truth
    each: Sequence[float]
    marked: Sequence[bool]

    @property
    def pointed(self) -> bool:
        """Whether any token likely refers to the party, and nothing else finds it."""
        return not self.truth.found and max(self.each) >= LIKELY


def answers_on(pointer: LmMentionFinder, cases: Sequence[Case], corpus: str) -> list[Answer]:
    """What the language model says of every item."""
    answers: list[Answer] = []
    for case in cases:
        if case.corpus != corpus:
            continue
        asked: dict[int, list[str]] = {}
        for place, party in case.truths:
            asked.setdefault(place, []).append(party)
        for q, each, present in pointer.point(case.title, case.texts, asked):
            truth = case.truths[q.paragraph, q.party]
            answers.append(Answer(present, truth, each.tolist(), truth.marks(q.offsets)))
    return answers


def fit_threshold(answers: Sequence[Answer]) -> float:
    """The probability from which on a reference is believed where nothing else is found, so that most are right."""
    pointed = sorted((a for a in answers if a.pointed), key=lambda a: -a.present)
    count = _most_right([answer.truth.present for answer in pointed])
    return round(pointed[count - 1].present - 5e-4, 3) if count else 1.0


def fit_doubt(answers: Sequence[Answer]) -> float:
    """The probability below which what else is found is not believed; 0 believes all.

    Rules are mostly right: it is the most, in twentieths, at which `DROPPED_RIGHT` of those that it drops are absent.
    """
    found = [a for a in answers if a.truth.found and not a.truth.certain]
    for step in range(20, 0, -1):
        dropped = [not a.truth.present for a in found if a.present < step / 20]
        if dropped and sum(dropped) >= DROPPED_RIGHT * len(dropped):
            return step / 20
    return 0.0


def _most_right(rights: Sequence[bool]) -> int:
    """How many of the first to take, so that the right ones outnumber the others by most."""
    gains = list(accumulate((1 if right else -1 for right in rights), initial=0))
    return gains.index(max(gains))


def scores_of(answers: Sequence[Answer], threshold: float, doubt: float) -> dict[str, float]:
    """Scores in 0–1, and counts: of items that nothing else finds, of doubtful others, and of present ones' tokens."""
    unfound = [a for a in answers if not a.truth.found]
    found = [a for a in answers if a.truth.found and not a.truth.certain]
    called = [a for a in answers if a.pointed and a.present >= threshold]
    dropped = [a for a in found if a.present < doubt]
    there = [a for a in unfound if a.truth.present]
    tokens = [pair for a in answers if a.truth.present for pair in zip(a.each, a.marked, strict=True)]
    return {
        "unfound": len(unfound),
        "unfound_present": len(there),
        "average_precision": _average_precision([(a.present, a.truth.present) for a in unfound]),
        "found_rightly": sum(a.truth.present for a in called),
        "found_wrongly": sum(not a.truth.present for a in called),
        "words_right": sum(a.marked[a.each.index(max(a.each))] for a in there) / max(1, len(there)),
        "doubtful": len(found),
        "dropped_rightly": sum(not a.truth.present for a in dropped),
        "dropped_wrongly": sum(a.truth.present for a in dropped),
        "tokens_average_precision": _average_precision(tokens),
    }


def _average_precision(some: Sequence[tuple[float, bool]]) -> float:
    return float(average_precision_score([right for _, right in some], [value for value, _ in some]))
