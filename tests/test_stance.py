"""The classifier: what it reads and keeps, with weights at random; what it says, with the real ones."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from model import Analysis, Analyzer, Party, PartyRequest, Stance
from model.article.nlp import parse
from model.article.splitter import join_article
from model.domain import Kind, Mention, Span, StanceLabel, Summary, SummarySentence, Voice
from model.errors import WeightsError
from model.networks import stretches
from model.networks.checkpoint import TrainedFile
from model.networks.encoder import Tokens
from model.parties.requests import parse_requests, party_line
from model.stance import classifier as judging
from model.stance.classifier import SHIPPED, UNMENTIONED, StanceClassifier
from model.stance.corrections import Correction, corrected
from model.stance.head import STANCES
from model.stance.holders import party_ends
from model.stance.phrases import english
from model.stance.reuse import kept_portrayals, with_hand_labels
from model.stance.verdicts import Verdict, joined
from tests.tiny import parties_in, text_of

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
    found = {(label.paragraph, label.party): label.stance for label in labels}
    assert found[0, "Norway"] is Stance.FAVORABLE
    assert found[1, "Denmark"] is Stance.CRITICAL
    assert set(found) == {(0, "Norway"), (0, "Denmark"), (1, "Norway"), (1, "Denmark")}


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
    assert 0.26 < least < 1
    for label in analysis.labels:
        assert label.probabilities is not None
        assert label.unsure is (max(label.probabilities.values()) < least)


@pytest.fixture
def asked(tiny_classifier: StanceClassifier, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the encoder of `tiny_classifier` reads, stretch by stretch."""
    return watched(tiny_classifier, monkeypatch)


def watched(classifier: StanceClassifier, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    states = classifier.encoder.states

    def noted(some: Sequence[Tokens]) -> Tensor:
        asked.extend(classifier.encoder.tokenizer.decode(one.ids, skip_special_tokens=True) for one in some)
        return states(some)

    monkeypatch.setattr(classifier.encoder, "states", noted)
    return asked


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is read at once."""
    monkeypatch.setattr(judging, "LONGEST", 40)
    monkeypatch.setattr(judging, "CONTEXT", 12)
    monkeypatch.setattr(stretches, "OVERLAP", 6)


def test_many_parties_cost_one_reading(tiny_classifier: StanceClassifier, asked: list[str]) -> None:
    texts = [PRAISE, BLAME]
    parties = [replace(party("Norway", *texts), name=f"p{n}") for n in range(8)]
    labels = tiny_classifier.classify(join_article("", texts), parties)
    assert len(asked) == 1  # both paragraphs, for all eight
    assert len({tuple(label.probabilities.values()) for label in labels[:8] if label.probabilities}) == 1
    assert len({tuple(label.probabilities.values()) for label in labels if label.probabilities}) == 2


def test_what_the_encoder_reads_has_stand_ins(tiny_classifier: StanceClassifier, asked: list[str]) -> None:
    text = text_of(("Norway met Sweden.", "Sweden thanked it."), ("Norway", "Sweden"))
    (found,) = tiny_classifier.judge([text])
    assert asked == ["α met β. β thanked it."]
    assert found.keys() == {(paragraph, party) for paragraph in range(2) for party in range(2)}
    tiny_classifier.judge([replace(text, blind=False)])
    assert asked[1] == "norway met sweden. sweden thanked it."


def test_verdicts_have_the_shapes_of_their_paragraph(tiny_classifier: StanceClassifier) -> None:
    paragraphs = ("Norway met Sweden.", "Sweden thanked it, and that was all.")
    (found,) = tiny_classifier.judge([text_of(paragraphs, ("Norway", "Sweden"))])
    for (paragraph, _), verdict in found.items():
        assert (verdict.logits.shape, verdict.voice.shape) == ((4,), (2,))
        assert verdict.evidence.shape == verdict.holder.shape == (1 + len(verdict.offsets),)
        assert verdict.offsets[-1][1] == len(paragraphs[paragraph])
        assert float(verdict.evidence.sum()) == pytest.approx(1, abs=1e-4)
        assert float(verdict.evidence[0]) == 0
        assert sum(tiny_classifier.probabilities(verdict).values()) == pytest.approx(1, abs=1e-5)
    assert len({tuple(verdict.logits.tolist()) for verdict in found.values()}) == 4


def test_other_names_change_nothing_but_where_words_are(tiny_classifier: StanceClassifier) -> None:
    one, other = tiny_classifier.judge(
        [text_of((f"{name} met us.",), (name,)) for name in ("Norway", "Quillian Republic")]
    )
    torch.testing.assert_close(one[0, 0].logits, other[0, 0].logits, rtol=0, atol=1e-5)  # rows of one batch
    assert (one[0, 0].offsets[:2], other[0, 0].offsets[:2]) == (((0, 6), (7, 10)), ((0, 17), (18, 21)))


@pytest.mark.usefixtures("short")
def test_a_party_that_nothing_read_mentions_is_absent(tiny_classifier: StanceClassifier) -> None:
    texts = ["Norway met us.", "It rained.", *["The tide table hangs beside the door of the harbor office."] * 6]
    labels = tiny_classifier.classify(join_article("", texts), parties_in(texts, ("Norway", "Zembla")))
    norway, zembla = labels[::2], labels[1::2]
    assert all(label.probabilities == UNMENTIONED for label in zembla)
    assert {(label.stance, label.voice, label.unsure) for label in zembla} == {(Stance.ABSENT, Voice.NONE, False)}
    read = [label.probabilities != UNMENTIONED for label in norway]
    assert read[:2] == [True, True]  # it is mentioned beside the second
    assert read[-1] is False


@pytest.mark.usefixtures("short")
def test_a_long_paragraph_is_read_in_pieces(tiny_classifier: StanceClassifier, asked: list[str]) -> None:
    filler = "The tide table hangs beside the door of the harbor office. "
    text = text_of((filler * 5 + "Norway left. " + filler * 3,), ("Norway",))
    (found,) = tiny_classifier.judge([text])
    assert found.keys() == {(0, 0)}
    assert asked
    assert all("α" in stretch for stretch in asked)
    held = [span for span in found[0, 0].offsets if text.paragraphs[0][slice(*span)] == "Norway"]
    assert len(held) == 1  # of the pieces, the one that has the mention


def test_pieces_are_joined_by_how_much_of_the_mentions_they_hold() -> None:
    def verdict(shares: Sequence[float], voice: float) -> Verdict:
        return Verdict(torch.tensor(shares).log() + 5, torch.tensor([voice, 0.0]), torch.ones(1), torch.ones(1), ())

    one, other = verdict([0.7, 0.1, 0.1, 0.1], 1.0), verdict([0.1, 0.7, 0.1, 0.1], 2.0)
    assert joined([(0, one)]) is one
    both = joined([(1, one), (3, other)])
    expected = 0.25 * torch.tensor([0.7, 0.1, 0.1, 0.1]).log() + 0.75 * torch.tensor([0.1, 0.7, 0.1, 0.1]).log()
    assert torch.allclose(both.logits, expected, atol=1e-5)
    assert float(both.voice[0]) == 2.0
    without = joined([(0, one), (2, other)])
    assert torch.allclose(without.logits, torch.tensor([0.1, 0.7, 0.1, 0.1]).log(), atol=2e-3)


def test_an_article_is_judged_alike_alone_and_in_company(tiny_classifier: StanceClassifier) -> None:
    text, other = text_of((PRAISE,), ("Norway",)), text_of((PRAISE, BLAME * 5), ("Norway", "Denmark"))
    (alone,) = tiny_classifier.judge([text])
    tiny_classifier.forget()
    assert tiny_classifier.judge([]) == []
    _, together = tiny_classifier.judge([other, text])
    assert torch.allclose(together[0, 0].logits, alone[0, 0].logits, atol=1e-4)
    (again,) = tiny_classifier.judge([other])
    assert not torch.allclose(again[0, 0].logits, alone[0, 0].logits, atol=1e-4)  # what is read beside it counts


def test_no_party_no_label(tiny_classifier: StanceClassifier, asked: list[str]) -> None:
    assert tiny_classifier.classify(join_article("", [PRAISE]), []) == ()
    assert asked == []


def test_what_was_judged_lately_is_not_judged_again_until_it_is_forgotten(
    tiny_classifier: StanceClassifier, asked: list[str]
) -> None:
    article, parties = join_article("", [PRAISE, BLAME]), [party("Norway", PRAISE), party("Denmark", "", BLAME)]
    first = tiny_classifier.classify(article, parties)
    assert tiny_classifier.classify(article, parties) == first
    assert len(asked) == 1
    tiny_classifier.classify(article, parties[:1])
    assert len(asked) == 2
    tiny_classifier.forget()
    assert tiny_classifier.classify(article, parties) == first
    assert len(asked) == 3


def test_a_label_by_hand(tiny_classifier: StanceClassifier) -> None:
    text = "It rained. The union said Norway lied."
    (parsed,) = parse([text])
    offsets = tuple((s.start, s.end) for s in (Span(0, 10), Span(11, 20), Span(26, 32), Span(33, 38)))
    logits = torch.zeros(4)
    logits[STANCES.index(Stance.CRITICAL)] = 2.0  # at a temperature of 2: e to the 1
    said = Verdict(
        logits, torch.tensor([0.0, 1.0]), torch.tensor([0.0, 0.1, 0.2, 0.3, 0.4]), -torch.arange(5.0).roll(2), offsets
    )
    label = tiny_classifier.label(3, "Norway", said, parsed, {})
    assert (label.paragraph, label.stance, label.voice) == (3, Stance.CRITICAL, Voice.QUOTED)
    assert label.probability == pytest.approx(0.4754, abs=1e-4)  # e / (e + 3)
    assert not label.unsure
    assert label.evidence == Span(11, 38)
    assert (label.holder, label.holder_span) == ("The union", Span(11, 20))
    even = tiny_classifier.label(3, "Norway", replace(said, logits=torch.zeros(4)), parsed, {})
    assert even.unsure
    own = tiny_classifier.label(3, "Norway", replace(said, voice=torch.tensor([1.0, 0.0])), parsed, {})
    assert (own.voice, own.holder) == (Voice.AUTHOR, None)
    neutral = torch.eye(4)[STANCES.index(Stance.NEUTRAL)] * 9
    none = tiny_classifier.label(3, "Norway", replace(said, logits=neutral), parsed, {})
    assert (none.stance, none.voice, none.evidence, none.holder) == (Stance.NEUTRAL, Voice.NONE, None, None)


def test_a_pronoun_as_holder_goes_by_the_name_of_the_party_that_it_refers_to(
    tiny_classifier: StanceClassifier,
) -> None:
    (parsed,) = parse(["She said Norway lied."])
    critical, quoted = torch.eye(4)[STANCES.index(Stance.CRITICAL)] * 9, torch.tensor([0.0, 1.0])
    offsets = tuple((token.start, token.end) for token in parsed.tokens)
    holder = torch.eye(1 + len(offsets))[1]
    said = Verdict(critical, quoted, torch.full((1 + len(offsets),), 0.1), holder, offsets)
    berg = Party("Ann Berg", Kind.PERSON, mentions=(Mention(2, 0, 3),))
    label = tiny_classifier.label(2, "Norway", said, parsed, party_ends([berg]))
    assert (label.holder, label.holder_span) == ("Ann Berg", Span(0, 3))
    for ends in ({}, party_ends([replace(berg, mentions=(Mention(1, 0, 3), Mention(2, 0, 7)))])):
        nobody = tiny_classifier.label(2, "Norway", said, parsed, ends)
        assert (nobody.voice, nobody.holder, nobody.holder_span) == (Voice.QUOTED, None, None)


@pytest.mark.slow
def test_a_party_beyond_the_first_stretch_is_judged(analyzer: Analyzer) -> None:
    filler = "The tide table hangs beside the door of the harbor office. " * 60
    (label,) = analyzer.classifier.classify(join_article("", [filler + BLAME]), [party("Denmark", filler + BLAME)])
    assert label.stance is Stance.CRITICAL


def test_an_unchanged_list_of_parties_changes_nothing(
    analyzer: Analyzer, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = parse_requests("\n".join(party_line(p) for p in analysis.parties if p.main), exact=True)
    *_, first = analyzer.stages(analysis.article, requests, analysis)
    main = [party for party in analysis.parties if party.main]
    assert [party.mentions for party in first.parties] == [party.mentions for party in main]
    assert first.summary == analysis.summary
    asked = watched(analyzer.classifier, monkeypatch)
    *_, again = analyzer.stages(analysis.article, requests, first)
    assert again.labels == first.labels
    assert asked == []


def test_only_what_changed_is_judged_again(
    analyzer: Analyzer, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = parse_requests("\n".join(party_line(p) for p in analysis.parties if p.main), exact=True)
    *_, first = analyzer.stages(analysis.article, requests, analysis)
    asked = watched(analyzer.classifier, monkeypatch)
    *_, nowhere = analyzer.stages(analysis.article, [*requests, PartyRequest("Zembla")], first)
    assert asked == []
    assert all(label.probabilities == UNMENTIONED for label in nowhere.labels if label.party == "Zembla")
    *_, more = analyzer.stages(analysis.article, [*requests, PartyRequest("Gothenburg")], first)
    assert next(party for party in more.parties if party.name == "Gothenburg").mentions
    assert asked
    assert not any("gothenburg" in stretch for stretch in asked)


def test_missing_and_foreign_weights(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="make train"):
        StanceClassifier.from_folder(tmp_path, tmp_path / "none.safetensors")
    (tmp_path / "junk.safetensors").write_bytes(b"junk")
    with pytest.raises(WeightsError, match=r"junk\.safetensors"):
        StanceClassifier.from_folder(tmp_path, tmp_path / "junk.safetensors")


def test_weights_of_another_head_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained = TrainedFile.read(SHIPPED)
    head = {name: tensor for name, tensor in trained.head.items() if not name.startswith("voice")}
    monkeypatch.setattr(TrainedFile, "read", lambda path: replace(trained, head=head))
    with pytest.raises(WeightsError, match="make train"):
        StanceClassifier.from_folder(tmp_path)


def test_shipped_weights_are_small_and_finite() -> None:
    weights = TrainedFile.read(SHIPPED)
    assert all(torch.isfinite(tensor).all() for tensor in (*weights.adapter.values(), *weights.head.values()))
    assert 0.5 <= float(weights.metadata["temperature"]) <= 4


def test_portrayals_stay_where_the_side_is_the_same(analyzer: Analyzer, analysis: Analysis) -> None:
    party = next(party.name for party in analysis.parties if party.main)
    written = replace(analysis, portrayals={party: SummarySentence("It was blamed.", (0,), written=True)})
    moved = tuple(replace(label, unsure=not label.unsure) for label in analysis.labels)
    assert kept_portrayals(written, replace(analysis, labels=moved)) == written.portrayals
    neutral = replace(analysis, labels=tuple(replace(label, stance=Stance.NEUTRAL) for label in analysis.labels))
    assert kept_portrayals(written, neutral) == {}
    before = replace(neutral, portrayals=written.portrayals)
    assert kept_portrayals(before, replace(neutral, parties=(), labels=())) == {}, "nobody of that name"


def test_a_readers_labels_of_the_same_article_stay() -> None:
    article, other = (join_article("", [text, "Rain fell."]) for text in ("Norway sang.", "Norway slept."))
    model = tuple(StanceLabel(n, "Norway", Stance.NEUTRAL, {Stance.NEUTRAL: 1.0}) for n in (0, 1))
    own = StanceLabel(1, "Norway", Stance.ABSENT, note="no")
    analysis = Analysis(article, (), model, Summary(()))
    before = replace(
        analysis, labels=(replace(model[0], stance=Stance.CRITICAL, probabilities={Stance.CRITICAL: 1.0}), own)
    )
    assert with_hand_labels(before, analysis, 0.5).labels == (model[0], own)
    assert with_hand_labels(replace(before, article=other), analysis, 0.5) == analysis
    assert with_hand_labels(None, analysis, 0.5) == analysis
    warned = replace(analysis, warnings=(english("warning_unnamed", party="Norway"), "It is short."))
    assert with_hand_labels(before, warned, 0.5).warnings == warned.warnings
    seen = replace(before, labels=(model[0], replace(own, stance=Stance.CRITICAL)))
    assert with_hand_labels(seen, warned, 0.5).warnings == ("It is short.",)


def test_a_label_that_a_reader_confirmed_stays_sure() -> None:
    article = join_article("", ["Norway sang."])
    unsure = StanceLabel(0, "Norway", Stance.CRITICAL, {Stance.CRITICAL: 0.4}, Voice.AUTHOR, unsure=True)
    analysis = Analysis(article, (), (unsure,), Summary(()))
    confirmed = corrected(analysis, {(0, "Norway"): Correction(Stance.CRITICAL)})
    assert not confirmed.labels[0].unsure
    assert with_hand_labels(confirmed, analysis, 0.5).labels == confirmed.labels
    assert with_hand_labels(analysis, analysis, 0.5).labels == analysis.labels
    by_both = replace(analysis, labels=(replace(unsure, probabilities={Stance.CRITICAL: 0.6}, unsure=False),))
    assert with_hand_labels(by_both, analysis, 0.5).labels == analysis.labels
