"""Which words of a text may refer to a party without its known names: pronouns and noun phrases."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..article.nlp import ParsedText
from ..domain import Mention

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
AMOUNTS_AND_DATES = ("DATE", "TIME", "MONEY", "PERCENT", "QUANTITY", "CARDINAL", "ORDINAL")
"""spaCy's labels of what nobody is."""


@dataclass(frozen=True, slots=True)
class Node:
    """A name (`named`), or words that may refer to somebody; `head` is the chief one among them.

    A `singular` pronoun refers to one party at most.
    """

    words: Mention
    head: Mention
    named: bool = False
    singular: bool = False


def possible_references(place: int, parsed: ParsedText, names: Iterable[Mention]) -> list[Node]:
    """The pronouns and base noun phrases of a text, but for those whose head word is within `names`.

    Phrases that open with an indefinite word, amounts, dates and lone adjectives are left out.
    """
    taken = {token.start for name in names for token in parsed.within(name)}
    found = dict.fromkeys((*_pronouns(place, parsed), *_phrases(place, parsed)))  # "theirs" may be both
    return [node for node in found if node.head.start not in taken]


def _pronouns(place: int, parsed: ParsedText) -> Iterator[Node]:
    for token in parsed.tokens:
        if token.text.lower() in _PRONOUNS and token.text not in ("US", "IT"):
            word = Mention(place, token.start, token.end)
            yield Node(word, word, singular=token.text.lower() in _SINGULAR)


def _phrases(place: int, parsed: ParsedText) -> Iterator[Node]:
    nobody = {t.start for entity in parsed.entities if entity.label in AMOUNTS_AND_DATES for t in parsed.within(entity)}
    for phrase in parsed.phrases:
        words = list(parsed.within(phrase))
        while words and words[-1].tag not in _ENDS:
            words.pop()
        if not words or words[0].text.lower() in _INDEFINITE:
            continue
        head = words[-1]
        if head.tag == "CD" or (len(words) == 1 and head.tag.startswith(("JJ", "VB"))):
            continue
        if head.start not in nobody:
            yield Node(Mention(place, words[0].start, head.end), Mention(place, head.start, head.end))
