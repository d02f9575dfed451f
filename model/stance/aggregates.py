"""One line a party: how the article treats it, in whose voice, with the sentence that says it most surely."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..domain import Analysis, Stance, StanceLabel, Voice
from .holders import HolderNames, holder_names, holders_phrase
from .phrases import Say, english

JUDGED = (Stance.CRITICAL, Stance.FAVORABLE)
_LONGEST = 1_000  # characters of a quoted sentence: hardly any of the press is longer


@dataclass(frozen=True, slots=True)
class PartyLine:
    """What the article does with `party`, its paragraphs, and a sentence quoted from one.

    `text` is to follow the party's name and a colon: a verb would have to agree with the name. `paragraphs` are the
    indices whose stance it tells; `evidence` is "" where no stance is taken.
    """

    party: str
    text: str
    paragraphs: tuple[int, ...]
    evidence: str = ""
    evidence_paragraph: int | None = None


def party_lines(analysis: Analysis, say: Say = english, *, minor: bool = False) -> tuple[PartyLine, ...]:
    """A line for each main party, and with `minor` for the others too, in the language of `say`."""
    names = holder_names(analysis)
    return tuple(_line(analysis, party.name, names, say) for party in analysis.parties if party.main or minor)


def most_critical(analysis: Analysis, say: Say = english) -> str:
    """Which main party is criticized in the most paragraphs, mostly by whom, and in how many it is favored.

    "" where it is favored in as many, or no label is sure: whoever reads this line alone would take the article for its
    critic.
    """
    found = most_criticized(analysis)
    if not found:
        main = {party.name for party in analysis.parties if party.main}
        criticized = any(label.stance is Stance.CRITICAL and label.party in main for label in analysis.labels)
        return "" if criticized else say("most_nobody")
    critical, favorable = next(iter(found.values()))
    where = where_phrase(critical, len(analysis.article.paragraphs), say)
    names = holder_names(analysis)
    each = [_mostly(labels, names, say) for labels, _ in found.values()]
    voices = each[0] if len(set(each)) == 1 else ""  # what is said of several is true of each
    rest = say("most_rest", where=where_phrase(favorable, 0, say)) if favorable else ""
    key = "most_critical" if len(found) == 1 else "most_each"
    return say(key, parties=", ".join(found), where=where, voices=voices, rest=rest)


def most_criticized(analysis: Analysis) -> dict[str, tuple[list[StanceLabel], list[StanceLabel]]]:
    """The main parties that are criticized in the most paragraphs, with their critical and their favorable labels.

    Among equals it is those that fewer paragraphs favor, then the surest; {} where as many favor as criticize them, or
    all who criticize are unsure.
    """
    found = {party.name: _both(analysis.labels, party.name) for party in analysis.parties if party.main}
    ranks = {
        name: (len(critical), -len(favorable), -_unsure(critical), _unsure(favorable))
        for name, (critical, favorable) in found.items()
    }
    most = max(ranks.values(), default=(0, 0, 0, 0))
    return {name: found[name] for name, rank in ranks.items() if rank == most and rank[0] > max(-rank[1], -rank[2])}


def leading_side(labels: Sequence[StanceLabel], party: str) -> list[StanceLabel]:
    """The labels of the side that most paragraphs take toward a party, [] where none takes one."""
    side, _ = _sides(labels, party)
    return side


def leading_stance(labels: Sequence[StanceLabel], party: str) -> Stance | None:
    """That of `leading_side`; None where no paragraph takes a side."""
    return next((label.stance for label in leading_side(labels, party)), None)


def voice_counts(analysis: Analysis, party: str) -> Counter[tuple[Stance, Voice]]:
    """How many paragraphs take each stance toward `party` in each voice."""
    return Counter((label.stance, label.voice or Voice.NONE) for label in analysis.labels if label.party == party)


def evidence_text(analysis: Analysis, label: StanceLabel) -> str:
    """The sentence that carries a stance, on one line and cut where it is very long; "" without one."""
    text = nested(" ".join(analysis.article.paragraphs[label.paragraph].read(label.evidence).split()))
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + " …"


def nested(text: str) -> str:
    """`text` for between quotation marks: those around all of it give way, even within its stop; others are single.

    A lone mark belongs to a quotation that goes on in the sentence before or after: one that ends within `text` begins
    with it, one that begins within it ends with it, after a sign that more follows.
    """
    text = re.sub(r'^["“”]?([^"“”]*+)["“”]?([.,;:!?…]*)$', r"\1\2", text)
    text = f"“{text}" if re.match(r'[^"“”]*+(?<=[.,!?])["”]', text) else text
    text, opened = re.subn(r'(?<![^\s(\[—–-])["“]', "‘", text)
    text, closed = re.subn(r'["“”]', "’", text)
    return f"{text} …’" if opened > closed else text


def _line(analysis: Analysis, party: str, names: HolderNames, say: Say) -> PartyLine:
    labels = [label for label in analysis.labels if label.party == party]
    present = [label for label in labels if label.stance is not Stance.ABSENT]
    judged = [label for label in present if label.stance in JUDGED]
    paragraphs = tuple(label.paragraph for label in judged or present)
    if not present:
        return PartyLine(party, say("line_unnamed"), ())
    if not judged:
        where = where_phrase(present, len(labels), say)
        return PartyLine(party, say("line_neutral", where=where), paragraphs)
    parts: list[str] = []
    sides = _sides(judged, party)
    for some in filter(None, sides):
        where = where_phrase(some, 0 if parts else len(labels), say)
        parts.append(say(f"line_{some[0].stance}", where=where, voices=_voices(some, names, say)))
    neutral = [label for label in present if label.stance is Stance.NEUTRAL]
    rest = say("line_rest", count=where_phrase(neutral, 0, say)) if neutral else ""
    best = max(
        (label for label in sides[0] if label.evidence),
        key=lambda label: label.probability or 0.0,
        default=None,
    )
    return PartyLine(
        party,
        say("line_treated", parts="; ".join(parts), rest=rest),
        paragraphs,
        evidence_text(analysis, best) if best else "",
        best.paragraph if best else None,
    )


def _both(labels: Sequence[StanceLabel], party: str) -> tuple[list[StanceLabel], list[StanceLabel]]:
    """The critical and the favorable labels toward a party."""
    own = [label for label in labels if label.party == party]
    critical, favorable = ([label for label in own if label.stance is stance] for stance in JUDGED)
    return critical, favorable


def _sides(labels: Sequence[StanceLabel], party: str) -> list[list[StanceLabel]]:
    """The labels of both sides, those of the one that more paragraphs take first; of equal ones, the critical."""
    return sorted(_both(labels, party), key=lambda side: -len(side))


def where_phrase(labels: Sequence[StanceLabel], total: int, say: Say) -> str:
    """In how many paragraphs, of how many unless `total` is 0, and for how many of them the label is unsure."""
    count, unsure = len(labels), _unsure(labels)
    where = say("line_paragraph" if total == 1 else "line_paragraphs", count=count, total=total) if total else count
    if not unsure:
        return str(where)
    return say("line_all_unsure" if unsure == count else "line_unsure", where=where, count=unsure)


def _unsure(labels: Sequence[StanceLabel]) -> int:
    return sum(label.unsure for label in labels)


def _voices(labels: Sequence[StanceLabel], names: HolderNames, say: Say) -> str:
    """In whose voice; a label without one is a reader's, who was not asked for it."""
    quoted = [label for label in labels if label.voice is Voice.QUOTED]
    holders = holders_phrase(quoted, names, say)
    own = sum(label.voice is None for label in labels)
    counts = {
        say("line_author"): len(labels) - len(quoted) - own,
        say("line_quoted", holders=holders): len(quoted),
        say("line_readers"): own,
    }
    if len(quoted) == len(labels):
        return say("line_all_quoted", holders=holders)
    voices = [(words, count) for words, count in counts.items() if count]
    return voices[0][0] if len(voices) == 1 else ", ".join(f"{count} {words}" for words, count in voices)


def _mostly(labels: Sequence[StanceLabel], names: HolderNames, say: Say) -> str:
    """In whose voice most of the labels are; "" where neither voice has half of them, for a reader gave none."""
    quoted = [label for label in labels if label.voice is Voice.QUOTED]
    authors = sum(label.voice is Voice.AUTHOR for label in labels)
    holders = holders_phrase(quoted, names, say)
    for key, count in (("most_author", authors), ("most_quoted", len(quoted))):
        if 2 * count > len(labels):
            return say(f"{key}_all" if count == len(labels) else key, holders=holders)
    return say("most_both", holders=holders) if authors == len(quoted) > len(labels) / 4 else ""
