"""The parties of several articles side by side, and how each article treats them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..domain import Analysis, Party, Stance, StanceLabel, Voice
from ..stance.aggregates import JUDGED, voice_counts

MOST = 4
"""Articles that are compared at once."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """How one article treats a party that it refers to.

    `counts` are paragraphs by stance and voice; `quotations` the surest critical and the surest favorable label, those
    that have a sentence for evidence, the side with more paragraphs first.
    """

    party: Party
    counts: Counter[tuple[Stance, Voice]]
    quotations: tuple[StanceLabel, ...]

    def total(self, stance: Stance) -> int:
        """The paragraphs with this stance, in whichever voice."""
        return sum(count for (of, _), count in self.counts.items() if of is stance)


@dataclass(frozen=True, slots=True)
class ComparedParty:
    """A party, and how each article treats it; None for one that does not refer to it."""

    name: str
    treatments: tuple[Treatment | None, ...]


def compare(analyses: Sequence[Analysis]) -> tuple[ComparedParty, ...]:
    """The parties that at least one of the articles is about, those of most articles first.

    Parties of two articles are one where they have the same name, or else where one name of each, but no lone surname,
    is the same and they are of one kind, or else where they are the only persons with their surname and no first names
    speak against it.
    """
    from .same import ways_to_be_same  # loads spaCy, for which the page does not wait

    ways = ways_to_be_same(analyses)
    rows: list[list[Party | None]] = []
    for number, analysis in enumerate(analyses):
        present = {label.party for label in analysis.labels if label.stance is not Stance.ABSENT}
        left = [party for party in analysis.parties if party.mentions or party.name in present]
        for same, of in ways:
            for party in tuple(left):
                row = next((row for row in rows if row[number] is None and of(same(o, party) for o in row if o)), None)
                if row:
                    row[number] = party
                    left.remove(party)
        rows += [[party if place == number else None for place in range(len(analyses))] for party in left]
    compared = [
        ComparedParty(
            next(party.name for party in row if party),
            tuple(_treatment(one, party) if party else None for one, party in zip(analyses, row, strict=True)),
        )
        for row in rows
        if any(party and party.main for party in row)
    ]
    return tuple(sorted(compared, key=_rank))


def _treatment(analysis: Analysis, party: Party) -> Treatment:
    labels = [label for label in analysis.labels if label.party == party.name]
    sides = sorted(JUDGED, key=lambda stance: -sum(label.stance is stance for label in labels))
    surest = (
        max(
            (label for label in labels if label.stance is stance and label.evidence),
            key=lambda label: (not label.unsure, label.probability or 0.0),
            default=None,
        )
        for stance in sides
    )
    return Treatment(party, voice_counts(analysis, party.name), tuple(filter(None, surest)))


def _rank(row: ComparedParty) -> tuple[int, int]:
    there = [treatment for treatment in row.treatments if treatment]
    return -len(there), -sum(len(treatment.party.mentions) for treatment in there)
