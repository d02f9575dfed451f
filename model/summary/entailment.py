"""Whether a paragraph supports a claim: a tuned encoder reads both together and gives one probability."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..networks.checkpoint import TrainedFile, expected, fill
from ..networks.encoder import Encoder
from ..settings import WEIGHTS

SHIPPED = WEIGHTS / "entailment.safetensors"
"""The checker's weights in the repository; `model/weights/ENTAILMENT.md` is their model card."""
_SOURCE_TOKENS, _ROW_TOKENS, _CLAIM_TOKENS = 384, 640, 120
_STEP = 64
"""Rows are padded to a multiple of so many tokens: oneDNN keeps code and memory for each new length."""
BATCH_COST = 48
"""Tokens of padding, which are read here like others, that take as long as one more batch."""


def source_of(title: str, paragraphs: Sequence[str], cited: Sequence[int]) -> str:
    """What the checker reads beside a claim, here and in training: the title and the cited paragraphs, a line each."""
    return "\n".join([title, *(paragraphs[index] for index in cited)])


class ClaimHead(nn.Module):
    """Reads the state of a claim's last token and its mean state; one logit, above 0 for supported."""

    def __init__(self, hidden: int, width: int = 384, dropout: float = 0.1) -> None:
        super().__init__()
        self.inner = nn.Linear(2 * hidden, width)
        self.support = nn.Linear(width, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, claims: Tensor) -> Tensor:
        """Logits `(rows, claims)`.

        Args:
            states: token states `(rows, tokens, hidden)`.
            claims: the claim that a token belongs to, from 1; 0 for the source and padding; `(rows, tokens)`.
        """
        numbers = torch.arange(1, int(claims.max()) + 1, device=claims.device)
        of_claim = claims[:, None, :] == numbers[None, :, None]
        share = of_claim.to(states.dtype) / of_claim.sum(dim=2, keepdim=True).clamp(min=1)
        places = torch.arange(claims.shape[1], device=claims.device)
        last = (of_claim * places).argmax(dim=2, keepdim=True).expand(-1, -1, states.shape[2])
        features = torch.cat([states.gather(1, last), share @ states], dim=2)
        logits: Tensor = self.support(self.dropout(nn.functional.gelu(self.inner(self.dropout(features))))).squeeze(2)
        return logits


@dataclass(frozen=True, slots=True)
class Row:
    """A source followed by claims, as the encoder reads them.

    `ids` are token ids; `claims[i]` is the number of the claim that token i belongs to, from 1, or 0
    for the source; `source` and `members` are the indices of the source and of the claims.
    """

    ids: tuple[int, ...]
    claims: tuple[int, ...]
    source: int
    members: tuple[int, ...]


def rows_of(
    encoder: Encoder, sources: Sequence[str], claims: Sequence[str], members: Sequence[Sequence[int]]
) -> list[Row]:
    """Each source with its claims, `members[source]` being their indices; long ones make several rows.

    A source is cut where it is longer than a window (its stretches overlap), its claims where they are many. A claim
    of more than `_CLAIM_TOKENS` is in no row.
    """
    words = encoder.tokenizer(list(claims), add_special_tokens=False)["input_ids"] if claims else []
    end = int(encoder.tokenizer.sep_token_id)
    rows = []
    for window in encoder.windows(sources, _SOURCE_TOKENS):
        queue = [member for member in members[window.text] if len(words[member]) <= _CLAIM_TOKENS]
        while queue:
            taken: list[int] = []
            ids, numbers = list(window.ids), [0] * len(window.ids)
            while queue and (not taken or len(ids) + len(words[queue[0]]) < _ROW_TOKENS):
                taken.append(queue.pop(0))
                added = [*words[taken[-1]], end]
                ids += added
                numbers += [len(taken)] * len(added)
            rows.append(Row(tuple(ids), tuple(numbers), window.text, tuple(taken)))
    return rows


def states_of(encoder: Encoder, rows: Sequence[Row]) -> tuple[Tensor, Tensor]:
    """Token states `(rows, tokens, hidden)` and which claim each token is of, `(rows, tokens)`.

    The source is read once for all of its claims: it sees itself alone, and a claim sees the source
    and itself, at the places that it would have if it were the only one.
    """
    network: Any = encoder.network  # an MPNetModel
    device = next(network.parameters()).device
    longest = -(-max(len(row.ids) for row in rows) // _STEP) * _STEP
    ids = torch.full((len(rows), longest), int(encoder.tokenizer.pad_token_id))
    claims = torch.full((len(rows), longest), -1)
    places = torch.zeros((len(rows), longest), dtype=torch.long)
    for number, row in enumerate(rows):
        count = len(row.ids)
        ids[number, :count] = torch.tensor(row.ids)
        claims[number, :count] = torch.tensor(row.claims)
        places[number, :count] = torch.tensor(_places(row.claims))
    ids, claims, places = ids.to(device), claims.to(device), places.to(device)
    seen = (claims[:, None, :] == 0) | (claims[:, None, :] == claims[:, :, None])
    mask = torch.zeros(seen.shape, device=device).masked_fill(~seen, torch.finfo(torch.bfloat16).min)[:, None]
    states = network.embeddings(input_ids=ids, position_ids=places + 1 + network.config.pad_token_id)
    bucket = network.encoder.relative_position_bucket(
        places[:, None, :] - places[:, :, None], num_buckets=network.config.relative_attention_num_buckets
    )
    bias = network.encoder.relative_attention_bias(bucket).permute(0, 3, 1, 2)
    mask = (mask + bias).to(states.dtype)
    for layer in network.encoder.layer:
        states = layer(states, mask)[0]
    return states, claims.clamp(min=0)


def _places(claims: Sequence[int]) -> list[int]:
    """Each token's place: the source from 0, and every claim as if it came right after the source."""
    source = claims.count(0)
    places, number, at = [], 0, 0
    for claim in claims:
        if claim != number:
            number, at = claim, source
        places.append(at)
        at += 1
    return places


class ClaimChecker:
    """Says how likely it is that a source supports a claim."""

    def __init__(self, encoder: Encoder, head: ClaimHead, temperature: float, threshold: float, version: str) -> None:
        self.encoder = encoder
        self.head = head.eval()
        self.temperature = temperature
        self.threshold = threshold
        self.version = version

    @classmethod
    def from_folder(
        cls,
        folder: Path,
        weights: Path = SHIPPED,
        dtype: torch.dtype | None = None,
        device: torch.device | None = None,
    ) -> "ClaimChecker":
        """Load the encoder in `folder` and the trained adapter and head.

        `dtype` None is the one that calculates faster; `device` None is the CPU.

        Raises:
            WeightsError: `weights` is no file of ours.
        """
        with expected(f"the claim checker's weights in {weights}", "make train-claims"):
            trained = TrainedFile.read(weights)
            width, features = trained.head["inner.weight"].shape
            head = ClaimHead(features // 2, width)
            fill(head, trained.head)
            return cls(
                Encoder.in_parts(folder, trained.adapter, dtype, device),  # `states_of` calls them one by one
                head.to(device),
                float(trained.metadata["temperature"]),
                float(trained.metadata["threshold"]),
                trained.metadata["version"],
            )

    @torch.inference_mode()
    def support(self, sources: Sequence[str], claims: Sequence[str]) -> Tensor:
        """The probability that each source supports each claim, `(sources, claims)`.

        Of a source that is too long for one window, the stretch counts that supports a claim best. A claim too long
        to be read whole (120 tokens) is supported by nothing.
        """
        best = torch.zeros(len(sources), len(claims))
        rows = rows_of(self.encoder, sources, claims, [range(len(claims))] * len(sources))
        for batch in self.encoder.batches(rows, BATCH_COST):
            some = [rows[index] for index in batch]
            states, numbers = states_of(self.encoder, some)
            shares = (self.head(states.float(), numbers) / self.temperature).sigmoid().cpu()
            for row, found in zip(some, shares, strict=True):
                members = list(row.members)
                best[row.source, members] = torch.maximum(best[row.source, members], found[: len(members)])
        return best
