"""The stance of paragraphs by the language model: its first layers, with adapters of their own, and a head.

A paragraph is read in letters (`stance.letters`), one question for each of its parties behind it, so that one pass
serves them all; what the model makes of a question's last token, and of the letters, gives the party's stance. It is
pooled with what the encoder says (a logarithmic pool, Genest and Zidek 1986, https://doi.org/10.1214/ss/1177013825),
which also finds evidence and holder.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ..domain import PRESENT, VOICES, Mention, Span
from ..language_model.interface import LanguageModel
from ..language_model.local import LocalModel, defused
from ..language_model.truncated import adapted, packed, states_of
from ..names.name_spans import Names
from ..networks.checkpoint import TrainedFile, expected, fill
from ..settings import WEIGHTS
from .classifier import Verdict
from .letters import LetteredText, lettered, letters_for

LM_STANCE = WEIGHTS / "lm_stance.safetensors"
"""The weights in the repository; `model/weights/LM_STANCE.md` is their model card."""
LONGEST = 768
"""Tokens of a paragraph with its questions that is read, also in training; a longer one is left to the encoder."""
QUESTION = "{}How does the text portray {}?"
"""A part of what the adapters learnt, not a prompt that could be worded otherwise."""
_PACK = 512
"""Tokens that are read at once."""


class LmStanceHead(nn.Module):
    """Two layers over the state of a party's question and the mean state of its letters."""

    def __init__(self, hidden: int, width: int = 768, dropout: float = 0.1) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.inner = nn.Linear(2 * hidden, width)
        self.stance = nn.Linear(width, len(PRESENT))
        self.voice = nn.Linear(width, len(VOICES))
        self.dropout = nn.Dropout(dropout)

    def forward(self, questions: Tensor, letters: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of stance `(items, 3)` and voice `(items, 2)` from states `(items, hidden)`."""
        both = torch.cat([self.norm(questions), self.norm(letters)], dim=1)
        inner = self.dropout(nn.functional.gelu(self.inner(self.dropout(both))))
        return self.stance(inner), self.voice(inner)


@dataclass(frozen=True, slots=True)
class LmStanceWeights:
    """What training learnt, and how both readings are pooled.

    The logits are `encoder_share` times the log of the encoder's probabilities and `careful_share` times the careful
    reading's logits; a label whose probability is less than `unsure_below` is marked as unsure. The voice's logits are
    the encoder's and `voice_share` times the language model's. `stance` and `language_model` are the versions that it
    was fitted to.
    """

    adapter: dict[str, Tensor]
    head: dict[str, Tensor]
    layers: int
    encoder_share: float
    careful_share: float
    voice_share: float
    unsure_below: float
    stance: str
    language_model: str
    version: str

    @classmethod
    def load(cls, path: Path = LM_STANCE) -> "LmStanceWeights":
        """Read a safetensors file as `model.training.recipes.lm_stance` writes it.

        Raises:
            WeightsError: there is no such file, or it is not one of ours.
        """
        with expected(f"the language model's stance weights in {path}", "make train-lm-stance"):
            trained = TrainedFile.read(path)
            return cls(
                adapter=trained.adapter,
                head=trained.head,
                layers=int(trained.metadata["layers"]),
                encoder_share=float(trained.metadata["encoder_share"]),
                careful_share=float(trained.metadata["careful_share"]),
                voice_share=float(trained.metadata["voice_share"]),
                unsure_below=float(trained.metadata["unsure_below"]),
                stance=trained.metadata["stance"],
                language_model=trained.metadata["language_model"],
                version=trained.metadata["version"],
            )

    def fit(self, stance: str, language_model: LanguageModel) -> bool:
        """Whether they were fitted to these stance weights, by their version, and this language model."""
        return (self.stance, self.language_model) == (stance, language_model.version)

    def pooled(self, verdict: Verdict, opinion: "Opinion") -> Verdict:
        """The encoder's verdict with the probabilities and the voice of both."""
        logits = self.encoder_share * verdict.probabilities.clamp(min=1e-6).log() + self.careful_share * opinion.stance
        voice = verdict.voice + self.voice_share * opinion.voice
        return replace(verdict, probabilities=logits.softmax(dim=0), voice=voice, careful=True)


@dataclass(frozen=True, slots=True)
class Questions:
    """A text in letters and a question for each party, as tokens.

    `ends` has each question's last token, `letters` the tokens of each party's letters in the text.
    """

    ids: list[int]
    ends: list[int]
    letters: list[list[int]]


def questions_of(tokenizer: PreTrainedTokenizerBase, text: LetteredText) -> Questions:
    """The tokens of `text` and of its questions."""
    read = tokenizer(defused(text.text, tokenizer), add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = list(read["input_ids"]), read["offset_mapping"]
    places = [
        [number for number, (start, end) in enumerate(offsets) if any(s.start < end and start < s.end for s in some)]
        for some in text.places
    ]
    ends = []
    for number, letter in enumerate(text.letters):
        ids += tokenizer(QUESTION.format("\n" if number else "\n\n", letter), add_special_tokens=False)["input_ids"]
        ends.append(len(ids) - 1)
    return Questions(ids, ends, places)


def features_of(states: Iterable[Tensor], questions: Sequence[Questions]) -> tuple[Tensor, Tensor]:
    """What the head judges by, `(items, hidden)` in fp32 each, from each text's token states `(tokens, hidden)`."""
    both = list(zip(states, questions, strict=True))
    ends = torch.cat([own[some.ends] for own, some in both])
    letters = torch.stack([own[places].mean(dim=0) for own, some in both for places in some.letters])
    return ends.float(), letters.float()


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the language model says of one item: logits `(3,)` of `PRESENT` and `(2,)` of `VOICES`."""

    stance: Tensor
    voice: Tensor


class LmStanceClassifier:
    """A tokenizer, the language model's first layers with adapters, and the head trained with them."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, network: PreTrainedModel, head: LmStanceHead) -> None:
        self.tokenizer = tokenizer
        self.network = network.eval()
        self.head = head.eval()

    @classmethod
    def of(cls, language_model: LocalModel, weights: LmStanceWeights) -> "LmStanceClassifier":
        """On top of a loaded model, whose weights it shares and leaves as they are.

        Raises:
            WeightsError: the weights are of another shape.
        """
        with expected(f"the language model's stance weights for {language_model.version}", "make train-lm-stance"):
            network = adapted(language_model, weights.layers, weights.adapter)
            head = LmStanceHead(network.config.hidden_size)
            fill(head, weights.head)
        return cls(language_model.tokenizer, network, head.to(network.device))

    @torch.inference_mode()
    def read(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Sequence[Mention | Span]]], names: Sequence[Names]
    ) -> list[list[Opinion | None]]:
        """What it says of each text's parties; None for one without a mention, or in a text of over `LONGEST` tokens.

        `mentions[text][party]` is where the text refers to a party, `names` as for `model.stance.masking.blinded`.
        """
        opinions: list[list[Opinion | None]] = [[None] * len(parties) for parties in mentions]
        asked: list[tuple[int, list[int], Questions]] = []
        for number, (text, parties, named) in enumerate(zip(texts, mentions, names, strict=True)):
            there = [party for party, some in enumerate(parties) if some]
            there.sort(key=lambda party: [(m.start, m.end) for m in parties[party]])  # letters by place, not by list
            most = len(letters_for(text))
            for start in range(0, len(there), most) if most else ():
                some = there[start : start + most]
                found = questions_of(self.tokenizer, lettered(text, [parties[party] for party in some], named))
                if len(found.ids) <= LONGEST:
                    asked.append((number, some, found))
        for pack in packed(asked, lambda one: len(one[2].ids), _PACK):
            states = self._states([questions.ids for _, _, questions in pack])
            features = features_of(states, [questions for _, _, questions in pack])
            stance, voice = (logits.cpu() for logits in self.head(*features))
            rows = iter(zip(stance, voice, strict=True))
            for number, judged, _ in pack:
                for party in judged:
                    opinions[number][party] = Opinion(*next(rows))
        return opinions

    def _states(self, rows: Sequence[list[int]]) -> list[Tensor]:
        """What the network makes of each row's tokens, `(tokens, hidden)` in fp32, read side by side as one row."""
        tokens = [token for row in rows for token in row]
        rising = [torch.ones(len(row), len(row)).tril() for row in rows]
        seen = torch.block_diag(*rising).bool()  # type: ignore[no-untyped-call]  # torch leaves it so
        places = torch.cat([torch.arange(len(row)) for row in rows])
        states = states_of(self.network, tokens, places, seen, exact=True)
        return list(torch.split(states, [len(row) for row in rows]))
