"""Whether a written sentence takes the sides that its paragraphs take, as the stance classifier reads both."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from ..article.nlp import ParsedText, parse, parse_articles
from ..article.splitter import join_article
from ..domain import OPPOSITE, Analysis, Article, Party, StanceLabel, Voice
from ..parties.finder import named_in

_AUTHOR = re.compile(r"\bthe author\W", re.IGNORECASE)


def names_author(sentence: str) -> bool:
    """Whether a sentence, or its beginning, gives something to the author."""
    return _AUTHOR.search(sentence) is not None


class Classifier(Protocol):
    """What the check of sides needs of `model.stance.classifier.StanceClassifier`."""

    def classify(
        self, article: Article, parties: Sequence[Party], parsed_texts: Sequence[ParsedText] | None = None
    ) -> tuple[StanceLabel, ...]:
        """One label per paragraph and party."""
        ...


@dataclass(frozen=True)
class StanceConsistency:
    """The sides that an analysed article takes, and the classifier that found them."""

    analysis: Analysis
    classifier: Classifier

    def contradicts(self, sentence: str, cited: Sequence[int]) -> bool:
        """Whether `sentence` judges a party against its paragraphs, or gives the author what they quote.

        A judgement turns round where an actor stands in another's place, or a "not" is lost. Only labels that are
        sure count, and one paragraph that judges alike is enough.
        """
        if sentence not in self._read:
            self._read[sentence] = self._labels(sentence)
        for label in self._read[sentence]:
            if label.unsure or label.stance not in OPPOSITE:
                continue
            there = [own for own in self.analysis.labels if own.party == label.party and own.paragraph in cited]
            alike = [own for own in there if own.stance is label.stance]
            turned = any(own.stance is OPPOSITE[label.stance] and not own.unsure for own in there) and not alike
            quoted = bool(alike) and all(own.voice is Voice.QUOTED and not own.unsure for own in alike)
            if turned or (quoted and names_author(sentence)):
                return True
        return False

    def _labels(self, sentence: str) -> Sequence[StanceLabel]:
        """The sentence's own labels, of the parties that it names."""
        if not self.analysis.parties:
            return ()
        (parsed,) = parse([sentence])
        named = named_in(parsed, self._title, self.analysis.parties)
        return self.classifier.classify(join_article(self._title.text, [sentence]), named, [parsed]) if named else ()

    @cached_property
    def _read(self) -> dict[str, Sequence[StanceLabel]]:
        """The labels of each sentence that was asked for: one may be held against a source for several parties."""
        return {}

    @cached_property
    def _title(self) -> ParsedText:
        """The article's title."""
        return parse_articles([self.analysis.article])[0].title
