"""A run's scores for a terminal."""

from collections.abc import Mapping
from typing import Any

from eval.summaries import ROUGE


def lines_of(record: Mapping[str, Any]) -> list[str]:
    """The whole table."""
    scores = record["scores"]
    lines = [
        f"items: {scores['items']}; articles: {record['articles']}, judged now {record['asked']} in "
        f"{record['seconds']:.1f} s",
        "",
        *_compared(record),
        "",
        *score_lines(scores),
        "",
        *_checks(record),
    ]
    lines += ["", *_unaided(record)] if record.get("unaided") else []
    for name in ("genre", "kind", "gold_voice", "reference"):
        lines += ["", *_groups(name, record["by"][name])] if record["by"].get(name) else []
    if record.get("without_text"):
        lines += ["", f"passed over, for their texts are not at hand: {', '.join(record['without_text'])}"]
    if record["disputed"]:
        lines += ["", f"left out: {record['disputed']} items on which annotators differ and nobody decided"]
    return lines


def score_lines(scores: Mapping[str, Any]) -> list[str]:
    """Scores by label and the confusion matrix."""
    lines = [f"{'label':<12}precision  recall     F1  items"]
    for label, row in scores["labels"].items():
        lines.append(
            f"{label:<12}{_percent(row['precision']):>9}  {_percent(row['recall']):>6}"
            f"  {_percent(row['f1']):>5}  {row['items']:>5}"
        )
    names = scores["confusion"]["labels"]
    lines += ["", f"{'gold ↓ predicted →':<20}" + "".join(f"{name:>10}" for name in names)]
    for name, row in zip(names, scores["confusion"]["rows_gold_columns_predicted"], strict=True):
        lines.append(f"{name:<20}" + "".join(f"{count:>10}" for count in row))
    return lines


def _compared(record: Mapping[str, Any]) -> list[str]:
    rows = [(record["judge"], record["scores"])]
    rows += [("second reading", record["ceiling"])] if record["ceiling"] else []
    rows += list(record["baselines"].items())
    lines = [f"{'percent (95 %)':<22}{'accuracy':<22}{'macro-F1':<22}{'macro-F1, present':<22}κ, present"]
    for name, row in rows:
        within = row["intervals"]
        cells = [
            f"{_percent(value)} ({_percent(within[key][0])} to {_percent(within[key][1])})"
            for key, value in (
                ("accuracy", row["accuracy"]),
                ("macro_f1", row["macro_f1"]),
                ("present_macro_f1", row["present"]["macro_f1"]),
            )
        ]
        lines.append(f"{name:<22}" + "".join(f"{cell:<22}" for cell in cells) + _number(row["present"]["kappa"]))
    return lines


def _checks(record: Mapping[str, Any]) -> list[str]:
    scores = record["scores"]
    voice, sure, evidence, summaries = scores["voice"], scores["sure"], record["evidence"], record["summary"]
    lines = [
        f"voice: {_percent(voice['accuracy'])} right of {voice['items']} items with a stance on both sides",
        f"unsure: {scores['unsure']} items; of the others {_percent(sure['accuracy'])} are right; "
        f"unread: {scores['unread']}; calibration error {_number(scores['calibration_error'])}",
        f"of {scores['opposite']['items']} present items {_percent(scores['opposite']['accuracy'])} are shown on the "
        f"opposite side, {_percent(scores['taken_for_absent']['accuracy'])} as absent",
    ]
    if evidence:
        lines.append(
            f"evidence: the stance’s probability falls by {evidence['fall']:.2f} without it, by "
            f"{evidence['fall_other']:.2f} without the costliest other sentence; most in "
            f"{_percent(evidence['largest'])} of {evidence['items']} items"
        )
    for name, row in record["names"].items():
        lines.append(f"names {name}: {_percent(row['followed'])} of {row['items']} labels stay with their party")
    if summaries:
        lines.append(
            f"summaries of {summaries['articles']} articles, {summaries['words']:.0f} words: " + _rouge(summaries)
        )
        for genre, row in summaries["by"].items():
            lines.append(f"  {genre:<14}{_rouge(row)} ({row['articles']} articles)")
        lines.append(
            f"  sentences that the article supports {_percent(summaries['supported'])}, written "
            f"{_percent(summaries['written'])}, with strange names, numbers or quotations {summaries['strange']:.0f}"
        )
    return lines


def _unaided(record: Mapping[str, Any]) -> list[str]:
    """What a reader meets who names no party."""
    scores, finding, readers = (record["unaided"][key] for key in ("scores", "finding", "second_reader"))
    present = scores["present"]
    lines = [
        f"parties found unaided: macro-F1 {_percent(scores['macro_f1'])}, of present items "
        f"{_percent(present['macro_f1'])}, κ {_number(present['kappa'])}; "
        f"{_percent(scores['taken_for_absent']['accuracy'])} of present items shown as absent"
    ]
    for name, row in (("found", finding), ("second reader", readers)):
        if row:
            lines.append(
                f"  {name:<14}{_percent(row['found'])} of {row['readers']} readers' parties among the main ones, "
                f"{_percent(row['found_anywhere'])} anywhere; of {row['main']} main ones junk {_percent(row['junk'])}, "
                f"twice {_percent(row['twice'])}, merged {_percent(row['merged'])}"
            )
    return lines


def _rouge(row: Mapping[str, Any]) -> str:
    ours, lead = ("/".join(_percent(some[key]) for key in ROUGE) for some in (row, row["lead3"]))
    return f"ROUGE-1/2/Lsum {ours}, first three sentences {lead}"


def _groups(name: str, groups: Mapping[str, Any]) -> list[str]:
    lines = [f"{'by ' + name:<22}{'items':<8}{'accuracy':<22}macro-F1, present"]
    for value, row in groups.items():
        low, high = row["intervals"]["accuracy"]
        accuracy = f"{_percent(row['accuracy'])} ({_percent(low)} to {_percent(high)})"
        lines.append(f"{value:<22}{row['items']:<8}{accuracy:<22}{_percent(row['present']['macro_f1'])}")
    return lines


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
