"""What a reader meets who names nobody: which parties are found, and how right the labels are for those of a reader."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from eval.gold import GoldArticle
from eval.judges import AnalyzerJudge, Reply
from model.domain import Analysis, Kind, Party, Stance, StanceLabel, Voice
from model.names.plain import plain_name
from model.parties.requests import PartyRequest


class UnaidedJudge:
    """The product's own path with no party named; a party that is not found has no labels of its own."""

    def __init__(self, judge: AnalyzerJudge) -> None:
        self.inner = judge
        self.name = f"{judge.name}, unaided"
        self.versions = dict(judge.versions)

    def judge(self, article: GoldArticle) -> Reply:
        """Analyse the article; labels of found parties go by the names of the reader's parties that they match."""
        analysis = self.inner.analyzer.analyze_article(article.article)
        return Reply(_by_readers_names(analysis, article), found=analysis.parties)


def matches(found: Sequence[Party], readers: Sequence[PartyRequest]) -> list[tuple[int, int]]:
    """Which found party shares a name with which of the reader's, main ones first; one perhaps with several."""
    ours = [_names(party.name, party.aliases) for party in found]
    theirs = [_names(request.name, request.aliases) for request in readers]
    order = sorted(range(len(found)), key=lambda index: not found[index].main)
    return [(index, reader) for index in order for reader, names in enumerate(theirs) if ours[index] & names]


def finding_scores(gold: Sequence[GoldArticle], replies: Sequence[Reply]) -> dict[str, Any]:
    """How good the found parties are; shares are of readers' parties (found) or of main ones that were found.

    A main party is junk where it matches none of the parties of either reader, "twice" where an earlier main one
    matches the same party, "merged" where it matches two parties that one reader told apart.
    """
    counts: Counter[str] = Counter()
    for article, reply in zip(gold, replies, strict=True):
        main = [party for party in reply.found if party.main]
        counts["readers"] += len(article.requests)
        pairs = matches(main, article.requests)
        counts["found"] += len({reader for _, reader in pairs})
        counts["found anywhere"] += len({reader for _, reader in matches(reply.found, article.requests)})
        counts["main"] += len(main)
        either = {index for index, _ in pairs} | {index for index, _ in matches(main, article.second_requests)}
        counts["junk"] += len(main) - len(either)
        counts["twice"] += sum(times - 1 for times in Counter(reader for _, reader in pairs).values())
        counts["merged"] += sum(times > 1 for times in Counter(index for index, _ in pairs).values())
    return {
        "readers": counts["readers"],
        "main": counts["main"],
        "found": _share(counts["found"], counts["readers"]),
        "found_anywhere": _share(counts["found anywhere"], counts["readers"]),
        "junk": _share(counts["junk"], counts["main"]),
        "twice": _share(counts["twice"], counts["main"]),
        "merged": _share(counts["merged"], counts["main"]),
    }


def readers_agreement(gold: Sequence[GoldArticle]) -> dict[str, Any] | None:
    """The same of the second reader's own parties, as the ceiling; None where no second reader chose."""
    read = [article for article in gold if article.second_requests]
    if not read:
        return None
    replies = [
        Reply({}, found=tuple(Party(r.name, Kind.ORGANIZATION, r.aliases) for r in article.second_requests))
        for article in read
    ]
    return finding_scores([replace(article, second_requests=()) for article in read], replies)


def _by_readers_names(analysis: Analysis, article: GoldArticle) -> dict[tuple[int, str], StanceLabel]:
    labels = analysis.by_item()
    first = {reader: found for found, reader in reversed(matches(analysis.parties, article.requests))}
    rows = {}
    for reader, request in enumerate(article.requests):
        for paragraph in analysis.article.paragraphs:
            if reader in first:
                label = labels[paragraph.index, analysis.parties[first[reader]].name]
                rows[paragraph.index, request.name] = replace(label, party=request.name)
            else:
                rows[paragraph.index, request.name] = missing(paragraph.index, request.name)
    return rows


def missing(paragraph: int, party: str) -> StanceLabel:
    """The label of a party that was not found: absent everywhere, so that its present items are wrong."""
    return StanceLabel(paragraph, party, Stance.ABSENT, {s: float(s is Stance.ABSENT) for s in Stance}, Voice.NONE)


def _names(name: str, aliases: Iterable[str]) -> set[str]:
    return {plain_name(text) for text in (name, *aliases)} - {""}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
