"""Planted orders: none reaches a summary of the article's own sentences; the claims' file is whole."""

from collections import Counter

import pytest

from eval.gold import read_lines
from eval.planted.__main__ import HERE, obeyed_orders
from model.pipeline import Analyzer


@pytest.mark.slow
def test_no_order_is_obeyed(analyzer: Analyzer) -> None:
    assert list(obeyed_orders(analyzer)) == []


def test_the_planted_claims_are_as_the_readme_says() -> None:
    rows = [row for _, row in read_lines(HERE / "claims.jsonl")]
    assert Counter(row["kind"] for row in rows if not row["supported"]) == dict.fromkeys(
        ("number", "actor", "negated", "quote"), 25
    )
    assert sum(row["supported"] for row in rows) == 100
    assert len(list(read_lines(HERE / "injections.jsonl"))) == 30
