"""The classifier with the real weights."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from model import Analysis, Analyzer, Party, PartyRequest, Stance
from model.article.splitter import join_article
from model.domain import Kind, Mention, SummarySentence, Voice
from model.errors import WeightsError
from model.networks.encoder import Window
from model.parties.requests import parse_requests, party_line
from model.stance.classifier import StanceClassifier, StanceWeights
from model.stance.reuse import kept_portrayals

PRAISE = "Kindly Norway deserves great credit: it kept its word, and its generous help saved many lives."
BLAME = "Reckless Denmark lied again, and its cruel and shameful toll has ruined honest people."


def party(name: str, *texts: str) -> Party:
    mentions = [
        Mention(i, text.index(name), text.index(name) + len(name)) for i, text in enumerate(texts) if name in text
    ]
    return Party(name, Kind.STATE, mentions=tuple(mentions))


def test_plain_praise_and_blame(analyzer: Analyzer) -> None:
    parties = [party("Norway", PRAISE, BLAME), party("Denmark", PRAISE, BLAME)]
    labels = analyzer.classifier.classify(join_article("", [PRAISE, BLAME]), parties)
    found = [(label.paragraph, label.party, label.stance) for label in labels]
    assert found == [
        (0, "Norway", Stance.FAVORABLE),
        (0, "Denmark", Stance.ABSENT),
        (1, "Norway", Stance.ABSENT),
        (1, "Denmark", Stance.CRITICAL),
    ]


def test_a_stance_comes_with_evidence_voice_and_holder(analyzer: Analyzer) -> None:
    text = (
        "The ministers met in Oslo on Tuesday. "
        "The fishermen's union said Denmark had lied shamelessly and cheated its neighbors for years. "
        "The talks go on next week."
    )
    (label,) = analyzer.classifier.classify(join_article("", [text]), [party("Denmark", text)])
    assert label.stance is Stance.CRITICAL
    assert label.evidence is not None
    assert text[label.evidence.start : label.evidence.end].startswith("The fishermen's union said")
    assert label.voice is Voice.QUOTED
    assert label.holder is not None
    assert label.holder_span is not None
    assert label.holder == text[label.holder_span.start : label.holder_span.end]
    assert "union" in label.holder
    (own,) = analyzer.classifier.classify(join_article("", [BLAME]), [party("Denmark", BLAME)])
    assert (own.voice, own.holder) == (Voice.AUTHOR, None)


def test_neutral_has_no_voice_and_no_evidence(analysis: Analysis) -> None:
    assert {label.stance for label in analysis.labels} == set(Stance)
    for label in analysis.labels:
        taken = label.stance in (Stance.FAVORABLE, Stance.CRITICAL)
        assert (label.evidence is not None) is taken
        assert (label.voice is not Voice.NONE) is taken


def test_the_unsure_mark_is_the_least_probabilities(analyzer: Analyzer, analysis: Analysis) -> None:
    least = analyzer.classifier.unsure_below
    assert 0.34 < least < 1
    for label in analysis.labels:
        assert label.probabilities is not None
        assert label.unsure is (max(label.probabilities.values()) < least)


def test_many_parties_cost_one_reading(analyzer: Analyzer) -> None:
    calls: list[int] = []
    texts = [PRAISE, BLAME]
    parties = [replace(party("Norway", *texts), name=f"p{n}") for n in range(8)]
    states = analyzer.classifier.encoder.states
    try:
        analyzer.classifier.encoder.states = lambda windows: calls.append(len(windows)) or states(windows)  # type: ignore[method-assign]
        labels = analyzer.classifier.classify(join_article("", texts), parties)
    finally:
        del analyzer.classifier.encoder.states
    assert sum(calls) == 1  # one window of the one paragraph that mentions them, for all eight
    assert len({tuple(label.probabilities.values()) for label in labels[:8] if label.probabilities}) == 1


def test_absent_is_exactly_where_no_mention_is(analysis: Analysis) -> None:
    parties = {party.name: party for party in analysis.parties}
    for label in analysis.labels:
        mentioned = bool(parties[label.party].in_paragraph(label.paragraph))
        assert (label.stance is Stance.ABSENT) is not mentioned
        assert label.probabilities is not None
        assert sum(label.probabilities.values()) == pytest.approx(1, abs=1e-4)


def test_a_party_beyond_the_window_is_judged(analyzer: Analyzer) -> None:
    filler = "The tide table hangs beside the door of the harbor office. " * 60
    (label,) = analyzer.classifier.classify(join_article("", [filler + BLAME]), [party("Denmark", filler + BLAME)])
    assert label.stance is Stance.CRITICAL


def test_a_paragraph_is_judged_alike_alone_and_in_company(analyzer: Analyzer) -> None:
    alone = analyzer.classifier.classify(join_article("", [PRAISE]), [party("Norway", PRAISE)])[0]
    analyzer.forget()
    long = PRAISE + " " + BLAME * 5
    together = analyzer.classifier.classify(join_article("", [PRAISE, long]), [party("Norway", PRAISE, long)])[0]
    assert alone.probabilities is not None
    assert together.probabilities is not None
    for stance in Stance:
        assert together.probabilities[stance] == pytest.approx(alone.probabilities[stance], abs=0.03)


def test_an_unchanged_list_of_parties_changes_nothing(analyzer: Analyzer, analysis: Analysis) -> None:
    lines = "\n".join(map(party_line, analysis.parties))
    *_, again = analyzer.stages(analysis.article, parse_requests(lines, exact=True), analysis)
    assert [party.mentions for party in again.parties] == [party.mentions for party in analysis.parties]
    assert again.labels == analysis.labels
    assert again.summary == analysis.summary


def test_only_what_changed_is_judged_again(analyzer: Analyzer, analysis: Analysis) -> None:
    asked: list[int] = []

    class Watched(StanceClassifier):
        def judge(self, texts, mentions, names=None):  # type: ignore[no-untyped-def]
            asked.extend(index for index, some in enumerate(mentions) if any(some))
            return super().judge(texts, mentions, names)

    kept = analyzer.classifier
    watched = Watched(kept.encoder, kept.head, kept.temperature, kept.unsure_below)
    requests = [*parse_requests("\n".join(map(party_line, analysis.parties)), exact=True)]
    requests.append(PartyRequest("Sweden"))
    *_, again = replace(analyzer, classifier=watched).stages(analysis.article, requests, analysis)
    sweden = next(party for party in again.parties if party.name == "Sweden")
    assert asked == sorted({mention.paragraph for mention in sweden.mentions}) != []


def test_no_party_no_label(analyzer: Analyzer) -> None:
    assert analyzer.classifier.classify(join_article("", [PRAISE]), []) == ()


def test_missing_and_foreign_weights(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="make train"):
        StanceWeights.load(tmp_path / "none.safetensors")
    (tmp_path / "junk.safetensors").write_bytes(b"junk")
    with pytest.raises(WeightsError, match=r"junk\.safetensors"):
        StanceWeights.load(tmp_path / "junk.safetensors")


def test_shipped_weights_are_small_and_finite() -> None:
    weights = StanceWeights.load()
    assert all(torch.isfinite(tensor).all() for tensor in (*weights.adapter.values(), *weights.head.values()))
    assert 0.5 <= weights.temperature <= 4


def test_portrayals_stay_where_only_probabilities_moved(analyzer: Analyzer, analysis: Analysis) -> None:
    party = next(party.name for party in analysis.parties if party.main)
    written = replace(analysis, portrayals={party: SummarySentence("It was blamed.", (0,), written=True)})
    moved = tuple(replace(label, probabilities=dict.fromkeys(Stance, 0.25)) for label in analysis.labels)
    assert kept_portrayals(written, replace(analysis, labels=moved)) == written.portrayals
    turned = tuple(replace(label, unsure=not label.unsure) for label in analysis.labels)
    assert kept_portrayals(written, replace(analysis, labels=turned)) == {}


def test_what_was_judged_lately_is_not_judged_again_until_it_is_forgotten(
    analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    states = analyzer.classifier.encoder.states

    def counted(windows: Sequence[Window]) -> Tensor:
        asked.append(len(windows))
        return states(windows)

    monkeypatch.setattr(analyzer.classifier.encoder, "states", counted)
    analyzer.forget()
    article, parties = join_article("", [PRAISE, BLAME]), [party("Norway", PRAISE), party("Denmark", "", BLAME)]
    first = analyzer.classifier.classify(article, parties)
    assert analyzer.classifier.classify(article, parties) == first
    assert sum(asked) == 2
    analyzer.forget()
    assert analyzer.classifier.classify(article, parties) == first
    assert sum(asked) == 4
