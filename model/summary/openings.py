"""How the sentences of a written summary begin: the stances that were found say who argues, and for or against whom."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..domain import Analysis, Article, Party, Stance, StanceLabel, Voice
from ..stance.aggregates import author_argues

SUMMARY_SENTENCES = 3
_AUTHOR = "The author"
OPENING_WORDS = 4
"""Words that a sentence begins with ("The author says that") before it says something."""
_HOLDERS = 2


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning of a sentence, and the party that the sentence is about; "" for the article as a whole.

    It may rest on `paragraphs` alone, where there are any: those that take the side which it begins with, or those
    that quote whom it begins with.
    """

    text: str
    party: str = ""
    paragraphs: frozenset[int] = frozenset()

    @property
    def words(self) -> str:
        """The beginning without its "that", which a model may leave out."""
        return self.text.removesuffix(" that")


def by_author(sentence: str) -> bool:
    """Whether a sentence says what the author says or does."""
    return sentence.startswith(f"{_AUTHOR} ")


def openings_of(analysis: Analysis) -> list[Opening]:
    """Three beginnings for the summary, then one for each main party that the article judges.

    Where the author takes sides the summary says what the author argues; elsewhere, what those who are
    quoted say. So no opinion is begun as a fact, and each sentence says something that can be checked.
    """
    if author_argues(analysis.labels):
        summary = [Opening(f"{_AUTHOR} {verb} that") for verb in ("says", "argues", "concludes")]
    else:
        said = [
            Opening(f"{holder} says that", paragraphs=_places(_quoting(holder, analysis.labels)))
            for holder in _holders(analysis.labels)[:_HOLDERS]
        ]
        more = [Opening("The article also reports that"), Opening("In the end")]
        summary = [Opening("The article reports that"), *said, *more][:SUMMARY_SENTENCES]
    return [*summary, *_portrayals(analysis)]


def _portrayals(analysis: Analysis) -> Iterator[Opening]:
    for party in analysis.parties:
        taken = [
            label
            for label in analysis.labels
            if label.party == party.name and label.voice in (Voice.AUTHOR, Voice.QUOTED) and not label.unsure
        ]
        if not party.main or not taken:
            continue
        stance, _ = Counter(label.stance for label in taken).most_common(1)[0]
        side = [label for label in taken if label.stance is stance]
        own = [label for label in side if label.voice is Voice.AUTHOR]
        holders = _holders(side)
        if len(own) * 2 >= len(side):
            who, where = _AUTHOR, own
        elif holders and holders[0] != party.name:
            who, where = holders[0], _quoting(holders[0], side)
        else:
            continue
        verb, link = ("faults", "for") if stance is Stance.CRITICAL else ("sides with", "and says that")
        text = f"{who} {verb} {with_article(party, analysis.article)} {link}"
        yield Opening(text, party.name, _places(where))


def with_article(party: Party, article: Article) -> str:
    """The party's name, behind "the" where the article puts it there."""
    for paragraph in article.paragraphs:
        at = paragraph.text.find(party.name)
        if at >= 0:
            return f"the {party.name}" if paragraph.text[:at].lower().endswith("the ") else party.name
    return f"the {party.name}" if party.name.startswith("United ") else party.name


def _quoting(holder: str, labels: Sequence[StanceLabel]) -> list[StanceLabel]:
    return [label for label in labels if holder in _holders([label])]


def _places(labels: Sequence[StanceLabel]) -> frozenset[int]:
    return frozenset(label.paragraph for label in labels)


def _holders(labels: Sequence[StanceLabel]) -> list[str]:
    """Who takes these stances, the most frequent first; names only."""
    names = [" ".join(label.holder.split()) for label in labels if label.holder and label.holder[:1].isupper()]
    return [name for name, _ in Counter(names).most_common()]
