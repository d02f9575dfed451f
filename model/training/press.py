"""Our labels of press articles, together with the texts, which are not ours to keep."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..article.nlp import ParsedArticle, parse_articles
from ..article.splitter import join_article
from ..errors import LabelError
from ..settings import DATA

PRESS = DATA / "press"


def press_articles(labels: Path, corpora: Path) -> Iterator[tuple[Mapping[str, Any], ParsedArticle]]:
    """Each line of `labels`, and its article from `corpora`, parsed.

    Raises:
        LabelError: the corpus lacks an article.
    """
    corpus = corpora / "news.jsonl"
    lines = corpus.read_text(encoding="utf-8").splitlines() if corpus.is_file() else []
    articles: Mapping[str, Any] = {row["id"]: row for row in map(json.loads, lines)}
    for row in map(json.loads, labels.read_text(encoding="utf-8").splitlines()):
        if row["id"] not in articles:
            raise LabelError(f"expected the text of {row['id']!r} in {corpus}, found none; --corpora names its folder")
        article = articles[row["id"]]
        (parsed,) = parse_articles([join_article(article["title"], article["paragraphs"])])
        yield row, parsed
