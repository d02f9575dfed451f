"""The stance of every paragraph toward every party: one reading of each paragraph serves all of its parties."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from model.domain import PRESENT, Article, Mention, Party, Span, Stance, StanceLabel
from model.encoder import Encoder, Window
from model.errors import WeightsError
from model.head import StanceHead, pool_mentions

SHIPPED = Path(__file__).parent / "weights" / "stance.safetensors"
"""The weights in the repository; `model/weights/README.md` is their model card."""


@dataclass(frozen=True, slots=True)
class StanceWeights:
    """What training learnt: the encoder's adapter, the head, and how logits become probabilities.

    The probabilities are `softmax(logits / temperature + bias)`, in the order of `PRESENT`.
    """

    adapter: dict[str, Tensor]
    head: dict[str, Tensor]
    temperature: float
    bias: tuple[float, ...]
    version: str

    @classmethod
    def load(cls, path: Path = SHIPPED) -> "StanceWeights":
        """Read a safetensors file as `model.training` writes it.

        Raises:
            WeightsError: there is no such file, or it is not one of ours.
        """
        try:
            with safe_open(path, "pt") as file:
                tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118  # not a dict
                metadata = file.metadata() or {}
            return cls(
                adapter={n.removeprefix("adapter."): t for n, t in tensors.items() if n.startswith("adapter.")},
                head={n.removeprefix("head."): t for n, t in tensors.items() if n.startswith("head.")},
                temperature=float(metadata["temperature"]),
                bias=tuple(map(float, metadata["bias"].split())),
                version=metadata["version"],
            )
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise WeightsError(
                f"expected stance weights in {path}, got {type(error).__name__}: {error}; "
                "restore the file from the repository or train it with `make train`"
            ) from error


class StanceClassifier:
    """Judges paragraphs with a tuned encoder and the head trained with it."""

    def __init__(
        self, encoder: Encoder, head: StanceHead, temperature: float = 1.0, bias: Sequence[float] = (0.0, 0.0, 0.0)
    ) -> None:
        self.encoder = encoder
        self.head = head.eval()
        self.temperature = temperature
        self.bias = torch.tensor(bias)

    @classmethod
    def from_folder(cls, folder: Path, weights: StanceWeights) -> "StanceClassifier":
        """Load the encoder in `folder`, merge the adapter, and fill the head."""
        encoder = Encoder.from_folder(folder, weights.adapter)
        head = StanceHead(encoder.hidden, width=weights.head["inner.weight"].shape[0])
        head.load_state_dict(weights.head)
        return cls(encoder, head, weights.temperature, weights.bias)

    def classify(self, article: Article, parties: Sequence[Party]) -> tuple[StanceLabel, ...]:
        """One label per paragraph and party, paragraph by paragraph in the order of `parties`.

        A party without a mention in a paragraph is absent there. Long paragraphs are read in
        windows, whose probabilities are averaged by how many of the mention's tokens they hold.
        """
        items = [
            (paragraph.index, number)
            for paragraph in article.paragraphs
            for number, party in enumerate(parties)
            if party.in_paragraph(paragraph.index)
        ]
        probabilities = dict(zip(items, self._judge(article, parties, items), strict=True))
        return tuple(
            _label(paragraph.index, party, probabilities.get((paragraph.index, number)))
            for paragraph in article.paragraphs
            for number, party in enumerate(parties)
        )

    @torch.inference_mode()
    def _judge(self, article: Article, parties: Sequence[Party], items: Sequence[tuple[int, int]]) -> Tensor:
        """Probabilities `(items, 3)` over `PRESENT`."""
        asked: dict[int, list[tuple[int, int]]] = {}
        for number, (paragraph, party) in enumerate(items):
            asked.setdefault(paragraph, []).append((number, party))
        indices = sorted(asked)
        windows = self.encoder.windows([article.paragraphs[index].text for index in indices])
        sums = torch.zeros(len(items), len(PRESENT))
        for batch in self.encoder.batches(windows):
            states = self.encoder.states([windows[index] for index in batch])
            rows, masks, numbers = [], [], []
            for row, index in enumerate(batch):
                paragraph = indices[windows[index].text]
                for number, party in asked[paragraph]:
                    mask = mention_mask(windows[index], parties[party].in_paragraph(paragraph), states.shape[1])
                    if mask.any():
                        rows.append(row)
                        masks.append(mask)
                        numbers.append(number)
            if not rows:
                continue
            tokens = torch.stack(masks).to(states.device)
            features = pool_mentions(states, torch.tensor(rows, device=states.device), tokens)
            logits = self.head(features.float()) / self.temperature + self.bias.to(features.device)
            weight = tokens.sum(dim=1, keepdim=True).float()
            sums.index_add_(0, torch.tensor(numbers), (logits.softmax(dim=1) * weight).cpu())
        return sums / sums.sum(dim=1, keepdim=True)


def mention_mask(window: Window, mentions: Sequence[Mention | Span], length: int) -> Tensor:
    """True for the window's tokens that overlap a mention, `(length,)`; special tokens and padding are False."""
    mask = torch.zeros(length, dtype=torch.bool)
    for position, (start, end) in enumerate(window.offsets):
        mask[position] = end > start and any(start < m.end and m.start < end for m in mentions)
    return mask


def _label(paragraph: int, party: Party, probabilities: Tensor | None) -> StanceLabel:
    if probabilities is None:
        values = {stance: float(stance is Stance.ABSENT) for stance in Stance}
    else:
        values = dict.fromkeys(Stance, 0.0) | dict(zip(PRESENT, map(float, probabilities), strict=True))
    return StanceLabel(paragraph, party.name, max(values, key=lambda stance: values[stance]), values)
