"""The language model as a reader of the whole article: one pass over it, a question for each paragraph and party.

A question stands behind its paragraph and sees the text up to there, and no other question; what the model makes of it
goes to a head like the encoder's. Names are hidden, as from the encoder.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from cachetools import LRUCache
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ..language_model.interface import LanguageModel
from ..language_model.local import LocalModel, defused
from ..language_model.truncated import adapted, packed, states_of
from ..networks.checkpoint import TrainedFile, expected
from ..settings import WEIGHTS
from .classifier import ItemKey, Text, Verdict, joined, verdicts_of
from .head import Item, ItemMasks, PartyHead, items_of
from .stretches import Mentions, TokenizedText, mentioned, stretches_of, tokenized

READER = WEIGHTS / "reader.safetensors"
"""The weights in the repository; `model/weights/READER.md` is their model card."""
LONGEST, CONTEXT = 640, 160
"""Tokens of text that are read at once, and those of them that were read before; also in training."""
STAND_INS = tuple("αβγδεκλμνπστφXYZQJKWVUNR")
"""Words of one token each for the default language model."""
_BREAK, _ASK = "\n\n", "?"
"""What stands between paragraphs, and behind a party's stand-in to ask about it: one token each."""
_QUESTION = 2
"""Tokens of a question."""
_PACK = 1024
"""Tokens that are read side by side."""
_MOST_KEPT = 64  # sheets whose verdicts are kept


@dataclass(frozen=True, slots=True)
class ReaderWeights:
    """What training learnt: adapters of the first `layers`, the head, and how logits become probabilities.

    The logits are the reader's and `encoder_share` times the log of the encoder's probabilities, over `temperature`; a
    label whose probability is less than `unsure_below` is marked as unsure. `stance` and `language_model` are the
    versions that it was fitted to.
    """

    adapter: dict[str, Tensor]
    head: dict[str, Tensor]
    layers: int
    encoder_share: float
    temperature: float
    unsure_below: float
    stance: str
    language_model: str
    version: str

    @classmethod
    def load(cls, path: Path = READER) -> "ReaderWeights":
        """Read a safetensors file as `model.training.recipes.reader` writes it.

        Raises:
            WeightsError: there is no such file, or it is not one of ours.
        """
        with expected(f"the reader's weights in {path}", "make train-reader"):
            trained = TrainedFile.read(path)
            return cls(
                adapter=trained.adapter,
                head=trained.head,
                layers=int(trained.metadata["layers"]),
                encoder_share=float(trained.metadata["encoder_share"]),
                temperature=float(trained.metadata["temperature"]),
                unsure_below=float(trained.metadata["unsure_below"]),
                stance=trained.metadata["stance"],
                language_model=trained.metadata["language_model"],
                version=trained.metadata["version"],
            )

    def fit(self, stance: str, language_model: LanguageModel) -> bool:
        """Whether they were fitted to these stance weights, by their version, and this language model."""
        return (self.stance, self.language_model) == (stance, language_model.version)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A stretch of `text` tokens and behind it the questions, a question's last token being the lead of its item.

    `ends` has, for each question, how many tokens of the text it sees.
    """

    ids: tuple[int, ...]
    text: int
    ends: tuple[int, ...]
    items: tuple[Item, ...]

    def places(self) -> Tensor:
        """Where each token stands, `(tokens,)`."""
        questions = [torch.arange(end, end + _QUESTION) for end in self.ends]
        return torch.cat([torch.arange(self.text), *questions])

    def seen(self) -> Tensor:
        """Which tokens each looks at, `(tokens, tokens)`."""
        seen = torch.ones(len(self.ids), len(self.ids), dtype=torch.bool).tril()
        for number, end in enumerate(self.ends):
            at = self.text + _QUESTION * number
            seen[at : at + _QUESTION, end:at] = False
        return seen


class Asker:
    """Writes sheets, with the tokenizer of the language model that the reader was trained on."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer
        self.paragraph_break, self.ask = self._first(_BREAK), self._first(_ASK)
        self.stand_ins = [self._first(f" {word}") for word in STAND_INS]

    def _first(self, word: str) -> int:
        return int(self.tokenizer(word, add_special_tokens=False)["input_ids"][0])

    def tokens(self, paragraphs: Sequence[str]) -> list[TokenizedText]:
        """The paragraphs' tokens; what looks like a special one is none."""
        return tokenized(self.tokenizer, [defused(text, self.tokenizer) for text in paragraphs])

    def sheets(self, texts: Sequence[TokenizedText], mentions: Mentions, stand_ins: Sequence[int]) -> Iterator[Sheet]:
        """The sheets of an article; a stretch that mentions no party has none.

        Args:
            texts: the paragraphs, names hidden.
            mentions: where they refer to each party.
            stand_ins: each party's token.
        """
        lead = self.paragraph_break
        for stretch in stretches_of(texts, LONGEST, CONTEXT, lead=lead, end=lead):
            ids, ends, leads = list(stretch.ids), [], {}
            there = mentioned(stretch, mentions)
            for place, part in enumerate(stretch.parts):
                for party in there if part.judged else ():
                    ids += [stand_ins[party], self.ask]
                    ends.append(part.start + len(part.text.ids) + 1)  # the break behind it too
                    leads[place, party] = len(ids) - 1
            if leads:
                yield Sheet(tuple(ids), len(stretch.ids), tuple(ends), tuple(items_of(stretch.parts, mentions, leads)))


def states_of_sheets(network: PreTrainedModel, sheets: Sequence[Sheet], *, exact: bool = False) -> Tensor:
    """What `network` makes of the sheets' tokens, read side by side as one row: `(sheets, tokens, hidden)` in fp32."""
    ids = [token for sheet in sheets for token in sheet.ids]
    seen = torch.block_diag(*(sheet.seen() for sheet in sheets)).bool()  # type: ignore[no-untyped-call]  # torch leaves it so
    states = states_of(network, ids, torch.cat([sheet.places() for sheet in sheets]), seen, exact)
    return pad_sequence(list(torch.split(states, [len(sheet.ids) for sheet in sheets])), batch_first=True)


class Reader:
    """The language model's first layers with adapters, and the head trained with them."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, network: PreTrainedModel, head: PartyHead) -> None:
        self.asker = Asker(tokenizer)
        self.network = network.eval()
        self.head = head.eval()
        self.lock = threading.Lock()
        self.recent: LRUCache[tuple[tuple[int, ...], tuple[Item, ...]], list[Verdict]] = LRUCache(_MOST_KEPT)

    @classmethod
    def of(cls, language_model: LocalModel, weights: ReaderWeights) -> "Reader":
        """On top of a loaded model, whose weights it shares and leaves as they are.

        Raises:
            WeightsError: the weights are of another shape.
        """
        with expected(f"the reader's weights for {language_model.version}", "make train-reader"):
            network = adapted(language_model, weights.layers, weights.adapter)
            head = PartyHead.from_state(weights.head)
        return cls(language_model.tokenizer, network, head.to(network.device))

    def read(self, text: Text) -> Iterator[dict[ItemKey, Verdict]]:
        """What it says of the items of more and more paragraphs: each time all of them so far."""
        tokens, stand_ins = text.hidden(self.asker.tokens(text.paragraphs), self.asker.stand_ins)
        found: dict[ItemKey, list[tuple[int, Verdict]]] = {}
        for pack in packs_of(self.asker.sheets(tokens, text.mentions, stand_ins), _PACK):
            for sheet, verdicts in zip(pack, self._judge(pack), strict=True):
                for item, verdict in zip(sheet.items, verdicts, strict=True):
                    found.setdefault((item.part.paragraph, item.party), []).append((item.weight, verdict))
            yield {key: joined(some) for key, some in found.items()}

    @torch.inference_mode()
    def _judge(self, sheets: Sequence[Sheet]) -> list[list[Verdict]]:
        keys = [(sheet.ids, sheet.items) for sheet in sheets]
        with self.lock:
            known = {key: self.recent[key] for key in keys if key in self.recent}
        missing = [sheet for sheet, key in zip(sheets, keys, strict=True) if key not in known]
        if missing:
            states = states_of_sheets(self.network, missing, exact=True)
            masks = ItemMasks.of([sheet.items for sheet in missing], states.shape[1])
            scores = self.head(states, masks.to(states.device))
            new = {(s.ids, s.items): verdicts_of(scores, row, s.items) for row, s in enumerate(missing)}
            known |= new
            with self.lock:
                self.recent.update(new)
        return [known[key] for key in keys]

    def forget(self) -> None:
        """Forget the verdicts that are kept."""
        with self.lock:
            self.recent.clear()


def packs_of(sheets: Iterable[Sheet], most: int) -> Iterator[list[Sheet]]:
    """Sheets that are read side by side: together at most `most` tokens, or one."""
    return packed(sheets, lambda sheet: len(sheet.ids), most)
