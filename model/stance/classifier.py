"""The stance of every paragraph toward every party: one pass over each stretch serves all parties."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import torch
from torch import Tensor

from ..article.nlp import ParsedText, parse
from ..domain import OPPOSITE, VOICES, Article, Party, Stance, StanceLabel, Voice
from ..networks.checkpoint import TrainedFile, expected
from ..networks.encoder import Encoder
from ..networks.stretches import Stretch, TokenizedText, stretches_of, tokenized
from ..recent import Recent
from ..settings import WEIGHTS
from .evidence import evidence_sentence, holder_span, is_pronoun
from .head import STANCES, Item, ItemMasks, PartyHead, items_of
from .holders import PartyEnds, party_ends
from .masking import STAND_INS, Mentions, masked, names_of, stand_ins_of
from .verdicts import Verdict, joined, verdicts_of

LONGEST, CONTEXT = 384, 96
"""Tokens that the encoder reads at once, and those of them that were judged before; also in training."""
_MOST_KEPT = 256  # stretches whose verdicts are kept: the page asks again as the language model joins in

SHIPPED = WEIGHTS / "stance.safetensors"
"""The weights in the repository; `model/weights/README.md` is their model card."""
ItemKey = tuple[int, int]
"""A paragraph's index and a party's, each from 0."""
UNMENTIONED = dict(zip(STANCES, (0.004, 0.006, 0.022, 0.968), strict=True))
"""The probabilities where nothing was found that refers to the party: of 961 such items of press development."""
_Asked = tuple[Stretch, tuple[Item, ...]]  # what is read at once, and what is asked about it
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Text:
    """What is judged: an article's paragraphs, and where they refer to each party; not `blind`, names are read."""

    paragraphs: tuple[str, ...]
    mentions: Mentions
    blind: bool = True

    @classmethod
    def of(cls, article: Article, parties: Sequence[Party]) -> "Text":
        """An article and its parties."""
        texts = tuple(paragraph.text for paragraph in article.paragraphs)
        return cls(texts, [party.by_paragraph() for party in parties])

    def masked(self, tokens: Sequence[TokenizedText], stand_ins: Sequence[int]) -> Sequence[TokenizedText]:
        """The paragraphs' tokens with stand-ins for names."""
        if not self.blind:
            return tokens
        names = names_of(self.paragraphs, self.mentions)
        return masked(tokens, names, stand_ins_of(names, stand_ins))


class StanceClassifier:
    """Judges paragraphs with a tuned encoder and the head trained with it.

    Probabilities are `softmax(logits / temperature)`; a label whose probability is less than `unsure_below` is marked
    as unsure.
    """

    def __init__(self, encoder: Encoder, head: PartyHead, temperature: float, unsure_below: float) -> None:
        self.encoder = encoder
        self.head = head.eval()
        self.temperature = temperature
        self.unsure_below = unsure_below
        self._recent: Recent[_Asked, list[Verdict]] = Recent(_MOST_KEPT)

    @classmethod
    def from_folder(
        cls,
        folder: Path,
        weights: Path = SHIPPED,
        dtype: torch.dtype | None = None,
        device: torch.device | None = None,
    ) -> "StanceClassifier":
        """Load the encoder in `folder`, and what training learnt of it and of the head; `device` None is the CPU.

        Raises:
            WeightsError: there is no file `weights`, or it is not one of ours.
        """
        with expected(f"stance weights in {weights}", "make train"):
            trained = TrainedFile.read(weights)
            head = PartyHead.from_state(trained.head).to(device)
            temperature, unsure_below = (float(trained.metadata[name]) for name in ("temperature", "unsure_below"))
        return cls(Encoder.from_folder(folder, trained.adapter, dtype, device), head, temperature, unsure_below)

    def forget(self) -> None:
        """Forget the verdicts that are kept."""
        self._recent.forget()

    def classify(
        self, article: Article, parties: Sequence[Party], parsed_texts: Sequence[ParsedText] | None = None
    ) -> tuple[StanceLabel, ...]:
        """One label per paragraph and party, paragraph by paragraph in the order of `parties`.

        A party is absent from a paragraph if neither it nor what is read with it mentions it.

        Args:
            article: the article.
            parties: its parties with their mentions.
            parsed_texts: the paragraphs as `model.article.nlp.parse` reads them; None reads them here.
        """
        if parsed_texts is None:
            parsed_texts = parse([paragraph.text for paragraph in article.paragraphs])
        return finished(self.classifying([article], [parties], [parsed_texts], None))[0]

    def classifying(
        self,
        articles: Sequence[Article],
        parties: Sequence[Sequence[Party]],
        parsed_texts: Sequence[Sequence[ParsedText]],
        sign: T,
    ) -> Generator[T, None, list[tuple[StanceLabel, ...]]]:
        """`classify` for each article, in common batches; yields `sign` after each, so that whoever waits can stop."""
        texts = [Text.of(article, some) for article, some in zip(articles, parties, strict=True)]
        judged = yield from self.judging(texts, sign)
        return [
            tuple(
                self.label(paragraph.index, party.name, verdicts.get((place, number)), parsed[place], ends)
                for place, paragraph in enumerate(article.paragraphs)
                for number, party in enumerate(some)
            )
            for article, some, parsed, verdicts, ends in zip(
                articles, parties, parsed_texts, judged, map(party_ends, parties), strict=True
            )
        ]

    def judge(self, texts: Sequence[Text]) -> list[dict[ItemKey, Verdict]]:
        """What the head says of each text's paragraphs and parties; an item has none where it has nothing to read.

        A paragraph that is longer than a stretch is read in pieces: the logits are averaged by how many of the
        mentions' tokens a piece holds; voice, evidence and holder come from the one with the most. What was judged
        lately is not judged again.
        """
        return finished(self.judging(texts, None))

    def judging(self, texts: Sequence[Text], sign: T) -> Generator[T, None, list[dict[ItemKey, Verdict]]]:
        """`judge` as it goes on: yields `sign` after each batch."""
        asked = [(number, one) for number, text in enumerate(texts) for one in self._asked(text)]
        known = self._recent.known(one for _, one in asked)
        missing = [one for _, one in asked if one not in known]
        for batch in self.encoder.batches([stretch for stretch, _ in missing]):
            judged = self._judge([missing[index] for index in batch])
            self._recent.keep(judged)
            known |= judged
            yield sign
        parts: list[dict[ItemKey, list[tuple[int, Verdict]]]] = [{} for _ in texts]
        for number, one in asked:
            for item, verdict in zip(one[1], known[one], strict=True):
                parts[number].setdefault((item.part.paragraph, item.party), []).append((item.weight, verdict))
        return [{key: joined(found) for key, found in some.items()} for some in parts]

    def _asked(self, text: Text) -> Iterator[_Asked]:
        tokens = text.masked(tokenized(self.encoder.tokenizer, text.paragraphs), self.encoder.ids_of(STAND_INS))
        for stretch in article_stretches(self.encoder, tokens):
            if items := items_of(stretch, text.mentions):
                yield stretch, tuple(items)

    @torch.inference_mode()
    def _judge(self, batch: Sequence[_Asked]) -> dict[_Asked, list[Verdict]]:
        states = self.encoder.states([stretch for stretch, _ in batch]).float()
        scores = self.head(states, ItemMasks.of([items for _, items in batch], states.shape[1]).to(states.device))
        return {one: verdicts_of(scores, row, one[1]) for row, one in enumerate(batch)}

    def label(
        self,
        paragraph: int,
        party: str,
        verdict: Verdict | None,
        parsed: ParsedText,
        ends: PartyEnds,
        pooled: Tensor | None = None,
    ) -> StanceLabel:
        """The label of one item, absent without a verdict; `parsed` is of the paragraph, `ends` are the article's.

        In place of the verdict's may come `pooled` probabilities `(4,)`. A holder goes by the paragraph's words; where
        these are a pronoun, by the name of the party that it refers to, and there is none if it refers to no party.
        """
        if verdict is None:
            return StanceLabel(paragraph, party, Stance.ABSENT, dict(UNMENTIONED), Voice.NONE)
        values = self.probabilities(verdict) if pooled is None else dict(zip(STANCES, pooled.tolist(), strict=True))
        stance = max(values, key=lambda stance: values[stance])
        unsure = values[stance] < self.unsure_below
        if stance not in OPPOSITE:
            return StanceLabel(paragraph, party, stance, values, Voice.NONE, unsure=unsure)
        voice = VOICES[int(verdict.voice.argmax())]
        place = holder_span(verdict.holder, verdict.offsets, parsed) if voice is Voice.QUOTED else None
        holder = parsed.text[place.start : place.end] if place else None
        if place and is_pronoun(place, parsed):
            holder = ends.get((paragraph, place.end))
        return StanceLabel(
            paragraph,
            party,
            stance,
            values,
            voice,
            holder=holder,
            holder_span=place if holder else None,
            evidence=evidence_sentence(verdict, parsed),
            unsure=unsure,
        )

    def probabilities(self, verdict: Verdict) -> dict[Stance, float]:
        """The probability of each stance."""
        shares = (verdict.logits / self.temperature).softmax(dim=0).tolist()
        return dict(zip(STANCES, shares, strict=True))


def finished(run: Generator[object, None, T]) -> T:
    """What a run returns at its end."""
    while True:
        try:
            next(run)
        except StopIteration as end:
            return cast("T", end.value)


def article_stretches(encoder: Encoder, texts: Sequence[TokenizedText]) -> Iterator[Stretch]:
    """The stretches of an article as the encoder reads them."""
    first, last = encoder.ends
    return stretches_of(texts, LONGEST, CONTEXT, lead=first, end=last)
