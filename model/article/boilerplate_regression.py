"""How likely a line is boilerplate, by its words, its shape and its place: what no pattern foresees."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..settings import WEIGHTS
from .boilerplate import PATTERNS

LEARNT = WEIGHTS / "boilerplate.json"
"""What `python -m model.training.recipes.boilerplate` found; BOILERPLATE.md beside it says how good it is."""
FEWEST_LINES = 6
"""Of fewer lines none is looked at: they were picked by hand, and the place of one says nothing."""
LONGEST = 100
"""Words in the longest line that is looked at."""
HEADING_WORDS = 10
"""Up to here a line without a closing sign is a heading or a point of a list: what stands around it tells."""
Features = Mapping[str, float]
_TOKEN = re.compile(r"\w[\w'’.\-]*|[^\w\s]")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"[\d.,:]+")
_CLOSED = PATTERNS["closed"]
_SOURCE = re.compile(r" \([^()]*\)$")
_INNER_STOP = PATTERNS["inner_stop"]
_BULLET = re.compile(r"[•⦁*–—\-(\[|]")
_SHORT = (5, 10, 20, 40, 60)
_NEAR_END = 3


@dataclass(frozen=True)
class BoilerplateRegression:
    """A logistic regression over shallow text features, as in Kohlschütter, Fankhauser and Nejdl (WSDM 2010).

    A line is boilerplate from the probability `limit` on.
    """

    weights: Mapping[str, float]
    bias: float
    limit: float

    @classmethod
    @cache
    def load(cls, path: Path = LEARNT) -> "BoilerplateRegression":
        """The weights that come with Sidelight."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def boilerplate(self, lines: Sequence[str]) -> list[bool]:
        """Which of an article's lines, in their order and without its title, are boilerplate.

        Long ones are none; and none is, where that would leave less than half of the article's words.
        """
        found = [self.probability(features) >= self.limit if features else False for features in features_of(lines)]
        words = [len(_WORD.findall(line)) for line in lines]
        out = sum(number for number, is_out in zip(words, found, strict=True) if is_out)
        return found if 2 * out <= sum(words) else [False] * len(lines)

    def probability(self, features: Features) -> float:
        """How likely a line with these features is boilerplate."""
        logit = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in features.items())
        return 1 / (1 + math.exp(-logit))


def features_of(lines: Sequence[str]) -> Iterator[Features | None]:
    """What the regression sees of each line of an article; None of one that it does not look at."""
    last = len(lines) - 1
    if len(lines) < FEWEST_LINES:
        yield from [None] * len(lines)
        return
    for number, line in enumerate(lines):
        words = _WORD.findall(line)
        closed = bool(_CLOSED.search(_SOURCE.sub("", line)))
        if not (0 if closed else HEADING_WORDS) < len(words) <= LONGEST:
            yield None
            continue
        place = {
            "first": number == 0,
            "second": number == 1,
            "third": number == 2,
            "last": number == last,
            "last but one": number == last - 1,
            "near the end": last - number <= _NEAR_END,
            "place": number / max(1, last),
        }
        yield {name: float(value) for name, value in (_wording(line) | _shape(line, words, closed) | place).items()}


def _wording(line: str) -> dict[str, float]:
    """The words and signs of a line, and the three that it begins and ends with."""
    tokens = ["0" if _NUMBER.fullmatch(token) else token.lower() for token in _TOKEN.findall(line)]
    found = {f"word {token}" for token in tokens}
    found |= {f"start {at} {token}" for at, token in enumerate(tokens[:3])}
    found |= {f"end {at} {token}" for at, token in enumerate(tokens[:-4:-1])}
    return dict.fromkeys(found, 1.0)


def _shape(line: str, words: Sequence[str], closed: bool) -> dict[str, float]:
    number, bullet = len(words), bool(_BULLET.match(line))
    return {
        "length": math.log1p(number) / math.log1p(LONGEST),
        **{f"shorter than {most}": number < most for most in _SHORT},
        "closed": closed,
        "inner stop": bool(_INNER_STOP.search(line)),
        "capitals": sum(word[0].isupper() for word in words) / number,
        "all capitals": number > 1 and line.upper() == line,
        "opens with a capital": words[0][0].isupper(),
        "bullet": bullet,
        "open bullet": bullet and not closed,
        "opens with a quotation": line[0] in "\"'“‘",
        "digits": sum(sign.isdigit() for sign in line) / len(line),
    }


def is_word(feature: str) -> bool:
    """Whether a feature is a word in some place, as opposed to shape and place of the line."""
    return feature.startswith(("word ", "start ", "end "))
