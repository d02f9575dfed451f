"""Labels of the encoder and a language model together: how they are joined, and what is left when something fails."""

from collections.abc import Generator
from dataclasses import fields, replace

import pytest
import torch

from model import Analyzer, Stance
from model.article.splitter import join_article
from model.domain import JUDGES, Analysis, Summary, SummarySentence
from model.errors import ServerError
from model.export.json_format import to_dict
from model.page.api import Limiter, whole_analysis
from model.page.handlers import Components, Handlers
from model.page.latest_run import LatestRun
from model.page.models import Models
from model.page.own_labels import OwnLabels
from model.parties.requests import parse_requests
from model.pipeline import written_or_warned
from model.stance.classifier import Text, finished
from model.stance.corrections import Correction, corrected
from model.stance.ensemble import LONGEST_JUDGED, EnsembleClassifier
from model.stance.head import STANCES
from model.stance.lm_classifier import LmStanceClassifier
from model.summary.abstractive import SummaryWriter
from tests.test_lm_classifier import Parrot
from tests.test_stance import BLAME, PRAISE


def judged(analyzer: Analyzer) -> Analysis:
    *_, analysis = analyzer.stages(join_article("", [PRAISE, BLAME, "The talks go on next week."]))
    assert {label.stance for label in analysis.labels} >= {Stance.FAVORABLE, Stance.CRITICAL}
    return analysis


def test_both_judges_make_a_label(analyzer: Analyzer) -> None:
    analysis = judged(analyzer)
    model = Parrot(Stance.CRITICAL)

    def after(asked_below: float) -> Analysis:
        ensemble = EnsembleClassifier(analyzer.classifier, LmStanceClassifier(model), asked_below)
        return finished(ensemble.judging(analysis))

    assert after(asked_below=0.0).labels == analysis.labels
    assert not model.asked
    (verdicts,) = analyzer.classifier.judge([Text.of(analysis.article, analysis.parties)])
    answer = torch.tensor(model.answer())
    parties = [party.name for party in analysis.parties]
    changed = 0
    for label, other in zip(analysis.labels, after(asked_below=1.0).labels, strict=True):
        assert (label.paragraph, label.party) == (other.paragraph, other.party)
        assert label.probabilities
        assert other.probabilities
        key = label.paragraph, parties.index(label.party)
        if key in verdicts:
            expected = (verdicts[key].logits.softmax(0) * answer.exp()).sqrt()
            shown = [other.probabilities[stance] for stance in STANCES]
            assert shown == pytest.approx((expected / expected.sum()).tolist(), abs=1e-4)
            assert other.stance is max(STANCES, key=lambda stance: shown[STANCES.index(stance)])
            assert other.unsure == (max(shown) < analyzer.classifier.unsure_below)
            changed += other.stance is not label.stance
    assert changed


def test_labels_by_hand_stay(analyzer: Analyzer) -> None:
    analysis = judged(analyzer)
    first, second, *others = analysis.labels
    labels = [replace(first, stance=Stance.NEUTRAL, probabilities=None), replace(second, note="so"), *others]
    *_, after = judging(analyzer, Parrot(Stance.ABSENT)).write(replace(analysis, labels=tuple(labels)))
    assert list(after.labels[:2]) == labels[:2]
    shares = dict.fromkeys(Stance, 0.2) | {first.stance: 0.4}
    confirmed = corrected(
        replace(analysis, labels=(replace(first, probabilities=shares, unsure=True), *analysis.labels[1:])),
        {(first.paragraph, first.party): Correction(first.stance, first.voice)},
    )
    *_, after = judging(analyzer, Parrot(Stance.ABSENT)).write(confirmed)
    assert after.labels[0] == confirmed.labels[0]
    *_, other = judging(analyzer, Parrot(Stance.ABSENT)).write(analysis)
    assert all(new != old for new, old in zip(other.labels[:2], analysis.labels[:2], strict=True))


def judging(analyzer: Analyzer, model: Parrot) -> Analyzer:
    ensemble = EnsembleClassifier(analyzer.classifier, LmStanceClassifier(model), asked_below=1.0)
    return replace(analyzer, ensemble=ensemble)


def test_an_analysis_is_judged_once_and_anew_for_other_parties(analyzer: Analyzer) -> None:
    model = Parrot(Stance.CRITICAL)
    analyzer = judging(analyzer, model)
    first = judged(analyzer)
    assert JUDGES not in first.versions
    *_, both = analyzer.write(first)
    assert both.versions[JUDGES] == "encoder, parrot"
    asked = len(model.asked)
    assert asked
    assert list(analyzer.write(both)) == []
    *_, other = analyzer.stages(both.article, parse_requests("Norway"), both)
    assert JUDGES not in other.versions
    *_, other = analyzer.write(other)
    assert asked < len(model.asked)
    assert {party.name for party in other.parties} == {"Norway"}


def test_a_very_long_article_is_left_to_the_encoder(analyzer: Analyzer) -> None:
    model = Parrot(Stance.CRITICAL)
    long = join_article("", [PRAISE, BLAME, "Rain fell. " * (LONGEST_JUDGED // 11)])
    *_, analysis = analyzer.stages(long)
    ensemble = EnsembleClassifier(analyzer.classifier, LmStanceClassifier(model), asked_below=1.0)
    assert finished(ensemble.judging(analysis)) is analysis
    assert not model.asked


def test_closing_stops_it_between_two_questions(analyzer: Analyzer) -> None:
    model = Parrot(Stance.CRITICAL)
    analyzer = judging(analyzer, model)
    steps = analyzer.write(judged(analyzer))
    while not model.asked:
        next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert len(model.asked) == 1


def test_without_a_taught_model_the_encoder_alone_judges(analyzer: Analyzer) -> None:
    assert analyzer.ensemble is None
    assert list(analyzer.write(judged(analyzer))) == []


class Failing:
    """A model whose server fails as it begins to write."""

    version = "failing"

    def generate(self, prompt: str, limit: int) -> Generator[str, None, None]:
        yield "Norway"
        raise ServerError("the kraken woke")


def failing(analyzer: Analyzer) -> Analyzer:
    writer = SummaryWriter.of(Failing())  # type: ignore[arg-type]  # it chooses nothing
    return replace(judging(analyzer, Parrot(Stance.CRITICAL)), writer=writer)


def check_judged_alone(found: Analysis, before: Analysis) -> None:
    assert found.labels != before.labels
    assert found.versions == {**before.versions, JUDGES: "encoder, parrot"}
    assert (found.written, found.portrayals) == (before.written, before.portrayals)


def test_a_program_gets_the_labels_of_both_where_no_summary_is_written(analyzer: Analyzer) -> None:
    before = judged(analyzer)
    found = whole_analysis(failing(analyzer), before.article, (), lambda: True)
    check_judged_alone(found, before)
    assert found.warnings == (*before.warnings, "There is no written summary: the kraken woke")


def test_a_kept_sentence_on_a_party_is_dropped_where_the_second_judges_labels_turn(analyzer: Analyzer) -> None:
    analyzer = failing(analyzer)
    assert analyzer.writer
    *_, first = analyzer.stages(join_article("", [PRAISE, BLAME, "The talks go on next week."]))
    kept = {"Denmark": SummarySentence("Denmark lied.", (1,), written=True)}
    turned = {"Norway": SummarySentence(PRAISE, (0,), written=True)}
    summary, versions = Summary(tuple(kept.values()), "written"), first.versions | analyzer.writer.versions
    before = replace(first, written=summary, portrayals=kept | turned, versions=versions)
    *_, again = analyzer.stages(first.article, parse_requests("Norway\nDenmark"), before)
    assert again.portrayals == before.portrayals
    found = written_or_warned(again, analyzer.write(again))
    assert {label.stance for label in found.labels if label.party == "Norway"} <= {Stance.CRITICAL, Stance.ABSENT}
    assert found.warnings == ("The sentences on the parties are not all written: the kraken woke",)
    assert (found.written, found.portrayals) == (summary, kept)


def test_the_page_shows_the_labels_of_both_where_no_summary_is_written(analyzer: Analyzer) -> None:
    before = judged(analyzer)
    models = Models(lambda: failing(analyzer))
    models.start()
    assert models.analyzer
    handlers = Handlers(models, Limiter(""), Components(*(part.name for part in fields(Components))))  # type: ignore[arg-type]
    steps = list(handlers.write(before, OwnLabels(), LatestRun(1.0, 1.0, unwritten=True), None))  # type: ignore[arg-type]
    assert any("matrix" in step and "reading" in step for step in steps)
    assert "There is no written summary: the kraken woke" in str(steps[-1]["glance"])
    found = steps[-1]["analysis"]
    check_judged_alone(found, before)
    assert to_dict(found) == to_dict(whole_analysis(failing(analyzer), before.article, (), lambda: True))
