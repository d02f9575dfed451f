"""Scores on development documents during training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from sklearn.metrics import cohen_kappa_score, f1_score
from torch import Tensor

from ..domain import OPPOSITE, Stance
from ..stance.head import STANCES, ItemMasks, Scores
from .batches import IGNORED, Labels, Reading
from .documents import Document

_ABSENT = STANCES.index(Stance.ABSENT)
_SURELY_ABSENT = 20.0
"""The logit of an item that nothing was read for."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """What is said of each labelled item, and the reader's labels.

    `stance` `(items, 4)` and `voice` `(items, 2)` are logits; `labels` and `voices` `(items,)` indices, -100 for a
    voice that nobody took; `evidence` and `holder` `(items,)` say whether the best token is one that the reader marked,
    -100 without marks. `read` `(items,)` is False where nothing was read for an item, which makes it absent. `groups`
    and `sources` are the items' documents'.
    """

    stance: Tensor
    labels: Tensor
    voice: Tensor
    voices: Tensor
    evidence: Tensor
    holder: Tensor
    read: Tensor
    groups: tuple[str, ...]
    sources: tuple[str, ...]

    def where(self, mask: Tensor) -> "Predictions":
        """Some of the items."""
        chosen = mask.nonzero()[:, 0].tolist()
        return Predictions(
            self.stance[mask],
            self.labels[mask],
            self.voice[mask],
            self.voices[mask],
            self.evidence[mask],
            self.holder[mask],
            self.read[mask],
            tuple(self.groups[index] for index in chosen),
            tuple(self.sources[index] for index in chosen),
        )

    def fitted(self, source: str) -> Tensor:
        """The items of one corpus that calibration is fitted on, a mask `(items,)`: those that were read."""
        return self.read & torch.tensor([other == source for other in self.sources])


class Collected:
    """Predictions of a document's items as they come, reading by reading."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self._rows: dict[tuple[str, int, int], tuple[Tensor, ...]] = {}

    def add(self, documents: Sequence[Document], readings: Sequence[Reading], scores: Scores, labels: Labels) -> None:
        """Take in a batch; of a paragraph in pieces the one with most of the party's mentions counts."""
        evidence, holder = _hits(scores.evidence, labels.evidence), _hits(scores.holder, labels.holder)
        for row, (document, reading) in enumerate(zip(documents, readings, strict=True)):
            for column, item in enumerate(reading.items):
                weight = torch.tensor(item.weight)
                key = document.id, item.part.paragraph, item.party
                if key not in self._rows or weight > self._rows[key][0]:
                    self._rows[key] = (
                        weight,
                        scores.stance[row, column].float().cpu(),
                        scores.voice[row, column].float().cpu(),
                        evidence[row, column].cpu(),
                        holder[row, column].cpu(),
                    )

    def predictions(self) -> Predictions:
        """All labelled items of the documents; those that were not read are absent."""
        missing = torch.zeros(len(STANCES))
        missing[_ABSENT] = _SURELY_ABSENT
        unread = (torch.tensor(0), missing, torch.zeros(2), torch.tensor(IGNORED), torch.tensor(IGNORED))
        both = [(document, target) for document in self.documents for target in document.targets]
        rows = [self._rows.get((d.id, t.paragraph, t.party), unread) for d, t in both]
        voices = {"author": 0, "quoted": 1}
        return Predictions(
            torch.stack([row[1] for row in rows]),
            torch.tensor([STANCES.index(t.stance) for _, t in both]),
            torch.stack([row[2] for row in rows]),
            torch.tensor([voices[t.voice] if t.voice else IGNORED for _, t in both]),
            torch.stack([row[3] for row in rows]),
            torch.stack([row[4] for row in rows]),
            torch.tensor([row is not unread for row in rows]),
            tuple(d.group for d, _ in both),
            tuple(d.source for d, _ in both),
        )


def report(found: Predictions, probabilities: Tensor) -> dict[str, object]:
    """All scores of items with these `probabilities` `(items, 4)`, in 0–1."""
    guesses = probabilities.argmax(dim=1)
    truth = found.labels
    there = truth != _ABSENT
    opposite = {STANCES.index(a): STANCES.index(b) for a, b in OPPOSITE.items()}
    wrong_side = sum(opposite.get(a) == b for a, b in zip(truth[there].tolist(), guesses[there].tolist(), strict=True))
    present = torch.tensor([STANCES.index(s) for s in STANCES if s is not Stance.ABSENT])
    return {
        "items": len(guesses),
        "present": int(there.sum()),
        "macro_f1": float(f1_score(truth, guesses, average="macro")),
        "present_macro_f1": float(
            f1_score(truth[there], guesses[there], labels=present, average="macro", zero_division=0)
        ),
        "present_kappa": float(cohen_kappa_score(truth[there], guesses[there])),
        "taken_for_absent": float((guesses[there] == _ABSENT).float().mean()),
        "opposite": wrong_side / max(1, int(there.sum())),
        "f1": dict(
            zip(STANCES, f1_score(truth, guesses, average=None, labels=range(4), zero_division=0).tolist(), strict=True)
        ),
        "voice": _share(found.voice.argmax(dim=1) == found.voices, found.voices != IGNORED),
        "evidence": _share(found.evidence == 1, found.evidence != IGNORED),
        "holder": _share(found.holder == 1, found.holder != IGNORED),
    }


def reports(found: Predictions, probabilities: Tensor) -> Mapping[str, dict[str, object]]:
    """`report` for each source."""
    masks = {
        source: torch.tensor([other == source for other in found.sources]) for source in sorted(set(found.sources))
    }
    return {source: report(found.where(mask), probabilities[mask]) for source, mask in masks.items()}


def masks_of(readings: Sequence[Reading], tokens: int) -> tuple[ItemMasks, Labels]:
    """The items of a batch and their labels."""
    return ItemMasks.of([reading.items for reading in readings], tokens), Labels.of(readings, tokens)


def _hits(scores: Tensor, truth: Tensor) -> Tensor:
    """1 where the best token is a true one, 0 where it is not, -100 where none is known, `(readings, items)`."""
    best = scores.argmax(dim=2, keepdim=True)
    hits = truth.gather(2, best).squeeze(2).long()
    return hits.masked_fill(~truth.any(dim=2), IGNORED)


def _share(right: Tensor, known: Tensor) -> dict[str, float | int | None]:
    count = int(known.sum())
    return {"items": count, "accuracy": float(right[known].float().mean()) if count else None}
