"""Encoder and language model together, on judges that say what a test tells them to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model import Analysis, Analyzer, Stance
from model.article.nlp import parse
from model.article.splitter import join_article
from model.domain import Summary, SummarySentence, Voice
from model.errors import WeightsError
from model.export.json_format import to_dict
from model.export.json_reader import from_dict
from model.language_model.local import LocalModel
from model.parties.requests import parse_requests, party_line
from model.stance.classifier import ItemKey, StanceClassifier, Text, Verdict
from model.stance.ensemble import READ_BY, EnsembleClassifier
from model.stance.head import STANCES
from model.stance.reader import Reader, ReaderWeights
from tests.tiny import parties_in, text_of

PARAGRAPHS = ("Norway praised Sweden.", "It rained.", "Sweden thanked Norway for its patience.")
NAMES = ("Norway", "Sweden")
WEIGHTS = ReaderWeights({}, {}, 1, 0.5, 2.0, 0.97, "stance@fixed", "tiny", "reader@fixed")


def verdict(*logits: float, voice: Sequence[float] = (0.0, 0.0), evidence: float = 1.0) -> Verdict:
    return Verdict(
        torch.tensor(logits), torch.tensor(voice), torch.tensor([0.0, evidence]), torch.tensor([0.0, -9.0]), ((0, 6),)
    )


def sure_of(stance: Stance) -> Verdict:
    return verdict(*(30.0 * (other is stance) for other in STANCES))


class Fixed(Reader):
    """Says what it was told of each item, a paragraph more each time; of what it was not told of, the next stance."""

    def __init__(self, said: Mapping[ItemKey, Verdict] | None = None) -> None:
        self.said = said
        self.forgotten = False

    def read(self, text: Text) -> Iterator[dict[ItemKey, Verdict]]:
        said = self.said
        if said is None:
            both = [(p, q) for p in range(len(text.paragraphs)) for q in range(len(text.mentions))]
            said = {(p, q): sure_of(STANCES[(p + q) % 3]) for p, q in both}
        for last in range(len(text.paragraphs)):
            yield {key: found for key, found in said.items() if key[0] <= last}

    def forget(self) -> None:
        self.forgotten = True


def both_of(classifier: StanceClassifier, reader: Reader, **changed: float) -> EnsembleClassifier:
    return EnsembleClassifier(classifier, reader, replace(WEIGHTS, **changed))  # type: ignore[arg-type]


def told(monkeypatch: pytest.MonkeyPatch, classifier: StanceClassifier, said: dict[ItemKey, Verdict]) -> None:
    """Have the encoder say this of every text."""
    monkeypatch.setattr(classifier, "judge", lambda texts: [said for _ in texts])


def test_judgements_are_pooled_by_hand(tiny_classifier: StanceClassifier, monkeypatch: pytest.MonkeyPatch) -> None:
    own = verdict(4, 2, 0, 0, voice=(1.0, 0.0), evidence=0.7)
    told(monkeypatch, tiny_classifier, {(0, 0): own, (2, 1): own})
    reader = Fixed({(0, 0): verdict(0, 1, 0, 3, voice=(-3.0, 1.0)), (1, 0): sure_of(Stance.NEUTRAL)})
    (found,) = both_of(tiny_classifier, reader).judge([text_of(PARAGRAPHS, NAMES)])
    assert found.keys() == {(0, 0), (2, 1)}
    shares = torch.tensor([2.0, 1.0, 0.0, 0.0]).exp() / (torch.e**2 + torch.e + 2)  # at the encoder's temperature, 2
    assert torch.allclose(found[0, 0].logits, torch.tensor([0.0, 1.0, 0.0, 3.0]) + 0.5 * shares.log(), atol=1e-5)
    assert found[0, 0].voice.tolist() == [-2.0, 1.0]
    assert torch.equal(found[0, 0].evidence, own.evidence)


def test_what_the_reader_did_not_read_is_the_encoders(
    tiny_classifier: StanceClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = verdict(4, 2, 0, 0, voice=(1.0, 0.0))
    told(monkeypatch, tiny_classifier, {(0, 0): own})
    both = both_of(tiny_classifier, Fixed({}), temperature=5.0)
    (found,) = both.judge([text_of(PARAGRAPHS, NAMES)])
    alone = tiny_classifier.probabilities(own)
    assert both.probabilities(found[0, 0]) == {stance: pytest.approx(share) for stance, share in alone.items()}
    assert torch.equal(found[0, 0].voice, own.voice)


def test_a_label_is_unsure_by_the_bar_of_both(
    tiny_classifier: StanceClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(monkeypatch, tiny_classifier, {(0, 0): verdict(0, 0, 0, 0)})
    both = both_of(tiny_classifier, Fixed({(0, 0): verdict(8, 0, 0, 0, voice=(0.0, 1.0))}), temperature=2.0)
    article = join_article("", PARAGRAPHS)
    (label, other, *_) = both.classify(article, parties_in(PARAGRAPHS, NAMES))
    assert (label.stance, label.voice) == (STANCES[0], Voice.QUOTED)
    assert label.probability == pytest.approx(0.948, abs=1e-3)  # e⁴ / (e⁴ + 3)
    assert label.unsure
    lower = both_of(tiny_classifier, both.reader, unsure_below=0.9)
    assert not lower.classify(article, parties_in(PARAGRAPHS, NAMES))[0].unsure
    assert (other.stance, other.probability, other.unsure) == (Stance.ABSENT, 1.0, False)


def test_an_analysis_grows_until_all_labels_are_careful(tiny_classifier: StanceClassifier) -> None:
    article, parties = join_article("", PARAGRAPHS), tuple(parties_in(PARAGRAPHS, NAMES))
    labels = tiny_classifier.classify(article, parties)
    both = both_of(tiny_classifier, Fixed(), encoder_share=0.0)
    texts = [paragraph.text for paragraph in article.paragraphs]
    grown = list(both.refine(Analysis(article, parties, labels, Summary(())), parse(texts)))
    assert [sum(label.careful for label in stage.labels) for stage in grown] == [2, 4, 6, 6]
    assert grown[0].labels[2:] == labels[2:]
    assert [(label.paragraph, label.party) for label in grown[-1].labels] == [(x.paragraph, x.party) for x in labels]
    assert [label.stance for label in grown[-1].labels] == [STANCES[(p + q) % 3] for p in range(3) for q in range(2)]
    assert grown[-1].labels == tuple(replace(label, careful=True) for label in both.classify(article, parties))


def test_what_the_reader_leaves_out_ends_careful_too(tiny_classifier: StanceClassifier) -> None:
    article, parties = join_article("", PARAGRAPHS), tuple(parties_in(PARAGRAPHS, NAMES))
    labels = tiny_classifier.classify(article, parties)
    both = both_of(tiny_classifier, Fixed({(0, 1): sure_of(Stance.NEUTRAL)}), encoder_share=0.0)
    analysis = Analysis(article, parties, labels, Summary(()))
    *before, last = both.refine(analysis, parse([paragraph.text for paragraph in article.paragraphs]))
    assert [label.careful for label in before[-1].labels] == [False, True, False, False, False, False]
    assert all(label.careful for label in last.labels)
    assert last.labels[1].stance is Stance.NEUTRAL
    kept = [0, 2, 3, 4, 5]
    for number in kept:
        assert last.labels[number].probabilities == pytest.approx(labels[number].probabilities)


def test_both_read_an_article_end_to_end(tiny_classifier: StanceClassifier, lm: LocalModel, reader_file: Path) -> None:
    both = EnsembleClassifier.of(tiny_classifier, "stance@fixed", lm, reader_file)
    assert both is not None
    assert both.versions == {READ_BY: ReaderWeights.load(reader_file).version}
    text = text_of(PARAGRAPHS, NAMES)
    (alone,), (found,) = tiny_classifier.judge([text]), both.judge([text])
    *_, read = both.reader.read(text)
    assert found.keys() == alone.keys() == read.keys() == {(p, q) for p in range(3) for q in range(2)}
    for key, pooled in found.items():
        logits = 0.5 * (alone[key].logits / 2).log_softmax(dim=0) + read[key].logits
        assert torch.allclose(pooled.logits, logits, atol=1e-4)
    assert tiny_classifier.recent
    assert both.reader.recent
    both.forget()
    assert not tiny_classifier.recent
    assert not both.reader.recent


def test_there_is_none_without_the_model_and_weights_that_it_was_fitted_to(
    tiny_classifier: StanceClassifier, lm: LocalModel, reader_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert EnsembleClassifier.of(tiny_classifier, "stance@fixed", None, reader_file) is None
    assert caplog.text == ""
    assert EnsembleClassifier.of(tiny_classifier, "stance@other", lm, reader_file) is None
    assert "fitted to tiny and stance@fixed, got tiny and stance@other" in caplog.text
    other = LocalModel(lm.tokenizer, lm.network, "another")
    assert EnsembleClassifier.of(tiny_classifier, "stance@fixed", other, reader_file) is None
    assert EnsembleClassifier.of(tiny_classifier, "stance@fixed", lm, reader_file.with_name("none.safetensors")) is None
    reader_file.write_bytes(b"junk")
    with pytest.raises(WeightsError, match="make train-reader"):
        EnsembleClassifier.of(tiny_classifier, "stance@fixed", lm, reader_file)


def test_the_shipped_reader_is_for_another_model_than_a_tests(analyzer: Analyzer, lm: LocalModel) -> None:
    assert EnsembleClassifier.of(analyzer.classifier, analyzer.versions["stance"], lm) is None


def test_a_whole_analysis_is_refined(analyzer: Analyzer, analysis: Analysis) -> None:
    both = both_of(analyzer.classifier, Fixed(), encoder_share=0.0)
    two = replace(analyzer, ensemble=both)
    analyzer.forget()  # other batches round otherwise
    *_, judged = two.stages(analysis.article)
    analyzer.forget()
    *_, alone = analyzer.stages(analysis.article)
    assert judged == alone
    grown = list(two.refine_with_lm(judged))
    counts = [len({label.paragraph for label in stage.labels if label.careful}) for stage in grown]
    assert grown[0] is judged
    assert counts == sorted(counts)
    assert len(set(counts)) > 2
    assert all(label.careful for label in grown[-1].labels)
    whole = both.classify(analysis.article, analysis.parties)
    assert grown[-1].labels == tuple(replace(label, careful=True) for label in whole)
    assert [label.stance for label in whole] != [label.stance for label in analysis.labels]
    assert grown[-1].versions == {**analysis.versions, READ_BY: "reader@fixed"}
    assert list(two.refine_with_lm(grown[-1])) == []
    assert list(analyzer.refine_with_lm(judged)) == []
    assert from_dict(to_dict(grown[-1])).labels[0].careful
    two.forget()
    assert isinstance(both.reader, Fixed)
    assert both.reader.forgotten


def test_what_was_written_of_a_party_that_is_judged_otherwise_is_left_out(
    analyzer: Analyzer, analysis: Analysis
) -> None:
    two = replace(analyzer, ensemble=both_of(analyzer.classifier, Fixed(), encoder_share=0.0))
    sentence = SummarySentence("The author sides with it.", (0,), written=True)
    names = {party.name for party in analysis.parties if party.main}
    *_, after = two.refine_with_lm(replace(analysis, portrayals=dict.fromkeys(names, sentence)))
    moved = {
        old.party
        for old, new in zip(analysis.labels, after.labels, strict=True)
        if (old.stance, old.voice) != (new.stance, new.voice)
    }
    assert moved & names
    assert not moved & set(after.portrayals)


def test_after_another_list_of_parties_the_encoder_judges_and_the_reader_follows(
    analyzer: Analyzer, analysis: Analysis
) -> None:
    two = replace(analyzer, ensemble=both_of(analyzer.classifier, Fixed(), encoder_share=0.0))
    lines = [party_line(party) for party in analysis.parties if party.main]
    *_, judged = two.stages(analysis.article, parse_requests("\n".join(lines), exact=True))
    read = [judged, *two.refine_with_lm(judged)][-1]
    *_, more = two.stages(analysis.article, parse_requests("\n".join([*lines, "Sweden"]), exact=True), read)
    assert not any(label.careful for label in more.labels)
    assert READ_BY not in more.versions
    again = [more, *two.refine_with_lm(more)][-1]
    assert all(label.careful for label in again.labels)
    assert again.versions[READ_BY] == "reader@fixed"
    *_, same = two.stages(analysis.article, parse_requests("\n".join(lines), exact=True), read)
    assert same.labels == judged.labels
    assert [party.mentions for party in same.parties] == [party.mentions for party in read.parties]
