"""A reader's own labels in the place of the model's, so that counts, lines and files follow them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ..domain import OPPOSITE, PRESENT, Analysis, Span, Stance, StanceLabel, Voice
from .phrases import english

LONGEST_HOLDER = 120
"""Characters of a holder's name that a reader types."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A reader's label of one item; without a `voice` the model's counts, where it saw a stance.

    `holder` is who speaks in a quoted voice, "" for nobody who is named; without one the model's counts.
    """

    stance: Stance
    voice: Voice | None = None
    note: str = ""
    holder: str | None = None


Corrections = Mapping[tuple[int, str], Correction]
"""What a reader says, by paragraph index and party name."""


def corrected(analysis: Analysis, own: Corrections) -> Analysis:
    """The analysis with the reader's label wherever there is one.

    Where both agree the label is no longer unsure. Where they do not, it has neither probability nor evidence, for
    the model's sentence may speak for the old stance or in the old voice; and no voice where neither the reader said
    one nor the model saw a stance. Another holder alone leaves the evidence. One that a reader named has no span.
    No warning says that a party is absent from all paragraphs where the reader labelled one that refers to it.
    """
    if not own:
        return analysis
    labels = []
    for label in analysis.labels:
        said = own.get((label.paragraph, label.party))
        labels.append(replace(_corrected(label, said), note=said.note) if said else label)
    found = {party for (_, party), said in own.items() if said.stance in PRESENT}
    return replace(analysis, labels=tuple(labels), warnings=warnings_left(analysis.warnings, found))


def warnings_left(warnings: Sequence[str], found: Collection[str]) -> tuple[str, ...]:
    """Those of an analysis's warnings that still stand where a reader found these parties in the article."""
    refuted = {english("warning_unnamed", party=party) for party in found}
    return tuple(warning for warning in warnings if warning not in refuted)


def by_reader(label: StanceLabel, unsure_below: float) -> bool:
    """Whether a reader gave the label, wrote a note on it, or confirmed it where the model was unsure, below a limit.

    What a reader confirmed of a sure label shows nowhere. Saved probabilities have four digits.
    """
    probability = label.probability
    return probability is None or bool(label.note) or (not label.unsure and probability < round(unsure_below, 4))


def _corrected(label: StanceLabel, said: Correction) -> StanceLabel:
    if said.stance not in OPPOSITE:
        none = StanceLabel(label.paragraph, label.party, said.stance, voice=Voice.NONE)
        return replace(label, unsure=False) if said.stance is label.stance else none
    voice = said.voice or (label.voice if label.stance in OPPOSITE else None)
    holder, span = _holder(label, said) if voice is Voice.QUOTED else (None, None)
    if (said.stance, voice) != (label.stance, label.voice):
        return StanceLabel(label.paragraph, label.party, said.stance, voice=voice, holder=holder, holder_span=span)
    if holder == label.holder:
        return replace(label, unsure=False)
    return replace(label, probabilities=None, unsure=False, holder=holder, holder_span=span)


def _holder(label: StanceLabel, said: Correction) -> tuple[str | None, Span | None]:
    """Who speaks: whom the reader named, unless the model named the same."""
    if said.holder is None or said.holder == holder_name(label.holder or ""):
        return label.holder, label.holder_span
    return said.holder or None, None


def holder_name(text: str) -> str:
    """What a reader typed as a holder's name: on one line, without signs that no eye can see, and not too long."""
    plain = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    return plain[:LONGEST_HOLDER].strip()
