"""What the recipe of own sentences learns."""

import json
from pathlib import Path

import pytest
import torch

from model import Analyzer
from model.domain import Span
from model.summary.sentence_choice import FEATURES, Candidate
from model.training.recipes.sentences import Example, Judgement, learn, read_examples, summary_of, told, worth

PARAGRAPHS = [
    "The harbor council sold the old ferry to a company from the north. It was built many years ago in the south.",
    "Nine towns on the river want the ferry back and will go to court. Rain fell on the river all day long.",
]
REFERENCE = "Nine towns will go to court to get the old ferry back."


def test_a_sentence_is_worth_what_it_shares_with_the_reference() -> None:
    near, far = (worth(text, [REFERENCE, "The council sold it."]) for text in PARAGRAPHS[1].split(". "))
    assert near > 0.5
    assert far < 0.2 < near
    assert worth(REFERENCE, [REFERENCE]) == pytest.approx(2.0)


def test_it_learns_from_features_and_from_states() -> None:
    drawn = torch.Generator().manual_seed(7)
    examples = []
    for _ in range(100):
        features, states = torch.rand(8, len(FEATURES), generator=drawn), torch.randn(8, 3, generator=drawn)
        candidates = [
            Candidate(n, Span(0, 60), f"Company {x}northern told us it sold nine {x}southern boats.", True, 0.0)
            for n, x in enumerate("abcdefgh")
        ]
        wordings = [{f"has {n}": 1.0} for n in range(8)]
        value = 4 * features[:, 0] + states[:, 1]
        alone = [n < 6 and bool(states[n, 2] > -1) for n in range(8)]
        judged = {n: Judgement(alone[n], worth=int(value[n] > 2)) for n in range(8)}
        best = max((n for n in range(8) if alone[n]), key=value.__getitem__)
        examples.append(
            Example(
                candidates,
                features,
                wordings,
                states,
                value,
                [{best}],
                judged,
                dict(enumerate(alone)),
                candidates[best].text,
                "",
                "report",
            )
        )
    choice = learn(examples)
    assert choice.worth[FEATURES[0]] > 5 * max(abs(choice.worth[name]) for name in FEATURES[1:])
    assert choice.worth_states[1] > 5 * max(abs(choice.worth_states[0]), abs(choice.worth_states[2]))
    assert max(choice.alone["has 6"], choice.alone["has 7"]) < -2 < 0 < min(choice.alone[f"has {n}"] for n in range(6))
    assert choice.alone_states[2] > 5 * max(abs(choice.alone_states[0]), abs(choice.alone_states[1]))
    summaries = [(example, summary_of(choice, example)) for example in examples]
    assert sum(example.reference in [one.text for one in summary] for example, summary in summaries) > 90
    assert told([(examples[0], [c for c in examples[0].candidates if c.text == examples[0].reference])]) == (
        "all 1.000 (lead 0.000), report 1.000 (lead 0.000); 1.000 of the key points; "
        "of 1 judged 1.000 stand alone, worth 1.00"
    )


def test_examples_are_articles_with_a_reference(tmp_path: Path, analyzer: Analyzer) -> None:
    rows = [
        {"id": "a", "genre": "report", "summary": [{"text": REFERENCE, "paragraphs": [1]}]},
        {"id": "b", "genre": "report", "summary": []},
    ]
    (tmp_path / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    texts = [{"id": name, "title": "A ferry", "paragraphs": PARAGRAPHS} for name in "ab"]
    (tmp_path / "news.jsonl").write_text("\n".join(map(json.dumps, texts)), encoding="utf-8")
    start = len(PARAGRAPHS[0].split(". ")[0]) + 2
    said = [
        {"paragraph": 0, "start": 0, "alone": "ok", "worth": 2},
        {"paragraph": 0, "start": start, "alone": "leans", "worth": 1},
    ]
    (tmp_path / "labels_sentences.jsonl").write_text(json.dumps({"id": "a", "sentences": said}), encoding="utf-8")
    points = {"id": "a", "points": [[[1, 0], [0, 0]], []], "second": [[[0, start]], [[0, 1]]]}
    points["alone"] = [[0, start, "ok"], [1, 0, "ok"], [1, 1, "voice"]]
    (tmp_path / "labels_points.jsonl").write_text(json.dumps(points), encoding="utf-8")
    (example,) = read_examples(tmp_path / "labels.jsonl", tmp_path, analyzer.reader.encoder)
    assert example.candidates[int(example.worth.argmax())].text == PARAGRAPHS[1].split(". ")[0] + "."
    assert example.states.shape == (len(example.candidates), analyzer.reader.encoder.hidden)
    assert example.features.shape == (len(example.candidates), len(FEATURES))
    assert (example.reference, example.lead.count("\n")) == (REFERENCE, 2)
    assert example.judged == {0: Judgement(alone=True, worth=2), 1: Judgement(alone=False, worth=1)}
    assert example.alone == {0: True, 1: False, 2: True}
    assert example.points == [{0, 2}, {1}]
