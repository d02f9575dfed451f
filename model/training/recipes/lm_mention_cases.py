"""Labelled articles as cases for the language model's mentions: what is asked, and what is right."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from ...article.nlp import parse
from ...language_model.question_sheet import Sheet, sheets_of
from ...parties.finder import parties_of
from ...parties.lm_mentions import certain
from ...parties.requests import PartyRequest
from ..examples import group_of, labelled_articles

FOUND_ASKED, EASY_SHARE = 0.2, 0.12
"""The share that is asked about of the parties of which all is found that refers to them in a paragraph, and the share
that is read of the sheets on which every party is there and found."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Whether and where a paragraph refers to a party, by the reader, and where Sidelight finds it.

    What it finds is `certain` if the language model may not drop it.
    """

    present: bool
    marked: tuple[tuple[int, int], ...]
    found: tuple[tuple[int, int], ...]
    certain: bool = False

    def marks(self, offsets: Sequence[tuple[int, int]]) -> list[bool]:
        """Which of the tokens with these characters the reader marked."""
        return [any(a < end and start < b for a, b in self.marked) for start, end in offsets]

    @property
    def whole(self) -> bool:
        """Whether all that the reader marked is found, and nothing in a paragraph that does not refer to the party."""
        if not self.present or not self.marked:
            return self.present == bool(self.found)
        return all(any(a < end and start < b for a, b in self.found) for start, end in self.marked)


@dataclass(frozen=True, slots=True)
class Case:
    """An article with the labels of its paragraphs' parties; `group` as in `Example`."""

    group: str
    corpus: str
    title: str
    texts: Sequence[str]
    truths: Mapping[tuple[int, str], Truth]


@dataclass(frozen=True, slots=True)
class Marked:
    """A sheet with what is true of its questions."""

    sheet: Sheet
    truths: Sequence[Truth]


def read_cases(labels: Path, corpora: Path) -> Iterator[Case]:
    """Every labelled article and speech.

    Raises:
        LabelError: a label names an article that the corpora lack.
    """
    for identifier, title, texts, some in labelled_articles(labels, corpora):
        parsed_title, *readings = parse([title, *texts])
        requests = [PartyRequest(name) for name in dict.fromkeys(row["party"] for row in some)]
        parties = {party.name: party for party in parties_of(parsed_title, readings, requests)}
        truths = {}
        for row in some:
            place, party = row["paragraph"], parties[row["party"]]
            found = party.in_paragraph(place)
            truths[place, party.name] = Truth(
                row["stance"] != "absent",
                tuple((start, end) for start, end in row["mentions"]),
                tuple((m.start, m.end) for m in found),
                certain(party, found, texts[place]),
            )
        yield Case(group_of(identifier), identifier.split("-")[0], title, texts, truths)


def marked(tokenizer: PreTrainedTokenizerBase, case: Case, rng: random.Random) -> Iterator[Marked]:
    """The sheets of an article on which somebody has something to learn, with questions in an order drawn."""
    asked: dict[int, list[str]] = {}
    for (place, party), truth in case.truths.items():
        if not truth.found or not truth.whole or rng.random() < FOUND_ASKED:
            asked.setdefault(place, []).append(party)
    for some in asked.values():
        rng.shuffle(some)
    for sheet in sheets_of(tokenizer, case.title, case.texts, asked):
        truths = [case.truths[q.paragraph, q.party] for q in sheet.questions]
        if rng.random() < EASY_SHARE or not all(truth.present and truth.found for truth in truths):
            yield Marked(sheet, truths)
