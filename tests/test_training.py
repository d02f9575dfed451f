"""The training loop on a tiny encoder: it learns, it resumes to the same weights, and what it saves loads again."""

import json
import random
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn
from transformers import AutoTokenizer, MPNetConfig, MPNetModel

from model.domain import Span, Stance, Voice
from model.errors import LabelError, WeightsError
from model.networks.encoder import Encoder
from model.networks.encoder_weights import encoder_folder
from model.networks.lora import LowRankLinear, adapter_state
from model.stance.classifier import StanceWeights
from model.stance.head import PartyHead, Scores
from model.training.batches import Batch, Reading, read_examples, read_views
from model.training.calibrate import calibration_error, cross_check, fit, reliability, threshold
from model.training.earlier import nearest, other_file, take_up
from model.training.evaluate import predict, report, score
from model.training.examples import (
    NOT_NAMED,
    OWN_TEXTS,
    Example,
    Target,
    as_found,
    group_of,
    is_plain_news,
    read_newsmtsc,
    read_paragraphs,
    split,
)
from model.training.loop import Course, Stage, freeze_for_training, save_weights, train_stage, trainable
from model.training.losses import disagreement
from model.training.recipes import encoder as stance_recipe
from model.training.recipes import lm_mentions as pointer_recipe
from model.training.recipes import lm_stance as careful_recipe

WORDS = {Stance.FAVORABLE: "praised", Stance.CRITICAL: "blamed", Stance.NEUTRAL: "met"}
EXAMPLES = [
    Example(
        f"They {word} Norway{'!' * (number % 3)}",
        f"g{number}",
        (Target((Span(5 + len(word) + 1, 12 + len(word)),), stance),),
    )
    for number in range(8)
    for stance, word in WORDS.items()
]
STAGE = Stage(epochs=8, learning_rate=2e-2, batch=8, paragraphs=False, sentence_share=1.0, newest=1.0)


def tiny() -> tuple[Encoder, PartyHead]:
    torch.manual_seed(3)
    tokenizer = AutoTokenizer.from_pretrained(encoder_folder(), local_files_only=True)
    config = MPNetConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    network = MPNetModel(config)
    network.pooler = None
    encoder = Encoder(tokenizer, network)
    freeze_for_training(encoder, rank=4, scale=2.0)
    return encoder, PartyHead(32, 16, key=8, dropout=0.0)


def run(folder: Path, epochs: int) -> tuple[Encoder, PartyHead, list[float]]:
    encoder, head = tiny()
    readings = read_examples(encoder, EXAMPLES)

    def order(_: random.Random) -> list[tuple[Reading, ...]]:
        return [(reading,) for reading in readings]

    losses = []
    for scores in train_stage(encoder, head, STAGE, order, lambda: score(encoder, head, readings), folder, seed=1):
        losses.append(scores["loss"])
        if len(losses) == epochs:
            break
    return encoder, head, losses


def test_learns_resumes_and_saves(tmp_path: Path) -> None:
    encoder, head, losses = run(tmp_path / "whole", 9)
    assert losses[-1] < 0.7 * losses[0]
    run(tmp_path / "broken", 2)
    resumed, resumed_head, rest = run(tmp_path / "broken", 9)
    assert len(rest) == 6
    for name, tensor in adapter_state(encoder.network).items():
        assert torch.equal(tensor, adapter_state(resumed.network)[name])
    assert torch.equal(head.stance.weight, resumed_head.stance.weight)
    save_weights(tmp_path / "w.safetensors", encoder.network, head, {"temperature": "1.5", "unsure_below": "0.6"})
    loaded = StanceWeights.load(tmp_path / "w.safetensors")
    assert loaded.temperature == 1.5
    assert loaded.unsure_below == 0.6
    assert loaded.version.startswith("stance@")
    save_weights(tmp_path / "fitted.safetensors", encoder.network, head, {"temperature": "1.5", "unsure_below": "0.7"})
    assert StanceWeights.load(tmp_path / "fitted.safetensors").version != loaded.version
    assert torch.allclose(loaded.head["stance.weight"], head.stance.weight, atol=1e-3)
    assert loaded.adapter.keys() == adapter_state(encoder.network).keys()
    again, again_head = tiny()
    assert take_up([tmp_path / "w.safetensors"], again.network, again_head) == loaded.version
    taken_up = trainable(again.network, again_head)
    for value, parameter in zip(taken_up, trainable(encoder.network, head), strict=True):
        assert torch.allclose(value, parameter, atol=1e-3)  # the file is in fp16
    with pytest.raises(WeightsError, match="an earlier run"):
        take_up([tmp_path / "none.safetensors"], encoder.network, head)
    with pytest.raises(WeightsError, match="this rank and head"):
        take_up([tmp_path / "w.safetensors"], encoder.network, PartyHead(32, 8, key=8, dropout=0.0))


def test_the_mean_of_two_runs_lies_halfway(tmp_path: Path) -> None:
    states, heads = [], []
    for name, epochs in (("one", 1), ("two", 4)):
        encoder, head, _ = run(tmp_path / name, epochs)
        heads.append(head.stance.weight.detach())
        save_weights(tmp_path / f"{name}.safetensors", encoder.network, head, {})
        states.append(adapter_state(encoder.network))
    files = [tmp_path / "one.safetensors", tmp_path / "two.safetensors"]
    encoder, head = tiny()
    with pytest.raises(WeightsError, match="this rank and head"):
        take_up(files, encoder.network, PartyHead(32, 16, key=4, dropout=0.0))
    for module in encoder.network.modules():
        if isinstance(module, LowRankLinear):  # of a rank that holds both
            module.A, module.B = nn.Parameter(torch.zeros(8, 32)), nn.Parameter(torch.zeros(32, 8))
    take_up(files, encoder.network, head)
    mean = adapter_state(encoder.network)
    for name in (name.removesuffix(".A") for name in mean if name.endswith(".A")):
        one, two, halfway = (state[f"{name}.B"] @ state[f"{name}.A"] for state in (*states, mean))
        assert (one - two).abs().max() > 0.01
        assert torch.allclose(halfway, (one + two) / 2, atol=2e-3)  # the files are in fp16
    assert (heads[0] - heads[1]).abs().max() > 0.01
    assert torch.allclose(head.stance.weight, (heads[0] + heads[1]) / 2, atol=1e-3)
    with pytest.raises(WeightsError, match="none of --earlier"):
        other_file(files[0], files)


def test_the_nearest_matrix_of_a_rank_by_hand() -> None:
    up, down = nearest(torch.diag(torch.tensor([3.0, 1.0, 2.0])), torch.eye(3), 2)
    assert up.shape == (3, 2)
    assert torch.allclose(up @ down, torch.diag(torch.tensor([3.0, 0.0, 2.0])), atol=1e-5)


@pytest.mark.parametrize(
    ("recipe", "data"),
    [
        (stance_recipe, ["--newsmtsc", "train.jsonl", "--corpora", "corpora"]),
        (careful_recipe, ["--newsmtsc", "train.jsonl", "--corpora", "corpora"]),
        (pointer_recipe, ["--corpora", "corpora"]),
    ],
)
def test_weights_are_taken_as_they_are_only_where_there_are_some(
    recipe: ModuleType, data: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        recipe.main([*data, "--as-is"])
    assert "expects weights of --earlier" in capsys.readouterr().err


def test_the_mean_of_the_last_steps_is_steadier_and_outlives_a_restart(tmp_path: Path) -> None:
    place = nn.Parameter(torch.zeros(1))
    course = Course([place], 0.1, 0.0, 200, 0.01, tmp_path, newest=0.05)
    seen = []
    for step in range(100):
        course.step(((place - step % 2) ** 2).sum())  # its goal jumps to and fro
        with course.averaged():
            seen.append(place.item())
    assert max(seen[80:]) - min(seen[80:]) < 0.2
    last = place.item()
    with course.averaged():
        assert place.item() == seen[-1] != last
    assert place.item() == last
    course.keep(1)
    other = nn.Parameter(torch.zeros(1))
    again = Course([other], 0.1, 0.0, 200, 0.01, tmp_path, newest=0.05)
    assert again.resume() == 1
    assert other.item() == last
    again.settle()
    assert other.item() == seen[-1]


def test_groups_are_never_split() -> None:
    examples = [Example("x", f"g{number % 20}", ()) for number in range(200)]
    train, development = split(examples, 5)
    assert {e.group for e in train} & {e.group for e in development} == set()
    assert len(train) + len(development) == 200
    assert 0 < len(development) < 100


def test_articles_on_one_topic_are_one_group() -> None:
    lines = (OWN_TEXTS / "topics.tsv").read_text(encoding="utf-8").splitlines()[1:]
    articles = {json.loads(line)["id"] for line in (OWN_TEXTS / "own.jsonl").open(encoding="utf-8")}
    assert lines
    for article, other in (line.split("\t") for line in lines):
        assert {article, other} <= articles
        assert group_of(article) == group_of(other) == other
    assert group_of("ungd-NOR-2019-3") == "ungd-NOR"


def test_plain_news_takes_no_side() -> None:
    met, blamed = (Target((Span(0, 3),), stance) for stance in (Stance.NEUTRAL, Stance.CRITICAL))
    assert is_plain_news(Example("They met.", "wikinews-1", (met, met)))
    assert not is_plain_news(Example("They met.", "wikinews-1", (met, blamed)))
    assert not is_plain_news(Example("They met.", "own-a", (met,)))


def test_an_epoch_sees_its_shares() -> None:
    met, blamed = (Target((Span(0, 3),), stance) for stance in (Stance.NEUTRAL, Stance.CRITICAL))
    sentences = [Example(f"sentence {number}", "s", (met,)) for number in range(10)]
    plain = [Example(f"plain {number}", "wikinews-1", (met,)) for number in range(10)]
    others = [Example(f"other {number}", "wikinews-1", (met, blamed)) for number in range(10)]
    stage = replace(STAGE, paragraphs=True, sentence_share=0.8, plain_news_share=0.5)
    seen = stage.seen(sentences, plain + others, random.Random(1))
    assert [sum(e.text.startswith(kind) for e in seen) for kind in ("sentence", "plain", "other")] == [8, 5, 10]
    assert len({e.text for e in seen}) == len(seen)
    assert stage.seen(sentences, plain, random.Random(2)) != stage.seen(sentences, plain, random.Random(3))
    assert len(STAGE.seen(sentences, plain + others, random.Random(1))) == 10


def test_a_label_without_its_paragraph(tmp_path: Path) -> None:
    corpora = tmp_path / "corpora"
    labels = tmp_path / "labels"
    corpora.mkdir()
    labels.mkdir()
    (corpora / "wikinews.jsonl").write_text(
        '{"id": "w", "title": "", "paragraphs": ["Norway sang."]}\n', encoding="utf-8"
    )
    (corpora / "ungd.jsonl").write_text('{"id": "ungd-A-1", "speaker": "NOR", "text": "We sang."}\n', encoding="utf-8")
    (labels / "a.jsonl").write_text(
        '{"id": "w", "paragraph": 1, "mentions": [], "stance": "absent"}\n', encoding="utf-8"
    )
    with pytest.raises(LabelError, match=r"a\.jsonl:1, got \('w', 1\)"):
        read_paragraphs(labels, corpora)
    (labels / "a.jsonl").write_text(
        '{"id": "w", "paragraph": 0, "mentions": [[0, 99]], "stance": "neutral"}', encoding="utf-8"
    )
    with pytest.raises(LabelError, match="spans within 0–12"):
        read_paragraphs(labels, corpora)


def test_a_corpus_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"expected a corpus in .*wikinews\.jsonl, got no such file"):
        read_paragraphs(tmp_path, tmp_path)
    with pytest.raises(LabelError, match=r"train\.jsonl, got no such file"):
        read_newsmtsc(tmp_path / "train.jsonl")


def test_labels_add_to_the_parties_of_a_sentence(tmp_path: Path) -> None:
    sentence = {"primary_gid": "a_1_2_x", "sentence_normalized": "Berg thanked Norway."}
    theirs = {"from": 0, "to": 4, "mention": "Berg", "polarity": 4.0}
    ours = {"id": "a_1_2_x", "paragraph": 0, "party": "Norway", "kind": "state", "mentions": [[13, 19]]}
    ours |= {"stance": "favorable", "voice": "quoted", "holder": [0, 4], "evidence": None}
    (tmp_path / "train.jsonl").write_text(json.dumps(sentence | {"targets": [theirs]}), encoding="utf-8")
    (tmp_path / "ours.jsonl").write_text(json.dumps(ours), encoding="utf-8")
    (example,) = read_newsmtsc(tmp_path / "train.jsonl", tmp_path / "ours.jsonl")
    assert example.group == "a_1_2"
    assert [(target.party, target.stance) for target in example.targets] == [
        ("Berg", Stance.NEUTRAL),
        ("Norway", Stance.FAVORABLE),
    ]
    (tmp_path / "ours.jsonl").write_text(json.dumps(ours | {"id": "b_1_2_x"}), encoding="utf-8")
    with pytest.raises(LabelError, match=r"ours\.jsonl:1, got \('b_1_2_x', 0\)"):
        read_newsmtsc(tmp_path / "train.jsonl", tmp_path / "ours.jsonl")


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


def test_voice_evidence_and_holder_are_learnt(tmp_path: Path) -> None:
    def example(number: int, quoted: bool) -> Example:
        text = ("Ann said: " if quoted else "Sure, so ") + "kind Norway" + "!" * (number % 3)
        start = text.index("Norway")
        target = Target(
            (Span(start, start + 6),),
            Stance.FAVORABLE,
            voice=Voice.QUOTED if quoted else Voice.AUTHOR,
            evidence=Span(start - 5, start - 1),
            holder=(Span(0, 3) if number % 2 else NOT_NAMED) if quoted else None,
        )
        return Example(text if number % 2 or not quoted else "It was" + text[8:], f"g{number}", (target,))

    encoder, head = tiny()
    made = [example(number, quoted) for number in range(8) for quoted in (False, True)]
    readings = read_examples(encoder, [e for e in made if e.text[e.targets[0].spans[0].start :].startswith("Norway")])
    assert any(reading.holders[0, 0] for reading in readings) or any(reading.holders.any() for reading in readings)
    list(train_stage(encoder, head, STAGE, lambda _: [(r,) for r in readings], dict, tmp_path, seed=1))
    found = report(predict(encoder, head, readings))
    assert found["voice"]["accuracy"] == 1
    assert found["evidence"]["accuracy"] == 1
    assert found["holder"]["accuracy"] == 1


def test_a_step_sees_two_views_of_a_text_that_are_to_agree() -> None:
    encoder, _ = tiny()
    long = Example("Norway waits. " * 20, "long", (Target((Span(0, 6),), Stance.NEUTRAL),))
    groups = read_views(encoder, [*EXAMPLES, long], random.Random(1), 2)
    pairs = [group for group in groups if len(group) > 1]
    assert len(pairs) == len(EXAMPLES) + 1
    assert all(left.window.text == right.window.text and left.targets == right.targets for left, right in pairs)
    assert any(left.window.ids != right.window.ids for left, right in pairs)
    batch = Batch.of([reading for views in pairs for reading in views])
    said = torch.randn(*batch.stance.shape, 3)
    scores = Scores(said, said, said, said)
    apart = disagreement(scores, batch, pairs)
    left, right = (said[view::2, 0].log_softmax(dim=1) for view in (0, 1))
    both = [
        nn.functional.kl_div(a, b, reduction="batchmean", log_target=True) for a, b in ((left, right), (right, left))
    ]
    assert apart.item() == pytest.approx(float(both[0] + both[1]) / 2, rel=1e-4)
    assert apart > 0
    alone = [(reading,) for views in pairs for reading in views]
    assert disagreement(scores, batch, alone) == 0
    each = [
        disagreement(scores, batch, [*alone[: 2 * at], pair, *alone[2 * at + 2 :]]) for at, pair in enumerate(pairs)
    ]
    assert torch.stack(each).mean().item() == pytest.approx(apart.item(), rel=1e-4)


def test_views_are_of_one_window() -> None:
    encoder, _ = tiny()
    text = "Norway waits. " * 150 + "Oslo waits. " * 150
    end = text.index("Oslo")
    example = Example(text, "g", (Target((Span(0, 6), Span(end, end + 4)), Stance.NEUTRAL, party="Norway"),))
    read = [read_views(encoder, [example], random.Random(seed), 2) for seed in range(60)]
    assert {len(views) for groups in read for views in groups} == {1, 2}  # one view may lose a window's only mention
    for views in (views for groups in read for views in groups):
        assert len({reading.window.offsets[1] for reading in views}) == 1
    assert all(sum(map(len, groups)) in (2, 3, 4) for groups in read)


def test_disagreement_counts_in_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def loss_of_a_stage(share: float, views: int) -> float:
        monkeypatch.setattr("model.training.loop.AGREEMENT_SHARE", share)
        encoder, head = tiny()
        groups = read_views(encoder, EXAMPLES, random.Random(1), views)
        stage = replace(STAGE, epochs=1, views=views, learning_rate=0.0)
        (scores,) = train_stage(encoder, head, stage, lambda _: groups, dict, tmp_path / f"{share}-{views}", seed=1)
        return scores["loss"]

    assert loss_of_a_stage(50.0, 2) > 1.01 * loss_of_a_stage(0.0, 2)
    assert loss_of_a_stage(50.0, 1) == loss_of_a_stage(0.0, 1)


def test_training_reads_stand_ins_at_random_and_forgets_some_mentions() -> None:
    encoder, _ = tiny()
    text = "Norway said that it would wait, and Denmark praised Norway."
    spans = (Span(0, 6), Span(17, 19), Span(52, 58))
    targets = (Target(spans, Stance.FAVORABLE), Target((Span(36, 43),), Stance.NEUTRAL))
    example = Example(text, "g", targets)
    (plain,) = read_examples(encoder, [example])
    assert encoder.tokenizer.decode(plain.window.ids[1:-1]) == "α said that it would wait, and β praised α."
    rng = random.Random(1)
    read = [reading for _ in range(200) for reading in read_examples(encoder, [example], rng)]
    assert len(read) == 200
    assert all(reading.mentions.any(dim=1).all() for reading in read)
    counts = {int(reading.mentions[0].sum()) for reading in read}
    assert counts == {1, 2, 3}
    norway = encoder.ids_of(["norway"])[0]
    named = sum(reading.window.ids[1] == norway and reading.window.ids[-3] == norway for reading in read)
    assert 5 < named < 60  # a tenth, and those that forgot both places that name it
    assert len({reading.window.ids[1] for reading in read}) > 15


def test_half_of_the_parties_have_the_mentions_that_sidelight_finds() -> None:
    encoder, _ = tiny()
    target = Target((Span(0, 6),), Stance.NEUTRAL, found=(Span(17, 19), Span(39, 45)))
    example = Example(
        "Norway said that it would wait. It was Norway.", "g", (target, Target((Span(0, 6),), Stance.NEUTRAL))
    )
    rng = random.Random(1)
    read = [reading for _ in range(200) for reading in read_examples(encoder, [example], rng)]
    assert 70 < sum(int(reading.mentions[0].sum()) == 2 for reading in read) < 130
    assert all(int(reading.mentions[1].sum()) == 1 for reading in read)
    met = as_found(example)
    assert [item.spans for item in met.targets] == [target.found]  # who is not found is absent on the page
