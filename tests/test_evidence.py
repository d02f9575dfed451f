"""From token scores to sentences and names."""

from dataclasses import replace

import pytest
import torch

from model.article.nlp import parse
from model.domain import Span
from model.stance.evidence import evidence_sentence, holder_span
from model.stance.verdicts import Verdict

TEXT = "Rain fell. Prime Minister Jonas Berg called the plan a fraud."


def offsets_of(text: str) -> list[tuple[int, int]]:
    spans, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        spans.append((start, at))
    return spans


def scores(word: str) -> torch.Tensor:
    """1 for the token `word`, 0 for the others and for the one before them that is no word."""
    return torch.tensor([0.0, *(float(TEXT[start:end] == word) for start, end in offsets_of(TEXT))])


def verdict(share: torch.Tensor, mentions: tuple[int, ...] = ()) -> Verdict:
    return Verdict(torch.zeros(4), torch.zeros(2), share, share, tuple(offsets_of(TEXT)), mentions)


def test_the_evidence_is_the_sentence_with_most_attention() -> None:
    (reading,) = parse([TEXT])
    span = evidence_sentence(verdict(scores("Rain") * 0.4 + scores("plan") * 0.3 + scores("fraud.") * 0.3), reading)
    assert span is not None
    assert TEXT[span.start : span.end] == "Prime Minister Jonas Berg called the plan a fraud."
    first = evidence_sentence(verdict(scores("fell.") * 0.6 + scores("Prime") * 0.4), reading)
    assert first is not None
    assert TEXT[first.start : first.end] == "Rain fell."
    assert evidence_sentence(verdict(torch.zeros(12)), reading) is None


def test_the_evidence_refers_to_the_party_where_any_sentence_does() -> None:
    (reading,) = parse([TEXT])
    most_on_first = scores("fell.") * 0.6 + scores("Prime") * 0.4
    for mentions, text in {
        (TEXT.index("Jonas"),): "Prime Minister Jonas Berg called the plan a fraud.",
        (0, TEXT.index("Jonas")): "Rain fell.",
    }.items():
        span = evidence_sentence(verdict(most_on_first, mentions), reading)
        assert span is not None
        assert TEXT[span.start : span.end] == text


def test_the_holder_is_the_phrase_around_the_token() -> None:
    (reading,) = parse([TEXT])
    span = holder_span(scores("Berg"), offsets_of(TEXT), reading)
    assert span is not None
    assert TEXT[span.start : span.end] == "Prime Minister Jonas Berg"
    nobody = torch.zeros(12)
    nobody[0] = 1
    assert holder_span(nobody, offsets_of(TEXT), reading) is None


def test_a_place_before_a_comma_is_no_part_of_the_holder() -> None:
    text = "In Harrisburg, shop owner Ann Lee said the plan was a fraud."
    (reading,) = parse([text])
    commas = replace(reading, entities=(), phrases=(Span(3, text.index(" said")),))  # as the parser errs at times
    best = torch.tensor([0.0, *(float(text[start:end] == "Lee") for start, end in offsets_of(text))])
    span = holder_span(best, offsets_of(text), commas)
    assert span is not None
    assert text[span.start : span.end] == "shop owner Ann Lee"


@pytest.mark.parametrize(
    ("phrase", "word", "holder"),
    [
        ("Ann Lee's relentless attacks", "Lee", "Ann Lee"),
        ("The Navy's new inspector general's report", "general", "The Navy's new inspector general"),
        ("The president's supporters", "supporters", "The president's supporters"),
        ("But Ann Lee", "Lee", "Ann Lee"),
        ("— Ann Lee", "Ann", "Ann Lee"),
        ("— her", "her", "her"),
        ("—", "—", None),
    ],
)
def test_an_owner_is_the_holder_and_what_stands_before_a_name_is_not(
    phrase: str, word: str, holder: str | None
) -> None:
    text = f"{phrase} said that the plan was a fraud."
    (reading,) = parse([text])
    start = text.index(word)
    wide = replace(reading, entities=(), phrases=(Span(0, len(phrase)),))  # as the parser errs at times
    span = holder_span(torch.tensor([0.0, 1.0]), [(start, start + len(word))], wide)
    assert (span and text[span.start : span.end]) == holder
