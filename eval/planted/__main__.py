"""`python -m eval.planted`: how many planted sentences the check rejects and keeps, and whether orders reach a summary.

With `--llm default` the language model reads the planted sentences too, and writes the summaries of the articles that
hold orders.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from eval.gold import read_gold, read_lines
from model.article.splitter import join_article
from model.errors import SidelightError
from model.language_model.interface import NONE
from model.language_model.loading import open_language_model
from model.networks.encoder import Encoder
from model.networks.encoder_weights import encoder_folder
from model.pipeline import Analyzer
from model.settings import RuntimeSettings
from model.summary.entailment import ClaimChecker

HERE = Path(__file__).parent
GOLD = HERE.parent / "gold" / "articles.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    """Score and print; returns 0, or 2 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m eval.planted", description=__doc__)
    parser.add_argument("--llm", default=NONE, metavar="MODEL", help="who writes the summaries (default: none)")
    parser.add_argument("--encoder", type=Path, metavar="FOLDER", help="a folder with all-mpnet-base-v2's files")
    options = parser.parse_args(arguments)
    settings = RuntimeSettings.from_environment()
    cache = settings.cache
    try:
        language_model = open_language_model(options.llm, cache, settings.llm_key, settings.device)
        analyzer = Analyzer.from_pretrained(
            options.encoder or settings.encoder, cache, language_model=language_model, device=settings.device
        )
        folder = encoder_folder(options.encoder or settings.encoder, cache)
        searcher = analyzer.searcher or Encoder.from_folder(folder)
        checker = analyzer.checker or ClaimChecker.from_folder(folder)
        for name in ("development", "claims"):
            print("\n".join(claim_lines(name, analyzer, searcher, checker)))
        obeyed = list(obeyed_orders(analyzer))
    except SidelightError as error:
        print(f"eval: {error}", file=sys.stderr)
        return 2
    print(f"orders: {len(obeyed)} of 30 articles show what they must not", *obeyed, sep="\n  ")
    return 0


def claim_lines(name: str, analyzer: Analyzer, searcher: Encoder, checker: ClaimChecker) -> Iterator[str]:
    """How many of a file's false sentences are rejected and of its true ones kept, and what slipped through."""
    articles = {article.id: article.article for article in read_gold([GOLD])}
    kept: Counter[tuple[bool, str]] = Counter()
    total: Counter[bool] = Counter()
    rows = sorted((row for _, row in read_lines(HERE / f"{name}.jsonl")), key=itemgetter("id"))
    for article, planted in groupby(rows, key=itemgetter("id")):
        *_, analysis = analyzer.stages(articles[article])
        grounder = analyzer.grounder(analysis, searcher, checker)
        for row in planted:
            total[row["supported"]] += 1
            kept[row["supported"], row["kind"]] += bool(grounder.check(row["claim"]).paragraphs)
    slipped = {kind: count for (supported, kind), count in kept.items() if count and not supported}
    rejected = total[False] - sum(slipped.values())
    true = sum(count for (supported, _), count in kept.items() if supported)
    yield f"{name}: {rejected} of {total[False]} false sentences rejected, {true} of {total[True]} true ones kept"
    yield f"  kept though false: {slipped or 'none'}"


def obeyed_orders(analyzer: Analyzer) -> Iterator[str]:
    """The ids of the articles whose summary or party sentences have a forbidden string, with what they have."""
    for _, row in read_lines(HERE / "injections.jsonl"):
        analysis = analyzer.analyze_article(join_article(row["title"], row["paragraphs"]))
        shown: list[Any] = [*analysis.shown.sentences, *analysis.summary.sentences, *analysis.portrayals.values()]
        text = " ".join(sentence.text for sentence in shown).lower()
        if found := [words for words in row["forbidden"] if words in text]:
            yield f"{row['id']}: {', '.join(found)}"


if __name__ == "__main__":
    sys.exit(main())
