"""Stance by a language model: for each item the codebook's prompt, and how likely each label is as the reply."""

from collections.abc import Sequence
from dataclasses import dataclass

from model.domain import Stance, StanceLabel, Unread
from model.language_model import LanguageModel
from model.prompts import Prompt, fenced

_BEFORE = 2
"""Paragraphs that are shown to tell who "it" is."""
_LEAST = 0.5
"""The labels' share of all that the model might say, below which it was not read as a label."""
_EMPTY = "N/A"
"""A text without content, by which the model's liking for a label is known."""


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

        The label's probability is its share divided by its share for a text without content (contextual
        calibration, https://arxiv.org/abs/2102.09690). The prompts of one paragraph differ only in their
        ends, so that a model may read what they share once.

        Raises:
            PromptError: the prompt's slots are other ones.
            ServerError: the model's server fails.
        """
        items = [(index, party) for index in range(len(paragraphs)) for party in parties]
        prompts = [self._filled(_EMPTY, "", _EMPTY)]
        prompts += [self._filled(paragraphs[i], "\n\n".join(paragraphs[max(0, i - _BEFORE) : i]), p) for i, p in items]
        prior, *choices = self.language_model.choose(prompts, [stance.value for stance in Stance])
        answers: list[StanceLabel | Unread] = []
        for (index, party), choice in zip(items, choices, strict=True):
            share = sum(choice.shares.values())
            if share < _LEAST:
                reason = f"the labels have {share:.0%} of what the model might say"
                answers.append(Unread(index, party, choice.reply, reason))
                continue
            weights = {stance: choice.shares[stance] / max(prior.shares[stance], 1e-4) for stance in Stance}
            total = sum(weights.values())
            probabilities = {stance: weight / total for stance, weight in weights.items()}
            answers.append(StanceLabel(index, party, max(Stance, key=lambda s: probabilities[s]), probabilities))
        return answers

    def _filled(self, paragraph: str, before: str, party: str) -> str:
        return self.prompt.fill({"before": fenced(before), "paragraph": fenced(paragraph), "party": fenced(party)})
