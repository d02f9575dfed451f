"""Who says what a sentence says, as far as its form tells."""

import re

from ..article.nlp import parse, plain_words
from .surface_checks import quotations_of

_AUTHOR = re.compile(r"\bthe author\W", re.IGNORECASE)
_ACCORDING = re.compile(r"\baccording to\b", re.IGNORECASE)


def names_author(sentence: str) -> bool:
    """Whether a sentence, or its beginning, gives something to the author."""
    return _AUTHOR.search(sentence) is not None


def has_speaker(sentence: str, quotation: str) -> bool:
    """Whether a sentence that was made of a quotation quotes, or says that it is somebody's word.

    It says so by "according to", or by a verb that the quotation does not have, with a clause ("Berg says that …") or
    with a name as its subject ("Berg calls it a toll"). Whether that is a verb of speech is not looked at.
    """
    if quotations_of(sentence) or _ACCORDING.search(sentence):
        return True
    (parsed,) = parse([sentence])
    verbs = {
        token.head
        for token in parsed.tokens
        if token.dep == "ccomp" or (token.dep == "nsubj" and token.tag.startswith("NNP"))
    }
    own = set(plain_words(quotation))
    return any(token.start in verbs and token.text.lower() not in own for token in parsed.tokens)
