"""Stance by a language model: for each item the codebook's prompt, and how likely each label is as the reply."""

from collections.abc import Iterator, Mapping, Sequence
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
        return next(reversed(list(self.growing(paragraphs, parties))), [])

    def growing(self, paragraphs: Sequence[str], parties: Sequence[str]) -> Iterator[list[StanceLabel | Unread]]:
        """The answers of `classify` for more and more paragraphs; the mean share grows with them."""
        whole = "\n\n".join([*paragraphs, *parties])
        labels = [stance.value for stance in Stance]
        choices = self.language_model.choose([self._filled(_EMPTY, "", _EMPTY, _EMPTY)], labels) if paragraphs else []
        items: list[tuple[int, str]] = []
        for start in range(0, len(paragraphs), _SECTION):
            section = range(start, min(start + _SECTION, len(paragraphs)))
            new = [(index, party) for index in section for party in parties]
            prompts = []
            for index, party in new:
                before = "\n\n".join(paragraphs[max(0, start - _BEFORE) : index])
                prompts.append(self._filled(paragraphs[index], before, party, whole))
            items += new
            choices += self.language_model.choose(prompts, labels)
            means = {stance: fmean(choice.shares[stance] for choice in choices) for stance in Stance}
            yield [_answer(item, choice, means) for item, choice in zip(items, choices[1:], strict=True)]

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
