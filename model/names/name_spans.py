"""Which words of a mention are a name, and which are a pronoun or a description."""

import re

from ..domain import Mention, Span

_SMALL = re.compile(
    r"(?:the|a|an|it|its|itself|he|his|him|himself|she|her|herself|they|their|them|themselves|we|our|us|ourselves|i|my|"
    r"me|you|your|yours|who|whose|whom|which|that|this|these|those|both|each|every|either|neither|all|some|such|"
    r"other|others|mine|ours|theirs|hers|myself|and|or|of|in|for|on|at|by|from|mr|mrs|ms|dr|sir)",
    re.IGNORECASE,
)
"""Words before a name that are never part of it."""
_OFFICE_OR_BODY = re.compile(
    r"(?:president|minister|prime|government|ministry|party|company|court|union|council|group|state|states|country|"
    r"countries|nation|nations|republic|administration|parliament|authorities|committee|commission|organization|"
    r"organisation|assembly|delegation|secretary|police|club|team|city|former|deputy|leader|leaders|officials|side|"
    r"sides|chair|chairman|chairwoman|chief|judge|senator|representative|king|queen|prince|princess|"
    r"pope|mayor|governor|general|captain|professor)",
    re.IGNORECASE,
)
"""Words before a name that may be part of it, or a title ("General")."""
_WORD = re.compile(r"(?:[A-Z]\.){2,}|\w+(?:[.&’'-](?!s\b)\w+)*")


def name_in(text: str, mention: Span | Mention) -> Span | None:
    """The words of `mention` that are a name: between its first capitalised word, past titles, and its last."""
    spans = spans_in(text, mention)
    return spans[0] if spans else None


def spans_in(text: str, mention: Span | Mention) -> tuple[Span, Span] | None:
    """`name_in`, and the same with the titles before it, which may be part of it ("General Motors").

    Titles alone are no name.
    """
    words = [word for word in _WORD.finditer(text, mention.start, mention.end) if any(map(str.isupper, word[0]))]
    titled = [word for word in words if not _is(_SMALL, word[0])]
    name = next((word for word in titled if not _is(_OFFICE_OR_BODY, word[0])), None)
    if name is None:
        return None
    end = words[-1].end()
    return Span(name.start(), end), Span(titled[0].start(), end)


def _is(words: re.Pattern[str], word: str) -> bool:
    """Whether `word` is one of these, and no acronym ("US", "WHO")."""
    return words.fullmatch(word) is not None and (len(word) == 1 or not word.isupper())
