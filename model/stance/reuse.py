"""What of an earlier analysis still holds: parties, and what was written of those that are judged as they were."""

from collections.abc import Sequence
from dataclasses import replace

from ..domain import Analysis, Mention, Party, SummarySentence
from ..parties.requests import PartyRequest, party_line


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
    return replace(
        analysis,
        summary=before.summary,
        written=before.written,
        portrayals=kept_portrayals(before, analysis),
        versions={**before.versions, **analysis.versions} if before.written else analysis.versions,
    )


def with_hand_labels(before: Analysis | None, analysis: Analysis) -> Analysis:
    """The analysis with the labels that a reader gave the same article before: with a note, or no probabilities."""
    if before is None or before.article != analysis.article:
        return analysis
    given = {(label.paragraph, label.party): label for label in before.labels if label.note or not label.probabilities}
    labels = tuple(given.get((label.paragraph, label.party), label) for label in analysis.labels)
    return replace(analysis, labels=labels)


def kept_portrayals(before: Analysis, analysis: Analysis) -> dict[str, SummarySentence]:
    """The portrayals of parties that are judged as they were, in every paragraph."""
    was, now = ({party: _labels_of(some, party) for party in before.portrayals} for some in (before, analysis))
    return {party: sentence for party, sentence in before.portrayals.items() if was[party] == now[party]}


def _labels_of(analysis: Analysis, party: str) -> list[tuple[object, ...]]:
    """Without the probabilities: they move a little where another party of the paragraph is asked for."""
    of_party = (label for label in analysis.labels if label.party == party)
    return [(label.paragraph, label.stance, label.voice, label.holder, label.unsure) for label in of_party]
