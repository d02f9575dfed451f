"""The careful reading on a tiny transformer: one pass for all parties, beside a language model that stays as it was."""

import random
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedModel

from model import Analysis, Analyzer, pipeline
from model.article.splitter import join_article
from model.domain import Kind, Mention, Party, Span, Stance, SummarySentence
from model.errors import WeightsError
from model.export.json_format import to_dict
from model.export.json_reader import from_dict
from model.language_model.local import LocalModel
from model.language_model.truncated import first_layers
from model.names.name_spans import names_in
from model.networks.lora import add_adapters
from model.parties.requests import parse_requests, party_line
from model.stance import lm_classifier
from model.stance.classifier import StanceWeights
from model.stance.ensemble import EnsembleClassifier
from model.stance.lm_classifier import LmStanceClassifier, LmStanceHead, LmStanceWeights, Opinion
from model.training import lm_layers
from model.training.earlier import take_up
from model.training.examples import Example, Target
from model.training.loop import Course
from model.training.recipes import lm_stance as recipe
from tests.tiny import drawn

TEXTS = [
    "Norway praised Sweden, and Sweden thanked it.",
    "The council of Hale blamed the ferry company for its broken word; Norway was not amused.",
    "Nobody was there.",
]
NAMES = ("Norway", "Sweden", "the ferry company")


@pytest.fixture
def path(lm: LocalModel, tmp_path: Path) -> Path:
    """A file of weights for `lm`, as the recipe writes it."""
    network, head = drawn(lm, LmStanceHead, recipe.RANK)
    path = tmp_path / "lm_stance.safetensors"
    metadata = {"layers": "1", "stance": StanceWeights.load().version, "language_model": "tiny"}
    recipe.save(path, network, head, metadata, recipe.Pool(0.5, 1.0, 0.25, 0.4))
    return path


@pytest.fixture
def weights(path: Path) -> LmStanceWeights:
    return LmStanceWeights.load(path)


def mentions_in(texts: Sequence[str]) -> list[list[list[Span]]]:
    return [
        [[Span(m.start(), m.end()) for m in re.finditer(re.escape(name), text)] for name in NAMES] for text in texts
    ]


def opinions(reader: LmStanceClassifier, texts: Sequence[str]) -> list[list[Opinion | None]]:
    mentions = mentions_in(texts)
    return reader.read(texts, mentions, [names_in(text, some) for text, some in zip(texts, mentions, strict=True)])


def test_texts_read_side_by_side_are_read_as_alone(lm: LocalModel, weights: LmStanceWeights) -> None:
    reader = LmStanceClassifier.of(lm, weights)
    together = opinions(reader, TEXTS)
    assert [[opinion is not None for opinion in row] for row in together] == [
        [True, True, False],
        [True, False, True],
        [False, False, False],
    ]
    for text, row in zip(TEXTS, together, strict=True):
        for alone, here in zip(opinions(reader, [text])[0], row, strict=True):
            if here is not None:
                assert alone is not None
                assert torch.allclose(alone.stance, here.stance, atol=1e-4)
                assert torch.allclose(alone.voice, here.voice, atol=1e-4)
    assert together[0][0] is not None
    assert together[0][1] is not None
    assert not torch.allclose(together[0][0].stance, together[0][1].stance, atol=1e-3)


def test_other_names_change_nothing(lm: LocalModel, weights: LmStanceWeights) -> None:
    reader = LmStanceClassifier.of(lm, weights)
    text = TEXTS[0].replace("Norway", "Quillia")
    spans = [[[Span(0, 7)], [Span(m.start(), m.end()) for m in re.finditer("Sweden", text)], []]]
    other = reader.read([text], spans, [names_in(text, spans[0])])[0]
    for old, new in zip(opinions(reader, TEXTS[:1])[0][:2], other[:2], strict=True):
        assert old is not None
        assert new is not None
        assert torch.equal(old.stance, new.stance)


def test_the_language_model_stays_as_it_was(lm: LocalModel, weights: LmStanceWeights) -> None:
    before = "".join(lm.generate(TEXTS[0], 20)), len(list(lm.network.parameters()))
    reader = LmStanceClassifier.of(lm, weights)
    opinions(reader, TEXTS)
    lm._kept = None
    assert ("".join(lm.generate(TEXTS[0], 20)), len(list(lm.network.parameters()))) == before
    shared = {id(parameter) for parameter in lm.network.parameters()}
    own = [p for name, p in reader.network.named_parameters() if not name.endswith((".A", ".B"))]
    assert own
    assert {id(parameter) for parameter in own} <= shared


def test_many_parties_and_long_texts(lm: LocalModel, weights: LmStanceWeights, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = LmStanceClassifier.of(lm, weights)
    names = [f"Q{number}land" for number in range(50)]
    text = " ".join(names)
    spans = [[Span(text.index(name), text.index(name) + len(name))] for name in names]
    found = reader.read([text], [spans], [names_in(text, spans)])[0]
    assert all(opinion is not None for opinion in found)
    monkeypatch.setattr(lm_classifier, "LONGEST", 20)
    assert reader.read([text], [spans], [names_in(text, spans)])[0] == [None] * 50


def test_what_looks_like_a_control_token_is_read_as_text(lm: LocalModel) -> None:
    text = "<|im_start|><|im_end|> said Norway <|im_end|> left."
    there = text.index("Norway")
    asked = lm_classifier.questions_of(lm.tokenizer, lm_classifier.lettered(text, [[Span(there, there + 6)]]))
    assert not set(asked.ids) & set(lm.tokenizer.added_tokens_encoder.values())
    assert [lm.tokenizer.decode(asked.ids[place]).strip() for place in asked.letters[0]] == ["X"]
    assert lm.tokenizer.decode(asked.ids[: asked.ends[0] + 1]).endswith("\n\nHow does the text portray X?")


def stance_of(mentions: Sequence[Span | Mention]) -> int:
    """The stance that `Fixed` gives."""
    return sum(mention.end for mention in mentions) % 3


class Fixed(LmStanceClassifier):
    """Says of each party of a text a stance that its mentions decide, and that somebody is quoted."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def read(self, texts, mentions, names):  # type: ignore[no-untyped-def]
        self.texts += [text for text, some in zip(texts, mentions, strict=True) if any(some)]
        sure = torch.eye(3) * 9
        quoted = torch.tensor([-99.0, 99.0])
        return [[Opinion(sure[stance_of(some)], quoted) if some else None for some in row] for row in mentions]


def classifier(
    analyzer: Analyzer, reader: LmStanceClassifier, encoder: float, careful: float, voice: float = 0.0
) -> EnsembleClassifier:
    shares = LmStanceWeights({}, {}, 1, encoder, careful, voice, 0.97, "", "", "careful@fixed")
    return EnsembleClassifier(analyzer.classifier, reader, shares)


def test_both_readings_are_pooled(analyzer: Analyzer) -> None:
    mentions = mentions_in(TEXTS)
    alone = analyzer.classifier.judge(TEXTS, mentions)
    kept = classifier(analyzer, Fixed(), 1.0, 0.0).judge(TEXTS, mentions)
    other = classifier(analyzer, Fixed(), 0.0, 1.0, voice=1.0).judge(TEXTS, mentions)
    for text, some in enumerate(alone):
        for party, verdict in enumerate(some):
            a, b = kept[text][party], other[text][party]
            if verdict is None:
                assert a is None
                assert b is None
                continue
            assert a is not None
            assert b is not None
            assert torch.allclose(a.probabilities, verdict.probabilities, atol=1e-3)
            assert torch.equal(a.voice, verdict.voice)
            assert int(b.probabilities.argmax()) == stance_of(mentions[text][party])
            assert int(b.voice.argmax()) == 1
            assert torch.equal(b.evidence, verdict.evidence)
            assert b.careful


def test_each_reading_has_its_own_bar(analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    both = classifier(analyzer, Fixed(), 1.0, 0.0)
    article = join_article("", [TEXTS[0]])
    parties = [Party("Norway", Kind.STATE, mentions=(Mention(0, 0, 6),))]
    (label,) = both.classify(article, parties)
    assert label.careful
    assert label.unsure == (label.probability is not None and label.probability < 0.97)
    monkeypatch.setattr(Fixed, "read", lambda *_: [[None]])
    (alone,) = both.classify(article, parties)
    (encoder,) = analyzer.classifier.classify(article, parties)
    assert not alone.careful
    assert alone == encoder


def test_an_analysis_is_read_section_by_section(
    analyzer: Analyzer, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_SECTION", 2)
    both = classifier(analyzer, Fixed(), 0.0, 1.0)
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
    whole = both.classify(analysis.article, analysis.parties)
    assert grown[-1].labels == whole != judged.labels
    assert [(label.paragraph, label.party) for label in whole] == [(x.paragraph, x.party) for x in analysis.labels]
    assert grown[-1].versions == {**analysis.versions, "careful reading": "careful@fixed"}
    sentence = SummarySentence("The author sides with it.", (0,), written=True)
    names = {party.name for party in analysis.parties if party.main}
    *_, after = two.refine_with_lm(replace(judged, portrayals=dict.fromkeys(names, sentence)))
    moved = {
        old.party
        for old, new in zip(judged.labels, after.labels, strict=True)
        if (old.stance, old.voice) != (new.stance, new.voice)
    }
    assert moved & names
    assert not moved & set(after.portrayals)
    assert list(two.refine_with_lm(grown[-1])) == []
    assert list(analyzer.refine_with_lm(judged)) == []
    assert from_dict(to_dict(grown[-1])).labels[0].careful == whole[0].careful


def test_a_paragraph_is_read_again_where_any_party_in_it_changed(analyzer: Analyzer, analysis: Analysis) -> None:
    reader = Fixed()
    two = replace(analyzer, ensemble=classifier(analyzer, reader, 0.0, 1.0))
    lines = [party_line(party) for party in analysis.parties if party.main]
    *_, judged = two.stages(analysis.article, parse_requests("\n".join(lines), exact=True))
    read = [judged, *two.refine_with_lm(judged)][-1]
    reader.texts.clear()
    *_, same = two.stages(analysis.article, parse_requests("\n".join(lines), exact=True), read)
    assert same.labels == read.labels
    assert same.versions == read.versions
    assert list(two.refine_with_lm(same)) == []
    *_, more = two.stages(analysis.article, parse_requests("\n".join([*lines, "Sweden"]), exact=True), read)
    sweden = next(party for party in more.parties if party.name == "Sweden")
    changed = sorted({mention.paragraph for mention in sweden.mentions})
    present = [label for label in more.labels if label.stance is not Stance.ABSENT]
    assert {label.paragraph for label in present if not label.careful} == set(changed)
    again = [more, *two.refine_with_lm(more)][-1]
    assert reader.texts == [analysis.article.paragraphs[index].text for index in changed] != []
    assert again.labels == two.ensemble.classify(analysis.article, more.parties)  # type: ignore[union-attr]
    *_, alone = analyzer.stages(analysis.article, parse_requests("\n".join(lines), exact=True), read)
    assert not any(label.careful for label in alone.labels)


def test_it_is_taken_with_what_it_was_fitted_to(analyzer: Analyzer, lm: LocalModel, path: Path) -> None:
    stance = analyzer.versions["stance"]
    both = EnsembleClassifier.of(analyzer.classifier, stance, lm, path)
    assert both is not None
    assert both.weights.voice_share == 0.25
    mentions = mentions_in(TEXTS)
    verdict, opinion = both.judge(TEXTS, mentions)[0][0], opinions(both.lm_classifier, TEXTS)[0][0]
    alone = analyzer.classifier.judge(TEXTS, mentions)[0][0]
    assert verdict is not None
    assert opinion is not None
    assert alone is not None
    logits = 0.5 * alone.probabilities.log() + opinion.stance
    assert torch.allclose(verdict.probabilities, logits.softmax(dim=0), atol=1e-4)
    assert EnsembleClassifier.of(analyzer.classifier, stance, None, path) is None
    assert EnsembleClassifier.of(analyzer.classifier, "stance@other", lm, path) is None
    assert EnsembleClassifier.of(analyzer.classifier, stance, lm) is None  # the shipped one is for another model


def test_weights_of_another_shape_are_refused(lm: LocalModel, weights: LmStanceWeights) -> None:
    for broken in (
        replace(weights, adapter={}),
        replace(weights, layers=2),
        replace(weights, head={}),
        replace(weights, adapter={name: tensor[:, :5] for name, tensor in weights.adapter.items()}),
    ):
        with pytest.raises(WeightsError, match="make train-lm-stance"):
            LmStanceClassifier.of(lm, broken)


def test_missing_and_foreign_weights(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="make train-lm-stance"):
        LmStanceWeights.load(tmp_path / "none.safetensors")
    with pytest.raises(WeightsError, match="stance"):
        LmStanceWeights.load(Path("model/weights/stance.safetensors"))


def examples() -> list[Example]:
    words = {Stance.FAVORABLE: "praised", Stance.CRITICAL: "blamed", Stance.NEUTRAL: "met"}
    return [
        Example(
            f"They {word} Norway{'!' * (n % 3)}", f"g{n}", (Target((Span(6 + len(word), 12 + len(word)),), stance),)
        )
        for n in range(8)
        for stance, word in words.items()
    ]


def learn(lm: LocalModel, folder: Path, steps: int | None = None) -> tuple[PreTrainedModel, LmStanceHead]:
    """Train on `examples`."""
    torch.manual_seed(1)
    network, head = first_layers(lm.network.base_model, 1), LmStanceHead(64, dropout=0.0)
    add_adapters(network, recipe.RANK, 2.0)
    parameters = [p for p in network.parameters() if p.requires_grad] + list(head.parameters())
    rng = random.Random(1)
    batches = []
    for _ in range(12):
        texts = recipe.asked(lm.tokenizer, examples(), rng)
        batches += recipe.make_batches(texts, 8, rng, lambda one: len(one.questions.ids))
    course = Course(parameters, 5e-3, 0.0, len(batches), 0.1, folder)
    parts = [list(recipe.chunks(batch)) for batch in batches[:steps]]
    lm_layers.learn(network, head, parts, partial(recipe.loss_of, network, head), recipe.items_of, course, 1)
    return network, head


def test_it_learns_and_what_it_wrote_reads_alike(lm: LocalModel, analyzer: Analyzer, tmp_path: Path) -> None:
    network, head = learn(lm, tmp_path)
    path = tmp_path / "w.safetensors"
    metadata = {"layers": "1", "stance": "s", "language_model": "tiny"}
    recipe.save(path, network, head.eval(), metadata, recipe.Pool(1.0, 1.0, 1.0, 0.5))
    reader = LmStanceClassifier.of(lm, LmStanceWeights.load(path))
    found = recipe.read_both(analyzer.classifier, reader, examples())
    assert len(found.labels) == len(examples())
    assert (found.careful.argmax(dim=1) == found.labels).float().mean() > 0.9
    direct = LmStanceClassifier(lm.tokenizer, network, head)
    same = recipe.read_both(analyzer.classifier, direct, examples())
    assert torch.allclose(same.careful, found.careful, atol=0.05)  # the file is in fp16


def test_it_resumes_to_the_same_weights(lm: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lm_layers, "KEPT_EVERY", 12)
    whole, _ = learn(lm, tmp_path / "whole")
    learn(lm, tmp_path / "parts", 12)
    resumed, _ = learn(lm, tmp_path / "parts")
    for a, b in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.slow
def test_the_recipe_writes_the_mean_of_its_stages_and_goes_on_after_them(
    lm: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [
        replace(example, group=f"{corpus}-{number}", targets=tuple(replace(t, found=t.spans) for t in example.targets))
        for corpus in ("own", "wikinews")
        for number, example in enumerate(examples() * 3)
    ]
    monkeypatch.setattr(recipe, "LAYERS", 1)
    monkeypatch.setattr(recipe, "default_language_model", lambda: lm)
    monkeypatch.setattr(recipe, "read_newsmtsc", lambda _: texts)
    monkeypatch.setattr(recipe, "read_paragraphs", lambda *_: texts)
    data = ["--newsmtsc", "none", "--corpora", "none", "--run"]
    assert recipe.main([*data, str(tmp_path / "whole")]) == 0
    whole = tmp_path / "whole" / "lm_stance.safetensors"
    stages = [tmp_path / "whole" / "none" / f"stage-{number}.safetensors" for number in (0, 1)]
    first, second, mean = (LmStanceWeights.load(path).head for path in (*stages, whole))
    assert not torch.equal(first["stance.weight"], second["stance.weight"])
    for name, tensor in mean.items():
        assert torch.allclose(tensor, (first[name] + second[name]) / 2, atol=1e-3)
    (tmp_path / "broken" / "none").mkdir(parents=True)
    shutil.copy(stages[0], tmp_path / "broken" / "none")
    monkeypatch.setattr(recipe, "STAGES", (None, recipe.STAGES[1]))  # the first is not learnt again
    assert recipe.main([*data, str(tmp_path / "broken")]) == 0
    assert (
        LmStanceWeights.load(tmp_path / "broken" / "lm_stance.safetensors").version
        == LmStanceWeights.load(whole).version
    )


def test_a_run_begins_with_an_earlier_one(lm: LocalModel, path: Path) -> None:
    network, head = first_layers(lm.network.base_model, 1), LmStanceHead(64)
    add_adapters(network, recipe.RANK, recipe.SCALE)
    earlier = LmStanceWeights.load(path)
    assert take_up([path], network, head) == earlier.version
    spans = mentions_in(TEXTS)
    names = [names_in(text, some) for text, some in zip(TEXTS, spans, strict=True)]
    old, new = LmStanceClassifier.of(lm, earlier), LmStanceClassifier(lm.tokenizer, network, head)
    with torch.inference_mode():
        for a, b in zip(old.read(TEXTS, spans, names)[0][:2], new.read(TEXTS, spans, names)[0][:2], strict=True):
            assert a is not None
            assert b is not None
            assert torch.allclose(a.stance, b.stance, atol=1e-3)
    other = first_layers(lm.network.base_model, 1)
    add_adapters(other, 3, recipe.SCALE)
    with pytest.raises(WeightsError, match="rank"):
        take_up([path], other, head)


def test_chunks_change_no_gradient(lm: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    network, head = drawn(lm, LmStanceHead, recipe.RANK)
    network.eval()
    head.eval()
    batch = recipe.asked(lm.tokenizer, examples()[:6], random.Random(1))
    parameters = [p for p in network.parameters() if p.requires_grad] + list(head.parameters())
    gradients = []
    for most in (10_000, 60):
        monkeypatch.setattr(recipe, "_CHUNK", most)
        for parameter in parameters:
            parameter.grad = None
        parts = list(recipe.chunks(batch))
        for part in parts:
            recipe.loss_of(network, head, part).backward()  # type: ignore[no-untyped-call]
        gradients.append([p.grad.clone() for p in parameters if p.grad is not None])
    assert len(parts) > 1
    assert len(gradients[0]) > 6
    for a, b in zip(*gradients, strict=True):
        assert torch.allclose(a, b, atol=1e-5)


def test_the_pool_prefers_the_better_reading() -> None:
    torch.manual_seed(2)
    labels = torch.randint(3, (300,))
    good = torch.nn.functional.one_hot(labels, 3) * 2.0 + torch.randn(300, 3) * 0.5
    noise = torch.randn(300, 3).softmax(dim=1)
    voices = torch.randint(2, (300,))
    heard = torch.nn.functional.one_hot(voices, 2) * 2.0
    found = recipe.Found(noise, good, torch.zeros(300, 2), heard, labels, voices, torch.arange(300) % 2)
    pool = recipe.fit_pool(found)
    assert pool.careful_share > 0.5 > pool.encoder_share
    assert pool.voice_share > 1
    assert 0 < pool.unsure_below < 1
    scores = recipe.scores_of(pool, found)
    assert scores["careful"]["macro_f1"] > 0.9 > 0.5 > scores["encoder"]["macro_f1"]  # type: ignore[index]
    assert recipe.cross_checked(found)["macro_f1"] > 0.9
