"""Stance by a language model: for each item the codebook's prompt, and how likely each label is as the reply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from model.domain import Stance, StanceLabel, Unread
from model.language_model.interface import Choice, LanguageModel
from model.language_model.prompts import Prompt, fenced

_BEFORE, _SECTION = 2, 8
"""A paragraph is shown with those before it, to tell who "it" is: back to the beginning of its section of eight and two
further. So each goes on where the one before ended, and what they share is read once."""
_LEAST = 0.5
"""The labels' share of all that the model might say, below which it was not read as a label."""
_EMPTY = "N/A"
"""A text without content, which no label fits better than another."""


@dataclass(frozen=True)
class PromptClassifier:
    """Asks a language model for each item's stance; none is guessed where it says no label."""

    language_model: LanguageModel
    prompt: Prompt

    @property
    def versions(self) -> dict[str, str]:
        """What decides the labels."""
        return {"language model": self.language_model.version, "stance prompt": self.prompt.version}

    def classify(self, paragraphs: Sequence[str], parties: Sequence[str]) -> list[StanceLabel | Unread]:
        """One answer per paragraph and party, paragraph by paragraph in the order of `parties`.

        The label's probability is its share divided by its mean share over the article's items and a text without
        content (batch calibration, https://arxiv.org/abs/2309.17249; with the text without content alone, contextual
        calibration, two labels in three were lost).

        Raises:
            PromptError: the prompt's slots are other ones.
            ServerError: the model's server fails.
        """
        whole = "\n\n".join([*paragraphs, *parties])
        items = [(index, party) for index in range(len(paragraphs)) for party in parties]
        if not items:
            return []
        prompts = [self._filled(_EMPTY, "", _EMPTY, _EMPTY)]
        for index, party in items:
            start = index - index % _SECTION
            before = "\n\n".join(paragraphs[max(0, start - _BEFORE) : index])
            prompts.append(self._filled(paragraphs[index], before, party, whole))
        choices = self.language_model.choose(prompts, [stance.value for stance in Stance])
        means = {stance: fmean(choice.shares[stance] for choice in choices) for stance in Stance}
        return [_answer(item, choice, means) for item, choice in zip(items, choices[1:], strict=True)]

    def _filled(self, paragraph: str, before: str, party: str, whole: str) -> str:
        texts = {"before": before, "paragraph": paragraph, "party": party}
        return self.prompt.fill({slot: fenced(text, whole) for slot, text in texts.items()})


def _answer(item: tuple[int, str], choice: Choice, means: Mapping[Stance, float]) -> StanceLabel | Unread:
    share = sum(choice.shares.values())
    if share < _LEAST:
        return Unread(*item, choice.reply, f"the labels have {share:.0%} of what the model might say")
    weights = {stance: choice.shares[stance] / max(means[stance], 1e-4) for stance in Stance}
    total = sum(weights.values())
    probabilities = {stance: weight / total for stance, weight in weights.items()}
    return StanceLabel(*item, max(Stance, key=lambda stance: probabilities[stance]), probabilities)
