"""Documents as the language model is asked about them, and how its upper layers learn the answers.

The lower layers are left as they are, so that they read a document once, in eight bits where that is exact, and what
they make of it is kept in a file; learning then takes a third of the time.
"""

import hashlib
import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from ..domain import Stance
from ..networks.lora import LowRankLinear, adapter_state
from ..stance.head import STANCES
from ..stance.letters import in_letters, letters_of
from ..stance.lm_classifier import ANSWERS, BETWEEN, OPENING, QUESTION, ranges_of
from .activated_lora import Chat, calculate_in_eight_bits, keep_states, with_adapter
from .documents import Document, LabelledParty
from .loop import fill
from .planted_answers import planted

LEARNT_FROM, RANK, SCALE = 14, 12, 2.0
"""The first of the layers that learn, and their adapters."""
NEAR, NEXT, BESIDE, FAR = 1.0, 0.6, 0.2, 0.05
"""How many of the absent items are learnt: where something refers to the party, in the next paragraph, in the one
before and the second behind, elsewhere."""
PLANTED_DOCUMENTS, PLANTED_PARAGRAPHS = 0.2, 0.5
"""How many documents have false answers planted, and in how many of their paragraphs."""
SMOOTHING = 0.03
Adapters = Mapping[str, tuple[Tensor, Tensor]]
"""Up `(out, rank)` and down `(rank, in)` by the layer's name; the update is their product."""
_LOGGED = 50


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a party behind the paragraph that ends before token `end`; `label` counts in `STANCES`."""

    tokens: tuple[int, ...]
    end: int
    label: int


@dataclass(frozen=True)
class Asked:
    """A stretch of a document in tokens, and the questions about it, each of which sees the text before it alone."""

    document: str
    tokens: tuple[int, ...]
    questions: tuple[Question, ...]

    @property
    def name(self) -> str:
        """What the file of its states is called."""
        return hashlib.sha256(repr((self.tokens, self.questions)).encode()).hexdigest()[:16]

    def laid_out(self) -> tuple[list[int], list[int], Tensor, list[int]]:
        """Text and questions as one row: tokens, positions, which see which `(tokens, tokens)`, the questions' ends."""
        tokens, positions = list(self.tokens), list(range(len(self.tokens)))
        total = len(tokens) + sum(len(question.tokens) for question in self.questions)
        seen = torch.zeros((total, total), dtype=torch.bool)
        seen[: len(tokens), : len(tokens)] = torch.ones(len(tokens), len(tokens)).tril()
        ends = []
        for question in self.questions:
            at, length = len(tokens), len(question.tokens)
            seen[at : at + length, : question.end] = True
            seen[at : at + length, at : at + length] = torch.ones(length, length).tril()
            tokens += question.tokens
            positions += range(question.end, question.end + length)
            ends.append(len(tokens) - 1)
        return tokens, positions, seen, ends


def asked_of(chat: Chat, document: Document, order: random.Random | None) -> Iterator[Asked]:
    """The stretches of a document with its labelled items.

    `order`, for training, draws letters, absent items, and where false answers are planted.
    """
    mentions = [party.found for party in document.parties]
    letters = letters_of(document.texts, mentions, order)
    lettered = in_letters(document.texts, mentions, letters)
    targets = [
        target
        for target in document.targets
        if order is None
        or target.stance is not Stance.ABSENT
        or order.random() <= _share(document.parties[target.party], target.paragraph)
    ]
    if order and order.random() < PLANTED_DOCUMENTS:
        for paragraph in sorted({target.paragraph for target in targets}):
            if order.random() < PLANTED_PARAGRAPHS:
                here = [target for target in targets if target.paragraph == paragraph]
                lettered[paragraph] += planted({letters[target.party]: target.stance for target in here}, order)
    texts = [chat.plain(text + BETWEEN) for text in lettered]
    for read in ranges_of([len(text) for text in texts]):
        tokens: list[int] = []
        questions = []
        for paragraph in range(read.start, read.stop):
            tokens += texts[paragraph]
            for target in targets:
                if paragraph >= read.first and target.paragraph == paragraph:
                    asked = (*chat.control(OPENING), *chat.plain(QUESTION.format(letters[target.party])))
                    questions.append(Question(asked, len(tokens), STANCES.index(target.stance)))
        if questions:
            yield Asked(document.id, tuple(tokens[: questions[-1].end]), tuple(questions))


def _share(party: LabelledParty, paragraph: int) -> float:
    """How many items like this absent one are learnt."""
    here, before, after, second = (
        bool(party.found.get(at) or (party.marked or {}).get(at))
        for at in (paragraph, paragraph - 1, paragraph + 1, paragraph - 2)
    )
    return NEAR if here else NEXT if before else BESIDE if after or second else FAR


def answer_ids(chat: Chat) -> list[int]:
    """The token of each answer, in the order of `STANCES`."""
    return [token for stance in STANCES for token in chat.plain(ANSWERS[stance])]


@torch.inference_mode()
def read_lower(asked: Sequence[Asked], folder: Path, network: PreTrainedModel, earlier: Adapters) -> None:
    """Write what the lower layers make of each stretch that has no file in `folder` yet: `(tokens, hidden)` in bf16.

    `network` is used up: it keeps these layers alone, with the adapters of `earlier` merged into them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    body = network.base_model
    body.layers, body.norm = body.layers[:LEARNT_FROM], nn.Identity()
    for name, module in body.named_modules():
        if isinstance(module, nn.Linear) and name in earlier:
            up, down = earlier[name]
            module.weight.data += (up.float() @ down.float()).to(module.weight.dtype)
    calculate_in_eight_bits(body)
    missing = [one for one in asked if not (folder / f"{one.name}.pt").exists()]
    for number, one in enumerate(missing, 1):
        tokens, positions, seen, _ = one.laid_out()
        states = body(
            torch.tensor([tokens]),
            attention_mask=seen[None, None],
            position_ids=torch.tensor([positions]),
            use_cache=False,
        ).last_hidden_state[0]
        keep_states(states, folder / f"{one.name}.pt")
        if number % _LOGGED == 0:
            logging.info("%d of %d stretches read", number, len(missing))


def with_upper_adapters(network: PreTrainedModel, earlier: Adapters) -> list[nn.Parameter]:
    """Leave a network with its upper layers, with an adapter on each of their linear layers; returns what is learnt.

    Those that `earlier` has begin as they are there.
    """
    body = network.base_model
    body.layers = body.layers[LEARNT_FROM:]
    parameters = with_adapter(network, RANK, SCALE)
    for name, module in body.named_modules():
        if isinstance(module, LowRankLinear) and _whole_name(name) in earlier:
            up, down = earlier[_whole_name(name)]
            fill([module.B, module.A], [up / SCALE, down])
    return parameters


def whole_state(network: PreTrainedModel, earlier: Adapters) -> dict[str, Tensor]:
    """The adapters of all layers, as `adapter_state`: the lower ones' are those of `earlier`."""
    state: dict[str, Tensor] = {}
    for name, (up, down) in earlier.items():
        if int(name.split(".")[1]) < LEARNT_FROM:
            state |= {f"{name}.A": down, f"{name}.B": up}
    for name, tensor in adapter_state(network.base_model).items():
        state[_whole_name(name)] = tensor
    return state


def _whole_name(name: str) -> str:
    """A layer's name in the whole network."""
    layers, number, rest = name.split(".", 2)
    return f"{layers}.{int(number) + LEARNT_FROM}.{rest}"


def answers(network: PreTrainedModel, some: Sequence[Asked], states: Path, options: Sequence[int]) -> Tensor:
    """The logits `(questions, 4)` of the `options` for the questions of several stretches, read side by side."""
    hidden, seen = [], []
    positions: list[int] = []
    ends: list[int] = []
    for one in some:
        _, own_positions, own_seen, own_ends = one.laid_out()
        at = len(positions)
        hidden.append(torch.load(states / f"{one.name}.pt", weights_only=True))
        positions += own_positions
        seen.append(own_seen)
        ends += [at + end for end in own_ends]
    mask = torch.block_diag(*seen).bool()  # type: ignore[no-untyped-call]  # torch leaves it so
    out = network.base_model(
        inputs_embeds=torch.cat(hidden)[None].to(network.dtype),
        attention_mask=mask[None, None],
        position_ids=torch.tensor([positions]),
        use_cache=False,
    ).last_hidden_state[0, ends]
    logits: Tensor = out.float() @ network.get_output_embeddings().weight[list(options)].detach().float().T
    return logits


def answer_loss(logits: Tensor, some: Sequence[Asked]) -> Tensor:
    """The summed cross-entropy of the questions of several stretches."""
    labels = torch.tensor([question.label for one in some for question in one.questions])
    return cross_entropy(logits, labels, reduction="sum", label_smoothing=SMOOTHING)
