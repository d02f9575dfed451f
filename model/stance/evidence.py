"""From token scores to words of the text: the sentence that carries a stance, the phrase that names its holder."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import dropwhile, groupby, takewhile
from operator import itemgetter

from torch import Tensor

from ..article.nlp import ParsedText
from ..domain import Span
from .verdicts import Verdict


def evidence_sentence(verdict: Verdict, parsed: ParsedText) -> Span | None:
    """The sentence that carries the stance; None where the piece that was judged holds none of the text.

    It is the one on which most of the head's attention falls, of those that refer to the party if any does.

    Args:
        verdict: what the head says of the text and the party.
        parsed: the text's sentences.
    """
    best, most = None, (False, 0.0)
    for sentence in parsed.sentences:
        first, end = (bisect_left(verdict.offsets, at, key=itemgetter(0)) for at in (sentence.start, sentence.end))
        attention = float(verdict.evidence[first + 1 : end + 1].sum())
        mentioned = any(sentence.start <= at < sentence.end for at in verdict.mentions)
        if attention and (mentioned, attention) > most:
            best, most = sentence, (mentioned, attention)
    return best


def holder_span(scores: Tensor, offsets: Sequence[tuple[int, int]], parsed: ParsedText) -> Span | None:
    """The noun phrase, name or pronoun around the token with the best score; None where that is the first, "not named".

    A sign names nobody either. A phrase with commas ("Harrisburg, shop owner Ann Lee") is more than one: the piece
    around the token counts. Where the token is in an owner's name ("Ann Lee's report"), the owner is meant.
    """
    best = int(scores.argmax())
    if best == 0:
        return None
    start, end = offsets[best - 1]
    entities = [Span(entity.start, entity.end) for entity in parsed.entities]
    phrases = [phrase for phrase in parsed.phrases if phrase.start <= start and end <= phrase.end]
    pieces = [piece for phrase in phrases for piece in _between_commas(phrase, parsed)]
    around = [span for span in (*pieces, *entities) if span.start <= start and end <= span.end]
    found = max(around, key=lambda span: span.end - span.start, default=Span(start, end))
    inside = [token for token in parsed.tokens if token.start < found.end and token.end > found.start]
    inside = list(takewhile(lambda token: token.start < start or token.tag != "POS", inside))
    inside = list(dropwhile(lambda token: token.pos in ("PUNCT", "CCONJ"), inside))
    if all(token.pos == "PUNCT" for token in inside):
        return None
    return Span(max(found.start, inside[0].start), min(found.end, inside[-1].end))


def is_pronoun(span: Span, parsed: ParsedText) -> bool:
    """Whether the words of `span` are pronouns ("he", "she herself")."""
    return {token.pos for token in parsed.within(span)} <= {"PRON", "PUNCT"}


def _between_commas(phrase: Span, parsed: ParsedText) -> list[Span]:
    runs = [list(run) for comma, run in groupby(parsed.within(phrase), lambda token: token.text == ",") if not comma]
    return [Span(run[0].start, run[-1].end) for run in runs]
