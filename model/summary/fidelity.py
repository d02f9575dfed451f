"""How likely a rewritten sentence is to say what its source says: a logistic regression on what was changed."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..settings import WEIGHTS
from .stance_consistency import names_author
from .window import Window

LEARNT = WEIGHTS / "fidelity.json"
"""What `python -m model.training.recipes.fidelity` learnt; `REWRITING.md` beside it says how good it is."""
FEATURES = ("author", "author of a quotation", "left out", "question")
_WORD = re.compile(r"[^\W_][\w’'-]*")


def features_of(text: str, window: Window) -> dict[str, float]:
    """What was changed of the window's sentence: to whom it is given, and what share of its words went."""
    source = [word.lower() for word in _WORD.findall(window.sentence)]
    said = {word.lower() for word in _WORD.findall(text)}
    quoted = any(sign in window.sentence for sign in '“"')
    author = names_author(text)
    return {
        "author": float(author),
        "author of a quotation": float(author and quoted),
        "left out": sum(word not in said for word in source) / max(1, len(source)),
        "question": float("?" in window.sentence),
    }


@dataclass(frozen=True, slots=True)
class Fidelity:
    """The regression: a weight a feature, the bias, and the probability from which a sentence is shown."""

    weights: Mapping[str, float]
    bias: float
    enough: float

    @classmethod
    @cache
    def load(cls, path: Path = LEARNT) -> "Fidelity":
        """What was learnt."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def probability(self, text: str, window: Window) -> float:
        """How likely a reader finds that the window supports the rewritten sentence `text`."""
        return self._of(features_of(text, window))

    def at_best(self, beginning: str, window: Window) -> float:
        """The probability of a sentence that begins so, if it leaves nothing out."""
        return self._of(features_of(beginning, window) | {"left out": 0.0})

    def _of(self, features: Mapping[str, float]) -> float:
        score = self.bias + sum(self.weights[name] * value for name, value in features.items())
        return 1 / (1 + math.exp(-score))
