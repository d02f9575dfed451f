"""Which words of a mention are a name, and which are a pronoun or a description."""

import re

from ..domain import Mention, Span

_PLAIN = re.compile(
    r"(?:the|a|an|it|its|itself|he|his|him|himself|she|her|herself|they|their|them|themselves|we|our|us|ourselves|i|my|me|"
    r"you|your|yours|who|whose|whom|which|that|this|these|those|both|each|every|either|neither|all|some|such|"
    r"other|others|mine|ours|theirs|hers|myself|"
    r"president|minister|prime|government|ministry|party|company|court|union|council|group|state|states|country|"
    r"countries|nation|nations|republic|administration|parliament|authorities|committee|commission|organization|"
    r"organisation|assembly|delegation|secretary|police|club|team|city|former|deputy|leader|leaders|officials|side|"
    r"sides|chair|chairman|chairwoman|chief|judge|senator|representative|mr|mrs|ms|dr|sir|king|queen|prince|"
    r"princess|pope|mayor|governor|general|captain|professor|and|or|of|in|for|on|at|by|from)",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?:[A-Z]\.){2,}|\w+(?:[.&’'-](?!s\b)\w+)*")


def name_in(text: str, mention: Span | Mention) -> Span | None:
    """The words of `mention` that are a name: between its first capitalised word, past titles, and its last."""
    start = end = None
    for word in _WORD.finditer(text, mention.start, mention.end):
        plain = _PLAIN.fullmatch(word[0]) is not None and (len(word[0]) == 1 or not word[0].isupper())  # "US", "WHO"
        if any(map(str.isupper, word[0])) and not (start is None and plain):
            start = word.start() if start is None else start
            end = word.end()
    return Span(start, end) if start is not None and end is not None else None
