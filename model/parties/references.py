"""Which words of a text may refer to a party without its known names: pronouns and noun phrases."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..article.nlp import NamedEntity, ParsedText
from ..domain import Span

_SINGULAR = {
    "he", "him", "his", "himself", "she", "her", "hers", "herself", "it", "its", "itself", "i", "me", "my", "mine",
    "myself",
}  # fmt: skip
_PRONOUNS = _SINGULAR | {
    "they", "them", "their", "theirs", "themselves", "we", "us", "our", "ours", "ourselves", "you", "your", "yours",
    "yourself",
}  # fmt: skip
_INDEFINITE = {
    "a", "an", "no", "any", "every", "some", "each", "another", "such", "what", "which", "whose", "many", "few",
    "several", "more", "most", "one", "much", "half", "all",
}  # fmt: skip
"""Words that open a phrase about somebody, or something, not met before."""
_ENDS = ("NN", "NNS", "NNP", "NNPS", "JJ", "JJR", "JJS", "VBN", "VBG", "CD")
_NOBODY = ("DATE", "TIME", "MONEY", "PERCENT", "QUANTITY", "CARDINAL", "ORDINAL")
"""spaCy's labels of what is never an actor's."""


@dataclass(frozen=True, slots=True)
class PossibleReference:
    """Words that may refer to somebody, and the chief one among them; `singular` pronouns mean one and no other."""

    span: Span
    head: Span
    singular: bool = False


def possible_references(parsed: ParsedText, names: Sequence[Span]) -> list[PossibleReference]:
    """The pronouns and base noun phrases of a text in order, but for those whose head word is within `names`.

    Phrases that open with an indefinite word, amounts, dates and lone adjectives are left out.
    """
    taken = _words_in(parsed, names)
    found = {reference for reference in (*_pronouns(parsed), *_phrases(parsed)) if reference.head.start not in taken}
    return sorted(found, key=lambda reference: (reference.span.start, -reference.span.end))


def _words_in(parsed: ParsedText, spans: Iterable[Span | NamedEntity]) -> set[int]:
    """Where the words begin that are within one of `spans`."""
    starts = [token.start for token in parsed.tokens]
    return {start for s in spans for start in starts[bisect_left(starts, s.start) : bisect_left(starts, s.end)]}


def _pronouns(parsed: ParsedText) -> Iterator[PossibleReference]:
    for token in parsed.tokens:
        if token.text.lower() in _PRONOUNS and token.text not in ("US", "IT"):
            span = Span(token.start, token.end)
            yield PossibleReference(span, span, token.text.lower() in _SINGULAR)


def _phrases(parsed: ParsedText) -> Iterator[PossibleReference]:
    tokens, starts = parsed.tokens, [token.start for token in parsed.tokens]
    nobody = _words_in(parsed, [entity for entity in parsed.entities if entity.label in _NOBODY])
    for phrase in parsed.phrases:
        words = list(tokens[bisect_left(starts, phrase.start) : bisect_left(starts, phrase.end)])
        while words and words[-1].tag not in _ENDS:
            words.pop()
        if not words or words[0].text.lower() in _INDEFINITE:
            continue
        head = words[-1]
        if head.tag == "CD" or (len(words) == 1 and head.tag.startswith(("JJ", "VB"))):
            continue
        if head.start not in nobody:
            yield PossibleReference(Span(words[0].start, head.end), Span(head.start, head.end))
