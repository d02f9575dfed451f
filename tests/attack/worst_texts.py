"""From a regular expression to the texts that cost it most: each repetition pumped, behind what leads to it."""

import re._constants as ops  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator
from typing import Any

LENGTH = 100_000
_ENDS = ("\x00", " a")
"""What follows the pumped part: most patterns fail at one of them, and go back over all of it."""
_UNITS = ("a.", "a ", "Aa ", "a's ", "a-", "(", ") (", '"', "1 ", "1,", " \t", "a, ", "[!", "a_", "\n ")
"""What hostile texts repeat, whatever the pattern is."""


def worst_texts(pattern: str, flags: int, length: int = LENGTH) -> Iterator[str]:
    """Texts of `length` characters made of what `pattern` repeats, with and without what it wants before that."""
    tree = parser.parse(pattern, flags)
    pumps = set(_pumps(list(tree), ""))
    for before, pump in sorted(pumps):
        for end in _ENDS:
            yield before + (pump * (length // len(pump) + 1))[: length - len(before) - len(end)] + end
    whole = _sample(list(tree))
    for unit in {*_UNITS, whole, whole[:-1], f"{whole} ", *(before for before, _ in pumps)} - {""}:
        yield (unit * (length // len(unit) + 1))[:length]


def _pumps(items: list[Any], before: str) -> Iterator[tuple[str, str]]:
    """Each repetition below `items`: a text that leads to it, and one round of it."""
    for op, argument in items:
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            _, most, inner = argument
            inner = list(inner)
            if most > 1:
                first, last = _sample(inner), _sample(inner, last=True)
                for one_round in {first, last, first + last} - {""}:
                    yield before, one_round
            yield from _pumps(inner, before)
        elif op is ops.SUBPATTERN:
            yield from _pumps(list(argument[-1]), before)
        elif op is ops.ATOMIC_GROUP:
            yield from _pumps(list(argument), before)
        elif op is ops.BRANCH:
            for branch in argument[1]:
                yield from _pumps(list(branch), before)
        elif op in (ops.ASSERT, ops.ASSERT_NOT):
            yield from _pumps(list(argument[1]), before)
        before += _sample([(op, argument)])


def _sample(items: list[Any], last: bool = False) -> str:
    """A short text that the items match, their assertions aside; of alternatives the first, or the `last`."""
    return "".join(_sample_of(op, argument, last) for op, argument in items)


def _sample_of(op: Any, argument: Any, last: bool) -> str:
    if op is ops.LITERAL:
        return chr(argument)
    if op in (ops.NOT_LITERAL, ops.ANY):
        return "a" if argument != ord("a") else "b"
    if op is ops.IN:
        return _member(argument, last)
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
        least, most, inner = argument
        return _sample(list(inner), last) * max(least, min(1, most) if last else least)
    if op is ops.SUBPATTERN:
        return _sample(list(argument[-1]), last)
    if op is ops.ATOMIC_GROUP:
        return _sample(list(argument), last)
    if op is ops.BRANCH:
        return _sample(list(argument[1][-1 if last else 0]), last)
    return ""


_CATEGORY = {
    ops.CATEGORY_DIGIT: "1", ops.CATEGORY_SPACE: " ", ops.CATEGORY_WORD: "a",
    ops.CATEGORY_NOT_DIGIT: "a", ops.CATEGORY_NOT_SPACE: "a", ops.CATEGORY_NOT_WORD: ".",
}  # fmt: skip


def _member(members: list[Any], last: bool) -> str:
    """A sign of a class: for a negated one, one that it does not name."""
    if members[0][0] is ops.NEGATE:
        named = {argument for op, argument in members if op is ops.LITERAL}
        return next(sign for sign in "a1 .,\n" if ord(sign) not in named)
    op, argument = members[-1 if last else 0]
    if op is ops.RANGE:
        return chr(argument[0])
    return _CATEGORY[argument] if op is ops.CATEGORY else chr(argument)
