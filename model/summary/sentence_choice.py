"""Which sentences a summary is made of: what each is worth, and whether it can be shown without its neighbours."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import normalize

from ..domain import Span
from ..parties.coreference import read_learnt
from ..settings import WEIGHTS
from .wording import Wording

LEARNT = WEIGHTS / "sentence_choice.json"
"""What `python -m model.training.recipes.sentences` found; SENTENCES.md beside it says how good it is."""
FEATURES = ("begins", "opening", "closing", "place", "depth", "length", "long", "frequent", "center", "title")
_LONG = 30  # words
_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that a summary may have: its paragraph and where in it, its text, whether it begins the paragraph.

    `frequent` is how often the article says its words elsewhere.
    """

    paragraph: int
    span: Span
    text: str
    begins: bool
    frequent: float


@dataclass(frozen=True, slots=True)
class SentenceChoice:
    """Two linear models, each of features and of the encoder's states.

    `worth` and `worth_states` are the weights of `FEATURES` and of the states for how much of a summary a sentence is.
    `alone`, `alone_states` and `alone_bias` are those of its wording and its states for whether it can be shown
    without its neighbours, which is believed from the probability `enough` on. `learnt_on` is the version of the
    encoder whose states were learnt from.
    """

    worth: Mapping[str, float]
    worth_states: Sequence[float]
    alone: Mapping[str, float]
    alone_states: Sequence[float]
    alone_bias: float
    enough: float
    learnt_on: str = ""

    @classmethod
    @cache
    def load(cls, path: Path = LEARNT) -> "SentenceChoice":
        """The weights that come with Sidelight.

        Raises:
            WeightsError: they were learnt on the states of another encoder.
        """
        return read_learnt(cls, path, "make train-sentences")

    def scores(self, features: Tensor, states: Tensor) -> Tensor:
        """How much of a summary each sentence is, beside the others of its article, `(sentences)`."""
        weights = torch.tensor([self.worth[name] for name in FEATURES])
        return features @ weights + states @ torch.tensor(self.worth_states)

    def stand_alone(self, wordings: Iterable[Wording], states: Tensor) -> list[bool]:
        """Whether each sentence says what it says without its neighbours."""
        seen = [sum(self.alone.get(name, 0.0) * value for name, value in wording.items()) for wording in wordings]
        logits = torch.tensor(seen) + states @ torch.tensor(self.alone_states) + self.alone_bias
        return list((logits.sigmoid() >= self.enough).tolist())


def features_of(candidates: Sequence[Candidate], states: Tensor, title: Tensor) -> Tensor:
    """`FEATURES` of an article's candidates, `(candidates, features)`.

    `states` `(candidates, hidden)` and `title` `(hidden)` are mean states; those of a title that is not there are 0.
    """
    last = max(1, candidates[-1].paragraph)
    most = max(candidate.frequent for candidate in candidates) or 1.0
    lengths = states.norm(dim=1).clamp(min=_LEAST)  # products instead of copies: an article may have 100,000 sentences
    center = states @ normalize((1 / lengths) @ states, dim=0) / lengths
    middle = states.mean(dim=0)
    far = torch.cdist(states, middle[None])[:, 0].clamp(min=_LEAST)
    to_title = normalize(title - middle, dim=0)
    like_title = ((states @ to_title - middle @ to_title) / far).clamp(-1, 1)
    if not title.any():
        like_title = torch.zeros(len(candidates))
    rows = []
    for candidate in candidates:
        words = len(candidate.text.split())
        rows.append(
            [
                float(candidate.begins),
                float(candidate.paragraph == 0),
                float(candidate.paragraph == last),
                candidate.paragraph / last,
                1 / (1 + candidate.paragraph),
                math.log(words),
                max(0.0, words / _LONG - 1),
                candidate.frequent / most,
            ]
        )
    return torch.cat([torch.tensor(rows), center[:, None], like_title[:, None]], dim=1)
