"""`python -m eval GOLD.jsonl … --json OUT.json`: score gold files and print the result."""

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.agreement import agreement
from eval.gold import read_gold
from eval.metrics import score
from eval.run import Judged, judge, stances
from model.errors import LabelError, SidelightError
from model.pipeline import Analyzer
from model.stance import SHIPPED


def main(arguments: Sequence[str] | None = None) -> int:
    """Score and print; returns 0, or 2 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m eval", description="Score Sidelight against hand labels.")
    parser.add_argument("gold", nargs="+", type=Path, metavar="GOLD.jsonl")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write scores and items here")
    parser.add_argument("--texts", type=Path, metavar="FOLDER", help="where stand-off articles' texts are, as <id>.txt")
    parser.add_argument(
        "--readings", type=Path, metavar="FILE", help="two annotators' labels: print their agreement too"
    )
    parser.add_argument("--encoder", type=Path, metavar="FOLDER", help="a folder with all-mpnet-base-v2's files")
    parser.add_argument(
        "--weights", type=Path, default=SHIPPED, help="trained stance weights (default: the shipped ones)"
    )
    options = parser.parse_args(arguments)
    try:
        report = _report(options)
        if options.json:
            options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except (SidelightError, OSError) as error:
        print(f"eval: {error}", file=sys.stderr)
        return 2
    print(_table(report))
    return 0


def _report(options: argparse.Namespace) -> dict[str, Any]:
    gold = read_gold(options.gold, options.texts)
    if not any(article.labels for article in gold):
        raise LabelError(f"expected labelled items in {[*map(str, options.gold)]}, found none")
    readings = agreement(options.readings) if options.readings else None
    cache = os.environ.get("SIDELIGHT_CACHE")
    analyzer = Analyzer.from_pretrained(options.encoder, Path(cache) if cache else None, options.weights)
    start = time.perf_counter()
    judged = judge(analyzer, gold)
    seconds = time.perf_counter() - start
    report = score(*stances(judged))
    report |= {
        "articles": len(gold),
        "disputed": sum(article.disputed for article in gold),
        "by_article": {article.id: _short(judged, article.id) for article in gold if article.labels},
        "readings": readings,
        "seconds": seconds,
        "versions": analyzer.versions,
        "gold_sha256": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in options.gold},
        "judged": [_item(item) for item in judged],
    }
    return report


def _short(judged: Sequence[Judged], article: str) -> dict[str, Any]:
    scores = score(*stances([item for item in judged if item.article == article]))
    return {"items": scores["items"], "accuracy": scores["accuracy"], "present": scores["present"]}


def _item(item: Judged) -> dict[str, Any]:
    return {
        "article": item.article,
        "paragraph": item.gold.paragraph,
        "party": item.gold.party,
        "gold": item.gold.stance.value,
        "predicted": item.predicted.stance.value,
        "probabilities": {s.value: round(p, 4) for s, p in (item.predicted.probabilities or {}).items()},
    }


def _table(report: dict[str, Any]) -> str:
    present = report["present"]
    lines = [
        f"{report['items']} items in {report['articles']} articles, judged in {report['seconds']:.1f} s",
        f"accuracy {_percent(report['accuracy'])}, macro-F1 {_percent(report['macro_f1'])} (four labels)",
        f"present: {present['items']} items, macro-F1 {_percent(present['macro_f1'])}, κ {_number(present['kappa'])}",
        "",
        f"{'label':<10}  precision  recall     F1  items",
    ]
    for label, row in report["labels"].items():
        lines.append(
            f"{label:<10}  {_percent(row['precision']):>9}  {_percent(row['recall']):>6}"
            f"  {_percent(row['f1']):>5}  {row['items']:>5}"
        )
    names = report["confusion"]["labels"]
    lines += ["", f"{'gold ↓ predicted →':<20}" + "".join(f"{name:>10}" for name in names)]
    for name, row in zip(names, report["confusion"]["rows_gold_columns_predicted"], strict=True):
        lines.append(f"{name:<20}" + "".join(f"{count:>10}" for count in row))
    lines.append("")
    for article, row in report["by_article"].items():
        lines.append(f"{article:<42} accuracy {_percent(row['accuracy']):>5} of {row['items']}")
    if report["disputed"]:
        lines.append(f"left out: {report['disputed']} items on which annotators differ and nobody decided")
    if report["readings"]:
        human = report["readings"]
        lines.append(
            f"first against second reading: κ {_number(human['kappa'])} over {human['items']} items, "
            f"κ {_number(human['present']['kappa'])} over {human['present']['items']} present ones"
        )
    return "\n".join(lines)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main())
