"""`python -m eval.labelling`: show an article for labelling, check a form, and join forms to lines of a gold file."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.labelling.form import Cited, Form, evidence_of, read_form, shown
from model.article.nlp import ParsedArticle, parse_articles
from model.article.splitter import split_article
from model.domain import Voice
from model.errors import LabelError, SidelightError

SETTLES = "adjudicated"
"""The annotator whose label decides where two readers differ."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns 0, 1 where a form has problems, or 2 after an error message."""
    parser = argparse.ArgumentParser(prog="python -m eval.labelling", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("show", help="print an article with numbered paragraphs and sentences")
    check = commands.add_parser("check", help="say what is missing or malformed in a form")
    join = commands.add_parser("join", help="write a line of a gold file from one reader's form, or from two or three")
    for command in (check, join):
        command.add_argument("form", type=Path)
    for command in (show, check, join):
        command.add_argument("article", type=Path, help="a text file, as it would be pasted")
    join.add_argument("--second", type=Path, help="another reader's form, with the same parties")
    join.add_argument("--third", type=Path, help="who settles the items on which they differ")
    join.add_argument("--out", type=Path, required=True, help="the gold file; the line is added to it")
    options = parser.parse_args(arguments)
    try:
        (parsed,) = parse_articles([split_article(options.article.read_text(encoding="utf-8"))])
        if options.command == "show":
            print("\n".join(shown(parsed)))
            return 0
        form = read_form(options.form.read_text(encoding="utf-8"), parsed)
        if options.command == "check":
            print("\n".join(form.problems) or "ok")
            return 1 if form.problems else 0
        others = [
            (name, read_form(path.read_text(encoding="utf-8"), parsed).whole())
            for name, path in (("second", options.second), (SETTLES, options.third))
            if path
        ]
        row = joined(options.article.stem, parsed, form.whole(), others)
        with options.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    except (SidelightError, OSError) as error:
        print(f"eval: {error}", file=sys.stderr)
        return 2
    return 0


def joined(identifier: str, parsed: ParsedArticle, first: Form, others: Sequence[tuple[str, Form]]) -> dict[str, Any]:
    """The line of a gold file: the first reader's form, and beside its labels those of other readers by name.

    Raises:
        LabelError: a reader has other parties.
    """
    names = [party.name for party in first.parties]
    for reader, form in others:
        if [party.name for party in form.parties] != names:
            raise LabelError(f"expected the parties {names} in the form of {reader}, got other ones")
    readings = [("first", first), *others]
    second = dict(others).get("second")
    return {
        "id": identifier,
        "title": parsed.title.text,
        "paragraphs": [paragraph.text for paragraph in parsed.paragraphs],
        "parties": [{"name": p.name, "kind": p.kind, "aliases": list(p.aliases)} for p in first.parties],
        "labels": [
            {**label, "annotator": reader} if others else label
            for reader, form in readings
            for label in labels_of(form, parsed)
            if reader != SETTLES or _differ(first, second, label, names)
        ],
        "summary": _rows(first.summary),
        "treatment": {names[number - 1]: _rows([said])[0] for number, said in sorted(first.treatment.items())},
        "points": _rows(first.points),
    }


def _differ(first: Form, second: Form | None, label: dict[str, Any], names: Sequence[str]) -> bool:
    """Whether two readers give this item another stance or voice."""
    key = label["paragraph"], names.index(label["party"]) + 1
    one, two = first.table[key], (second or first).table[key]
    return (one.stance, one.voice) != (two.stance, two.voice)


def labels_of(form: Form, parsed: ParsedArticle) -> list[dict[str, Any]]:
    """The form's table as labels of a gold file."""
    rows = []
    for (paragraph, party), cell in sorted(form.table.items()):
        evidence = evidence_of(cell, parsed, paragraph)
        row = {
            "paragraph": paragraph,
            "party": form.parties[party - 1].name,
            "stance": cell.stance,
            "voice": cell.voice,
        }
        row |= {"holder": cell.holder} if cell.voice is Voice.QUOTED and cell.holder != "?" else {}
        row |= {"evidence": [evidence.start, evidence.end]} if evidence else {}
        rows.append(row)
    return rows


def _rows(sentences: Sequence[Cited]) -> list[dict[str, Any]]:
    return [{"text": sentence.text, "paragraphs": list(sentence.paragraphs)} for sentence in sentences]


if __name__ == "__main__":
    sys.exit(main())
