"""The stance of every paragraph toward every party: one pass over each paragraph serves all of its parties."""

import threading
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import torch
from cachetools import LRUCache
from torch import Tensor

from ..article.nlp import ParsedText, parse
from ..domain import PRESENT, VOICES, Article, Mention, Party, Span, Stance, StanceLabel, Voice
from ..names.name_spans import Names, names_in
from ..networks.checkpoint import TrainedFile, expected
from ..networks.encoder import Encoder, Window
from ..settings import WEIGHTS
from .evidence import evidence_sentence, holder_span
from .head import PartyHead
from .masking import STAND_INS, blinded

_MOST_KEPT = 256  # paragraphs whose verdicts are kept: the page asks again as the language model joins in

SHIPPED = WEIGHTS / "stance.safetensors"
"""The weights in the repository; `model/weights/README.md` is their model card."""


@dataclass(frozen=True, slots=True)
class StanceWeights:
    """What training learnt: the encoder's adapter, the head, and how logits become probabilities.

    The probabilities are `softmax(logits / temperature)`; a label whose probability is less than
    `unsure_below` is marked as unsure.
    """

    adapter: dict[str, Tensor]
    head: dict[str, Tensor]
    temperature: float
    unsure_below: float
    version: str

    @classmethod
    def load(cls, path: Path = SHIPPED) -> "StanceWeights":
        """Read a safetensors file as `model.training` writes it.

        Raises:
            WeightsError: there is no such file, or it is not one of ours.
        """
        with expected(f"stance weights in {path}", "make train"):
            trained = TrainedFile.read(path)
            return cls(
                adapter=trained.adapter,
                head=trained.head,
                temperature=float(trained.metadata["temperature"]),
                unsure_below=float(trained.metadata["unsure_below"]),
                version=trained.metadata["version"],
            )


class StanceClassifier:
    """Judges paragraphs with a tuned encoder and the head trained with it."""

    def __init__(
        self,
        encoder: Encoder,
        head: PartyHead,
        temperature: float = 1.0,
        unsure_below: float = 0.0,
    ) -> None:
        self.encoder = encoder
        self.head = head.eval()
        self.temperature = temperature
        self.unsure_below = unsure_below
        self.lock = threading.Lock()
        self.recent: LRUCache[Hashable, list[Verdict | None]] = LRUCache(_MOST_KEPT)

    @classmethod
    def from_folder(
        cls,
        folder: Path,
        weights: StanceWeights,
        dtype: torch.dtype | None = None,
        device: torch.device | None = None,
    ) -> "StanceClassifier":
        """Load the encoder in `folder`, merge the adapter, and fill the head; `device` None is the CPU."""
        encoder = Encoder.from_folder(folder, weights.adapter, dtype, device)
        head = PartyHead.from_state(weights.head).to(device)
        return cls(encoder, head, weights.temperature, weights.unsure_below)

    def forget(self) -> None:
        """Forget the verdicts that are kept."""
        with self.lock:
            self.recent.clear()

    def classify(
        self,
        article: Article,
        parties: Sequence[Party],
        parsed_texts: Sequence[ParsedText] | None = None,
        known: Mapping["Item", StanceLabel] = MappingProxyType({}),
    ) -> tuple[StanceLabel, ...]:
        """One label per paragraph and party, paragraph by paragraph in the order of `parties`.

        A party without a mention in a paragraph is absent there.

        Args:
            article: the article.
            parties: its parties with their mentions.
            parsed_texts: the paragraphs as `model.article.nlp.parse` reads them; None reads them here.
            known: labels of this article that need no judging (`known_labels`).
        """
        if parsed_texts is None:
            parsed_texts = parse([paragraph.text for paragraph in article.paragraphs])
        return self.classify_all([article], [parties], [parsed_texts], [known])[0]

    def classify_all(
        self,
        articles: Sequence[Article],
        parties: Sequence[Sequence[Party]],
        parsed_texts: Sequence[Sequence[ParsedText]],
        known: Sequence[Mapping["Item", StanceLabel]] | None = None,
    ) -> list[tuple[StanceLabel, ...]]:
        """`classify` for each article, their paragraphs judged in common batches; `known` is one mapping an article."""
        known = known or [{}] * len(articles)
        places = [(number, paragraph) for number, article in enumerate(articles) for paragraph in article.paragraphs]
        mentions = [[party.in_paragraph(p.index) for party in parties[number]] for number, p in places]
        names = [names_in(p.text, some) for (_, p), some in zip(places, mentions, strict=True)]
        found = [
            [item_of(p.index, some, named) for some in of_all]
            for (_, p), of_all, named in zip(places, mentions, names, strict=True)
        ]
        asked = [
            [() if item in known[number] else [Span(*span) for span in item[1]] for item in items]
            for (number, _), items in zip(places, found, strict=True)
        ]
        verdicts = self.judge([paragraph.text for _, paragraph in places], asked, names)
        labels: list[list[StanceLabel]] = [[] for _ in articles]
        for (number, p), items, row in zip(places, found, verdicts, strict=True):
            labels[number] += [
                replace(known[number][item], party=party.name)
                if item in known[number]
                else self.label(p.index, party.name, verdict, parsed_texts[number][p.index])
                for party, item, verdict in zip(parties[number], items, row, strict=True)
            ]
        return [tuple(some) for some in labels]

    def judge(
        self,
        texts: Sequence[str],
        mentions: Sequence[Sequence[Sequence[Mention | Span]]],
        names: Sequence[Names] | None = None,
    ) -> "list[list[Verdict | None]]":
        """What the head says of each text's parties, `mentions[text][party]` being where the text refers to one.

        A party without a mention gets None. A text longer than the encoder's window is read in windows:
        probabilities are averaged by how many of the mention's tokens a window holds; voice, evidence
        and holder come from the one with the most. The encoder reads stand-ins for `names`; None for those of the
        mentioned parties. What was judged lately is not judged again.
        """
        if names is None:
            names = [names_in(text, parties) for text, parties in zip(texts, mentions, strict=True)]
        keys = [
            (text, tuple(tuple((span.start, span.end) for span in spans) for spans in parties), named)
            for text, parties, named in zip(texts, mentions, names, strict=True)
        ]
        with self.lock:
            known = {index: self.recent[key] for index, key in enumerate(keys) if key in self.recent}
        missing = [index for index in range(len(keys)) if index not in known]
        judged = self._judge([texts[i] for i in missing], [mentions[i] for i in missing], [names[i] for i in missing])
        with self.lock:
            self.recent.update({keys[index]: row for index, row in zip(missing, judged, strict=True)})
        known |= dict(zip(missing, judged, strict=True))
        return [known[index] for index in range(len(keys))]

    @torch.inference_mode()
    def _judge(
        self,
        texts: Sequence[str],
        mentions: Sequence[Sequence[Sequence[Mention | Span]]],
        names: Sequence[Names],
    ) -> "list[list[Verdict | None]]":
        stand_ins = self.encoder.ids_of(STAND_INS)
        parts: list[list[list[tuple[int, Verdict]]]] = [[[] for _ in parties] for parties in mentions]
        windows = [
            blinded(window, names[window.text], stand_ins)
            for window in self.encoder.windows(texts)
            if any(mentions[window.text])
        ]
        for batch in self.encoder.batches(windows):
            some = [windows[index] for index in batch]
            states = self.encoder.states(some).float()
            length = states.shape[1]
            masks = torch.zeros((len(some), max(len(mentions[w.text]) for w in some), length), dtype=torch.bool)
            for row, window in enumerate(some):
                for column, spans in enumerate(mentions[window.text]):
                    masks[row, column] = mention_mask(window, spans, length)
            scores = self.head(states, masks.to(states.device), content_mask(some, length).to(states.device))
            probabilities = (scores.stance / self.temperature).softmax(dim=2).cpu()
            voice, evidence, holder = scores.voice.cpu(), scores.evidence.exp().cpu(), scores.holder.cpu()
            held = masks.sum(dim=2).tolist()
            for row, window in enumerate(some):
                for column, found in enumerate(parts[window.text]):
                    if not held[row][column]:
                        continue
                    at = row, column
                    verdict = Verdict(probabilities[at], voice[at], evidence[at], holder[at], window.offsets)
                    found.append((held[row][column], verdict))
        return [[_joined(found) for found in parties] for parties in parts]

    def label(self, paragraph: int, party: str, verdict: "Verdict | None", parsed: ParsedText) -> StanceLabel:
        """The label of one item, absent without a verdict; `parsed` is of the paragraph."""
        if verdict is None:
            values = {stance: float(stance is Stance.ABSENT) for stance in Stance}
            return StanceLabel(paragraph, party, Stance.ABSENT, values, Voice.NONE)
        values = dict.fromkeys(Stance, 0.0) | dict(zip(PRESENT, verdict.probabilities.tolist(), strict=True))
        stance = max(values, key=lambda stance: values[stance])
        unsure = values[stance] < self.unsure_threshold(verdict)
        if stance is Stance.NEUTRAL:
            return StanceLabel(paragraph, party, stance, values, Voice.NONE, unsure=unsure, careful=verdict.careful)
        voice = VOICES[int(verdict.voice.argmax())]
        holder = holder_span(verdict.holder, verdict.offsets, parsed) if voice is Voice.QUOTED else None
        return StanceLabel(
            paragraph,
            party,
            stance,
            values,
            voice,
            holder=parsed.text[holder.start : holder.end] if holder else None,
            holder_span=holder,
            evidence=evidence_sentence(verdict.evidence, verdict.offsets, parsed),
            unsure=unsure,
            careful=verdict.careful,
        )

    def unsure_threshold(self, verdict: "Verdict") -> float:  # a careful verdict has another
        """The probability below which a label is unsure."""
        return self.unsure_below


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the head says of one item.

    `probabilities` `(3,)` in the order of `PRESENT`; `voice` `(2,)` logits in the order of `VOICES`;
    `evidence` (probabilities) and `holder` (log-probabilities) `(tokens,)`, whose spans are `offsets`. `careful` as in
    `StanceLabel`.
    """

    probabilities: Tensor
    voice: Tensor
    evidence: Tensor
    holder: Tensor
    offsets: tuple[tuple[int, int], ...]
    careful: bool = False


Item = tuple[int, tuple[tuple[int, int], ...], Names]
"""A paragraph, the spans in it that refer to a party, and its names of parties: all that the party's label there
depends on."""


def item_of(paragraph: int, mentions: Sequence[Mention], names: Names) -> Item:
    """The item of a party with these mentions in a paragraph with these names of parties."""
    return paragraph, tuple((mention.start, mention.end) for mention in mentions), names


def _joined(parts: Sequence[tuple[int, Verdict]]) -> Verdict | None:
    """The windows' verdicts on one item as one (None for none); each comes with how many mention tokens it holds."""
    if not parts:
        return None
    total = sum(count for count, _ in parts)
    probabilities = torch.stack([verdict.probabilities * (count / total) for count, verdict in parts]).sum(dim=0)
    return replace(max(parts, key=lambda part: part[0])[1], probabilities=probabilities)


def content_mask(windows: Sequence[Window], length: int) -> Tensor:
    """True for tokens of the text, not special or padding, `(windows, length)`."""
    lengths = torch.tensor([len(window.ids) for window in windows])
    places = torch.arange(length)
    return (places > 0) & (places < lengths[:, None] - 1)


def mention_mask(window: Window, mentions: Sequence[Mention | Span], length: int) -> Tensor:
    """True for the window's tokens that overlap a mention, `(length,)`; special tokens and padding are False."""
    mask = torch.zeros(length, dtype=torch.bool)
    for mention in mentions:
        mask[window.tokens(mention.start, mention.end)] = True
    return mask
