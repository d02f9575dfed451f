"""Whether a passage supports a statement, asked of the language model too: together they err less than each alone."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model.language_model import LanguageModel
from model.prompts import Prompt, fenced

FITTED = Path(__file__).parent / "weights" / "readers.json"
"""What `python -m model.training.second_reader` found; `CLAIMS.md` beside it says how good it is."""
OPTIONS = ("true", "false", "unknown")
MOST = 2.0
"""The language model's log odds count up to here, so that it cannot decide alone."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression on both log odds, and the threshold for its probability."""

    checker: float
    reader: float
    bias: float
    threshold: float

    def support(self, checker: float, reader: float) -> float:
        """The probability that a statement is supported."""
        return 1 / (1 + math.exp(-(self.checker * checker + self.reader * reader + self.bias)))


@dataclass(frozen=True)
class SecondReader:
    """A language model that is asked about what the claim checker does not reject outright."""

    language_model: LanguageModel
    prompt: Prompt
    weights: Weights

    @classmethod
    def of(cls, language_model: LanguageModel, checker: str, path: Path = FITTED) -> "SecondReader | None":
        """The reader fitted to this language model, the checker of this version and our prompt; None where none was."""
        prompt = Prompt.load("support")
        for row in json.loads(path.read_text(encoding="utf-8")):
            if (row["language model"], row["claim checker"], row["prompt"]) == (
                language_model.version,
                checker,
                prompt.version,
            ):
                return cls(language_model, prompt, Weights(**row["weights"]))
        return None

    def support(self, source: str, statement: str, checked: float) -> float:
        """The probability that `source` supports `statement`, which the claim checker gave `checked`.

        The language model is not asked where nothing that it might say would reach the threshold.
        """
        odds = log_odds(checked)
        most = self.weights.support(odds, MOST)
        if most < self.weights.threshold:
            return most
        return self.weights.support(odds, self.ask([source], [statement])[0])

    def ask(self, sources: Sequence[str], statements: Sequence[str]) -> list[float]:
        """The language model's log odds that each source supports the statement with the same index, at most `MOST`."""
        prompts = [
            self.prompt.fill({"passage": fenced(source), "statement": statement})
            for source, statement in zip(sources, statements, strict=True)
        ]
        choices = self.language_model.choose(prompts, OPTIONS)
        shares = [[choice.shares[option] for option in OPTIONS] for choice in choices]
        return [max(-MOST, min(MOST, _ratio(true, false + unknown))) for true, false, unknown in shares]


def log_odds(share: float) -> float:
    """ln(p / (1 - p)), finite for 0 and 1."""
    return _ratio(share, 1 - share)


def _ratio(one: float, other: float) -> float:
    return math.log((one + 1e-6) / (other + 1e-6))
