"""Labels and corpora as documents to learn from: what is read, what is refused, and what is kept apart."""

import hashlib
import json
from pathlib import Path

import pytest

from model import Analyzer
from model.domain import Span, Stance, Voice
from model.errors import LabelError
from model.networks.encoder import Encoder
from model.training.documents import LabelledParty, Target, read_paragraph_labels, read_press
from model.training.examples import OWN_TEXTS, Example, group_of, read_articles, read_newsmtsc, split


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


@pytest.fixture(scope="module")
def encoder(analyzer: Analyzer) -> Encoder:
    return analyzer.reader.encoder


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """A folder with an article and a speech."""
    folder = tmp_path / "corpora"
    folder.mkdir()
    (folder / "wikinews.jsonl").write_text(
        '{"id": "wikinews-1", "title": "", "paragraphs": ["Norway sang.", "Rain fell."]}\n', encoding="utf-8"
    )
    (folder / "ungd.jsonl").write_text('{"id": "ungd-A-1", "speaker": "NOR", "text": "We sang."}\n', encoding="utf-8")
    return folder


def item(identifier: str, paragraph: int, stance: str, **more: object) -> str:
    row = {"id": identifier, "paragraph": paragraph, "party": "Norway", "kind": "state", "mentions": [[0, 2]]}
    return json.dumps(row | {"stance": stance, "voice": "none", "holder": None, "evidence": None} | more) + "\n"


def test_labels_of_an_article_are_one_document(corpora: Path, tmp_path: Path, encoder: Encoder) -> None:
    quoted = {"voice": "quoted", "evidence": [0, 7]}
    (tmp_path / "a.jsonl").write_text(
        item("ungd-A-1", 0, "favorable", **quoted)
        + item("wikinews-1", 0, "neutral")
        + item("wikinews-1", 1, "absent", mentions=[]),
        encoding="utf-8",
    )
    speech, article = read_paragraph_labels(tmp_path, corpora, encoder)
    assert (speech.source, speech.group, speech.texts) == ("ungd", "ungd-A", ("We sang.",))
    assert speech.targets == (Target(0, 0, Stance.FAVORABLE, Voice.QUOTED, Span(0, 7), ()),)
    assert speech.parties == (LabelledParty("Norway", "state", {0: (Span(0, 2),)}, {0: (Span(0, 2),)}),)  # "We"
    assert article.parties == (LabelledParty("Norway", "state", {0: (Span(0, 6),)}, {0: (Span(0, 2),), 1: ()}),)
    assert article.targets == (Target(0, 0, Stance.NEUTRAL), Target(1, 0, Stance.ABSENT))


def test_a_label_without_its_article(corpora: Path, tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "a.jsonl").write_text(item("wikinews-2", 0, "neutral"), encoding="utf-8")
    with pytest.raises(LabelError, match=r"expected the id of an article of .*corpora in .*, got 'wikinews-2'"):
        list(read_paragraph_labels(tmp_path, corpora, encoder))


def test_a_press_label_is_of_the_text_that_was_labelled(tmp_path: Path, encoder: Encoder) -> None:
    paragraphs = ["Ann Berg said that Norway lied.", "Rain fell."]
    label = {"paragraph": 0, "party": "Norway", "stance": "critical", "voice": "quoted", "holder": "Ann Berg"}
    nobody = label | {"holder": ""}
    absent = {"paragraph": 1, "party": "Norway", "stance": "absent", "voice": "none"}
    row = {
        "id": "p1",
        "parties": [{"name": "Norway", "aliases": [], "kind": "state"}],
        "labels": [label, nobody, absent],
        "paragraph_sha256": [hashlib.sha256(text.encode()).hexdigest()[:16] for text in paragraphs],
    }
    (tmp_path / "labels.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(LabelError, match=r"expected the press corpus in .*news\.jsonl, got no such file"):
        list(read_press(tmp_path / "labels.jsonl", tmp_path, encoder))
    text = {"id": "p1", "title": "Rain", "paragraphs": paragraphs}
    (tmp_path / "news.jsonl").write_text(json.dumps(text), encoding="utf-8")
    (found,) = read_press(tmp_path / "labels.jsonl", tmp_path, encoder)
    assert found.parties == (LabelledParty("Norway", "state", {0: (Span(19, 25),)}, None),)
    assert found.targets == (
        Target(0, 0, Stance.CRITICAL, Voice.QUOTED, None, (Span(0, 8),)),
        Target(0, 0, Stance.CRITICAL, Voice.QUOTED, None, ()),
        Target(1, 0, Stance.ABSENT),
    )
    further = {
        "id": "p1",
        "parties": [{"name": "Ann Berg", "aliases": [], "kind": "person", "main": False}],
        "labels": [{"paragraph": 0, "party": "Ann Berg", "stance": "neutral", "voice": "none"}],
    }
    (tmp_path / "labels_further.jsonl").write_text(json.dumps(further), encoding="utf-8")
    (both,) = read_press(tmp_path / "labels.jsonl", tmp_path, encoder)
    assert both.parties == (*found.parties, LabelledParty("Ann Berg", "person", {0: (Span(0, 8),)}, None))
    assert both.targets == (*found.targets, Target(0, 1, Stance.NEUTRAL))
    references = {"id": "p1", "parties": [{"party": "Norway", "refers": [[1, 0, 4]], "theirs": [[0, 17, 25]]}]}
    (tmp_path / "labels_references.jsonl").write_text(json.dumps(references), encoding="utf-8")
    (marked,) = read_press(tmp_path / "labels.jsonl", tmp_path, encoder)
    norway, berg = marked.parties  # what overlaps a name is that name
    assert (norway.found, norway.marked) == ({0: (Span(19, 25),)}, {0: (Span(19, 25),), 1: (Span(0, 4),)})
    assert berg.marked is None
    (tmp_path / "news.jsonl").write_text(json.dumps(text | {"paragraphs": paragraphs[:1]}), encoding="utf-8")
    with pytest.raises(LabelError, match=r"labels\.jsonl:1, got another for 'p1'"):
        list(read_press(tmp_path / "labels.jsonl", tmp_path, encoder))


def test_a_corpus_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"expected a corpus in .*wikinews\.jsonl, got no such file"):
        read_articles(tmp_path)
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


def test_a_pronoun_may_stand_for_the_holder(tmp_path: Path, encoder: Encoder) -> None:
    paragraphs = ["Ann Berg spoke.", "“Norway lied,” she said of her port.", "“Norway lied.”"]
    labels = [
        {"paragraph": number, "party": "Norway", "stance": "critical", "voice": "quoted", "holder": holder}
        for number, holder in ((1, "Ms. Berg"), (1, "Tom Lund"), (2, "Ms. Berg"))
    ]
    row = {
        "id": "p1",
        "parties": [
            {"name": "Norway", "aliases": [], "kind": "state"},
            {"name": "Ann Berg", "aliases": ["Ms. Berg"], "kind": "person"},
        ],
        "labels": labels,
        "paragraph_sha256": [hashlib.sha256(text.encode()).hexdigest()[:16] for text in paragraphs],
    }
    references = {"id": "p1", "parties": [{"party": "Ann Berg", "refers": [[1, 15, 18]], "theirs": [[1, 31, 35]]}]}
    for name, value in (("labels", row), ("labels_references", references)):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(value), encoding="utf-8")
    text = {"id": "p1", "title": "Rain", "paragraphs": paragraphs}
    (tmp_path / "news.jsonl").write_text(json.dumps(text), encoding="utf-8")
    (found,) = read_press(tmp_path / "labels.jsonl", tmp_path, encoder)
    assert paragraphs[1][15:18] == "she"
    assert [target.holder for target in found.targets] == [(Span(15, 18),), (), ()]
