"""Labels of two judges: the encoder's verdicts together with a language model's.

A logarithmic opinion pool (Genest and Zidek 1986, https://doi.org/10.1214/ss/1177013825).
"""

from collections.abc import Generator
from dataclasses import dataclass, replace

from ..article.nlp import parse_articles
from ..domain import JUDGES, Analysis
from .classifier import StanceClassifier, Text
from .corrections import by_reader
from .holders import party_ends
from .lm_classifier import LmStanceClassifier

LONGEST_JUDGED = 30_000
"""Characters; the language model would take minutes for more."""


@dataclass(frozen=True, slots=True)
class EnsembleClassifier:
    """Both judges; a label of both has the geometric mean of what their logits say, made to sum to 1.

    The encoder's temperature is left out of it. The language model is asked where the encoder's label has a probability
    below `asked_below`: on development articles it changes hardly any other.
    """

    encoder: StanceClassifier
    language_model: LmStanceClassifier
    asked_below: float = 0.7

    def judging(self, analysis: Analysis) -> Generator[Analysis, None, Analysis]:
        """The analysis with the labels of both; yields it as it is again and again, so that whoever waits can stop.

        Toward main parties, that is; labels that a reader gave stay, and confirmed unsure ones. Voice, holder and
        evidence are the encoder's. An article of more than `LONGEST_JUDGED` comes back as it is.

        Raises:
            ServerError: the language model failed.
        """
        yield analysis
        if len(analysis.article.text) > LONGEST_JUDGED:
            return analysis
        text = Text.of(analysis.article, analysis.parties)
        (verdicts,) = yield from self.encoder.judging([text], analysis)
        places = {party.name: place for place, party in enumerate(analysis.parties)}
        labels = {(label.paragraph, places[label.party]): label for label in analysis.labels}
        asked = [
            key
            for key, label in labels.items()
            if key in verdicts
            and not by_reader(label, self.encoder.unsure_below)
            and analysis.parties[key[1]].main
            and (label.probability or 1.0) < self.asked_below
        ]
        (parsed,) = parse_articles([analysis.article])  # kept since it was read
        ends = party_ends(analysis.parties)
        for found in self.language_model.judging(text.paragraphs, text.mentions, asked):
            if found:
                (paragraph, party), answer = found
                verdict = verdicts[paragraph, party]
                both = ((verdict.logits.log_softmax(dim=0) + answer) / 2).softmax(dim=0)
                labels[paragraph, party] = self.encoder.label(
                    paragraph,
                    analysis.parties[party].name,
                    verdict,
                    parsed.paragraphs[paragraph],
                    ends,
                    both,
                )
            yield analysis
        judges = f"encoder, {self.language_model.model.version}"
        return replace(analysis, labels=tuple(labels.values()), versions={**analysis.versions, JUDGES: judges})


def with_judgement(found: Analysis, grown: Analysis) -> Analysis:
    """`found` with the labels of `grown`, and with who made them."""
    judges = {JUDGES: grown.versions[JUDGES]} if JUDGES in grown.versions else {}
    return replace(found, labels=grown.labels, versions={**found.versions, **judges})
