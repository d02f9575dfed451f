"""A written sentence may not turn its paragraphs' judgement round; the labels of both are given here."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from model.article.nlp import ParsedText
from model.article.splitter import join_article
from model.domain import Analysis, Article, Kind, Party, Stance, StanceLabel, Summary, Voice
from model.summary.stance_consistency import StanceConsistency

COUNCIL = Party("Hale council", Kind.ORGANIZATION, ("the council",))
BLAME = "The author says that the council broke its word."


class Given:
    """Gives every party in every sentence the label that it was made with; keeps the names it was asked for."""

    def __init__(self, label: StanceLabel) -> None:
        self.label = label
        self.asked: list[str] = []

    def classify(
        self, article: Article, parties: Sequence[Party], readings: Sequence[ParsedText] | None = None
    ) -> tuple[StanceLabel, ...]:
        self.asked += [party.name for party in parties]
        return tuple(replace(self.label, party=party.name) for party in parties)


def label(stance: Stance, voice: Voice = Voice.AUTHOR, unsure: bool = False, paragraph: int = 0) -> StanceLabel:
    return StanceLabel(paragraph, COUNCIL.name, stance, voice=voice, unsure=unsure)


def contradicts(own: StanceLabel, *there: StanceLabel, sentence: str = BLAME, cited: Sequence[int] = (0, 1)) -> bool:
    article = join_article("The ferry of Hale", ["The council broke its word.", "It did well.", "Shame on it."])
    return StanceConsistency(Analysis(article, (COUNCIL,), there, Summary(())), Given(own)).contradicts(sentence, cited)


FAVORABLE, CRITICAL, NEUTRAL = Stance.FAVORABLE, Stance.CRITICAL, Stance.NEUTRAL


@pytest.mark.parametrize(
    ("own", "there", "found"),
    [
        (label(CRITICAL), [label(CRITICAL)], False),
        (label(CRITICAL), [label(FAVORABLE)], True),
        (label(FAVORABLE), [label(CRITICAL)], True),
        (label(CRITICAL), [label(NEUTRAL)], False),
        (label(NEUTRAL), [label(CRITICAL)], False),
        (label(CRITICAL), [], False),
        (label(CRITICAL, unsure=True), [label(FAVORABLE)], False),
        (label(CRITICAL), [label(FAVORABLE, unsure=True)], False),
        (label(CRITICAL), [label(FAVORABLE), label(CRITICAL, unsure=True, paragraph=1)], False),
        (label(CRITICAL), [label(FAVORABLE, paragraph=2)], False),  # which it does not cite
        (label(CRITICAL), [label(CRITICAL, Voice.QUOTED)], True),  # the author only quotes it
        (label(CRITICAL), [label(CRITICAL, Voice.QUOTED), label(CRITICAL, paragraph=1)], False),
    ],
)
def test_a_judgement_that_the_paragraphs_do_not_make(own: StanceLabel, there: list[StanceLabel], found: bool) -> None:
    assert contradicts(own, *there) is found


def test_who_is_quoted_may_say_it() -> None:
    sentence = "Ann Berg says that the council broke its word."
    assert not contradicts(label(CRITICAL), label(CRITICAL, Voice.QUOTED), sentence=sentence)


def test_only_parties_that_the_sentence_names_are_judged() -> None:
    judge = Given(label(CRITICAL))
    article = join_article("The ferry of Hale", ["The council broke its word."])
    analysis = Analysis(article, (COUNCIL,), (label(FAVORABLE),), Summary(()))
    assert not StanceConsistency(analysis, judge).contradicts("The author says that the ferry of Ash is closed.", (0,))
    assert judge.asked == []
    assert StanceConsistency(analysis, judge).contradicts(BLAME, (0,))
    assert judge.asked == [COUNCIL.name]


def test_a_sentence_is_read_once() -> None:
    judge = Given(label(CRITICAL))
    article = join_article("The ferry of Hale", ["The council broke its word.", "It did well."])
    consistency = StanceConsistency(Analysis(article, (COUNCIL,), (label(FAVORABLE),), Summary(())), judge)
    assert [consistency.contradicts(BLAME, (paragraph,)) for paragraph in (0, 1, 0)] == [True, False, True]
    assert judge.asked == [COUNCIL.name]
