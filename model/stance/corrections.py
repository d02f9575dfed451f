"""A reader's own labels in the place of the model's, so that counts, lines and files follow them."""

from collections.abc import Mapping
from dataclasses import replace

from ..domain import OPPOSITE, Analysis, Stance, StanceLabel, Voice

Corrections = Mapping[tuple[int, str], Stance]
"""What a reader says, by paragraph index and party name."""


def corrected(analysis: Analysis, own: Corrections) -> Analysis:
    """The analysis with the reader's label wherever there is one.

    Where both agree the label is no longer unsure. Where they do not, it has no probability and no evidence, and a
    stance that the model did not see has no voice, for the reader was not asked for one.
    """
    if not own:
        return analysis
    return replace(analysis, labels=tuple(_corrected(label, own) for label in analysis.labels))


def _corrected(label: StanceLabel, own: Corrections) -> StanceLabel:
    stance = own.get((label.paragraph, label.party))
    if stance is None:
        return label
    if stance is label.stance:
        return replace(label, unsure=False)
    if stance not in OPPOSITE:
        return StanceLabel(label.paragraph, label.party, stance, voice=Voice.NONE)
    voice = label.voice if label.stance in OPPOSITE else None
    holder, span = (label.holder, label.holder_span) if voice is Voice.QUOTED else (None, None)
    return StanceLabel(label.paragraph, label.party, stance, voice=voice, holder=holder, holder_span=span)
