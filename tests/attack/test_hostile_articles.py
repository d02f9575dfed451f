"""Articles of an odd shape: long paragraphs are cut, too many are refused, and thousands of names end in time."""

import time
from collections.abc import Iterator

import pytest
import torch
from spacy.language import Language
from spacy.tokens import Doc

from model.article import nlp
from model.article.nlp import NamedEntity, ParsedArticle, ParsedText, parse, parse_articles
from model.article.splitter import join_article, split_article
from model.domain import Article, Span
from model.errors import ArticleError
from model.networks.stretches import TokenizedText
from model.networks.text_states import TextStates
from model.parties.finder import find_parties
from model.recent import Recent

TITLE = "A title of a few words"
SHAPES = {
    "words": "word " * 39_000,
    "one word": "x" * 190_000,
    "sentences": "Norway thanked Sweden. " * 8_500,
    "blanks": "word" + " " * 180_000 + "word",
    "dots": "a.a.a." * 32_000,
}
LIMIT = 5.0
"""Seconds of a processor's time."""


@pytest.mark.parametrize("shape", SHAPES)
def test_a_long_paragraph_is_cut(shape: str) -> None:
    text = f"{TITLE}\n\n{SHAPES[shape]}\n\nAnd one more paragraph, so that it is not alone."
    start = time.process_time()
    article = split_article(text)
    assert time.process_time() - start < LIMIT
    assert max(len(paragraph.text) for paragraph in article.paragraphs) <= 10_000
    assert all(text[p.start : p.end] == p.text == p.text.strip() for p in article.paragraphs)
    kept = "".join(paragraph.text for paragraph in article.paragraphs)
    assert "".join(kept.split()) == "".join(text.split()).removeprefix("".join(TITLE.split()))


def test_too_many_paragraphs() -> None:
    text = "\n\n".join(f"In week {n} the ferry sailed." for n in range(2_001))
    with pytest.raises(ArticleError, match="expected at most 2,000 paragraphs, got 2,00"):
        split_article(text)


def test_little_is_parsed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an article's length: spaCy's layers hold all that it is given, some kB for each character."""
    given: list[list[str]] = []
    pipe = Language.pipe

    def counted(self: Language, texts: list[str]) -> Iterator[Doc]:
        given.append(texts)
        return pipe(self, texts)

    monkeypatch.setattr(Language, "pipe", counted)
    texts = ["Norway thanked Sweden. " * 30] * 30 + ["", "Ana Lind told " * 800, "Norway thanked Denmark."]
    parsed = parse(texts)
    assert [of_one.text for of_one in parsed] == texts
    assert [text for some in given for text in some] == texts
    assert max(sum(map(len, some)) for some in given if len(some) > 1) <= 10_000
    assert len(given) == 5
    assert [entity.text for entity in parsed[-1].entities] == ["Norway", "Denmark"]


def test_parsed_articles_are_kept_by_their_length(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Recent[Article, ParsedArticle](100, lambda parsed: len(parsed.article.text))
    monkeypatch.setattr(nlp, "_recent", kept)
    short = [
        join_article("", [f"{name} thanked Sweden for its patience."]) for name in ("Norway", "Denmark", "Finland")
    ]
    long = join_article("", ["Norway thanked Sweden for its patience. " * 5])
    for article in (*short, long):
        assert parse_articles([article])[0].paragraphs[0].text == article.text
    assert list(kept.known([*short, long])) == short[1:]


@pytest.mark.parametrize("label", ["PERSON", "ORG"])
def test_thousands_of_names_in_one_paragraph(label: str) -> None:
    """Once each name another one, then the same names again and again."""
    letters = "abcdefghij"
    for most in (4_000, 50):
        names = [f"Q{''.join(letters[int(digit)] for digit in str(n % most))} Lund" for n in range(4_000)]
        text = " ".join(names)
        found, at = [], 0
        for name in names:
            found.append(NamedEntity(at, at + len(name), name, label))
            at += len(name) + 1
        parsed = ParsedText(text, (), tuple(found), (Span(0, len(text)),))
        start = time.process_time()
        article = ParsedArticle(join_article("", [text]), ParsedText("", (), (), ()), (parsed,))
        nothing = TokenizedText((), ())
        find_parties(article, TextStates([nothing, nothing], [torch.zeros(0, 768)] * 2, 768))
        assert time.process_time() - start < 4 * LIMIT
