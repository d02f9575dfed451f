"""Rows of the encoder's path: loading, the seed from end to end, items a second, rivals, the share of the limit."""

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import torch

from ..article.nlp import ParsedArticle, ParsedText, parse, parse_articles
from ..article.splitter import join_article, split_article
from ..domain import Article, Kind, Mention, Party, Summary
from ..networks.device import encoder_dtype
from ..networks.stretches import tokenized
from ..networks.text_states import text_states
from ..parties.finder import find_parties
from ..parties.requests import PartyRequest
from ..pipeline import Analyzer
from ..stance.classifier import article_stretches
from ..summary.extractive import summarize
from .limits import encoder_operations, fastest_product
from .measure import Row, ratios, resident_megabytes, row, seconds
from .rivals import LABELS, bart_pass, roberta_pass

PARTIES, PARAGRAPHS = (1, 2, 8, 32), (8, 64, 512)
_FEW = 8
_PAIR = 2


def load_rows() -> tuple[Analyzer, list[Row]]:
    """The loaded models, and how long that took and how much memory; once, since a second time is another thing."""
    before = resident_megabytes()
    start = time.perf_counter()
    analyzer = Analyzer.from_pretrained()
    taken = time.perf_counter() - start
    return analyzer, [
        row("loading", "load the models", [taken], "s"),
        row("loading", "memory they take", [resident_megabytes() - before], "MB"),
    ]


def seed_rows(analyzer: Analyzer, text: str, rounds: int) -> list[Row]:
    """The article's stages one by one, then as one analysis of its two main parties."""
    article = split_article(text)
    (parsed,) = parse_articles([article])
    parties = _found_parties(analyzer, parsed)[:_PAIR]
    requests = [PartyRequest(party.name) for party in parties]
    stages: dict[str, Callable[[], object]] = {
        "split": partial(split_article, text),
        "tokens, sentences, names (spaCy)": partial(parse, parsed.texts),
        "parties": partial(_found_parties, analyzer, parsed),
        "stances": _afresh(analyzer, partial(analyzer.classifier.classify, article, parties, parsed.paragraphs)),
        "summary": partial(_own_sentences, analyzer, parsed),
        "all": _afresh(analyzer, partial(analyzer.analyze, text, requests)),
    }
    taken = seconds(stages, rounds)
    name = f"the seed: {len(article.paragraphs)} paragraphs × {len(parties)} parties"
    whole = row(name, "all, models loaded", taken.pop("all"), "s", bar="≤ 0.8")
    return [*(row(name, stage, values, "s") for stage, values in taken.items()), whole]


def _found_parties(analyzer: Analyzer, parsed: ParsedArticle) -> tuple[Party, ...]:
    (read,) = text_states(analyzer.reader.encoder, [parsed.texts])
    return find_parties(parsed, read)


def _own_sentences(analyzer: Analyzer, parsed: ParsedArticle) -> Summary:
    (read,) = text_states(analyzer.reader.encoder, [parsed.texts])
    return summarize(parsed, read)[0]


def item_rows(analyzer: Analyzer, text: str, rounds: int) -> Iterator[Row]:
    """Items a second by parties and paragraphs, and the share of the matrix rate in the largest case.

    Every party is mentioned in every paragraph, so that each item is judged.
    """
    few = seconds({str(count): _judging(analyzer, text, _FEW, count) for count in PARTIES}, rounds)
    for count in PARTIES:
        yield _rate(_FEW, count, few[str(count)])
    growth = ratios(few[str(PARTIES[-1])], few[str(PARTIES[0])])
    yield row("items", f"{PARTIES[-1]} parties against {PARTIES[0]}, {_FEW} paragraphs", growth, "× time", "≤ 1.6")
    for count in PARAGRAPHS[1:-1]:
        yield _rate(count, _PAIR, seconds({"": _judging(analyzer, text, count, _PAIR)}, rounds)[""])
    product = fastest_product(encoder_dtype(), rounds)
    most = {"judge": _judging(analyzer, text, PARAGRAPHS[-1], _PAIR), "matrix": product.run}
    taken = seconds(most, rounds)
    yield _rate(PARAGRAPHS[-1], _PAIR, taken["judge"])
    rates = [product.operations / time for time in taken["matrix"]]
    yield row("limit", "matrix rate that torch reaches", [rate / 1e9 for rate in rates], "GFLOP/s")
    encoder = analyzer.classifier.encoder
    tokens = tokenized(encoder.tokenizer, [paragraph.text for paragraph in _article(text, PARAGRAPHS[-1]).paragraphs])
    work = encoder_operations([len(stretch.ids) for stretch in article_stretches(encoder, tokens)])
    shares = [100 * work / time / rate for time, rate in zip(taken["judge"], rates, strict=True)]
    yield row("limit", f"its share while judging {PARAGRAPHS[-1]} paragraphs", shares, "%", "≥ 70")


def rival_rows(analyzer: Analyzer, text: str, rounds: int) -> Iterator[Row]:
    """How many times as long the same items take elsewhere: a pass for each paragraph is timed, times its repeats."""
    article = split_article(text)
    texts = tokenized(analyzer.classifier.encoder.tokenizer, [paragraph.text for paragraph in article.paragraphs])
    lengths = sorted(len(text.ids) + 2 for text in texts)  # with the special tokens
    ours = _judging(analyzer, text, len(article.paragraphs), _PAIR)
    for name, make, passes, bar in (
        ("bart-large zero-shot NLI", bart_pass, _PAIR * LABELS, "≥ 100"),
        ("RoBERTa-base once per target", roberta_pass, _PAIR, "≥ 6"),
    ):
        for dtype in (torch.float32, torch.bfloat16):
            single = make(dtype)
            taken = seconds({"ours": ours, "theirs": partial(_each, single, lengths)}, max(2, rounds // 2))
            times = [passes * ratio for ratio in ratios(taken["theirs"], taken["ours"])]
            # libraries load such a model in fp32 unless told otherwise: that is what the bar is about
            exact = dtype is torch.float32
            yield row("rivals", f"{name}, {'fp32' if exact else 'bf16'}", times, "× our time", bar if exact else "")
            del single


def _each(single: Callable[[int], object], lengths: Sequence[int]) -> None:
    for length in lengths:
        single(length)


def _afresh(analyzer: Analyzer, work: Callable[[], object]) -> Callable[[], object]:
    """`work` without what is kept of the last time."""

    def run() -> object:
        analyzer.forget()
        return work()

    return run


def _judging(analyzer: Analyzer, text: str, paragraphs: int, parties: int) -> Callable[[], object]:
    article = _article(text, paragraphs)
    readings = parse([paragraph.text for paragraph in article.paragraphs])
    return _afresh(analyzer, partial(analyzer.classifier.classify, article, _parties(readings, parties), readings))


def _article(text: str, paragraphs: int) -> Article:
    """The article's paragraphs over and over, as many as asked for."""
    texts = [paragraph.text for paragraph in split_article(text).paragraphs]
    return join_article("", [texts[number % len(texts)] for number in range(paragraphs)])


def _parties(readings: Sequence[ParsedText], count: int) -> list[Party]:
    """Parties of which each has another word of every paragraph for a mention."""

    def mentions(number: int) -> Iterator[Mention]:
        for paragraph, reading in enumerate(readings):
            token = reading.tokens[number % len(reading.tokens)]
            yield Mention(paragraph, token.start, token.end)

    return [Party(f"party {n}", Kind.ORGANIZATION, mentions=tuple(mentions(n))) for n in range(count)]


def _rate(paragraphs: int, parties: int, times: Sequence[float]) -> Row:
    rates = [paragraphs * parties / time for time in times]
    return row(
        "items", f"{paragraphs} paragraphs × {parties} {'party' if parties == 1 else 'parties'}", rates, "items/s"
    )


def peak_row() -> Row:
    """The most memory that this process ever held."""
    return row("memory", "the most so far", [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024], "MB")
