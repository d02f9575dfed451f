"""Which actors a reader would choose as the article's parties: a logistic regression over how it speaks of them."""

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from ..article.nlp import ParsedText
from ..domain import TITLE, Kind, Span
from ..names.lexicon import organization_nouns
from ..names.plain import singular
from ..networks.text_states import TextStates
from ..settings import WEIGHTS
from .actors import Actor
from .coreference import read_learnt

LEARNT = WEIGHTS / "party_ranking.json"
"""What `python -m model.training.recipes.parties` found; PARTIES.md beside it says how good it is."""
Features = Mapping[str, float]
_SPEAKING = re.compile(
    r"sa(?:y|ys|id)|t(?:ell|ells|old)|add(?:s|ed)?|argue[sd]?|ask(?:s|ed)?|claim(?:s|ed)?|w(?:rites?|rote)|warn(?:s|ed)?"
    r"|think|thinks|thought|kn(?:ow|ows|ew)|wants?|wanted|announced|insist(?:s|ed)?|suggest(?:s|ed)?|explain(?:s|ed)?"
    r"|believe[sd]?|note[sd]?|tweeted|decided|hope[sd]?|declared|replied|den(?:y|ies|ied)|acknowledged|testified"
)
_RELATIONS = ("nsubj", "nsubjpass", "dobj", "pobj", "poss", "compound", "amod", "conj", "attr")
_SHORT, _FEW = 1500, 6  # characters, paragraphs; shorter articles than these were not learnt from
_LIKELIEST = 12
"""Actors whose references are looked for."""
_LABELS = ("PERSON", "ORG", "GPE", "NORP", "LOC", "FAC", "EVENT", "PRODUCT")


@dataclass(frozen=True, slots=True)
class Ranking:
    """The regression: the weights of features and states, the bias, and from which probabilities it is believed.

    Attributes:
        weights: of `features_of` and `with_references`, by their names.
        states: of `actor_states`, `(hidden)`.
        bias: the intercept.
        min_probability: from here on an actor is a party.
        main_probability: from here on it is a main party.
        affiliated_probability: that of a main party whose state, or somebody who acts for it, is one already.
        min_main, max_main: how many main parties an article has, if it has as many.
        max_parties: how many parties it has at most.
        learnt_on: the version of the encoder whose states were learnt from.
    """

    weights: Mapping[str, float]
    states: Sequence[float]
    bias: float
    min_probability: float
    main_probability: float
    affiliated_probability: float
    min_main: int
    max_main: int
    max_parties: int
    learnt_on: str = ""

    @classmethod
    @cache
    def load(cls, path: Path = LEARNT) -> "Ranking":
        """The weights that come with Sidelight.

        Raises:
            WeightsError: they were learnt on the states of another encoder.
        """
        return read_learnt(cls, path, "make train-parties")

    def probabilities(self, features: Sequence[Features], states: Tensor) -> list[float]:
        """How likely a reader chooses each actor, by its features and its state in `(actors, hidden)`."""
        seen = [sum(self.weights.get(name, 0.0) * value for name, value in some.items()) for some in features]
        logits = torch.tensor(seen) + states @ torch.tensor(self.states) + self.bias
        return list(logits.sigmoid().tolist())

    def likeliest(self, features: Sequence[Features], states: Tensor) -> list[int]:
        """The `_LIKELIEST` actors by number."""
        probabilities = self.probabilities(features, states)
        return sorted(range(len(probabilities)), key=lambda at: -probabilities[at])[:_LIKELIEST]

    def choose(self, actors: Sequence[Actor], probabilities: Sequence[float]) -> tuple[list[Actor], int]:
        """The parties, each once, the main ones first and else the likeliest, and how many are main ones."""
        chosen: list[Actor] = []
        minor: list[Actor] = []
        sure = 0
        for probability, actor in sorted(zip(probabilities, actors, strict=True), key=lambda pair: -pair[0]):
            if probability < self.min_probability or len(chosen) + len(minor) == self.max_parties:
                break
            if any(actor.same_as(other) for other in (*chosen, *minor)):
                continue
            if probability < self.affiliated_probability and any(
                actor.acts_for(o) or o.acts_for(actor) for o in chosen
            ):
                minor.append(actor)
            else:
                chosen.append(actor)
                sure += probability >= self.main_probability
        return [*chosen, *minor], min(max(sure, self.min_main), self.max_main, len(chosen))


def features_of(actors: Sequence[Actor], texts: Mapping[int, ParsedText]) -> list[Features]:
    """What the regression sees of each actor of an article by its names."""
    counts: dict[str, list[int]] = {}
    for actor in actors:
        counts.setdefault(_sort(actor), []).append(len(actor.mentions))
    named = sorted(len(actor.mentions) for actor in actors if actor.entity is not None)
    found: list[Features] = []
    for actor in actors:
        number, sort = len(actor.mentions), _sort(actor)
        values = _spread(actor, texts) | _use(actor, texts) | _wording(actor)
        values["rank"] = math.log1p(len(named) - bisect_left(named, number + 1))
        values["share of most named"] = number / (named[-1] if named else number)
        values["rank in sort"] = math.log1p(sum(other > number for other in counts[sort]))
        values[f"sort {sort}"] = 1.0
        values[f"mentions of {sort}"] = math.log1p(number)
        values[f"paragraphs of {sort}"] = values["share of paragraphs"]
        found.append(values)
    return found


def _sort(actor: Actor) -> str:
    if actor.entity is None:
        return "part" if actor.part else "group"
    if actor.entity.kind is Kind.STATE:
        return "state" if actor.entity.state is not None else "place"
    return actor.entity.kind.value


def _spread(actor: Actor, texts: Mapping[int, ParsedText]) -> dict[str, float]:
    """How often and where the article names the actor."""
    paragraphs = max(1, len(texts) - (TITLE in texts))
    places = sorted({mention.paragraph for mention in actor.mentions} - {TITLE})
    number = len(actor.mentions)
    first, last = (places[0], places[-1]) if places else (0, 0)
    return {
        "mentions": math.log1p(number),
        "paragraphs": math.log1p(len(places)),
        "share of paragraphs": len(places) / paragraphs,
        "density": 1000 * number / max(_SHORT, sum(len(parsed.text) for parsed in texts.values())),
        "length": math.log(max(_FEW, paragraphs)),
        "title": float(any(mention.paragraph == TITLE for mention in actor.mentions)),
        "first paragraph": float(0 in places),
        "opening": sum(place in places for place in range(3)) / 3,
        "comes late": first / paragraphs,
        "stretch": (last - first) / paragraphs,
        "only at the end": float(places == [paragraphs - 1]),
    }


def with_references(features: Sequence[Features], actors: Sequence[Actor], paragraphs: int) -> list[Features]:
    """`features_of` and how often and where the article refers to each actor in any words: "he", "the company"."""
    numbers = [len(actor.mentions) + len(actor.references) for actor in actors]
    most = max(numbers, default=0)
    found: list[Features] = []
    for some, actor, number in zip(features, actors, numbers, strict=True):
        places = {mention.paragraph for mention in (*actor.mentions, *actor.references)} - {TITLE}
        values = {
            "references": math.log1p(len(actor.references)),
            "share of references": len(actor.references) / number,
            "in any words": math.log1p(number),
            "share of most in any words": number / most,
            "paragraphs in any words": math.log1p(len(places)),
            "share of paragraphs in any words": len(places) / max(1, paragraphs),
        }
        found.append({**some, **values})
    return found


def _use(actor: Actor, texts: Mapping[int, ParsedText]) -> dict[str, float]:
    """What the actor does where it is named: subject, speaker, owner, by whose side of what."""
    found: Counter[str] = Counter()
    for mention in actor.mentions:
        parsed = texts[mention.paragraph]
        start, end = parsed.first_token(mention.start), parsed.first_token(mention.end)
        inside = reversed(parsed.tokens[start:end])
        head = next((word for word in inside if not mention.start <= word.head < mention.end), None)
        if head is None:
            continue
        before, behind = parsed.tokens[max(0, start - 1) : start], parsed.tokens[end : end + 1]
        governor = parsed.within(Span(head.head, head.head + 1))
        found[f"is {head.dep}"] += 1
        found["speaks"] += head.dep == "nsubj" and any(_SPEAKING.fullmatch(word.text.lower()) for word in governor)
        found["subject"] += head.dep in ("nsubj", "nsubjpass")
        found["owns"] += any(word.tag == "POS" for word in behind)
        found["who"] += any(word.text.lower() in ("who", "whose") for word in behind)
        found["definite"] += any(word.text.lower() in ("the", "these", "those") for word in before)
        found["place"] += any(word.text.lower() in ("in", "at", "near", "from") for word in before)
        label = next((e.label for e in parsed.entities if e.start <= head.start < e.end), "none")
        found[f"label {label}"] += 1
        found["plural"] += head.tag in ("NNS", "NNPS")
        found["proper"] += head.tag in ("NNP", "NNPS")
    shares = [
        *(f"is {relation}" for relation in _RELATIONS),
        *(f"label {label}" for label in (*_LABELS, "none")),
        *("speaks", "owns", "definite", "place", "plural", "proper"),
    ]
    values = {f"share {name}": found[name] / len(actor.mentions) for name in shares}
    return values | {name: math.log1p(found[name]) for name in ("subject", "speaks", "who")}


def _wording(actor: Actor) -> dict[str, float]:
    """What the actor is called: for people and bodies without a name the words themselves, for bodies their last."""
    entity = actor.entity
    if entity is None:
        names, total = actor.names.most_common(1)[0][0], actor.names.total()
        words = [f"of {singular(word)}" for word in re.findall(r"\w+", names.lower())[:-1]]
        values = {
            "words": float(len(names.split())),
            "names": len(actor.names) / total,
            "bare": sum(times for name, times in actor.names.items() if " " not in name) / total,
            "proper adjective": sum(t for name, t in actor.names.items() if name[0].isupper() and " " in name) / total,
        }
        return values | dict.fromkeys([f"noun {actor.noun}", f"ending {actor.noun[-3:]}", *words], 1.0)
    if entity.kind is Kind.PERSON:
        return {
            "full name": float(" " in entity.name),
            "office": float(entity.owner is not None),
            **{f"role {noun}": 1.0 for noun in entity.roles},
        }
    return {
        "adherents": float(entity.plural),
        "noun in name": float(bool(organization_nouns(entity.name))),
        f"name {entity.name.lower()}": 1.0,
        f"last {actor.noun}": 1.0,
    }


def actor_states(actors: Sequence[Actor], read: TextStates) -> Tensor:
    """`(actors, hidden)`: what the encoder makes of each actor's names in their article, the mean over its mentions."""
    if not actors:
        return torch.zeros(0, read.hidden)
    lengths = [len(actor.mentions) for actor in actors]
    means = read.means([mention for actor in actors for mention in actor.mentions])
    return torch.stack([some.mean(dim=0) for some in torch.split(means, lengths)])


def is_word(feature: str) -> bool:
    """Whether a feature is a word, of which there are many, each in few articles."""
    return feature.split()[0] in ("noun", "ending", "of", "role", "name", "last") and feature != "noun in name"
