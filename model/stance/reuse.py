"""What of an earlier analysis still holds: parties, and what was written of those that are judged as they were."""

from collections.abc import Sequence
from dataclasses import replace

from ..domain import JUDGES, PRESENT, Analysis, Mention, Party, SummarySentence
from ..parties.requests import PartyRequest, party_line
from .aggregates import leading_stance
from .corrections import by_reader, warnings_left


def with_mentions(party: Party, given: Sequence[Mention]) -> Party:
    """The party with those of the given mentions that were not found."""
    missing = [
        mention
        for mention in given
        if not any(m.start < mention.end and mention.start < m.end for m in party.in_paragraph(mention.paragraph))
    ]
    return replace(party, mentions=tuple(sorted((*party.mentions, *missing)))) if missing else party


def kept_parties(before: Analysis, requests: Sequence[PartyRequest], parties: Sequence[Party]) -> tuple[Party, ...]:
    """`parties` with those whose line in the list did not change as they were before, mentions and all."""
    same = {party_line(party): party for party in before.parties}
    return tuple(
        replace(same[request.line], main=True) if request.line in same else party
        for request, party in zip(requests, parties, strict=True)
    )


def as_before(before: Analysis | None, analysis: Analysis) -> Analysis:
    """The analysis with what was said of the article before."""
    if before is None:
        return analysis
    versions = {**before.versions, **analysis.versions} if before.written else analysis.versions
    return replace(
        analysis,
        summary=before.summary,
        written=before.written,
        portrayals=kept_portrayals(before, analysis),
        versions={name: version for name, version in versions.items() if name != JUDGES},
    )


def with_hand_labels(before: Analysis | None, analysis: Analysis, unsure_below: float) -> Analysis:
    """The analysis with the labels that a reader gave the same article before, or confirmed where they were unsure.

    `unsure_below` is of the analysis's weights: what was confirmed of others' labels cannot be told.
    """
    if before is None or before.article != analysis.article:
        return analysis
    if before.versions.get("stance") != analysis.versions.get("stance"):
        unsure_below = 0.0
    given = {(label.paragraph, label.party): label for label in before.labels if by_reader(label, unsure_below)}
    labels = tuple(given.get((label.paragraph, label.party), label) for label in analysis.labels)
    found = {label.party for label in given.values() if label.stance in PRESENT}
    return replace(analysis, labels=labels, warnings=warnings_left(analysis.warnings, found))


def kept_portrayals(before: Analysis, analysis: Analysis) -> dict[str, SummarySentence]:
    """The portrayals of parties toward which most paragraphs take the side that most took before, if any."""
    there = {party.name for party in analysis.parties}
    return {
        party: sentence
        for party, sentence in before.portrayals.items()
        if party in there and leading_stance(before.labels, party) is leading_stance(analysis.labels, party)
    }
