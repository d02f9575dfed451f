"""An article in letters, as a language model judges it: blind, and told whom each phrase means.

A name of a party becomes its letter ("X blamed Y"); any other phrase that refers to it, unless a name stands in it, is
followed by the letter ("the union [X]").
"""

import re
from collections.abc import Sequence
from random import Random

from ..domain import Span
from .masking import Mentions, names_of, stand_ins_of

LETTERS = "XYZWVUQKJNMRSTPLHGFEDCB"
"""No A, I and O, which are words."""
_ALONE = re.compile(r"(?<!\w)[A-Z](?!\w)")


def letters_of(texts: Sequence[str], mentions: Mentions, order: Random | None = None) -> list[str]:
    """A letter for each party, by the order in which the article names them; with more parties, again from the first.

    Letters that the article has as words of its own come last. `order` shuffles the others, for training.
    """
    taken = {letter for text in texts for letter in _ALONE.findall(text)}
    free = [letter for letter in LETTERS if letter not in taken]
    if order:
        order.shuffle(free)
    free += [letter for letter in LETTERS if letter in taken]
    return stand_ins_of(names_of(texts, mentions), free)


def in_letters(texts: Sequence[str], mentions: Mentions, letters: Sequence[str]) -> list[str]:
    """Each paragraph with the letters of the parties that it refers to."""
    names = names_of(texts, mentions)
    return [
        _in_letters(text, _at(names, letters, number), _at(mentions, letters, number))
        for number, text in enumerate(texts)
    ]


def _at(places: Mentions, letters: Sequence[str], paragraph: int) -> list[tuple[Span, str]]:
    """What the paragraph has of each party, and the party's letter."""
    return [
        (Span(place.start, place.end), letter)
        for some, letter in zip(places, letters, strict=True)
        for place in some.get(paragraph, ())
    ]


def _in_letters(text: str, names: Sequence[tuple[Span, str]], mentions: Sequence[tuple[Span, str]]) -> str:
    """`text` with a letter in place of each name, and behind each mention that has none."""
    behind: dict[int, list[str]] = {}
    for mention, letter in mentions:
        if not any(name.start < mention.end and mention.start < name.end for name, _ in names):
            some = behind.setdefault(mention.end, [])
            if letter not in some:
                some.append(letter)
    written = [(end, False, end, f" [{', '.join(some)}]") for end, some in behind.items()]
    written += [(name.start, True, name.end, letter) for name, letter in names]
    parts, at = [], 0
    for start, _, end, letter in sorted(written):
        parts += [text[at:start], letter]
        at = end
    return "".join([*parts, text[at:]])
