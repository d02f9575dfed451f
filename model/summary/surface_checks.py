"""What can be checked in a sentence to the letter: its numbers, dates, names and quotations."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from spacy.lang.en.stop_words import STOP_WORDS
from text_to_num import alpha2digit

from ..article.patterns import read_patterns
from ..names.gazetteer import state_matches

_PATTERNS = read_patterns(Path(__file__).with_suffix(".toml"))
_NUMBER, _SCALED, _FRACTIONS, _DAYS = (_PATTERNS[name] for name in ("number", "scaled", "fraction", "day"))
_CURRENCY, _QUOTED, _FULL_NAME = (_PATTERNS[name] for name in ("currency", "quoted", "full_name"))
_SCALES = {
    "k": 3, "thousand": 3, "lakh": 5, "m": 6, "mn": 6, "million": 6, "crore": 7,
    "b": 9, "bn": 9, "billion": 9, "tn": 12, "trn": 12, "trillion": 12,
}  # fmt: skip
_FUNCTION_WORDS = STOP_WORDS | {"according"}  # "according to" is a preposition
_SIGNS = {"$": "dollar", "USD": "dollar", "£": "pound", "GBP": "pound", "€": "euro", "EUR": "euro"}
_WORD = re.compile(r"(?:[A-Z]\.){2,}|[^\W\d_][\w&]*")
_LEAST_STEM = 5
"""The fewest letters that two words of one stem have in common."""
_MARKS = str.maketrans("‘’‚‹›“”„«»–—", "'''''\"\"\"\"\"--")
"""One spelling of quotation marks, apostrophes and dashes."""


def numbers_of(text: str) -> set[str]:
    """The numbers, currencies and dates in `text`, each in one form.

    Numbers are digits ("0.5", "2000000"), or words such as "twice" and "doubl"; the others are words ("dollar", "May").
    """
    plain = "".join(f"{value:g}"[1:] if 0 < (value := unicodedata.numeric(sign, 0)) < 1 else sign for sign in text)
    plain = re.sub(r"(?<=\d) ?[-‐-―] ?(?=\d)", " to ", plain)
    plain = re.sub(r"[-‐-―]|[^\S\n]", " ", plain)
    plain = re.sub(r"(?<![\w.])\.(?=\d)", "0.", plain)
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain)
    plain = re.sub(r"(?<![\d.])\d{1,3}(?: \d{3})+\b", lambda m: m[0].replace(" ", ""), plain)
    digits = alpha2digit(plain, "en", threshold=1)
    digits = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", digits)
    digits = re.sub(r"(?<!\d)(\d+(?:\.\d+)?) 1(0{3,12})\b", lambda m: f"{float(m[1]) * 10 ** len(m[2]):.0f}", digits)
    digits = _SCALED.sub(lambda m: f"{float(m[1]) * 10 ** _SCALES[m[2].lower()]:.0f}", digits)
    found = {number.strip(",.").replace(",", "") for number in _NUMBER.findall(digits)}
    return (
        {number.rstrip("0").rstrip(".") if "." in number else number for number in found}
        | {word.lower() for word in _FRACTIONS.findall(plain)}
        | {_SIGNS.get(word, word.lower().rstrip("s")) for word in _CURRENCY.findall(text)}
        | {word.rstrip("s") for word in _DAYS.findall(text)}
    )


def quotations_of(text: str) -> list[str]:
    """The words between quotation marks of any kind, in one spelling of signs and spaces."""
    found = _QUOTED.finditer(text.translate(_MARKS))
    return [same_signs(match[match.lastindex or 0]) for match in found]


def same_signs(text: str) -> str:
    """`text` in small letters with one kind of quotation mark, dash and space, and without signs at its ends."""
    plain = text.translate(_MARKS).replace('"', "'")
    return " ".join(plain.split()).lower().strip(" .,;:!?'")


def names_of(text: str) -> list[str]:
    """The words that may be names: all with a capital but function words ("The"; "WHO" is none), without points."""
    words = (word.replace(".", "") for word in _WORD.findall(text))
    return [word for word in words if word[0].isupper() and (_acronym(word) or word.lower() not in _FUNCTION_WORDS)]


def _acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def strange_names(names: Iterable[str], source: str) -> list[str]:
    """Those of `names` that `source` does not have.

    It has a name in another form of the same state or word, and initials also as the words that they are of. A name
    may be a common word there, for any may stand at the beginning of a sentence; one all in capitals may not.
    """
    words = {word.lower() for word in _WORD.findall(source)}
    capitals = {name.lower() for name in names_of(source)}
    states = {match.state.name for match in state_matches(source)}
    initials = ["".join(re.findall(r"\b[A-Z]", full)) for full in _FULL_NAME.findall(source)]

    def known(name: str) -> bool:
        if name.lower() in (capitals if _acronym(name) else words):
            return True
        if own := {match.state.name for match in state_matches(name)}:
            return bool(own & states)
        if _acronym(name):
            return any(name in some for some in initials)
        return any(_akin(name.lower(), word) for word in words)

    return [name for name in names if not known(name)]


def _akin(one: str, other: str) -> bool:
    """Whether two words are the same, or the longer begins with the shorter one, but for a vowel or "s" at its end."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    stem = short[:-1] if short[-1] in "aeiosuy" and not long.startswith(short) else short
    return len(stem) >= _LEAST_STEM and long.startswith(stem)


def coverage(claim: str, source: str) -> float:
    """The share of `claim`'s content words that `source` has, in another form too; 0 of none."""
    found = [{word.lower() for word in _WORD.findall(text)} - _FUNCTION_WORDS for text in (claim, source)]
    content = [word for word in found[0] if len(word) > 1]
    return sum(any(_akin(word, other) for other in found[1]) for word in content) / max(1, len(content))


def missing_numbers(claim: str, source: str) -> set[str]:
    """What of `numbers_of(claim)` is not in `source`; the words "one" and "once" count nothing as often as not."""
    uncounted = {"once"} if "1" in _NUMBER.findall(claim) else {"once", "1"}
    return numbers_of(claim) - numbers_of(source) - uncounted


def invented_quotations(claim: str, source: str) -> list[str]:
    """The quotations of `claim` that `source` does not have word for word."""
    plain = same_signs(source)
    return [quoted for quoted in quotations_of(claim) if not re.search(rf"(?<!\w){re.escape(quoted)}(?!\w)", plain)]
