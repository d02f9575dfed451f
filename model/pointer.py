"""Where a paragraph refers to a party, if it does: the language model's first layers point at words.

The article is read once; for each paragraph and each party a question follows that sees the text up to the end of that
paragraph and no other question, so that one pass serves them all. They ask by name: whom "the Kremlin" means is known,
not said in the article.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from model.adapter import TrainedFile, expected
from model.blind import name_in
from model.domain import Mention, Party, Span
from model.first_layers import adapted, states_of
from model.language import Reading
from model.language_model import LanguageModel
from model.local_model import LocalModel, defused
from model.prompt_tree import PromptTree
from model.referents import candidates

POINTER = Path(__file__).parent / "weights" / "pointer.safetensors"
"""The weights in the repository; `model/weights/POINTER.md` is their model card."""
QUESTION = "Which words of the last paragraph mean {}?"
"""A part of what the adapters learnt, not a prompt that could be worded otherwise."""
TEXT, SHEET, BEFORE = 768, 1280, 192
"""Tokens of text that are read at once, those with their questions, and what of it was read before already."""
LONGEST, LONGEST_QUESTION = TEXT - 2 * BEFORE, 64
"""Tokens of a paragraph that is asked about, and of a question; longer ones are left out."""
_RARE = 4.0
"""What a token's product has to outweigh: few tokens refer to a party, and learning would take long to find that."""
LIKELY, SURE = 0.5, 0.8
"""The probability of its last word from which on a phrase refers to a party that nothing else finds, or that is found.

Of the further phrases of found parties on development paragraphs 69 % are right from 0.5 on (UN speeches 54 %), 83 %
(70 %) from 0.8 on; with the former UN speeches were judged worse than without any.
"""

_Tokens = tuple[list[int], list[tuple[int, int]]]


class PointerHead(nn.Module):
    """Says whether each token refers to the party, by its product with a question's state, and whether any does."""

    def __init__(self, hidden: int, width: int = 256) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.query = nn.Linear(hidden, width)
        self.key = nn.Linear(hidden, width)
        self.inner = nn.Linear(2 * hidden, width)
        self.present = nn.Linear(width, 1)

    def forward(self, question: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of each token `(tokens,)` and of any `()`, from states `(hidden,)` and `(tokens, hidden)`."""
        question, tokens = self.norm(question), self.norm(tokens)
        products = self.key(tokens) @ self.query(question) / self.query.out_features**0.5
        both = torch.cat([question, products.softmax(dim=0) @ tokens])
        return products - _RARE, self.present(nn.functional.gelu(self.inner(both)))[0]


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

    tree: PromptTree
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
            sheet = Sheet(PromptTree(), [*head, *context])
            sheet.tree.add(sheet.text)
        if own <= LONGEST:
            sheet.add(number, body(number), questions)
    if sheet and sheet.questions:
        yield sheet


@dataclass(frozen=True, slots=True)
class PointerWeights:
    """What training learnt; `language_model` is the version that it was trained on.

    From the probability `threshold` on a paragraph is taken to refer to a party that nothing else finds in it, if a
    phrase likely does; below `doubt` not to refer to one that something else finds.
    """

    adapter: dict[str, Tensor]
    head: dict[str, Tensor]
    layers: int
    threshold: float
    doubt: float
    language_model: str
    version: str

    @classmethod
    def load(cls, path: Path = POINTER) -> "PointerWeights":
        """Read a safetensors file as `model.training.pointer` writes it.

        Raises:
            WeightsError: there is no such file, or it is not one of ours.
        """
        with expected(f"weights of the pointer in {path}", "make train-pointer"):
            trained = TrainedFile.read(path)
            return cls(
                adapter=trained.adapter,
                head=trained.head,
                layers=int(trained.metadata["layers"]),
                threshold=float(trained.metadata["threshold"]),
                doubt=float(trained.metadata["doubt"]),
                language_model=trained.metadata["language_model"],
                version=trained.metadata["version"],
            )

    def fit(self, language_model: LanguageModel) -> bool:
        """Whether they were trained on this language model."""
        return self.language_model == language_model.version


class Pointer:
    """A tokenizer, the language model's first layers with adapters, and the head trained with them."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        network: PreTrainedModel,
        head: PointerHead,
        *,
        threshold: float,
        doubt: float,
        version: str,
    ) -> None:
        self.tokenizer = tokenizer
        self.network = network.eval()
        self.head = head.eval()
        self.threshold = threshold
        self.doubt = doubt
        self.version = version

    @classmethod
    def of(cls, language_model: LocalModel, weights: PointerWeights) -> "Pointer":
        """On top of a loaded model, whose weights it shares and leaves as they are.

        Raises:
            WeightsError: the weights are of another shape.
        """
        with expected(f"weights of the pointer for {language_model.version}", "make train-pointer"):
            network = adapted(language_model, weights.layers, weights.adapter)
            head = PointerHead(network.config.hidden_size)
            head.load_state_dict(weights.head)
        return cls(
            language_model.tokenizer,
            network,
            head.to(network.device),
            threshold=weights.threshold,
            doubt=weights.doubt,
            version=weights.version,
        )

    def revise(
        self,
        title: str,
        readings: Sequence[Reading],
        parties: Sequence[Party],
        asked: Mapping[int, Sequence[str]] | None = None,
    ) -> tuple[Party, ...]:
        """The parties with further mentions, and without those in paragraphs that do not refer to them.

        No party loses a paragraph that has its whole name, or where it has but the names that were listed for it, and
        none gets a word by which another one is named. `readings` are of all paragraphs, `asked` the names of parties
        by paragraph; None asks about all of them everywhere.
        """
        if asked is None:
            asked = {i: [party.name for party in parties] for i in range(len(readings))}
        by_name = {party.name: party for party in parties}
        mentions: dict[str, dict[int, list[Mention]]] = {party.name: defaultdict(list) for party in parties}
        names: dict[int, list[tuple[str, Span]]] = defaultdict(list)
        for party in parties:
            for mention in party.mentions:
                mentions[party.name][mention.paragraph].append(mention)
                if name := name_in(readings[mention.paragraph].text, mention):
                    names[mention.paragraph].append((party.name, name))
        for q, each, present in self.point(title, [reading.text for reading in readings], asked):
            known, reading = mentions[q.party][q.paragraph], readings[q.paragraph]
            if known and present < self.doubt and not certain(by_name[q.party], known, reading.text):
                known.clear()
            elif known or present >= self.threshold:
                others = [name for party, name in names[q.paragraph] if party != q.party]
                spans = spans_at(q, each, reading, known, others)
                known.extend(Mention(q.paragraph, span.start, span.end) for span in spans)
        return tuple(
            replace(
                party,
                mentions=tuple(sorted(chain.from_iterable(mentions[party.name].values()))),
                sought=party.sought | {i for i, some in asked.items() if party.name in some},
            )
            for party in parties
        )

    @torch.inference_mode()
    def point(
        self, title: str, texts: Sequence[str], asked: Mapping[int, Sequence[str]]
    ) -> Iterator[tuple[Question, Tensor, float]]:
        """Each question that was read, with how likely each of its paragraph's tokens refers, and the paragraph."""
        for sheet in sheets_of(self.tokenizer, title, texts, asked):
            states = states_of(self.network, sheet.ids, sheet.places(), sheet.seen())
            for q in sheet.questions:
                each, present = self.head(states[q.end], states[q.tokens])
                yield q, each.sigmoid().cpu(), float(present.sigmoid())


def certain(party: Party, known: Sequence[Mention], text: str) -> bool:
    """Whether what is found of a party in a paragraph needs no second look."""
    words = [" ".join(text[m.start : m.end].lower().split()) for m in known]
    return party.exact or any(party.name.lower() in some for some in words)


def spans_at(
    question: Question,
    each: Tensor,
    reading: Reading,
    known: Sequence[Mention | Span] = (),
    others: Sequence[Span] = (),
) -> list[Span]:
    """The phrases of a paragraph that likely refer to the party, by the tokens' probabilities `(tokens,)`.

    Those are left out that overlap what is `known`, or whose last word is of `others`' names.
    """
    least = SURE if known else LIKELY
    tokens = list(zip(each.tolist(), question.offsets, strict=True))
    phrases = sorted(
        (-max((value for value, (start, end) in tokens if start < c.end and c.at < end), default=0.0), c.start, c.end)
        for c in candidates(reading)
        if not any(name.start < c.end and c.at < name.end for name in others)
    )
    spans: list[Span] = []
    for value, start, end in phrases:
        if -value >= least and all(end <= s.start or s.end <= start for s in (*known, *spans)):
            spans.append(Span(start, end))
    return sorted(spans, key=lambda span: span.start)
