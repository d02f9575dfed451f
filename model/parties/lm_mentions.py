"""Where a paragraph refers to a party, if it does: the language model's first layers mark the words.

The article is read once; for each paragraph and each party a question follows that sees the text up to the end of that
paragraph and no other question, so that one pass serves them all. They ask by name: whom "the Kremlin" means is known,
not said in the article.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ..article.nlp import ParsedText
from ..domain import Mention, Party, Span
from ..language_model.interface import LanguageModel
from ..language_model.local import LocalModel
from ..language_model.question_sheet import Question, sheets_of
from ..language_model.truncated import adapted, states_of
from ..names.name_spans import name_in
from ..networks.checkpoint import TrainedFile, expected, fill
from ..settings import WEIGHTS
from .candidates import candidates

LM_MENTIONS = WEIGHTS / "lm_mentions.safetensors"
"""The weights in the repository; `model/weights/LM_MENTIONS.md` is their model card."""
_RARE = 4.0
"""What a token's product has to outweigh: few tokens refer to a party, and learning would take long to find that."""
LIKELY, SURE = 0.5, 0.8
"""The probability of its last word from which on a phrase refers to a party that nothing else finds, or that is found.

Of the further phrases of found parties on development paragraphs 69 % are right from 0.5 on (UN speeches 54 %), 83 %
(70 %) from 0.8 on; with the former UN speeches were judged worse than without any.
"""


class MentionHead(nn.Module):
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
class MentionWeights:
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
    def load(cls, path: Path = LM_MENTIONS) -> "MentionWeights":
        """Read a safetensors file as `model.training.recipes.lm_mentions` writes it.

        Raises:
            WeightsError: there is no such file, or it is not one of ours.
        """
        with expected(f"weights of the mention finder in {path}", "make train-lm-mentions"):
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


class LmMentionFinder:
    """A tokenizer, the language model's first layers with adapters, and the head trained with them."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        network: PreTrainedModel,
        head: MentionHead,
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
    def of(cls, language_model: LocalModel, weights: MentionWeights) -> "LmMentionFinder":
        """On top of a loaded model, whose weights it shares and leaves as they are.

        Raises:
            WeightsError: the weights are of another shape.
        """
        with expected(f"weights of the mention finder for {language_model.version}", "make train-lm-mentions"):
            network = adapted(language_model, weights.layers, weights.adapter)
            head = MentionHead(network.config.hidden_size)
            fill(head, weights.head)
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
        parsed_texts: Sequence[ParsedText],
        parties: Sequence[Party],
        asked: Mapping[int, Sequence[str]] | None = None,
    ) -> tuple[Party, ...]:
        """The last of `revising`."""
        return [*self.revising(title, parsed_texts, parties, asked)][-1]

    def revising(
        self,
        title: str,
        parsed_texts: Sequence[ParsedText],
        parties: Sequence[Party],
        asked: Mapping[int, Sequence[str]] | None = None,
    ) -> Iterator[tuple[Party, ...]]:
        """The parties with further mentions, and without those in paragraphs that do not refer to them, as they grow.

        No party loses a paragraph that has its whole name, or where it has but the names that were listed for it, and
        none gets a word by which another one is named. `parsed_texts` are of all paragraphs, `asked` the names of
        parties by paragraph; None asks about all of them everywhere.
        """
        if asked is None:
            asked = {i: [party.name for party in parties] for i in range(len(parsed_texts))}
        by_name = {party.name: party for party in parties}
        mentions: dict[str, dict[int, list[Mention]]] = {party.name: defaultdict(list) for party in parties}
        names: dict[int, list[tuple[str, Span]]] = defaultdict(list)
        for party in parties:
            for mention in party.mentions:
                mentions[party.name][mention.paragraph].append(mention)
                if name := name_in(parsed_texts[mention.paragraph].text, mention):
                    names[mention.paragraph].append((party.name, name))
        last = None
        for q, each, present in self.point(title, [parsed.text for parsed in parsed_texts], asked):
            if last not in (None, q.paragraph):
                yield self._with(parties, mentions, asked)
            last = q.paragraph
            known, parsed = mentions[q.party][q.paragraph], parsed_texts[q.paragraph]
            if known and present < self.doubt and not certain(by_name[q.party], known, parsed.text):
                known.clear()
            elif known or present >= self.threshold:
                others = [name for party, name in names[q.paragraph] if party != q.party]
                spans = spans_at(q, each, parsed, known, others)
                known.extend(Mention(q.paragraph, span.start, span.end) for span in spans)
        yield self._with(parties, mentions, asked)

    def _with(
        self,
        parties: Sequence[Party],
        mentions: Mapping[str, Mapping[int, Sequence[Mention]]],
        asked: Mapping[int, Sequence[str]],
    ) -> tuple[Party, ...]:
        """The parties with these mentions by paragraph, and the paragraphs in which they were looked for."""
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
    parsed: ParsedText,
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
        for c in candidates(parsed)
        if not any(name.start < c.end and c.at < name.end for name in others)
    )
    spans: list[Span] = []
    for value, start, end in phrases:
        if -value >= least and all(end <= s.start or s.end <= start for s in (*known, *spans)):
            spans.append(Span(start, end))
    return sorted(spans, key=lambda span: span.start)
