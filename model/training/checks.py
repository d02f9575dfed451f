"""Two checks of trained weights: is the evidence what the label rests on, and do labels follow other names?"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..article.nlp import ParsedText, parse
from ..domain import OPPOSITE, Span
from ..stance.classifier import StanceClassifier, Text
from ..stance.evidence import evidence_sentence
from ..stance.head import STANCES
from ..stance.verdicts import Verdict
from .augmentation import invented, swapped
from .examples import Example

_TAKEN = {STANCES.index(stance) for stance in OPPOSITE}


@dataclass(frozen=True, slots=True)
class Share:
    """How often something held: `hits` of `items`."""

    hits: int
    items: int

    @property
    def rate(self) -> float | None:
        """`hits / items`, or None without items."""
        return self.hits / self.items if self.items else None


def delete_evidence(
    classifier: StanceClassifier, examples: Sequence[Example], before: Sequence[Sequence[Verdict | None]]
) -> list[tuple[float, float]]:
    """The deletion test: judge each paragraph without each of its sentences in turn; `before` is of the whole ones.

    A party whose mentions all go with the sentence is absent from the rest: its stance falls to 0. As the evidence is a
    sentence that refers to the party, that is common.

    Returns:
        For each item with a stance in a paragraph of at least two sentences, how far the stance's
        probability falls without the evidence, and without the sentence, among the rest, that costs most.
    """
    readings = parse([example.text for example in examples])
    long = [
        (e, r, v)
        for e, r, v in zip(examples, readings, before, strict=True)
        if len(r.sentences) > 1 and any(label in _TAKEN for label in _labels([v]))
    ]
    rests = [
        [_without(example, reading, place) for place in range(len(reading.sentences))] for example, reading, _ in long
    ]
    after = iter(judge_examples(classifier, [rest for some in rests for rest in some]))
    falls = []
    for (_, reading, verdicts), some in zip(long, rests, strict=True):
        left = [next(after) for _ in some]
        for party, verdict in enumerate(verdicts):
            stance = int(verdict.logits.argmax()) if verdict else -1
            if verdict is None or stance not in _TAKEN:
                continue
            whole = _probability(classifier, verdict, stance)
            values = [whole - _probability(classifier, rest[party], stance) for rest in left]
            evidence = evidence_sentence(verdict, reading)
            own = values.pop(reading.sentences.index(evidence)) if evidence else 0.0
            falls.append((own, max(values)))
    return falls


def follow_names(
    classifier: StanceClassifier,
    examples: Sequence[Example],
    before: Sequence[Sequence[Verdict | None]],
    seed: int = 1,
) -> dict[str, Share]:
    """How many labels stay with their party when names are `invented`, and when two states' are `swapped`.

    Mentions move with the names, so that this asks the classifier alone, which reads stand-ins for the names that it
    finds in the mentions: what moves a label is a name that it did not see as one. Items of paragraphs in
    which nothing could be renamed are left out.
    """
    rng = random.Random(seed)
    pairs = {
        "invented": [(old, new) for e, old in zip(examples, before, strict=True) if (new := invented(e, rng))],
        "swapped": [(old, new) for e, old in zip(examples, before, strict=True) if (new := swapped(e, rng))],
    }
    shares = {}
    for name, some in pairs.items():
        kept = _labels([verdicts for verdicts, _ in some])
        found = _labels(judge_examples(classifier, [example for _, example in some]))
        shares[name] = Share(sum(a == b for a, b in zip(kept, found, strict=True)), len(kept))
    return shares


def judge_examples(
    classifier: StanceClassifier, examples: Sequence[Example], blind: bool = True
) -> list[list[Verdict | None]]:
    """The verdicts on each example's targets; not `blind`, the encoder reads their names."""
    texts = [
        Text((example.text,), [{0: target.spans} if target.spans else {} for target in example.targets], blind)
        for example in examples
    ]
    return [
        [found.get((0, party)) for party in range(len(example.targets))]
        for example, found in zip(examples, classifier.judge(texts), strict=True)
    ]


def _labels(verdicts: Sequence[Sequence[Verdict | None]]) -> list[int]:
    return [int(verdict.logits.argmax()) for some in verdicts for verdict in some if verdict]


def _probability(classifier: StanceClassifier, verdict: Verdict | None, stance: int) -> float:
    return classifier.probabilities(verdict)[STANCES[stance]] if verdict else 0.0


def _without(example: Example, reading: ParsedText, place: int) -> Example:
    """The example without one sentence, and without the mentions in it."""
    sentences = reading.sentences
    start = sentences[place].start
    end = sentences[place + 1].start if place + 1 < len(sentences) else len(example.text)

    def left(span: Span) -> Span | None:
        if span.end <= start:
            return span
        return Span(span.start - (end - start), span.end - (end - start)) if span.start >= end else None

    targets = tuple(
        replace(target, spans=tuple(kept for span in target.spans if (kept := left(span))))
        for target in example.targets
    )
    return replace(example, text=example.text[:start] + example.text[end:], targets=targets)
