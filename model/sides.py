"""Whether a written sentence takes the sides that its paragraphs take, as the stance classifier reads both."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from model.article import join_article
from model.domain import Analysis, Article, Party, Stance, StanceLabel, Voice
from model.language import Reading, read
from model.parties import named_parties
from model.requests import PartyRequest
from model.starts import by_author

_OTHER = {Stance.FAVORABLE: Stance.CRITICAL, Stance.CRITICAL: Stance.FAVORABLE}


class Classifier(Protocol):
    """What the check of sides needs of `model.stance.StanceClassifier`."""

    def classify(
        self, article: Article, parties: Sequence[Party], readings: Sequence[Reading] | None = None
    ) -> tuple[StanceLabel, ...]:
        """One label per paragraph and party."""
        ...


@dataclass(frozen=True)
class Sides:
    """The sides that an analysed article takes, and the classifier that found them."""

    analysis: Analysis
    classifier: Classifier

    def astray(self, sentence: str, cited: Sequence[int]) -> bool:
        """Whether `sentence` judges a party against its paragraphs, or gives the author what they quote.

        A judgement turns round where an actor stands in another's place, or a "not" is lost. Only labels that are
        sure count, and one paragraph that judges alike is enough.
        """
        for label in self._labels(sentence):
            if label.unsure or label.stance not in _OTHER:
                continue
            there = [own for own in self.analysis.labels if own.party == label.party and own.paragraph in cited]
            alike = [own for own in there if own.stance is label.stance]
            turned = any(own.stance is _OTHER[label.stance] and not own.unsure for own in there) and not alike
            quoted = bool(alike) and all(own.voice is Voice.QUOTED and not own.unsure for own in alike)
            if turned or (quoted and by_author(sentence)):
                return True
        return False

    def _labels(self, sentence: str) -> Sequence[StanceLabel]:
        """The sentence's own labels, of the parties that it names."""
        requests = [PartyRequest(party.name, party.aliases) for party in self.analysis.parties]
        if not requests:
            return ()
        (reading,) = read([sentence])
        parties = named_parties(self._title.text, [reading], self._title, requests)
        named = [party for party in parties if party.mentions]
        return self.classifier.classify(join_article(self._title.text, [sentence]), named, [reading]) if named else ()

    @cached_property
    def _title(self) -> Reading:
        """The article's title, read once for all sentences."""
        return read([self.analysis.article.read(self.analysis.article.title)])[0]
