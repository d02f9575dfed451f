"""A reader's own labels in the place of the model's, so that counts, lines and files follow them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..domain import OPPOSITE, Analysis, Stance, StanceLabel, Voice


@dataclass(frozen=True, slots=True)
class Correction:
    """A reader's label of one item; without a `voice` the model's counts, where it saw a stance."""

    stance: Stance
    voice: Voice | None = None
    note: str = ""


Corrections = Mapping[tuple[int, str], Correction]
"""What a reader says, by paragraph index and party name."""


def corrected(analysis: Analysis, own: Corrections) -> Analysis:
    """The analysis with the reader's label wherever there is one.

    Where both agree the label is no longer unsure. Where they do not, it has neither probability nor evidence, for
    the model's sentence may speak for the old stance or in the old voice; and no voice where neither the reader said
    one nor the model saw a stance.
    """
    if not own:
        return analysis
    return replace(analysis, labels=tuple(_corrected(label, own) for label in analysis.labels))


def _corrected(label: StanceLabel, own: Corrections) -> StanceLabel:
    said = own.get((label.paragraph, label.party))
    return label if said is None else replace(_said(label, said), note=said.note)


def _said(label: StanceLabel, said: Correction) -> StanceLabel:
    same, sided = said.stance is label.stance, said.stance in OPPOSITE
    if same and not (sided and said.voice and said.voice is not label.voice):
        return replace(label, unsure=False)
    if not sided:
        return StanceLabel(label.paragraph, label.party, said.stance, voice=Voice.NONE)
    voice = said.voice or (label.voice if label.stance in OPPOSITE else None)
    holder, span = (label.holder, label.holder_span) if voice is Voice.QUOTED else (None, None)
    return StanceLabel(label.paragraph, label.party, said.stance, voice=voice, holder=holder, holder_span=span)
