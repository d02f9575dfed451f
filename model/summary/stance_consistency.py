"""Whether a written sentence takes the other side than its paragraphs, as the stance classifier reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from ..article.nlp import ParsedText, parse, parse_articles
from ..article.splitter import join_article
from ..domain import OPPOSITE, Analysis, Article, Party, StanceLabel, Voice
from ..parties.finder import named_in
from .attribution import names_author


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
        """Whether `sentence` takes the other side than its paragraphs, or gives the author what they quote.

        A judgement turns round where an actor stands in another's place, or a "not" is lost. It is found for parties
        that the sentence names, where its label and the paragraph's are sure and opposite, and no paragraph judges
        alike: a judgement of what the paragraphs only tell is not found.
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
