"""The extractive summary: a few of the article's own sentences that a reader would build a summary on."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from spacy.lang.en.stop_words import STOP_WORDS
from torch import Tensor

from ..article.nlp import ParsedArticle, ParsedText, looks_english, plain_words
from ..domain import Span, Summary, SummarySentence
from ..networks.span_states import Place
from ..settings import SUMMARY_WORDS
from .injection import speaks_to_tool
from .sentence_choice import Candidate, SentenceChoice, features_of

_FEWEST_WORDS = 8
_MOST_SENTENCES = 5
_MOST_WORDS = 45
_DANGLING = re.compile(
    r"^(?:This|That|These|Those|It(?! (?:is|was|has been|had been|remains|(?:will|would|must|can|may|should) be)"
    r" (?:\w+ ){1,3}(?:that|to)\b)|He|She|They|His|Her|Its|Their|Such|However|But|And|Or|So|Yet|Still|Instead|Therefore"
    r"|Thus|Moreover|Furthermore|Meanwhile|Nevertheless|Nonetheless|Otherwise|Also|Then|Similarly|In addition"
    r"|In contrast|As a result|For example|For instance|On the other hand|In this regard)\b[ ,:'’]"
    r"|^[QA]:"
)
_ENDED = re.compile(r"[.!…][\"'“”‘’)\]]*$")
"""How a sentence that says something ends: a question does not, and spaCy now and then ends one in its middle."""
_SAME = 0.8
"""The share of the shorter sentence's words that another has, above which it says the same again."""


def sentences_of(parsed: ParsedArticle) -> list[Place]:
    """Where the encoder's states are wanted: the whole title, then every sentence; the first paragraph is text 1."""
    title = (0, Span(0, len(parsed.title.text)))
    return [title, *((number, span) for number, text in enumerate(parsed.paragraphs, 1) for span in text.sentences)]


def summarize(parsed: ParsedArticle, states: Tensor, words: int = SUMMARY_WORDS) -> Summary:
    """Sentences of the article in reading order, each with its paragraph, in at most `words` words.

    `states` `(1 + sentences, hidden)` are those of `sentences_of`. The sentences are taken by what `SentenceChoice`
    finds them worth; those that lean on another one ("However, it …"), say what is said already or speak to the
    tool are left out.
    """
    candidates = candidates_of(parsed.paragraphs)
    if not candidates:
        return Summary(())
    own = states[[1 + candidate.number for candidate in candidates]]
    scores = SentenceChoice.load().scores(features_of(candidates, own, states[0]), own)
    return Summary(tuple(SummarySentence(c.text, (c.paragraph,)) for c in chosen(candidates, scores, words)))


def chosen(candidates: Sequence[Candidate], scores: Tensor, words: int) -> list[Candidate]:
    """The sentences with the highest scores that fit, in reading order; the first may be longer than `words`."""
    taken: list[int] = []
    left = words
    for index in scores.argsort(descending=True).tolist():
        length = len(candidates[index].text.split())
        if (taken and length > left) or any(_same(candidates[index].text, candidates[t].text) for t in taken):
            continue
        taken.append(index)
        left -= length
        if len(taken) == _MOST_SENTENCES:
            break
    return [candidates[index] for index in sorted(taken)]


def _same(one: str, other: str) -> bool:
    """Whether the shorter of two sentences has hardly a word of content that the other has not."""
    fewer, more = sorted((set(_content_words(one)), set(_content_words(other))), key=len)
    return bool(fewer) and len(fewer & more) > _SAME * len(fewer)


def stands_alone(sentence: str) -> bool:
    """Whether a sentence is long enough to be shown alone, is whole, asks nothing, and leans on no other one."""
    whole = _ENDED.search(sentence) is not None and not sentence.lstrip("\"'“‘(")[:1].islower()
    return len(sentence.split()) >= _FEWEST_WORDS and whole and not leans(sentence)


def leans(sentence: str) -> bool:
    """Whether a sentence leans on the one before it ("However, it …")."""
    return _DANGLING.match(sentence.lstrip("\"'“‘")) is not None


def candidates_of(parsed_texts: Sequence[ParsedText]) -> list[Candidate]:
    """Sentences of paragraphs that can stand alone; all that speak to readers where none can."""
    counts = Counter(word for parsed in parsed_texts for word in _content_words(parsed.text))
    everything, number = [], 0
    for paragraph, parsed in enumerate(parsed_texts):
        usable = not speaks_to_tool(parsed.text)
        for place, text in enumerate(parsed.lines):
            if usable and looks_english(text):
                everything.append(Candidate(paragraph, text, place == 0, _frequency(text, counts), number))
            number += 1
    alone = [c for c in everything if len(c.text.split()) <= _MOST_WORDS and stands_alone(c.text)]
    return alone or everything


def _content_words(text: str) -> list[str]:
    return [word for word in plain_words(text) if len(word) > 2 and word not in STOP_WORDS]


def _frequency(text: str, counts: Mapping[str, int]) -> float:
    """How often the article says the sentence's words elsewhere, in the mean (Luhn 1958); short sentences get less."""
    words = set(_content_words(text))
    return sum(counts[word] - 1 for word in words) / (len(words) + 3)
