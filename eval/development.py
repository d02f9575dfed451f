"""`python -m eval.development --corpora FOLDER`: scores on the real text that training leaves out.

As the page would judge it: parties asked for by name, their mentions found by Sidelight. With `--newsmtsc FILE` also
the sentences of NewsMTSC that training leaves out, their mentions given, blind and with the names.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.cache import ask
from eval.gold import GoldArticle, read_lines
from eval.judges import AnalyzerJudge
from eval.metrics import score
from eval.record import items_of_all, scores_of
from eval.table import score_lines
from model.article.splitter import join_article
from model.domain import Article, Mention, Stance, StanceLabel, Voice
from model.errors import LabelError, SidelightError
from model.parties.requests import PartyRequest
from model.settings import RuntimeSettings
from model.stance.classifier import SHIPPED, StanceClassifier
from model.stance.head import STANCES
from model.training.checks import judge_examples
from model.training.examples import (
    LABELS,
    PARAGRAPH_SHARE,
    SENTENCE_SHARE,
    group_of,
    in_development,
    read_articles,
    read_newsmtsc,
    split,
)

CORPORA = ("wikinews", "ungd")


def main(arguments: Sequence[str] | None = None) -> int:
    """Score and print; returns 0, or 2 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m eval.development", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder with wikinews.jsonl and ungd.jsonl")
    parser.add_argument("--newsmtsc", type=Path, help="NewsMTSC's train.jsonl: score its development split too")
    parser.add_argument("--weights", type=Path, default=SHIPPED)
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"), help="where replies are kept")
    parser.add_argument("--hand-mentions", action="store_true", help="add the mentions that the reader marked")
    options = parser.parse_args(arguments)
    settings = RuntimeSettings.from_environment()
    try:
        gold = read_development(options.corpora, hand_mentions=options.hand_mentions)
        judge = AnalyzerJudge(
            options.weights,
            settings.encoder,
            settings.cache,
            device=settings.device,
            checks=False,
        )
        (asked,) = ask([judge], gold, options.cache)
        sentences = list(sentence_lines(options.newsmtsc, judge.classifier)) if options.newsmtsc else []
    except SidelightError as error:
        print(f"eval: {error}", file=sys.stderr)
        return 2
    items = items_of_all(gold, asked.replies)
    for name, some in [("all", items), *((c, [i for i in items if i.article.startswith(c)]) for c in CORPORA)]:
        scores = scores_of(some)
        present, voice = scores["present"], scores["voice"]
        print(f"{name}: {len(some)} items of {len({item.article for item in some})} articles and speeches")
        print(
            f"macro-F1 of four labels {100 * scores['macro_f1']:.1f}, of the {present['items']} present items "
            f"{100 * present['macro_f1']:.1f}, κ {present['kappa']:.2f}; voice {100 * voice['accuracy']:.1f} % of "
            f"{voice['items']}"
        )
        print("\n".join(score_lines(scores)), end="\n\n")
    for line in sentences:
        print(line)
    return 0


def sentence_lines(path: Path, classifier: StanceClassifier) -> Iterator[str]:
    """Scores on the sentences of NewsMTSC's training file that training leaves out."""
    _, examples = split(read_newsmtsc(path), SENTENCE_SHARE)
    truth = [target.stance for example in examples for target in example.targets]
    for how, blind in (("blind", True), ("with the names", False)):
        verdicts = [v for some in judge_examples(classifier, examples, blind) for v in some]
        guesses = [STANCES[int(v.logits.argmax())] if v else Stance.ABSENT for v in verdicts]
        scores = score(truth, guesses)["present"]
        yield f"NewsMTSC, read {how}: {scores['items']} items, macro-F1 {100 * scores['macro_f1']:.1f}"


def read_development(corpora: Path, hand_mentions: bool = False) -> list[GoldArticle]:
    """The labelled articles and speech paragraphs that training leaves out.

    Raises:
        LabelError: a label names an article that the corpora lack.
    """
    articles = {identifier: join_article(*article) for identifier, article in read_articles(corpora).items()}
    rows: dict[str, list[dict[str, Any]]] = {}
    for corpus in CORPORA:
        for line, row in read_lines(LABELS / f"{corpus}.jsonl"):
            if row["id"] not in articles:
                raise line.fail(f"an article of {corpora}", row["id"])
            if in_development(group_of(row["id"]), PARAGRAPH_SHARE):
                rows.setdefault(row["id"], []).append(row)
    if not rows:
        raise LabelError(f"expected development labels in {LABELS}, found none")
    return [_gold(identifier, articles[identifier], items, hand_mentions) for identifier, items in rows.items()]


def _gold(identifier: str, article: Article, rows: Sequence[dict[str, Any]], hand_mentions: bool) -> GoldArticle:
    names = sorted({row["party"] for row in rows})
    mentions: dict[str, list[Mention]] = {}
    for row in rows if hand_mentions else ():
        for start, end in row["mentions"]:
            mentions.setdefault(row["party"], []).append(Mention(row["paragraph"], start, end))
    return GoldArticle(
        id=identifier,
        article=article,
        requests=tuple(PartyRequest(name) for name in names),
        mentions={name: tuple(sorted(found)) for name, found in mentions.items()},
        labels=tuple(
            StanceLabel(row["paragraph"], row["party"], Stance(row["stance"]), voice=Voice(row["voice"]))
            for row in rows
        ),
        genre="speech" if identifier.startswith("ungd") else "report",
        kinds={row["party"]: row["kind"] for row in rows},
        open_text=False,
    )


if __name__ == "__main__":
    sys.exit(main())
