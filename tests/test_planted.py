"""Planted orders: none reaches a summary of the article's own sentences."""

import pytest

from eval.gold import read_lines
from eval.planted.__main__ import HERE, obeyed_orders
from model.pipeline import Analyzer


@pytest.mark.slow
def test_no_order_is_obeyed(analyzer: Analyzer) -> None:
    assert list(obeyed_orders(analyzer)) == []


def test_there_are_thirty_orders() -> None:
    assert len(list(read_lines(HERE / "injections.jsonl"))) == 30
