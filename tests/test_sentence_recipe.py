"""What the recipe of own sentences learns."""

import json
from pathlib import Path

import pytest
import torch

from model import Analyzer
from model.summary.sentence_choice import FEATURES, Candidate
from model.training.recipes.sentences import Example, learn, read_examples, summary_of, told, worth

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
            Candidate(n, f"Company {'abcdefgh'[n]}northern sold nine {'abcdefgh'[n]}southern boats.", True, 0.0, n)
            for n in range(8)
        ]
        value = 4 * features[:, 0] + states[:, 1]
        examples.append(
            Example(candidates, features, states, value, candidates[int(value.argmax())].text, "", "report")
        )
    choice = learn(examples)
    assert choice.weights[FEATURES[0]] > 5 * max(abs(choice.weights[name]) for name in FEATURES[1:])
    assert choice.states[1] > 5 * max(abs(choice.states[0]), abs(choice.states[2]))
    assert sum(example.reference in summary_of(choice, example) for example in examples) > 95
    assert told([(examples[0], examples[0].reference)]).startswith("all 1.000 (lead 0.000), report 1.000")


def test_examples_are_articles_with_a_reference(tmp_path: Path, analyzer: Analyzer) -> None:
    rows = [
        {"id": "a", "genre": "report", "summary": [{"text": REFERENCE, "paragraphs": [1]}]},
        {"id": "b", "genre": "report", "summary": []},
    ]
    (tmp_path / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    texts = [{"id": name, "title": "A ferry", "paragraphs": PARAGRAPHS} for name in "ab"]
    (tmp_path / "news.jsonl").write_text("\n".join(map(json.dumps, texts)), encoding="utf-8")
    (example,) = read_examples(tmp_path / "labels.jsonl", tmp_path, analyzer.encoder)
    assert example.candidates[int(example.worth.argmax())].text == PARAGRAPHS[1].split(". ")[0] + "."
    assert example.states.shape == (len(example.candidates), analyzer.encoder.hidden)
    assert example.features.shape == (len(example.candidates), len(FEATURES))
    assert (example.reference, example.lead.count("\n")) == (REFERENCE, 2)
