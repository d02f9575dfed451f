"""How encoder and language model are pooled, and how good they are alone and together."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import torch
from sklearn.metrics import cohen_kappa_score, f1_score, recall_score
from torch import Tensor, nn

from ...domain import VOICES
from ...names.name_spans import names_in
from ...stance.classifier import StanceClassifier
from ...stance.lm_classifier import (
    LmStanceClassifier,
)
from ..batches import IGNORED
from ..calibrate import KEPT_RIGHT, calibration_error, threshold
from ..examples import (
    Example,
    in_development,
)


@dataclass(frozen=True, slots=True)
class Found:
    """What both readings say of development items: `(items, 3)` and `(items, 2)`, and the labels `(items,)`.

    `encoder` are probabilities, the others logits; `voices` are indices, -100 where there is none; `halves` 0 or 1,
    whole articles in one.
    """

    encoder: Tensor
    careful: Tensor
    encoder_voice: Tensor
    careful_voice: Tensor
    labels: Tensor
    voices: Tensor
    halves: Tensor

    def where(self, chosen: Tensor) -> "Found":
        """Those items for which `chosen` is True."""
        return Found(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @classmethod
    def together(cls, some: Sequence["Found"]) -> "Found":
        """All items of `some`."""
        return cls(*(torch.cat([getattr(found, field.name) for found in some]) for field in fields(cls)))


def read_both(classifier: StanceClassifier, reader: LmStanceClassifier, examples: Sequence[Example]) -> Found:
    """Judge `examples` as the product does; items that one reading leaves out are left out."""
    spans = [[target.spans for target in example.targets] for example in examples]
    texts = [example.text for example in examples]
    names = [names_in(text, some) for text, some in zip(texts, spans, strict=True)]
    verdicts = classifier.judge(texts, spans, names)
    opinions = reader.read(texts, spans, names)
    rows = [
        (verdict, opinion, target, int(in_development(f"half {example.group}", 2)))
        for example, of_encoder, of_reader in zip(examples, verdicts, opinions, strict=True)
        for verdict, opinion, target in zip(of_encoder, of_reader, example.targets, strict=True)
        if verdict and opinion
    ]
    return Found(
        torch.stack([verdict.probabilities for verdict, *_ in rows]),
        torch.stack([opinion.stance for _, opinion, *_ in rows]),
        torch.stack([verdict.voice for verdict, *_ in rows]),
        torch.stack([opinion.voice for _, opinion, *_ in rows]),
        torch.tensor([target.label for _, _, target, _ in rows]),
        torch.tensor([VOICES.index(target.voice) if target.voice else IGNORED for _, _, target, _ in rows]),
        torch.tensor([half for *_, half in rows]),
    )


@dataclass(frozen=True, slots=True)
class Pool:
    """How both readings are pooled, and which stances are unsure (`model.stance.lm_classifier.LmStanceWeights`)."""

    encoder_share: float
    careful_share: float
    voice_share: float
    unsure_below: float

    def probabilities(self, found: Found) -> Tensor:
        """Probabilities `(items, 3)`."""
        logits = self.encoder_share * found.encoder.clamp(min=1e-6).log() + self.careful_share * found.careful
        return logits.softmax(dim=1)

    def voice(self, found: Found) -> Tensor:
        """Logits `(items, 2)`."""
        return found.encoder_voice + self.voice_share * found.careful_voice


def fit_pool(found: Found) -> Pool:
    """The shares, in twentieths, with the least cross-entropy, and the unsure threshold."""
    grid = [step / 20 for step in range(31)]

    def loss(pool: Pool) -> float:
        return float(nn.functional.nll_loss(pool.probabilities(found).clamp(min=1e-9).log(), found.labels))

    best = min((Pool(mine, other, 0.0, 0.0) for mine in grid for other in grid), key=loss)
    heard = found.where(found.voices != IGNORED)
    share = min(
        grid,
        key=lambda share: float(
            nn.functional.cross_entropy(heard.encoder_voice + share * heard.careful_voice, heard.voices)
        ),
    )
    sure = threshold(best.probabilities(found), found.labels, KEPT_RIGHT)
    return replace(best, voice_share=share, unsure_below=sure)


def scores_of(pool: Pool, found: Found) -> dict[str, object]:
    """Scores of each reading alone and of both, in 0–1."""
    both = pool.probabilities(found)
    heard = found.where(found.voices != IGNORED)
    voices = {"encoder": heard.encoder_voice, "careful": heard.careful_voice, "both": pool.voice(heard)}
    return {
        "items": len(found.labels),
        "calibration_error": calibration_error(both, found.labels),
        **{
            name: {
                "macro_f1": float(f1_score(found.labels, values.argmax(dim=1), average="macro")),
                "kappa": float(cohen_kappa_score(found.labels, values.argmax(dim=1))),
                "recall": recall_score(found.labels, values.argmax(dim=1), average=None).tolist(),
                "voice": float((voices[name].argmax(dim=1) == heard.voices).float().mean())
                if len(heard.voices)
                else None,
            }
            for name, values in {"encoder": found.encoder, "careful": found.careful, "both": both}.items()
        },
    }


def cross_checked(found: Found) -> dict[str, float]:
    """Pooled on each half of the articles, looked at on the other: macro-F1, calibration, what is kept and right."""
    rows = []
    for half in (0, 1):
        pool, other = fit_pool(found.where(found.halves != half)), found.where(found.halves == half)
        probabilities = pool.probabilities(other)
        confidence, guesses = probabilities.max(dim=1)
        sure = confidence >= pool.unsure_below
        rows.append(
            {
                "macro_f1": float(f1_score(other.labels, guesses, average="macro")),
                "calibration_error": calibration_error(probabilities, other.labels),
                "kept": float(sure.float().mean()),
                "kept_right": float((guesses == other.labels)[sure].float().mean()),
            }
        )
    return {name: (rows[0][name] + rows[1][name]) / 2 for name in rows[0]}
