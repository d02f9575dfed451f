"""The extractive summary: a few of the article's own sentences, chosen for what they cover and against repetition."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from spacy.lang.en.stop_words import STOP_WORDS
from torch import Tensor

from ..article.nlp import ParsedText, looks_english, plain_words
from ..domain import Article, Party, StanceLabel, Summary, SummarySentence
from ..settings import SUMMARY_WORDS
from ..stance.aggregates import author_argues
from .injection import speaks_to_tool

_FEWEST_WORDS = 8
_MOST_SENTENCES = 5
_DANGLING = re.compile(
    r"^(?:This|That|These|Those|It(?! (?:is|was|has been|had been|remains|(?:will|would|must|can|may|should) be)"
    r" (?:\w+ ){1,3}(?:that|to)\b)|He|She|They|His|Her|Its|Their|Such|However|But|And|So|Yet|Still|Instead|Therefore"
    r"|Thus|Moreover|Furthermore|Meanwhile|Nevertheless|Nonetheless|Otherwise|Also|Then|Similarly|In addition"
    r"|In contrast|As a result|For example|For instance|On the other hand|In this regard)\b[ ,:'’]"
    r"|^[QA]:"
)
_ENDED = re.compile(r"[.!…][\"'“”‘’)\]]*$")
"""How a sentence that says something ends: a question does not, and spaCy now and then ends one in its middle."""
_SAME = 0.9  # two sentences this alike say the same


@dataclass(frozen=True, slots=True)
class _Taste:
    """What counts for a sentence: likeness to whole and title, frequent words, parties, and place; and against it."""

    center: float
    title: float
    frequent: float
    parties: float
    first: float
    opening: float
    closing: float
    repetition: float
    crowding: float
    most_words: int


# Chosen on 70 of our own training articles with reference summaries: the rounded means of three random searches for
# ROUGE-Lsum; `frequent` afterwards on 64 with other writers' references (training/summaries.jsonl), where it takes
# opinion pieces from 30.5 to 30.7 (the first three sentences: 26.2) and reports from 34.0 to 35.0 (30.8). On gold: 19
# opinion pieces 28.0 to 28.8 (25.2), reports 35.4 to 35.7 (31.8).
_REPORT = _Taste(0.75, 0.45, 0.2, 0.1, 0.2, 0.4, 0.25, 0.5, 0.25, 45)
_OPINION = _Taste(1.0, 0.15, 0.4, 0.15, 0.2, 0.45, 0.25, 0.65, 0.15, 45)


class SentenceEncoder(Protocol):
    """What summaries and their check need of the encoder."""

    def embed(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors `(texts, hidden)`."""
        ...


@dataclass(frozen=True, slots=True)
class _Candidate:
    paragraph: int
    text: str
    first: bool
    parties: int
    frequent: float


def summarize(
    article: Article,
    parsed_texts: Sequence[ParsedText],
    parties: Sequence[Party],
    labels: Sequence[StanceLabel],
    encoder: SentenceEncoder,
    words: int = SUMMARY_WORDS,
) -> Summary:
    """Sentences of the article in reading order, each with its paragraph, in at most `words` words.

    `parsed_texts` are the paragraphs' sentences; `labels` tell an author who argues from a report. The opening's
    best sentence is taken first, the others by maximal marginal relevance (Carbonell and Goldstein 1998).
    Sentences that lean on another one ("However, it …") are left out, as is text that speaks to the tool;
    captions and datelines are no part of any paragraph. A first sentence may be longer than `words`.
    """
    return summarize_all([article], [parsed_texts], [parties], [labels], encoder, words)[0]


def summarize_all(
    articles: Sequence[Article],
    parsed_texts: Sequence[Sequence[ParsedText]],
    parties: Sequence[Sequence[Party]],
    labels: Sequence[Sequence[StanceLabel]],
    encoder: SentenceEncoder,
    words: int = SUMMARY_WORDS,
) -> list[Summary]:
    """`summarize` for each article, their sentences encoded in common batches."""
    tastes = [_OPINION if author_argues(some) else _REPORT for some in labels]
    candidates = [
        _candidates(some, of_some, taste.most_words)
        for some, of_some, taste in zip(parsed_texts, parties, tastes, strict=True)
    ]
    texts = [
        text
        for article, some in zip(articles, candidates, strict=True)
        for text in (*(candidate.text for candidate in some), article.read(article.title))
    ]
    vectors = encoder.embed(texts)
    summaries, start = [], 0
    for some, taste in zip(candidates, tastes, strict=True):
        end = start + len(some)
        chosen = _chosen(some, vectors[start:end], vectors[end], taste, words) if some else []
        start = end + 1
        summaries.append(Summary(tuple(SummarySentence(some[i].text, (some[i].paragraph,)) for i in chosen)))
    return summaries


def _chosen(candidates: Sequence[_Candidate], vectors: Tensor, title: Tensor, taste: _Taste, words: int) -> list[int]:
    """The indices of the summary's sentences in reading order; `vectors` and `title` are those of their texts."""
    center = torch.nn.functional.normalize(vectors.mean(dim=0), dim=0)
    last = candidates[-1].paragraph
    most = max(candidate.frequent for candidate in candidates) or 1.0
    scores = vectors @ (taste.center * center + taste.title * title) + torch.tensor(
        [
            taste.frequent * (candidate.frequent / most)
            + taste.parties * min(candidate.parties, 2)
            + taste.first * candidate.first
            + taste.opening * (candidate.paragraph == 0)
            + taste.closing * (candidate.paragraph == last)
            for candidate in candidates
        ]
    )
    lengths = torch.tensor([len(candidate.text.split()) for candidate in candidates])
    lead = [index for index, candidate in enumerate(candidates) if candidate.paragraph == candidates[0].paragraph]
    chosen = [max(lead, key=lambda index: float(scores[index]))]  # what the article is about, before what it argues
    while len(chosen) < _MOST_SENTENCES:
        likeness = (vectors @ vectors[chosen].T).max(dim=1).values
        crowding = torch.tensor(
            [float(sum(candidates[c].paragraph == k.paragraph for c in chosen)) for k in candidates]
        )
        merit = scores - taste.repetition * likeness - taste.crowding * crowding
        merit[chosen] = -torch.inf
        merit[(likeness > _SAME) | (lengths > words - lengths[chosen].sum())] = -torch.inf
        best = int(merit.argmax())
        if merit[best] == -torch.inf:
            break
        chosen.append(best)
    return sorted(chosen)


def stands_alone(sentence: str) -> bool:
    """Whether a sentence is long enough to be shown alone, is whole, asks nothing, and leans on no other one."""
    whole = _ENDED.search(sentence) is not None and not sentence.lstrip("\"'“‘(")[:1].islower()
    return len(sentence.split()) >= _FEWEST_WORDS and whole and not leans(sentence)


def leans(sentence: str) -> bool:
    """Whether a sentence leans on the one before it ("However, it …")."""
    return _DANGLING.match(sentence.lstrip("\"'“‘")) is not None


def _candidates(parsed_texts: Sequence[ParsedText], parties: Sequence[Party], most_words: int) -> list[_Candidate]:
    """Sentences that can stand alone; all that speak to readers where none can."""
    counts = Counter(word for parsed in parsed_texts for word in _content_words(parsed.text))
    everything = []
    for paragraph, parsed in enumerate(parsed_texts):
        if speaks_to_tool(parsed.text):
            continue
        for number, (span, text) in enumerate(zip(parsed.sentences, parsed.lines, strict=True)):
            if not looks_english(text):
                continue
            named = sum(
                any(span.start <= m.start < span.end for m in party.in_paragraph(paragraph))
                for party in parties
                if party.main
            )
            everything.append(_Candidate(paragraph, text, number == 0, named, _frequency(text, counts)))
    alone = [c for c in everything if len(c.text.split()) <= most_words and stands_alone(c.text)]
    return alone or everything


def _content_words(text: str) -> list[str]:
    return [word for word in plain_words(text) if len(word) > 2 and word not in STOP_WORDS]


def _frequency(text: str, counts: Mapping[str, int]) -> float:
    """How often the article says the sentence's words elsewhere, in the mean (Luhn 1958); short sentences get less."""
    words = set(_content_words(text))
    return sum(counts[word] - 1 for word in words) / (len(words) + 3)
