"""Our labels of press articles, together with the texts, which are not ours to keep."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..article.nlp import ParsedArticle, parse_articles
from ..article.splitter import join_article
from ..errors import LabelError
from ..settings import DATA
from .json_lines import json_lines

PRESS = DATA / "press"
"""Our labels of real press: whole tables, an article a line, no text."""


def press_rows(corpora: Path, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The row of each article of `ids` in the corpus: `title`, `paragraphs`, `source` and more.

    Raises:
        LabelError: the corpus lacks one.
    """
    corpus = corpora / "news.jsonl"
    articles = {row["id"]: row for row in (json_lines(corpus) if corpus.is_file() else [])}
    try:
        return {name: articles[name] for name in ids}
    except KeyError as error:
        raise LabelError(f"expected the text of {error} in {corpus}, found none; --corpora names its folder") from error


def press_texts(corpora: Path, ids: Iterable[str]) -> dict[str, tuple[str, list[str]]]:
    """The title and the paragraphs of each article of `ids`.

    Raises:
        LabelError: the corpus lacks one.
    """
    return {name: (row["title"], row["paragraphs"]) for name, row in press_rows(corpora, ids).items()}


def press_articles(labels: Path, corpora: Path) -> Iterator[tuple[Mapping[str, Any], ParsedArticle]]:
    """Each line of `labels`, and its article from `corpora`, parsed.

    Raises:
        LabelError: the corpus lacks an article.
    """
    rows = json_lines(labels)
    articles = press_texts(corpora, [row["id"] for row in rows])
    for row in rows:
        (parsed,) = parse_articles([join_article(*articles[row["id"]])])
        yield row, parsed
