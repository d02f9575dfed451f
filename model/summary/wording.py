"""What a regression sees of a sentence's wording, to tell whether it can be shown without its neighbours."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from spacy.lang.en.stop_words import STOP_WORDS

from ..article.nlp import NamedEntity, ParsedText, Token, plain_words

Wording = Mapping[str, float]
_SUBJECTS = ("nsubj", "nsubjpass")
_MARKS = '"“”'


def wordings_of(parsed: ParsedText, title: str) -> Iterator[Wording]:
    """The wording of each sentence of a text; what the article's `title` names is known to whoever reads it.

    They come one by one: those of a long article would take hundreds of megabytes at once.
    """
    named = [entity.start for entity in parsed.entities]
    known = set(plain_words(title))
    for number, (span, line) in enumerate(zip(parsed.sentences, parsed.lines, strict=True)):
        words = parsed.within(span)
        entities = parsed.entities[bisect_left(named, span.start) : bisect_left(named, span.end)]
        values = _wording(words, line, known) | _names(parsed.text, entities, known)
        yield values | {"begins": float(number == 0)}


def _wording(words: Sequence[Token], line: str, known: set[str]) -> dict[str, float]:
    """Its function words, how it begins and ends, its subject, and how it is built."""
    total = max(1, len(words))
    values = {f"has {word.text.lower()}": 1.0 for word in words if word.text.lower() in STOP_WORDS}
    for kind, counts in (("tag", Counter(w.tag for w in words)), ("relation", Counter(w.dep for w in words))):
        values |= {f"{kind} {name}": number / total for name, number in counts.items()}
    by_start = {word.start: word for word in words}
    subject = next((word for word in words if word.dep in _SUBJECTS), None)
    determiners = [word for word in words if word.dep == "det"]
    definite = [
        by_start[word.head].text for word in determiners if word.text.lower() == "the" and word.head in by_start
    ]
    if words:
        values[f"first {_kind(words[0])}"] = 1.0
    values[f"subject {_kind(subject) if subject else 'none'}"] = 1.0
    values |= {f"subject with {d.text.lower()}": 1.0 for d in determiners if subject and d.head == subject.start}
    marks = sum(line.count(mark) for mark in _MARKS)
    return values | {
        f"last {line[-1:] if not line[-1:].isalnum() else 'word'}": 1.0,
        "new definites": sum(not set(plain_words(text)) <= known for text in definite) / total,
        "length": math.log(total),
        "quotation marks": min(1.0, marks / 4),
        "open quotation": float(marks % 2),
        "begins small": float(line.lstrip("\"'“‘(")[:1].islower()),
    }


def _names(text: str, entities: Sequence[NamedEntity], known: set[str]) -> dict[str, float]:
    """Whom it names, and how many people by one word that the title lacks."""
    names = [(entity.label, text[entity.start : entity.end]) for entity in entities]
    single = [name for label, name in names if label == "PERSON" and " " not in name]
    return {
        "names": min(1.0, len(names) / 4),
        "single names": float(sum(not set(plain_words(name)) <= known for name in single)),
    }


def _kind(word: Token) -> str:
    """A function word or a sign as it is, of other words the tag."""
    text = word.text.lower()
    return text if text in STOP_WORDS or not text.isalpha() else word.tag
