"""Whether a rewritten sentence may be shown: it is held against its source, and its writer must have been sure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from .attribution import has_speaker, names_author
from .stance_consistency import StanceConsistency
from .surface_checks import coverage, invented_quotations, missing_numbers, names_of, strange_names
from .window import Window

LEAST_LOG_LIKELIHOOD = -3.0
"""The log-likelihood from which a sentence of the default model is shown: what a model is unsure of is more often wrong
(https://arxiv.org/abs/2002.07650). `python -m model.training.likelihood` prints what other limits show."""
_LEAST_COVERAGE = 0.4
"""The share of its content words that a sentence has from its source. A model's refusal mostly has fewer; of 3,400
sentences that readers rewrote, none."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What a language model made of a sentence, "" for nothing; and its log-likelihood, where the model tells it."""

    text: str
    log_likelihood: float | None = None


@dataclass(frozen=True, slots=True)
class Grounder:
    """Holds rewritten sentences against their source, and with `consistency` against the labels of its paragraph."""

    consistency: StanceConsistency | None = None

    def supports(self, new: Rewritten, window: Window, paragraph: int) -> bool:
        """Whether nothing tells that the window of a sentence of `paragraph` does not say what `new` says.

        Numbers, quotations, names and enough of the other words must be there. What is quoted must have a speaker, not
        the author. The model must have been sure, and no party may be judged against the paragraph's label. What words
        say together is not checked: a sentence may still tie a number or a deed to the wrong name, or lack a "not".
        """
        # A PDF's text may have an accent as a character of its own, where a model writes both as one.
        sentence, source = (unicodedata.normalize("NFC", text) for text in (new.text, window.text))
        strange = (
            coverage(sentence, source) < _LEAST_COVERAGE
            or missing_numbers(sentence, source)
            or invented_quotations(sentence, source)
            or strange_names(names_of(sentence), source)
            or (window.quoted and (names_author(sentence) or not has_speaker(sentence, window.sentence)))
        )
        if strange or (new.log_likelihood is not None and new.log_likelihood < LEAST_LOG_LIKELIHOOD):
            return False
        # Names are looked for as the source spells them.
        spelt = new.text if source == window.text else unicodedata.normalize("NFD", new.text)
        return not self.contradicts(spelt, (paragraph,))

    def contradicts(self, sentence: str, paragraphs: Sequence[int]) -> bool:
        """Whether `sentence` judges a party against its paragraphs' labels, or gives the author what they quote."""
        return self.consistency is not None and self.consistency.contradicts(sentence, paragraphs)
