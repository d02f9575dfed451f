"""The extractive summary: a few of the article's own sentences that a reader would build a summary on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from spacy.lang.en.stop_words import STOP_WORDS
from torch import Tensor

from ..article.nlp import ParsedArticle, looks_english, plain_words
from ..domain import TITLE, Mention, SourceSentence, Summary, SummarySentence
from ..networks.text_states import TextStates
from ..settings import SUMMARY_WORDS
from .injection import speaks_to_tool
from .sentence_choice import Candidate, SentenceChoice, features_of
from .wording import Wording, wordings_of

_FEWEST_WORDS = 8
_MOST_SENTENCES = 5
_MOST_WORDS = 45
_MOST_SOURCES, _FEWEST_SOURCE_WORDS, _MOST_SOURCE_WORDS = 20, 6, 70
"""Of what a summary is written from; a writer can mend a sentence that leans on others, and shorten a long one."""
_SAME = 0.8
"""The share of the shorter sentence's words that another has, above which it says the same again."""


def sentence_states(parsed: ParsedArticle, candidates: Sequence[Candidate], read: TextStates) -> Tensor:
    """`(1 + candidates, hidden)`: the mean states of the title and of every candidate."""
    title = Mention(TITLE, 0, len(parsed.title.text))
    return read.means([title, *(Mention(one.paragraph, one.span.start, one.span.end) for one in candidates)])


def summarize(
    parsed: ParsedArticle, read: TextStates, words: int = SUMMARY_WORDS
) -> tuple[Summary, tuple[SourceSentence, ...]]:
    """Sentences of the article in reading order, in at most `words` words, and the best to write a summary from.

    Both are taken by what `SentenceChoice` finds them worth, without those that say what is said already. Into the
    first come those alone that do not lean on their neighbours.
    """
    candidates = candidates_of(parsed)
    if not candidates:
        return Summary(()), ()
    states = sentence_states(parsed, candidates, read)
    choice, own = SentenceChoice.load(), states[1:]
    scores = choice.scores(features_of(candidates, own, states[0]), own)
    alone = showable(choice, candidates, wordings(parsed, candidates), own)
    kept = alone or list(range(len(candidates)))
    sentences = chosen([candidates[index] for index in kept], scores[kept], words)
    summary = Summary(tuple(SummarySentence(sentence.text, (sentence.paragraph,)) for sentence in sentences))
    return summary, tuple(_sources(candidates, scores, set(alone)))


def _sources(candidates: Sequence[Candidate], scores: Tensor, alone: set[int]) -> Iterator[SourceSentence]:
    """The sentences of most worth, best first."""
    taken: list[int] = []
    for index in scores.argsort(descending=True).tolist():
        sentence = candidates[index]
        fits = _FEWEST_SOURCE_WORDS <= len(sentence.text.split()) <= _MOST_SOURCE_WORDS
        if fits and not any(_same(sentence.text, candidates[t].text) for t in taken):
            taken.append(index)
            yield SourceSentence(sentence.paragraph, sentence.span, index in alone)
        if len(taken) == _MOST_SOURCES:
            return


def wordings(parsed: ParsedArticle, candidates: Sequence[Candidate]) -> Iterator[Wording]:
    """The wording of each candidate of an article."""
    wanted = {(candidate.paragraph, candidate.span) for candidate in candidates}
    for paragraph, text in enumerate(parsed.paragraphs):
        for span, wording in zip(text.sentences, wordings_of(text, parsed.title.text), strict=True):
            if (paragraph, span) in wanted:
                yield wording


def showable(
    choice: SentenceChoice, candidates: Sequence[Candidate], said: Iterable[Wording], states: Tensor
) -> list[int]:
    """Which candidates, of wordings `said` and `states` `(candidates, hidden)`, can be shown alone."""
    alone = choice.stand_alone(said, states)
    lengths = [len(candidate.text.split()) for candidate in candidates]
    return [index for index, one in enumerate(alone) if one and _FEWEST_WORDS <= lengths[index] <= _MOST_WORDS]


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


def candidates_of(parsed: ParsedArticle) -> list[Candidate]:
    """The article's sentences that speak English, and to its readers."""
    counts = Counter(word for text in parsed.paragraphs for word in _content_words(text.text))
    found = []
    for paragraph, text in enumerate(parsed.paragraphs):
        usable = not speaks_to_tool(text.text)
        for place, (span, line) in enumerate(zip(text.sentences, text.lines, strict=True)):
            if usable and looks_english(line):
                found.append(Candidate(paragraph, span, line, place == 0, _frequency(line, counts)))
    return found


def _content_words(text: str) -> list[str]:
    return [word for word in plain_words(text) if len(word) > 2 and word not in STOP_WORDS]


def _frequency(text: str, counts: Mapping[str, int]) -> float:
    """How often the article says the sentence's words elsewhere, in the mean (Luhn 1958); short sentences get less."""
    words = set(_content_words(text))
    return sum(counts[word] - 1 for word in words) / (len(words) + 3)
