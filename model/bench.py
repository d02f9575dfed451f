"""`python -m model.bench` (`make bench`): how long loading and one analysis take on this machine."""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from model.article import split_article
from model.language import read
from model.parties import find_parties
from model.pipeline import Analyzer
from model.summary import summarize

EXAMPLE = Path(__file__).parent.parent / "examples" / "ferry-line.txt"
T = TypeVar("T")


def main() -> int:
    """Time loading, then each stage over one article (a file named as argument, else the example); medians of five."""
    text = (Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLE).read_text(encoding="utf-8")
    start = time.perf_counter()
    analyzer = Analyzer.from_pretrained()
    print(f"{'load the models':<24}{time.perf_counter() - start:7.2f} s")
    article = _timed("split the article", lambda: split_article(text))
    parties = _timed("find the parties", lambda: find_parties(article))
    readings = read([paragraph.text for paragraph in article.paragraphs])
    labels = _timed("judge each paragraph", lambda: analyzer.classifier.classify(article, parties, readings))
    for count in (1, 8):
        many = [replace(parties[n % len(parties)], name=f"party {n}") for n in range(count)]
        _timed(f"… for {count} parties", partial(analyzer.classifier.classify, article, many, readings))
    _timed("choose the summary", lambda: summarize(article, readings, parties, labels, analyzer.encoder))
    _timed("the whole analysis", lambda: analyzer.analyze(text))
    return 0


def _timed(name: str, stage: Callable[[], T]) -> T:
    result = stage()
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        stage()
        seconds.append(time.perf_counter() - start)
    print(f"{name:<24}{statistics.median(seconds):7.2f} s")
    return result


if __name__ == "__main__":
    sys.exit(main())
