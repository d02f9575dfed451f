"""Whether such a phrase refers to a party: a logistic regression over the words of both, and what came before.

It is asked only where a paragraph seems not to refer to a party at all.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from ..article.nlp import ParsedText
from ..domain import Mention, Party, Span
from ..settings import WEIGHTS
from .candidates import candidates, features, scenes

LEARNT = WEIGHTS / "reference_classifier.json"
"""What `python -m model.training.recipes.references` found; the model card says how good it is."""


@dataclass(frozen=True, slots=True)
class ReferenceClassifier:
    """A logistic regression: the features' weights, the bias, and the probability from which on it is believed."""

    weights: Mapping[str, float]
    bias: float
    threshold: float

    @classmethod
    @cache
    def load(cls, path: Path = LEARNT) -> "ReferenceClassifier":
        """The weights that come with Sidelight."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def probability(self, found: Iterable[str]) -> float:
        """How sure it is, by its features, that a phrase refers to a party."""
        return 1 / (1 + math.exp(-self.bias - sum(self.weights.get(feature, 0.0) for feature in found)))

    def believes(self, found: Iterable[str]) -> bool:
        """Whether a phrase with these features is taken to refer to the party."""
        return self.probability(found) >= self.threshold

    def add(self, parties: Sequence[Party], paragraphs: Sequence[ParsedText]) -> tuple[Party, ...]:
        """The parties with what refers to them in paragraphs that were not known to mention them.

        Those whose names the user gave are left as they are.
        """
        found: list[list[Mention]] = [list(party.mentions) for party in parties]
        for place, (parsed, scene) in enumerate(zip(paragraphs, scenes(parties, len(paragraphs)), strict=True)):
            here = {party for *_, party in scene.mentions}
            missing = [n for n, party in enumerate(parties) if n not in here and not party.exact]
            some = [(c, scene.last(c.start)) for c in candidates(parsed)] if missing else []
            for number in missing:
                sure = [
                    (self.probability(features(candidate, scene, number, last)), candidate) for candidate, last in some
                ]
                spans: list[Span] = []
                for share, candidate in sorted(sure, key=lambda pair: (-pair[0], pair[1].start)):
                    if share < self.threshold:
                        break
                    if all(candidate.end <= span.start or span.end <= candidate.start for span in spans):
                        spans.append(Span(candidate.start, candidate.end))
                found[number] += [Mention(place, span.start, span.end) for span in spans]
        return tuple(
            replace(party, mentions=tuple(sorted(mentions, key=lambda m: (m.paragraph, m.start))))
            for party, mentions in zip(parties, found, strict=True)
        )
