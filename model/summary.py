"""The extractive summary: a few of the article's own sentences, chosen for what they cover and against repetition."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from model.domain import Article, Party, Summary, SummarySentence
from model.language import Reading

_FEWEST_WORDS, _MOST_WORDS = 8, 50
_DANGLING = re.compile(
    r"^(?:This|That|These|Those|It|He|She|They|His|Her|Its|Their|Such|However|But|And|So|Yet|Still|Instead|Therefore|Thus"
    r"|Moreover|Furthermore|Meanwhile|Nevertheless|Nonetheless|Otherwise|Also|Then|Similarly|In addition|In contrast"
    r"|As a result|For example|For instance|On the other hand|In this regard)\b[ ,:'’]"
    r"|^[QA]:"
)
_CENTER, _PARTIES, _OPENING, _CLOSING = 1.0, 0.15, 0.15, 0.05
_REPETITION = 0.6
_SAME = 0.9  # two sentences this alike say the same


class SentenceEncoder(Protocol):
    """What the summary needs of the encoder."""

    def embed(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors `(texts, hidden)`."""
        ...


@dataclass(frozen=True, slots=True)
class _Candidate:
    paragraph: int
    text: str
    first: bool
    parties: int


def summarize(
    article: Article, readings: Sequence[Reading], parties: Sequence[Party], encoder: SentenceEncoder
) -> Summary:
    """Three to five sentences of the article in reading order, each with its paragraph; fewer if it has fewer.

    `readings` are the paragraphs' sentences. Each sentence is scored by its likeness to the whole
    article, the main parties it names, and its place. The opening's best sentence is taken first, the
    others by maximal marginal relevance (Carbonell and Goldstein 1998). Sentences that lean on
    another one ("However, it …") are left out; captions and datelines are no part of any paragraph.
    """
    return summarize_all([article], [readings], [parties], encoder)[0]


def summarize_all(
    articles: Sequence[Article],
    readings: Sequence[Sequence[Reading]],
    parties: Sequence[Sequence[Party]],
    encoder: SentenceEncoder,
) -> list[Summary]:
    """`summarize` for each article, their sentences encoded in common batches."""
    candidates = [_candidates(some, of_some) for some, of_some in zip(readings, parties, strict=True)]
    wanted = [max(3, min(5, round(len(article.paragraphs) / 2))) for article in articles]
    open_choice = [len(some) > count for some, count in zip(candidates, wanted, strict=True)]  # else all are taken
    texts = [c.text for some, choose in zip(candidates, open_choice, strict=True) if choose for c in some]
    vectors = encoder.embed(texts) if texts else torch.empty(0)
    summaries, start = [], 0
    for some, count, choose in zip(candidates, wanted, open_choice, strict=True):
        chosen = _chosen(some, vectors[start : start + len(some)], count) if choose else range(len(some))
        start += len(some) if choose else 0
        summaries.append(Summary(tuple(SummarySentence(some[i].text, (some[i].paragraph,)) for i in chosen)))
    return summaries


def _chosen(candidates: Sequence[_Candidate], vectors: Tensor, wanted: int) -> Sequence[int]:
    """The indices of the `wanted` best of more candidates, ascending; `vectors` `(candidates, hidden)` are theirs."""
    center = torch.nn.functional.normalize(vectors.mean(dim=0), dim=0)
    last = candidates[-1].paragraph
    scores = _CENTER * (vectors @ center) + torch.tensor(
        [
            _PARTIES * min(candidate.parties, 2)
            + _OPENING * (candidate.first + (candidate.paragraph == 0))
            + _CLOSING * (candidate.paragraph == last)
            for candidate in candidates
        ]
    )
    lead = [index for index, candidate in enumerate(candidates) if candidate.paragraph == candidates[0].paragraph]
    chosen = [max(lead, key=lambda index: float(scores[index]))]  # what the article is about, before what it argues
    while len(chosen) < wanted:
        likeness = vectors @ vectors[chosen].T
        crowding = torch.tensor(
            [float(sum(candidates[c].paragraph == k.paragraph for c in chosen)) for k in candidates]
        )
        merit = scores - _REPETITION * likeness.max(dim=1).values - 0.2 * crowding
        merit[likeness.max(dim=1).values > _SAME] -= 10.0  # only where nothing else is left
        merit[chosen] = -torch.inf
        chosen.append(int(merit.argmax()))
    return sorted(chosen)


def _candidates(readings: Sequence[Reading], parties: Sequence[Party]) -> list[_Candidate]:
    """Sentences that can stand alone; all sentences where none can."""
    everything = []
    for paragraph, reading in enumerate(readings):
        for number, span in enumerate(reading.sentences):
            named = sum(
                any(span.start <= m.start < span.end for m in party.in_paragraph(paragraph))
                for party in parties
                if party.main
            )
            text = " ".join(reading.text[span.start : span.end].split())
            everything.append(_Candidate(paragraph, text, number == 0, named))
    alone = [
        c
        for c in everything
        if _FEWEST_WORDS <= len(c.text.split()) <= _MOST_WORDS and not _DANGLING.match(c.text.lstrip("\"'“‘"))
    ]
    return alone or everything
