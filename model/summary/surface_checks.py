"""What can be checked in a sentence to the letter: its numbers, dates, names and quotations."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from spacy.lang.en.stop_words import STOP_WORDS
from text_to_num import alpha2digit

from ..article.patterns import read_patterns
from ..names.gazetteer import state_matches
from .openings import OPENING_WORDS, by_author

_PATTERNS = read_patterns(Path(__file__).with_suffix(".toml"))
_NUMBER, _SCALED, _FRACTIONS, _DAYS = (_PATTERNS[name] for name in ("number", "scaled", "fraction", "day"))
_QUOTED, _WORD, _SAYS = (_PATTERNS[name] for name in ("quoted", "word", "says"))
_SCALES = {"thousand": 3, "million": 6, "m": 6, "bn": 9, "billion": 9, "trillion": 12}
_NEAR = 180
"""Characters before and after a quotation in which its speaker is looked for."""
_SPEAKERS = 2
_PRONOUNS = {"it", "he", "she", "they"}
_COPIED, _BEFORE = 5, 2
"""Words in a row that are a copy, and words before it among which its actor is looked for."""


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


def misplaced_quotations(claim: str, sources: Sequence[str]) -> list[str]:
    """The quotations of `claim` whose surroundings in `sources` name nobody whom the claim names first.

    A real quotation given to somebody else is the commonest false one; a claim that names nobody passes.
    """
    names = names_of(_QUOTED.sub(" ", claim))[:_SPEAKERS]
    found = []
    for quoted in quotations_of(claim) if names else ():
        for source in map(_one_line, sources):
            at = same_signs(source).find(quoted)
            around = source[max(0, at - _NEAR) : at + len(quoted) + _NEAR]
            if at >= 0 and len(strange_names(names, around)) == len(names):
                found.append(quoted)
    return found


def misplaced_actors(claim: str, sources: Sequence[str]) -> list[str]:
    """The names of `claim` before words that stand in a source too, but behind another name.

    A small model that copies a sentence likes to give it to the other side.
    """
    said = _WORD.findall(claim)
    found = []
    for words, place, at in _copied_places(said, sources):
        here, there = _names_before(said, at), _names_before(words, place)
        if here and there and not here & there:
            found += sorted(here)
    return found


def misplaced_pronouns(claim: str, sources: Sequence[str]) -> list[str]:
    """The subjects in `sources` of words that `claim` has behind a pronoun instead, without naming them anywhere."""
    said = [word.lower() for word in _WORD.findall(claim)]
    found = []
    for words, place, at in _copied_places(said, sources):
        subject = words[place - 1].lower() if place else ""
        if at and said[at - 1] in _PRONOUNS and len(subject) > 3 and subject not in {*said, *STOP_WORDS}:
            found.append(subject)
    return found


def borrowed(claim: str, sources: Sequence[str]) -> bool:
    """Whether words that `claim` gives to the author are copied from a sentence that reports what somebody says."""
    if not by_author(claim):
        return False
    said = _WORD.findall(claim)
    sentences = [sentence for source in sources for sentence in re.split(r"(?<=[.!?])[”\"’]?\s+", source)]
    return any(_SAYS.search(sentence) and any(_copies(_WORD.findall(sentence), said)) for sentence in sentences)


def copied(claim: str, sources: Sequence[str]) -> bool:
    """Whether all of `claim` but the few words that it begins with stands in one of `sources`, in the same order."""
    said = _WORD.findall(claim)
    for source in sources:
        if sum(size for *_, size in _copies(_WORD.findall(source), said)) >= len(said) - OPENING_WORDS:
            return True
    return False


def _copied_places(said: Sequence[str], sources: Sequence[str]) -> Iterator[tuple[list[str], int, int]]:
    """The words of a source, and where in them and in `said` a copy begins, for each copy from each source."""
    for source in sources:
        words = _WORD.findall(source)
        for place, at, _ in _copies(words, said):
            yield words, place, at


def _copies(words: Sequence[str], said: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Where words in a row of `words` and of `said` begin that are the same, and how many they are."""
    matcher = SequenceMatcher(None, [word.lower() for word in words], [word.lower() for word in said], autojunk=False)
    return ((block.a, block.b, block.size) for block in matcher.get_matching_blocks() if block.size >= _COPIED)


def _names_before(words: Sequence[str], at: int) -> set[str]:
    """The first letters of the names among the few words before place `at`."""
    return {word[:4].lower() for word in words[max(0, at - _BEFORE) : at] if word[0].isupper() and len(word) > 1
            and word.lower() not in STOP_WORDS}  # fmt: skip


def _one_line(text: str) -> str:
    return " ".join(text.split())


def invented_quotations(claim: str, sources: Sequence[str]) -> list[str]:
    """The quotations of `claim` that stand word for word in none of `sources`."""
    plain = [same_signs(source) for source in sources]
    return [quoted for quoted in quotations_of(claim) if not any(quoted in source for source in plain)]
