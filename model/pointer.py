"""Where a paragraph refers to a party that nothing else finds there: the language model's first layers point at words.

The article is read once; for each paragraph and each party that was not found in it a question follows that sees the
text up to the end of that paragraph and no other question, so that one pass serves them all. They ask by name: whom
"the Kremlin" means is known, not said in the article.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from model.adapter import TrainedFile, expected
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
_ALSO = 0.5
"""A phrase refers to the party too if its probability is that share of the likeliest one's."""

_Tokens = tuple[list[int], list[tuple[int, int]]]


class PointerHead(nn.Module):
    """Points at tokens by their product with a question's state, and says whether any of them refers to the party."""

    def __init__(self, hidden: int, width: int = 256) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.query = nn.Linear(hidden, width)
        self.key = nn.Linear(hidden, width)
        self.inner = nn.Linear(2 * hidden, width)
        self.present = nn.Linear(width, 1)

    def forward(self, question: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities `(tokens,)` and a logit `()` from states `(hidden,)` and `(tokens, hidden)`."""
        question, tokens = self.norm(question), self.norm(tokens)
        shares = (self.key(tokens) @ self.query(question) / self.query.out_features**0.5).log_softmax(dim=0)
        both = torch.cat([question, shares.exp() @ tokens])
        return shares, self.present(nn.functional.gelu(self.inner(both)))[0]


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
    """What training learnt; from the probability `threshold` on a paragraph is taken to refer to a party.

    `language_model` is the version that it was trained on.
    """

    adapter: dict[str, Tensor]
    head: dict[str, Tensor]
    layers: int
    threshold: float
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
        threshold: float,
        version: str,
    ) -> None:
        self.tokenizer = tokenizer
        self.network = network.eval()
        self.head = head.eval()
        self.threshold = threshold
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
        return cls(language_model.tokenizer, network, head.to(network.device), weights.threshold, weights.version)

    def add(
        self,
        title: str,
        readings: Sequence[Reading],
        parties: Sequence[Party],
        asked: Mapping[int, Sequence[str]] | None = None,
    ) -> tuple[Party, ...]:
        """The parties with what is found to refer to them in paragraphs that did not mention them.

        `readings` are of all paragraphs, `asked` the names of parties by paragraph; None asks wherever one is not
        mentioned.
        """
        if asked is None:
            asked = {i: [p.name for p in parties if not p.in_paragraph(i)] for i in range(len(readings))}
        found: dict[str, list[Mention]] = {}
        texts = [reading.text for reading in readings]
        for q, shares, present in self.point(title, texts, asked):
            if present >= self.threshold:
                spans = spans_at(q, shares, readings[q.paragraph])
                found.setdefault(q.party, []).extend(Mention(q.paragraph, span.start, span.end) for span in spans)
        return tuple(
            replace(party, mentions=tuple(sorted((*party.mentions, *found[party.name]))))
            if party.name in found
            else party
            for party in parties
        )

    @torch.inference_mode()
    def point(
        self, title: str, texts: Sequence[str], asked: Mapping[int, Sequence[str]]
    ) -> Iterator[tuple[Question, Tensor, float]]:
        """Each question that was read, with the probability of each of its paragraph's tokens, and of a reference."""
        for sheet in sheets_of(self.tokenizer, title, texts, asked):
            states = states_of(self.network, sheet.ids, sheet.places(), sheet.seen())
            for q in sheet.questions:
                shares, present = self.head(states[q.end], states[q.tokens])
                yield q, shares.exp().cpu(), float(present.sigmoid())


def spans_at(question: Question, shares: Tensor, reading: Reading) -> list[Span]:
    """The phrases of a paragraph that the probabilities `(tokens,)` fall on: the likeliest, and others half as likely.

    The word on which most falls, where no phrase has half as much; none in a paragraph without a word.
    """
    tokens: list[tuple[float, tuple[int, int]]] = list(zip(shares.tolist(), question.offsets, strict=True))

    def share_of(start: int, end: int) -> float:
        return sum(share for share, (first, last) in tokens if first < end and start < last)

    phrases = [(share_of(c.at, c.end), c.start, c.end) for c in candidates(reading)]
    phrases.sort(key=lambda phrase: (-phrase[0], phrase[1]))
    if not phrases or phrases[0][0] < float(shares.max()) / 2:
        words = [token for token in reading.tokens if token.text[0].isalnum()]
        best = max(words, key=lambda word: share_of(word.start, word.end), default=None)
        return [Span(best.start, best.end)] if best else []
    spans: list[Span] = []
    for share, start, end in phrases:
        if share >= _ALSO * phrases[0][0] and all(end <= s.start or s.end <= start for s in spans):
            spans.append(Span(start, end))
    return sorted(spans, key=lambda span: span.start)
