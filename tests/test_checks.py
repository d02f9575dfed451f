"""The two checks of trained weights, with the real classifier, and the development gold."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from eval import development
from model import Analyzer, Stance
from model.domain import Span
from model.errors import LabelError
from model.networks.encoder import Tokens
from model.stance.classifier import StanceClassifier
from model.stance.verdicts import Verdict
from model.training.checks import delete_evidence, follow_names, judge_examples
from model.training.examples import SENTENCE_SHARE, Example, Target, in_development

TEXT = (
    "The two delegations met in Geneva on Monday. "
    "Norway, whose conduct has been shameful and dishonest throughout, lied to its partners again. "
    "Denmark deserves praise for its patience and honesty."
)


def example() -> Example:
    def target(name: str, stance: Stance) -> Target:
        return Target((Span(TEXT.index(name), TEXT.index(name) + len(name)),), stance, name, "state")

    return Example(TEXT, "g", (target("Norway", Stance.CRITICAL), target("Denmark", Stance.FAVORABLE)))


def test_deleting_the_evidence_costs_most(analyzer: Analyzer) -> None:
    some = [example()]
    falls = delete_evidence(analyzer.classifier, some, judge_examples(analyzer.classifier, some))
    assert len(falls) == 2
    assert all(own > other for own, other in falls)


def test_a_paragraph_of_one_sentence_cannot_be_tested(analyzer: Analyzer) -> None:
    text = "Norway lied shamefully."
    some = [Example(text, "g", (Target((Span(0, 6),), Stance.CRITICAL, "Norway", "state"),))]
    assert delete_evidence(analyzer.classifier, some, judge_examples(analyzer.classifier, some)) == []


def test_plain_labels_follow_other_names(analyzer: Analyzer) -> None:
    some = [example()]
    shares = follow_names(analyzer.classifier, some, judge_examples(analyzer.classifier, some))
    assert {name: (share.hits, share.items) for name, share in shares.items()} == {
        "invented": (2, 2),
        "swapped": (2, 2),
    }


def test_development_gold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    news = next(f"wikinews-{n}" for n in range(99) if in_development(f"wikinews-{n}", 5))
    other = next(f"wikinews-{n}" for n in range(99) if not in_development(f"wikinews-{n}", 5))
    state = next(code for code in ("NOR", "SWE", "DNK", "FIN", "ISL", "FRA") if in_development(f"ungd-{code}", 5))

    def item(name: str, **more: object) -> str:
        row = {"id": name, "paragraph": 0, "party": "Norway", "kind": "state", "mentions": [[0, 6]]}
        return json.dumps(row | {"stance": "neutral", "voice": "none", "annotator": "a1"} | more) + "\n"

    (tmp_path / "wikinews.jsonl").write_text(
        "".join(json.dumps({"id": n, "title": "T", "paragraphs": ["Norway sang."]}) + "\n" for n in (news, other)),
        encoding="utf-8",
    )
    speech = {"id": f"ungd-{state}-2015-1", "speaker": state, "text": "Norway sang."}
    (tmp_path / "ungd.jsonl").write_text(json.dumps(speech) + "\n", encoding="utf-8")
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "wikinews.jsonl").write_text(item(news) + item(other), encoding="utf-8")
    (labels / "ungd.jsonl").write_text(item(speech["id"]), encoding="utf-8")
    monkeypatch.setattr(development, "LABELS", labels)
    gold = development.read_development(tmp_path)
    assert [article.id for article in gold] == [news, speech["id"]]
    assert "to the United Nations General Assembly" in gold[1].article.text
    assert gold[0].mentions == {}
    assert [m.end for m in development.read_development(tmp_path, hand_mentions=True)[0].mentions["Norway"]] == [6]
    (labels / "wikinews.jsonl").write_text(item("wikinews-none"), encoding="utf-8")
    with pytest.raises(LabelError, match=r"wikinews\.jsonl:1: expected an article of"):
        development.read_development(tmp_path)


def test_the_sentences_held_out_of_newsmtsc_are_scored(analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    def sentence(text: str, stance: Stance, held: bool) -> Example:
        group = next(g for g in map(str, range(99)) if in_development(g, SENTENCE_SHARE) is held)
        return Example(text, group, (Target((Span(0, 8),), stance),))

    examples = [
        sentence("Ann Berg lied to parliament and stole from the poor.", Stance.CRITICAL, held=True),
        sentence("Ann Berg is brave and honest, and deserves our thanks.", Stance.FAVORABLE, held=True),
        sentence("Ann Berg arrived on Monday.", Stance.CRITICAL, held=False),
    ]
    asked = []

    def judged(classifier: StanceClassifier, some: list[Example], blind: bool) -> list[list[Verdict | None]]:
        asked.append(blind)
        return judge_examples(classifier, some, blind) if blind else [[None] for _ in some]

    monkeypatch.setattr(development, "read_newsmtsc", lambda _: examples)
    monkeypatch.setattr(development, "judge_examples", judged)
    assert list(development.sentence_lines(Path("train.jsonl"), analyzer.classifier)) == [
        "NewsMTSC, read blind: 2 items, macro-F1 66.7",
        "NewsMTSC, read with the names: 2 items, macro-F1 0.0",
    ]
    assert asked == [True, False]


def test_examples_are_judged_blind_or_with_names(
    tiny_classifier: StanceClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    encoder = tiny_classifier.encoder

    def states(stretches: Sequence[Tokens]) -> Tensor:
        read.extend(encoder.tokenizer.decode(stretch.ids) for stretch in stretches)
        return torch.zeros(len(stretches), max(len(stretch.ids) for stretch in stretches), encoder.hidden)

    monkeypatch.setattr(encoder, "states", states)
    judge_examples(tiny_classifier, [example()])
    judge_examples(tiny_classifier, [example()], blind=False)
    assert ["norway" in text for text in read] == [False, True]


def test_a_target_that_nothing_mentions_has_no_verdict(tiny_classifier: StanceClassifier) -> None:
    there, gone = example().targets
    (alone,) = judge_examples(tiny_classifier, [replace(example(), targets=(replace(gone, spans=()),))])
    assert alone == [None]
    found, nowhere = judge_examples(
        tiny_classifier, [example(), replace(example(), targets=(there, replace(gone, spans=())))]
    )
    assert all(found)
    assert [verdict is not None for verdict in nowhere] == [True, False]
