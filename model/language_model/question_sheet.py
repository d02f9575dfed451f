"""An article and questions about its paragraphs as one sequence of tokens, so that one pass answers all of them.

A question stands behind its paragraph and sees the text up to there, and no other question.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from .local import defused
from .prefix_tree import PrefixTree

QUESTION = "Which words of the last paragraph mean {}?"
"""A part of what the adapters learnt, not a prompt that could be worded otherwise."""
TEXT, SHEET, BEFORE = 768, 1280, 192
"""Tokens of text that are read at once, those with their questions, and what of it was read before already."""
LONGEST, LONGEST_QUESTION = TEXT - 2 * BEFORE, 64
"""Tokens of a paragraph that is asked about, and of a question; longer ones are left out."""
_Tokens = tuple[list[int], list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Question:
    """Whether and where a paragraph refers to a party: the question's last token, and the tokens of the paragraph.

    The characters of those are `offsets`.
    """

    paragraph: int
    party: str
    end: int
    tokens: list[int]
    offsets: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Sheet:
    """Text and questions that are read at once, a question behind the text up to the end of its paragraph."""

    tree: PrefixTree
    text: list[int]
    questions: list[Question] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        """All tokens."""
        return self.tree.tokens

    def places(self) -> Tensor:
        """Where each token stands, `(tokens,)`."""
        return torch.tensor(self.tree.places)

    def seen(self) -> Tensor:
        """Which tokens each looks at, `(tokens, tokens)`."""
        return self.tree.seen(0, len(self.ids))

    def add(self, paragraph: int, body: _Tokens, asked: Sequence[tuple[str, list[int]]]) -> None:
        """Add a paragraph and what is asked about it: parties, and their questions' tokens."""
        own, offsets = body
        self.text += own
        there = self.tree.add(self.text)[-len(own) :]  # in parts elsewhere, where it begins as a question does
        for party, question in asked:
            self.tree.add([*self.text, *question])
            self.questions.append(Question(paragraph, party, self.tree.ends[-1], there, tuple(offsets)))


def sheets_of(
    tokenizer: PreTrainedTokenizerBase, title: str, texts: Sequence[str], asked: Mapping[int, Sequence[str]]
) -> Iterator[Sheet]:
    """The sheets for an article; `asked` are parties by paragraph. What is too long to be asked about is left out."""

    def tokens(text: str) -> _Tokens:
        read = tokenizer(defused(text, tokenizer), add_special_tokens=False, return_offsets_mapping=True)
        return list(read["input_ids"]), list(read["offset_mapping"])

    @cache
    def body(number: int) -> _Tokens:
        return tokens(f"{texts[number]}\n\n")

    @cache
    def question(party: str) -> list[int]:
        return tokens(QUESTION.format(party))[0]

    asked = {number: parties for number, parties in asked.items() if parties}
    head = tokens(f"{title}\n\n")[0][:BEFORE] if title else []
    sheet = None
    for number in range(min(asked, default=0), max(asked, default=-1) + 1):
        own = len(body(number)[0])
        questions = [(party, question(party)) for party in asked.get(number, ())]
        questions = [(party, some) for party, some in questions if len(some) <= LONGEST_QUESTION]
        more = own + sum(len(some) for _, some in questions)
        if sheet is None or len(sheet.text) + own > TEXT or len(sheet.ids) + more > SHEET:
            if sheet and sheet.questions:
                yield sheet
            start = number
            while start and sum(len(body(before)[0]) for before in range(start - 1, number)) <= BEFORE:
                start -= 1
            context = [token for before in range(start, number) for token in body(before)[0]]
            sheet = Sheet(PrefixTree(), [*head, *context])
            sheet.tree.add(sheet.text)
        if own <= LONGEST:
            sheet.add(number, body(number), questions)
    if sheet and sheet.questions:
        yield sheet
