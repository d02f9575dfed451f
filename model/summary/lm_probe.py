"""Whether a passage supports a statement, read in a language model's states: with the checker it errs less than alone.

What a language model says when it is asked is a poor judge of support; the states in which it is about to answer tell
it far better (linear probes, https://arxiv.org/abs/1610.01644; for truth, https://arxiv.org/abs/2304.13734).
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from ..language_model.interface import LanguageModel
from ..language_model.prompts import Prompt, fenced
from ..settings import WEIGHTS

FITTED = WEIGHTS / "support_probe.json"
"""What `python -m model.training.recipes.support_probe` found; `ENTAILMENT.md` beside it says how good it is."""
MOST = 3.0
"""The probe's log odds count up to here, so that it cannot decide alone."""


@runtime_checkable
class StateReader(Protocol):
    """What the probe needs of `model.language_model.local.LocalModel`."""

    def states(self, prompts: Sequence[str], layers: int) -> Tensor:
        """The state of each prompt's last token after the first `layers` layers, `(prompts, hidden)` in fp32."""
        ...


@dataclass(frozen=True, slots=True)
class Probe:
    """A logistic regression on the states after `layers` layers: `direction` `(hidden,)` and `bias`."""

    layers: int
    direction: tuple[float, ...]
    bias: float

    def log_odds(self, states: Tensor) -> list[float]:
        """The log odds of support that each of the states `(prompts, hidden)` tells, at most `MOST` either way."""
        found = states @ torch.tensor(self.direction) + self.bias
        return [float(value) for value in found.clamp(-MOST, MOST)]


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
class SupportProbe:
    """A language model's states, looked at where the claim checker does not reject outright."""

    language_model: StateReader
    prompt: Prompt
    probe: Probe
    weights: Weights

    @classmethod
    def of(cls, language_model: LanguageModel, checker: str, path: Path = FITTED) -> "SupportProbe | None":
        """The reader fitted to this language model, the checker of this version and our prompt; None where none was."""
        prompt = Prompt.load("support")
        for row in json.loads(path.read_text(encoding="utf-8")):
            fitted_to = row["language model"], row["claim checker"], row["prompt"]
            fits = fitted_to == (language_model.version, checker, prompt.version)
            if fits and isinstance(language_model, StateReader):
                probe = Probe(row["layers"], tuple(row["direction"]), row["bias"])
                return cls(language_model, prompt, probe, Weights(**row["weights"]))
        return None

    def support(self, source: str, statement: str, checked: float) -> float:
        """The probability that `source` supports `statement`, which the claim checker gave `checked`.

        The language model is not asked where nothing that it might tell would reach the threshold.
        """
        odds = log_odds(checked)
        most = self.weights.support(odds, MOST)
        if most < self.weights.threshold:
            return most
        return self.weights.support(odds, self.ask([source], [statement])[0])

    def ask(self, sources: Sequence[str], statements: Sequence[str]) -> list[float]:
        """The log odds that each source supports the statement with the same index, as the probe reads them."""
        return self.probe.log_odds(states_of(self.language_model, self.prompt, self.probe.layers, sources, statements))


def states_of(
    language_model: StateReader, prompt: Prompt, layers: int, sources: Sequence[str], statements: Sequence[str]
) -> Tensor:
    """The states `(statements, hidden)` in which the model is about to say whether a source supports its statement."""
    prompts = [
        prompt.fill({"passage": fenced(source), "statement": statement})
        for source, statement in zip(sources, statements, strict=True)
    ]
    return language_model.states(prompts, layers)


def log_odds(share: float) -> float:
    """ln(p / (1 - p)), finite for 0 and 1."""
    return math.log((share + 1e-6) / (1 - share + 1e-6))
