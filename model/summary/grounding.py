"""Whether a rewritten sentence may be shown: it is held against its source, and its writer must have been sure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from .stance_consistency import StanceConsistency, names_author
from .surface_checks import invented_quotations, missing_numbers, names_of, opening_word, strange_names
from .window import Window

LEAST_LOG_LIKELIHOOD = -3.0
"""The log-likelihood from which a sentence of the default model is shown: what a model is unsure of is more often wrong
(https://arxiv.org/abs/2002.07650). `python -m model.training.likelihood` prints what other limits show."""


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
        """Whether the window of a sentence of `paragraph` says what `new` says, as far as can be told.

        What is quoted may not be the author's; numbers, quotations and names must be there; the model must have been
        sure; and no party may be judged as the paragraph does not judge it.
        """
        # A PDF's text may have an accent as a character of its own, where a model writes both as one.
        sentence, source = (unicodedata.normalize("NFC", text) for text in (new.text, window.text))
        strange = (
            (window.quoted and names_author(sentence))
            or missing_numbers(sentence, source)
            or invented_quotations(sentence, source)
            or strange_names([*names_of(sentence), *opening_word(sentence)], source)
        )
        if strange or (new.log_likelihood is not None and new.log_likelihood < LEAST_LOG_LIKELIHOOD):
            return False
        # Names are looked for as the source spells them.
        spelt = new.text if source == window.text else unicodedata.normalize("NFD", new.text)
        return not self.contradicts(spelt, (paragraph,))

    def contradicts(self, sentence: str, paragraphs: Sequence[int]) -> bool:
        """Whether `sentence` judges a party as its paragraphs do not judge it, as far as can be told."""
        return self.consistency is not None and self.consistency.contradicts(sentence, paragraphs)
