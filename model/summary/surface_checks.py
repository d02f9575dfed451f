"""What can be checked in a sentence to the letter: its numbers, dates, names and quotations."""

import re
from collections.abc import Iterable
from pathlib import Path

from spacy.lang.en.stop_words import STOP_WORDS
from text_to_num import alpha2digit

from ..article.patterns import read_patterns
from ..names.gazetteer import state_matches

_PATTERNS = read_patterns(Path(__file__).with_suffix(".toml"))
_NUMBER, _SCALED, _FRACTIONS, _DAYS = (_PATTERNS[name] for name in ("number", "scaled", "fraction", "day"))
_QUOTED = _PATTERNS["quoted"]
_SCALES = {"thousand": 3, "million": 6, "m": 6, "bn": 9, "billion": 9, "trillion": 12}


def numbers_of(text: str) -> set[str]:
    """The numbers and dates in `text`, each in one form: digits, words such as "twice", months and days."""
    plain = text.replace("-", " ").replace("–", " ").replace("\u00a0", " ")
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain)
    plain = re.sub(r"(?<=\d) (?=\d{3}\b)", "", plain)
    digits = alpha2digit(plain, "en", threshold=1)
    digits = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", digits)
    digits = re.sub(r"(?<!\d)(\d+(?:\.\d+)?) 1(0{3,12})\b", lambda m: f"{float(m[1]) * 10 ** len(m[2]):.0f}", digits)
    digits = _SCALED.sub(lambda m: f"{float(m[1]) * 10 ** _SCALES[m[2].lower()]:.0f}", digits)
    found = {number.strip(",.").replace(",", "") for number in _NUMBER.findall(digits)}
    return (
        {number.rstrip("0").rstrip(".") if "." in number else number for number in found}
        | {word.lower() for word in _FRACTIONS.findall(plain)}
        | {word.rstrip("s") for word in _DAYS.findall(text)}
    )


def quotations_of(text: str) -> list[str]:
    """The words between quotation marks, in one spelling of signs and spaces."""
    return [same_signs(words) for words in _QUOTED.findall(text)]


def same_signs(text: str) -> str:
    """`text` in small letters with one kind of apostrophe, dash and space, and without signs at its end."""
    plain = text.replace("’", "'").replace("‘", "'").replace("–", "-").replace("—", "-")
    return " ".join(plain.split()).lower().strip(" .,;:!?'")


def names_of(text: str) -> list[str]:
    """The words written as names: capitals that do not only stand where a sentence or a quotation begins."""
    words = re.finditer(r"[^\W\d_][\w’'&\-]*", text)
    names = []
    for match in words:
        word = re.sub(r"['’]s?$", "", match[0])
        before = text[: match.start()].rstrip()
        opens = not before or before[-1] in '.!?“"‘:('
        plain = opens and not any(letter.isupper() for letter in word[1:])
        if word[:1].isupper() and not plain and not re.match(r"I['’]", word):
            names.append(word)
    return names


def opening_word(text: str) -> list[str]:
    """The word that `text` begins with, which may be a name (`names_of` cannot tell); [] for one that says little."""
    word = re.match(r"[^\W\d_][\w&\-]*", text)
    return [word[0]] if word and word[0].lower() not in STOP_WORDS else []


def strange_names(names: Iterable[str], source: str) -> list[str]:
    """Those of `names` that `source` does not have, in another form of the same state or word neither."""
    words = {word.lower() for word in re.findall(r"[^\W\d_][\w&\-]*", source.replace("’", "'"))}
    stems = {word[:5] for word in words if len(word) > 4}
    states = {match.state.name for match in state_matches(source)}
    initials = "".join(word[0] for word in re.findall(r"\b[A-Z]\w*", source))
    return [
        name
        for name in names
        if not any(part in words for part in (name.lower(), *name.lower().split("-")))
        and not (len(name) > 4 and name.lower()[:5] in stems)
        and not (name.isupper() and len(name) > 1 and name in initials)
        and not {match.state.name for match in state_matches(name)} & states
    ]


def missing_numbers(claim: str, source: str) -> set[str]:
    """The numbers and dates of `claim` that `source` does not have; "one" and "once" count nothing as often as not."""
    return numbers_of(claim) - numbers_of(source) - {"1", "once"}


def invented_quotations(claim: str, source: str) -> list[str]:
    """The quotations of `claim` that `source` does not have word for word."""
    plain = same_signs(source)
    return [quoted for quoted in quotations_of(claim) if quoted not in plain]
