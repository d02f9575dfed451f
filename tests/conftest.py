"""What the tests share: the real models, loaded once, and an article of our own."""

from pathlib import Path

import pytest

from model import Analysis, Analyzer

EXAMPLE = Path(__file__).parent.parent / "examples" / "ferry-line.txt"


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer.from_pretrained()


@pytest.fixture(scope="session")
def example() -> str:
    return EXAMPLE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def analysis(analyzer: Analyzer, example: str) -> Analysis:
    return analyzer.analyze(example)
