"""Headlines whose words all begin with capitals, as a sentence would have them: names stand out only then."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from spacy.lang.en.stop_words import STOP_WORDS

from .spans import WORD, in_title_case

_TITLE_CASE = 0.6
"""Share of a headline's words that begin with a capital, from which on capitals say nothing."""
_BEGINS = re.compile(r"(?:^|[^\W\d_]{2}[.!?][\"”’)]*\s+[\"“‘(]*)$")
"""Behind it a sentence begins, also the second one of a headline; behind an initial none does."""
_LEAST, _ENDING = 4, 3
"""Letters that two forms of one word share at least, and those that may differ at the end of the headline's."""


def truecased(title: str, paragraphs: Sequence[str]) -> str:
    """The title in small letters where the article mostly has the word so; as long as before.

    Of a word that the article lacks another form counts ("signs" for "signed"), and function words are small. A title
    that is written as a sentence is not changed.
    """
    if not in_title_case(title, _TITLE_CASE):
        return title
    used = Counter(word for paragraph in paragraphs for word in WORD.findall(paragraph))
    in_order = sorted(word for word in used if word.islower())

    def is_small(word: str, small: str) -> bool:
        if used[word] or used[small]:
            return used[small] > used[word]
        if small in STOP_WORDS:
            return small != "us"  # hardly ever the pronoun
        if word.isupper() or len(word) < _LEAST:
            return False
        stem = small[: max(_LEAST, len(small) - _ENDING)]
        at = bisect_left(in_order, stem)
        return at < len(in_order) and in_order[at].startswith(stem)

    def cased(match: re.Match[str]) -> str:
        word, small = match[0], match[0].lower()
        begins = _BEGINS.search(title, 0, match.start())
        return small if not begins and len(small) == len(word) and is_small(word, small) else word

    return WORD.sub(cased, title)
