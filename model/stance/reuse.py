"""What of an earlier analysis still holds: labels whose paragraph, mentions and names are the same, and parties."""

from collections.abc import Sequence
from dataclasses import replace

from ..domain import Analysis, Mention, Party, Stance, StanceLabel, SummarySentence
from ..names.name_spans import names_in
from ..parties.requests import PartyRequest, party_line
from .classifier import Item, item_of


def known_labels(analysis: Analysis, now: Sequence[Party]) -> dict[Item, StanceLabel]:
    """An analysis's labels by what they depend on, for `StanceClassifier.classify`.

    A careful label depends on all mentions of its paragraph: it is known where those of the parties `now` are the same.
    Absent ones are left out, for they are no work.
    """
    parties = {party.name: party for party in analysis.parties}
    same = {p.index: _places(analysis.parties, p.index) == _places(now, p.index) for p in analysis.article.paragraphs}
    names = [
        names_in(p.text, [party.in_paragraph(p.index) for party in analysis.parties])
        for p in analysis.article.paragraphs
    ]
    return {
        item_of(label.paragraph, parties[label.party].in_paragraph(label.paragraph), names[label.paragraph]): label
        for label in analysis.labels
        if label.stance is not Stance.ABSENT and (same[label.paragraph] or not label.careful)
    }


def _places(parties: Sequence[Party], index: int) -> set[tuple[Mention, ...]]:
    """Where a paragraph mentions each of `parties`."""
    return {party.in_paragraph(index) for party in parties} - {()}


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


def absent_still(before: Analysis, labels: Sequence[StanceLabel]) -> tuple[StanceLabel, ...]:
    """`labels`, with those marked as careful that were carefully absent before: the question would be the same."""
    known = {(x.paragraph, x.party) for x in before.labels if x.careful and x.stance is Stance.ABSENT}
    return tuple(
        replace(label, careful=True)
        if label.stance is Stance.ABSENT and (label.paragraph, label.party) in known
        else label
        for label in labels
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


def kept_portrayals(before: Analysis, analysis: Analysis) -> dict[str, SummarySentence]:
    """The portrayals of parties that are judged as they were, in every paragraph."""
    was, now = ({party: _labels_of(some, party) for party in before.portrayals} for some in (before, analysis))
    return {party: sentence for party, sentence in before.portrayals.items() if was[party] == now[party]}


def _labels_of(analysis: Analysis, party: str) -> list[tuple[object, ...]]:
    """Without the probabilities: they move a little where another party of the paragraph is asked for."""
    of_party = (label for label in analysis.labels if label.party == party)
    return [(label.paragraph, label.stance, label.voice, label.holder, label.unsure) for label in of_party]
