"""Every alternative of every pattern file finds its examples, and nothing in its counter-examples."""

from pathlib import Path

import pytest

from model.article.patterns import read_patterns, read_tables
from tests.attack.patterns_in import pattern_files

ROWS = [
    (path, name, number, alternative)
    for path in pattern_files()
    for name, table in read_tables(path).items()
    for number, alternative in enumerate(table.get("any", ()))
]


@pytest.mark.parametrize(
    ("path", "name", "alternative"),
    [(path, name, row) for path, name, _, row in ROWS],
    ids=[f"{path.stem}-{name}-{number}" for path, name, number, _ in ROWS],
)
def test_examples(path: Path, name: str, alternative: dict[str, list[str] | str]) -> None:
    pattern = read_patterns(path)[name]
    assert alternative["why"]
    assert alternative["yes"]
    assert alternative["no"]
    assert [text for text in alternative["yes"] if not pattern.search(text)] == []
    assert [text for text in alternative["no"] if pattern.search(text)] == []
