"""Whether a rewritten sentence may be shown: it is held against its source, to the letter and by what was changed."""

from dataclasses import dataclass
from typing import Protocol

from .stance_consistency import StanceConsistency, names_author
from .surface_checks import invented_quotations, missing_numbers, names_of, opening_word, strange_names
from .window import Window


class Judge(Protocol):
    """What the check needs of `model.summary.fidelity.Fidelity`."""

    @property
    def enough(self) -> float:
        """The probability from which a sentence is shown."""
        ...

    def probability(self, text: str, window: Window) -> float:
        """How likely the window supports the sentence `text`."""
        ...

    def at_best(self, beginning: str, window: Window) -> float:
        """The most that `probability` can be of a sentence that begins so."""
        ...


@dataclass(frozen=True, slots=True)
class Grounder:
    """Holds rewritten sentences against their source, and with `consistency` against the labels of its paragraph."""

    fidelity: Judge
    consistency: StanceConsistency | None = None

    def hopeless(self, beginning: str, window: Window) -> bool:
        """Whether no sentence that begins so can be shown, so that it need not be written to its end."""
        return self.fidelity.at_best(beginning, window) < self.fidelity.enough

    def supports(self, sentence: str, window: Window, paragraph: int) -> bool:
        """Whether the window of a sentence of `paragraph` says what `sentence` says, as far as can be told.

        What is quoted may not be the author's; numbers, quotations and names must be there; little may have been
        changed (`fidelity`); and no party may be judged as the paragraph does not judge it.
        """
        strange = (
            (window.quoted and names_author(sentence))
            or missing_numbers(sentence, window.text)
            or invented_quotations(sentence, [window.text])
            or strange_names([*names_of(sentence), *opening_word(sentence)], window.text)
        )
        if strange or self.fidelity.probability(sentence, window) < self.fidelity.enough:
            return False
        return not (self.consistency and self.consistency.contradicts(sentence, (paragraph,)))
