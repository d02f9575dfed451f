"""`python -m eval`: score gold files; `compare`, `agreement` and `baseline` work on what it wrote."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from eval import agreement, compare, gate
from eval.cache import ask
from eval.gold import GoldArticle, read_gold, read_lines, without_text
from eval.judges import AnalyzerJudge, Judge, PromptJudge, Reply, baselines
from eval.loaders import SETS
from eval.prompt_classifier import PromptClassifier
from eval.record import Item, items_of, items_of_all, read_record, record_of, scores_of, write_record
from eval.table import lines_of
from eval.unaided import UnaidedJudge, finding_scores, readers_agreement
from eval.versions import reference_seconds
from model.domain import Stance, StanceLabel
from model.errors import LabelError, SidelightError
from model.language_model.interface import NONE
from model.language_model.loading import open_language_model
from model.language_model.prompts import Prompt
from model.networks.memory import keep_freed
from model.settings import DATA, RuntimeSettings
from model.stance.classifier import SHIPPED

HERE = Path(__file__).parent
GOLD = (HERE / "gold" / "articles.jsonl", HERE / "gold" / "seed.jsonl")
PRESS = {"gold": HERE / "gold" / "press.jsonl", "development": DATA / "press" / "development.jsonl"}
READINGS = {
    HERE / "gold" / "readings.jsonl": ("g1", "g2"),
    HERE / "gold" / "press_readings.jsonl": ("first", "second"),
    DATA / "press" / "development_readings.jsonl": ("first", "second"),
}
"""Two readings of the gold, and by whom."""
FIRST_MODEL = HERE / "first_model.jsonl"
"""What the first trained model said of the gold, kept as a baseline: its weights fit no longer."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns 0, 1 if the gate is closed, or 2 after an error message."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    keep_freed()
    commands: dict[str, Callable[[list[str]], int]] = {
        "compare": _compare,
        "agreement": _agreement,
        "baseline": _baseline,
    }
    try:
        return commands[words[0]](words[1:]) if words and words[0] in commands else _score(words)
    except (SidelightError, OSError) as error:
        print(f"eval: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description="Score Sidelight against hand labels.",
        epilog="Also: python -m eval compare A.json B.json; agreement A.jsonl B.jsonl; baseline RUN.json --why TEXT.",
    )
    parser.add_argument("gold", nargs="*", type=Path, default=list(GOLD), help="gold files or folders (default: ours)")
    parser.add_argument("--set", choices=sorted(SETS), help="read a public set or a table instead; with --from")
    parser.add_argument("--from", dest="source", help="the set's file, or its name on the Hub")
    parser.add_argument(
        "--press",
        nargs="?",
        const="gold",
        choices=PRESS,
        help="real press instead of our own articles: gold (the default), or development; needs --corpora",
    )
    parser.add_argument(
        "--corpora", type=Path, default=Path("../shared/corpora"), help="where the texts of real press are (news.jsonl)"
    )
    parser.add_argument("--named", action="store_true", help="with --press: leave out the run with no party named")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth article, the same ones in each run")
    parser.add_argument("--texts", type=Path, metavar="FOLDER", help="where stand-off articles' texts are, as <id>.txt")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write the run's record here")
    parser.add_argument("--report", type=Path, metavar="OUT.html", help="write a report that stands alone here")
    parser.add_argument("--check", action="store_true", help="fail if it is worse than the tracked baseline allows")
    parser.add_argument(
        "--against", type=Path, default=gate.BASELINE, help="the baseline for --check (default: that of our articles)"
    )
    parser.add_argument("--only", metavar="PATTERN", help="articles whose id matches, such as 'gold-s*'")
    parser.add_argument("--limit", type=int, metavar="N", help="the first N articles")
    parser.add_argument("--seed", type=int, default=1, help="of the articles that are drawn for the intervals")
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"), help="where replies are kept")
    parser.add_argument("--no-cache", action="store_true", help="ask again for everything")
    parser.add_argument(
        "--stance",
        choices=("encoder", "llm"),
        default="encoder",
        help="who labels: the encoder, joined by --llm default, as on the page; or a language model by a prompt",
    )
    parser.add_argument(
        "--llm",
        default=NONE,
        metavar="MODEL",
        help="the language model that labels by a prompt, or joins the encoder and writes the summaries: none "
        "(default), default, a folder, a Hub repository, or a server's address",
    )
    parser.add_argument(
        "--labels-only",
        action="store_true",
        help="try neither evidence nor names, have no summary written: much faster",
    )
    parser.add_argument("--encoder", type=Path, metavar="FOLDER", help="a folder with all-mpnet-base-v2's files")
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="trained weights (default: the shipped ones)")
    return parser


def _score(words: list[str]) -> int:
    options = _parser().parse_args(words)
    if options.press:
        options.gold = [PRESS[options.press]]
        if not (options.corpora / "news.jsonl").is_file():
            print(f"real press: its texts are not at hand (no {options.corpora / 'news.jsonl'}), so nothing is scored")
            return 0
    gold = _chosen(options)
    record, items = run(options, gold)
    if options.json:
        write_record(record, options.json)
    if options.report:
        from eval.report import write_report  # matplotlib takes a second to import

        write_report(record, items, options.report, gold)
    print("\n".join(lines_of(record)))
    failures = gate.check(record, items, options.against) if options.check else []
    for failure in failures:
        print(f"gate: {failure}", file=sys.stderr)
    return 1 if failures else 0


def run(options: argparse.Namespace, gold: Sequence[GoldArticle]) -> tuple[dict[str, Any], list[Item]]:
    """Judge the gold and return the record and its items."""
    judge = _judge(options)
    rules = baselines()
    unaided = [UnaidedJudge(judge)] if options.press and not options.named and isinstance(judge, AnalyzerJudge) else []
    folder = None if options.no_cache else options.cache
    asked, *others = ask([judge, *unaided, *rules], gold, folder)
    record = record_of(judge, gold, asked.replies, [] if options.set else options.gold, options.seed, folder)
    items = items_of_all(gold, asked.replies)
    whole = asked.number == len(gold)  # otherwise the time says nothing
    record |= {
        "selected": bool(options.only or options.limit),
        "every": options.every,
        "without_text": [] if options.set else without_text(options.gold, options.texts, options.corpora),
        "asked": asked.number,
        "seconds": asked.seconds,
        "pace": asked.seconds / len(items) / reference_seconds() if whole else None,
        "ceiling": None if options.set else _ceiling(gold, options.seed),
        "baselines": {
            rule.name: scores_of(items_of_all(gold, other.replies), options.seed)
            for rule, other in zip(rules, others[len(unaided) :], strict=True)
        }
        | _first_model_scores(gold, options.seed),
        "unaided": _unaided_scores(gold, others[0].replies, options.seed) if unaided else None,
    }
    return record, items


def _unaided_scores(gold: Sequence[GoldArticle], replies: Sequence[Reply], seed: int) -> dict[str, Any]:
    """Of the same articles with no party named."""
    return {
        "scores": scores_of(items_of_all(gold, replies), seed),
        "finding": finding_scores(gold, replies),
        "second_reader": readers_agreement(gold),
    }


def _judge(options: argparse.Namespace) -> Judge:
    settings = RuntimeSettings.from_environment()
    language_model = open_language_model(options.llm, settings.cache, settings.llm_key, settings.device)
    if options.stance == "encoder":
        return AnalyzerJudge(
            options.weights,
            options.encoder or settings.encoder,
            settings.cache,
            language_model,
            settings.device,
            writes=options.llm != NONE and not options.labels_only,
            checks=not options.labels_only,
        )
    if language_model is None:
        raise LabelError("expected a language model for --stance llm, got none; name one: --llm default")
    return PromptJudge(PromptClassifier(language_model, Prompt.load("stance")))


def _chosen(options: argparse.Namespace) -> list[GoldArticle]:
    if bool(options.set) != bool(options.source):
        raise LabelError("expected --set and --from together: --set newsmtsc --from FILE")
    gold = SETS[options.set](options.source) if options.set else read_gold(options.gold, options.texts, options.corpora)
    if options.only:
        gold = [article for article in gold if fnmatch(article.id, options.only)]
    gold = [article for article in gold if article.labels][: options.limit]
    if options.every > 1:  # of all articles, so that a text that is not at hand does not shift the others
        absent = [] if options.set else without_text(options.gold, options.texts, options.corpora)
        sample = set(sorted([*(article.id for article in gold), *absent])[:: options.every])
        gold = [article for article in gold if article.id in sample]
    if not gold:
        raise LabelError(
            f"expected labelled items in {options.source or [*map(str, options.gold)]}, found none"
            + (f" that match {options.only!r}" if options.only else "")
        )
    return gold


def _ceiling(gold: Sequence[GoldArticle], seed: int) -> dict[str, Any] | None:
    """The second reading scored by the first, exactly like a model; None for other gold than ours."""
    labels: tuple[dict[str, list[StanceLabel]], ...] = ({}, {})
    for file, readers in READINGS.items():
        readings = agreement.read_readings([file])
        for of_reader, reader in zip(labels, readers, strict=True):
            for (article_id, paragraph, party), (stance, voice) in readings[reader].items():
                of_reader.setdefault(article_id, []).append(StanceLabel(paragraph, party, stance, voice=voice))
    first, second = labels
    items = []
    for article in gold:
        replies = {(label.paragraph, label.party): label for label in second.get(article.id, ())}
        items += items_of(replace(article, labels=tuple(first.get(article.id, ()))), replies)
    return scores_of(items, seed) if items else None


def _first_model_scores(gold: Sequence[GoldArticle], seed: int) -> dict[str, Any]:
    """The first model's, of the articles at hand; {} unless it judged all of them."""
    said: dict[str, dict[tuple[int, str], StanceLabel]] = {}
    for _, row in read_lines(FIRST_MODEL):
        key = row["paragraph"], row["party"]
        said.setdefault(row["id"], {})[key] = StanceLabel(*key, Stance(row["stance"]))
    if not all(article.id in said for article in gold):
        return {}
    items = [item for article in gold for item in items_of(article, said[article.id])]
    return {"first trained model": scores_of(items, seed)}


def _compare(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval compare", description="What changed between two runs.")
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(words)
    first, second = read_record(options.first)[1], read_record(options.second)[1]
    print("\n".join(compare.lines_of(compare.compare(first, second, options.seed))))
    return 0


def _agreement(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval agreement", description="How far two annotators agree.")
    parser.add_argument("files", nargs="+", type=Path, help="two files, or one with both annotators")
    print("\n".join(agreement.lines_of(agreement.agreement(parser.parse_args(words).files))))
    return 0


def _baseline(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval baseline", description="Make a run the tracked baseline.")
    parser.add_argument("run", type=Path, metavar="RUN.json")
    parser.add_argument("--why", required=True, help="kept in the baseline's history")
    parser.add_argument("--file", type=Path, default=gate.BASELINE, help="the baseline (default: the encoder's)")
    options = parser.parse_args(words)
    gate.move_baseline(options.run, options.why, options.file)
    print(f"{options.file} now holds {options.run}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
