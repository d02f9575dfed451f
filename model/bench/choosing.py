"""Rows of labels by the language model: prompts read as trees, one full prompt each, and transformers' own way."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product

import torch
from transformers import pipeline

from ..article.nlp import parse
from ..article.splitter import split_article
from ..domain import Stance, Unread
from ..language_model.interface import Choice
from ..language_model.local import LocalModel
from ..language_model.prompts import Prompt
from ..parties.finder import parties_of
from ..stance.prompt_classifier import PromptClassifier
from .measure import Left, Row, ratios, row, seconds
from .writing import default_model

_GROUP = "labels by the language model"
_SAMPLE = 6
"""Of prompts that are read one by one: their time is multiplied."""


class _Asked(LocalModel):
    """A model that keeps the prompts that it was asked."""

    prompts: tuple[str, ...] = ()

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        self.prompts += tuple(prompts)
        return super().choose(prompts, options)


def choosing_rows(text: str, rounds: int) -> Iterator[Row | Left]:
    """The article's items with two and with eight parties; probabilities and labels compared with two."""
    loaded = default_model()
    if isinstance(loaded, Left):
        yield loaded
        return
    model = _Asked(loaded.tokenizer, loaded.network, loaded.version)
    classifier = PromptClassifier(model, Prompt.load("stance"))
    article = split_article(text)
    texts = [paragraph.text for paragraph in article.paragraphs]
    title, *readings = parse([article.read(article.title), *texts])
    names = [party.name for party in parties_of(title, readings)]
    for count in (8, 2):
        parties = names[:count]
        ours = partial(classifier.classify, texts, parties)
        model.prompts = ()
        labels = ours()
        asked = model.prompts
        some = asked[:: -(-len(asked) // _SAMPLE)]
        taken = seconds({"tree": ours, "each": partial(_each, model, some)}, rounds)
        times = [ratio * len(asked) / len(some) for ratio in ratios(taken["each"], taken["tree"])]
        yield row(_GROUP, f"a full prompt each, {len(texts)} × {len(parties)}", times, "× our time", "≥ 3")
    yield _difference(model, some)
    decide = partial(_decide, model, classifier.prompt, list(product(texts, parties)))
    said: dict[str, list[str]] = {}
    taken = seconds({"ours": ours, "theirs": lambda: said.update(theirs=decide())}, rounds)
    yield row(_GROUP, 'pipeline("decision")', ratios(taken["theirs"], taken["ours"]), "× our time")
    pairs = zip(labels, said["theirs"], strict=True)
    same = [not isinstance(label, Unread) and label.stance == other for label, other in pairs]
    yield row(_GROUP, "labels as its", [100 * sum(same) / len(same)], "%")


@torch.inference_mode()
def _each(model: LocalModel, prompts: Sequence[str]) -> list[torch.Tensor]:
    """What transformers gives for each prompt alone."""
    ids = [torch.tensor([model.ids(prompt)], device=model.network.device) for prompt in prompts]
    return [model.network(one, logits_to_keep=1).logits[0, -1] for one in ids]


def _difference(model: LocalModel, prompts: Sequence[str]) -> Row:
    """How much the probability of a label differs at most from the one for the prompt alone, by prompt."""
    options = [stance.value for stance in Stance]
    alone = [model.choose([prompt], options)[0].shares for prompt in prompts]
    together = [choice.shares for choice in model.choose(prompts, options)]
    most = [max(abs(one[o] - other[o]) for o in options) for one, other in zip(alone, together, strict=True)]
    return Row(_GROUP, "largest difference in a probability", max(most), "", (min(most), max(most)), "≤ 0.01")


def _decide(model: LocalModel, prompt: Prompt, items: Sequence[tuple[str, str]]) -> list[str]:
    """The labels by transformers' pipeline for typed choices, with our prompt's definitions."""
    decide = pipeline("decision", model=model.network, tokenizer=model.tokenizer)
    criteria = dict(re.findall(rf"^({'|'.join(Stance)}): (.+)$", prompt.text, re.MULTILINE))
    question = {"type": "choice", "instructions": "How does the paragraph portray the party?", "criteria": criteria}
    answers = [decide({"state": {"paragraph": p, "party": n}, "questions": {"stance": question}}) for p, n in items]
    return [answer["stance"]["choice"] for answer in answers]
