"""From pasted text to an Article: which characters are the title, the boilerplate and the paragraphs to judge."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import compress, takewhile

from ..domain import Article, Paragraph, Span
from ..errors import ArticleError
from ..settings import LONGEST_ARTICLE, MOST_PARAGRAPHS
from .boilerplate import NOTE_WORDS, PATTERNS, Boilerplate, boilerplate_kind, menu_length, tail_start
from .boilerplate_regression import BoilerplateRegression
from .nlp import sentences
from .spans import BLANK, WHITE, count_words, cut, flat, grouped, in_title_case, runs_of

_FEWEST_WORDS = 5
_FEWEST_QUOTED = 5  # words of a pull quote
_BLOCK_WORDS = 150  # one block up to here is one paragraph
_TITLE_WORDS = 25
_TITLE_OF_TWO = 250  # characters that spaCy reads of a first line, to see whether it is two sentences
_TITLE_CASE = 0.75  # of the words of such a headline have a capital; with fewer, they may be the names in a sentence
_HEADING_WORDS = 10
_NARROW = 45  # characters; shorter lines are headings, names and dates
_WRAP_WIDTH = 130  # characters; a longer line was not wrapped by hand or by mail

_LINE = re.compile(r"[^\r\n\u2028\u2029\v\f]+")
_CLOSED, _INNER_STOP, _DATELINE, _NO_HEADING = (
    PATTERNS[name] for name in ("closed", "inner_stop", "dateline", "no_heading")
)


def split_article(text: str) -> Article:
    """Find the title, byline, dateline, captions, notes and paragraphs of `text`; every span is in its characters.

    Blank lines part paragraphs; without them, and within long blocks, lines do, unless the lines are wrapped (then a
    short closing line ends a paragraph) or hold a sentence each (then neighbours are grouped). One long block without
    line ends is cut between sentences into paragraphs of about 90 words.

    Raises:
        ArticleError: the text is empty, hardly more than a word, longer than `LONGEST_ARTICLE`, binary, or has more
            than `MOST_PARAGRAPHS`.
    """
    check_text(text)
    menu, blocks = _take_menu(text, _blocks(text))
    title, blocks = _take_title(text, blocks)
    blocks = _part_byline(text, blocks)
    blocks = [_units(text, block, lone=len(blocks) == 1 or count_words(text, block) > _BLOCK_WORDS) for block in blocks]
    if len(blocks) == 1 and not _sentence_a_line(text, blocks[0]):  # paragraphs without blank lines
        blocks = [[unit] for unit in blocks[0]]
    units = [unit for block in blocks for unit in block]
    lines = [flat(text, unit) for unit in units]
    tail = {*units[tail_start(lines) :]}
    unlike_text = {*compress(units, BoilerplateRegression.load().boilerplate(lines))}
    again = _repeated(lines)
    repeated = {words for words in again if not _CLOSED.search(words)}  # a whole sentence counts once
    repeated |= _pull_quotes(lines)
    byline = None
    captions: list[Span] = []
    notes = list(menu)
    bodies: list[list[Span]] = []
    listing = False  # a colon announced a list, and only points of it came since
    for block in blocks:
        body: list[Span] = []
        for unit in block:
            words = flat(text, unit)
            kind = boilerplate_kind(words, at_head=len(bodies) + len(body) < 2, at_tail=unit in tail)
            if kind is Boilerplate.BYLINE and byline is None:
                byline = unit
            elif kind is Boilerplate.CAPTION or words in repeated:
                captions.append(unit)
            elif kind is not None or (unit in unlike_text and not listing):
                notes.append(unit)
            else:
                body.append(unit)
                repeated |= {words} & again
        heading = len(body) == 1 and len(blocks) > 2 and _is_heading(text, body[0])
        if heading and not listing:
            notes += body
        elif body:
            bodies.append(body)
            listing = heading or flat(text, body[-1]).endswith(":")
    whole, ending = _paragraphs(text, bodies)
    notes += ending
    spans = [piece for span in whole for piece in cut(text, span)]
    if not spans and title is not None:  # a headline alone is still something to read
        spans, title = [title], None
    _check_count(len(spans))
    dateline = None
    found = _DATELINE.match(text[spans[0].start : spans[0].end])
    if found and found.end() < spans[0].end - spans[0].start:
        dateline = Span(spans[0].start, spans[0].start + len(found[0].rstrip()))
        spans[0] = Span(spans[0].start + found.end(), spans[0].end)
    return Article(
        text=text,
        paragraphs=tuple(Paragraph(i, s.start, s.end, text[s.start : s.end]) for i, s in enumerate(spans)),
        title=title,
        byline=byline,
        dateline=dateline,
        captions=tuple(captions),
        notes=tuple(notes),
    )


def _repeated(units: Sequence[str]) -> set[str]:
    """The lines that come again, as captions and pull quotes do; none in a text pasted twice, where they are most."""
    found = {unit for unit, times in Counter(units).items() if times > 1 and 4 < len(unit.split()) <= NOTE_WORDS}
    return found if 2 * sum(unit in found for unit in units) <= len(units) else set()


def _pull_quotes(units: Sequence[str]) -> set[str]:
    """The lines all of whose words stand in a row in a longer line; none where they would be most of a text."""
    words = [re.findall(r"\w+", unit.lower()) for unit in units]
    places: dict[tuple[str, ...], list[int]] = {}
    for number, some in enumerate(words):
        for start in range(len(some) - _FEWEST_QUOTED + 1):
            places.setdefault(tuple(some[start : start + _FEWEST_QUOTED]), []).append(number)
    found = set()
    for unit, some in zip(units, words, strict=True):
        if _FEWEST_QUOTED <= len(some) <= NOTE_WORDS:
            others = {at for at in places[tuple(some[:_FEWEST_QUOTED])] if len(words[at]) > len(some)}
            if any(f" {' '.join(some)} " in f" {' '.join(words[at])} " for at in others):
                found.add(unit)
    return found if 2 * sum(unit in found for unit in units) <= len(units) else set()


def join_article(title: str, paragraphs: Sequence[str]) -> Article:
    """An Article from a title and paragraphs that are known already, as gold files have them."""
    text = title
    spans: list[Paragraph] = []
    for paragraph in paragraphs:
        text += "\n\n" if text else ""
        spans.append(Paragraph(len(spans), len(text), len(text) + len(paragraph), paragraph))
        text += paragraph
    return Article(text=text, paragraphs=tuple(spans), title=Span(0, len(title)) if title else None)


def _check_count(paragraphs: int) -> None:
    if not paragraphs:
        raise ArticleError(
            "expected an article with at least one paragraph, found only captions, dates or notes; paste its text too"
        )
    if paragraphs > MOST_PARAGRAPHS:
        raise ArticleError(
            f"expected at most {MOST_PARAGRAPHS:,} paragraphs, got {paragraphs:,}; paste one article, or join its lines"
        )


def check_text(text: str) -> None:
    """Raise ArticleError unless `text` is one to read: some words, at most `LONGEST_ARTICLE` characters, not binary."""
    if not re.sub(rf"[\s{BLANK}]", "", text):
        raise ArticleError("expected an article, got an empty text; paste one, a headline and a few paragraphs will do")
    if len(text) > LONGEST_ARTICLE:
        raise ArticleError(
            f"expected at most {LONGEST_ARTICLE:,} characters, got {len(text):,}; paste one article, or split this one"
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ArticleError(
            f"expected whole characters, got half of one at character {error.start:,}; copy the text again"
        ) from error
    # Of format (Cf) are soft hyphens, marks of right-to-left script and parts of flags.
    odd = sum(not (sign.isprintable() or sign.isspace() or unicodedata.category(sign) == "Cf") for sign in text)
    if "\x00" in text or (odd + text.count("\ufffd")) / len(text) > 0.02:
        raise ArticleError("expected text, got binary data; open the file in its own program and copy the text")
    words = len(re.findall(r"\w+", text))
    if words < _FEWEST_WORDS:
        raise ArticleError(f"expected an article of at least {_FEWEST_WORDS} words, got {words}; paste more of it")


def _blocks(text: str) -> list[list[Span]]:
    """Runs of lines without a blank line between them; each line as a span without white space around it."""
    blocks: list[list[Span]] = []
    last_end = None
    for match in _LINE.finditer(text):
        line = match[0]
        stripped = line.strip(WHITE)
        if not stripped:
            continue
        start = match.start() + line.index(stripped)
        gap = text[last_end : match.start()].replace("\r\n", "\n") if last_end is not None else ""
        if not blocks or len(re.findall(r"[\r\n\u2029]", gap)) > 1:
            blocks.append([])
        blocks[-1].append(Span(start, start + len(stripped)))
        last_end = match.end()
    return blocks


def _take_menu(text: str, blocks: list[list[Span]]) -> tuple[list[Span], list[list[Span]]]:
    """The lines of a page's menu around the article, and the blocks without them."""
    lines = [line for block in blocks for line in block]
    words = [flat(text, line) for line in lines]
    first, last = menu_length(words), menu_length(reversed(words))
    if first + last >= len(lines):
        return [], blocks
    menu = {*lines[:first], *lines[len(lines) - last :]}
    left = ([line for line in block if line not in menu] for block in blocks)
    return sorted(menu, key=lambda line: line.start), [block for block in left if block]


def _take_title(text: str, blocks: list[list[Span]]) -> tuple[Span | None, list[list[Span]]]:
    """The first line that is no boilerplate, if it reads like a headline and more follows; and the other lines.

    A Markdown heading sign is not part of it.
    """
    lines = [(place, number) for place, block in enumerate(blocks) for number in range(len(block))]
    for place, number in lines:
        block = blocks[place]
        line = block[number]
        words = text[line.start : line.end]
        if boilerplate_kind(words, at_head=True, at_tail=False):
            continue
        wrapped = number + 1 < len(block) and text[block[number + 1].start].islower()
        ends = re.search(r"\.[\"'”’]*$", words) and not re.search(r"\b[A-Z]\.$", words)
        if (place, number) == (0, 0):
            sentence = bool(ends) and not _is_headline_of_two(words)
        else:
            sentence = bool(ends or (_CLOSED.search(words) and _INNER_STOP.search(words)))
        if len(lines) == 1 or wrapped or sentence or len(words.split()) > _TITLE_WORDS:
            break
        sign = re.match(r"#+\s+", words)
        rest = [*blocks[:place], block[:number], block[number + 1 :], *blocks[place + 1 :]]
        return Span(line.start + (sign.end() if sign else 0), line.end), [others for others in rest if others]
    return None, blocks


def _is_headline_of_two(line: str) -> bool:
    """Whether a line that ends with a full stop is a headline all the same: of two sentences, in title case."""
    fits = len(line) <= _TITLE_OF_TWO and in_title_case(line, _TITLE_CASE) and not _DATELINE.match(line)
    return fits and len(sentences(line)) > 1


def _part_byline(text: str, blocks: list[list[Span]]) -> list[list[Span]]:
    """The blocks, with a byline that closes the first one, and dates or credits around it, in one of their own.

    The standfirst above it may be as long as a wrapped line, and is not to be joined with it.
    """
    if len(blocks) < 2:
        return blocks
    first, *others = blocks
    kinds = (boilerplate_kind(flat(text, line), at_head=True, at_tail=False) for line in reversed(first))
    closing = list(takewhile(bool, kinds))
    if Boilerplate.BYLINE not in closing or len(closing) == len(first):
        return blocks
    return [first[: -len(closing)], first[-len(closing) :], *others]


def _units(text: str, lines: list[Span], lone: bool) -> list[Span]:
    """The lines of a block, or, where they are wrapped, what they were before: one unit per paragraph or loose line.

    In wrapped lines a short one ends a unit if it has no closing sign (a heading, a date), or, in
    a text without blank lines or a block too long for one paragraph (`lone`), in any case.
    """
    longest = max(line.end - line.start for line in lines)
    broken = sum(
        line.end - line.start >= 0.7 * longest and not _CLOSED.search(text[line.start : line.end])
        for line in lines[:-1]
    )
    if not _NARROW <= longest <= _WRAP_WIDTH or broken < max(1, (len(lines) - 1) / 3):
        return lines
    units = []
    start: int | None = None
    for number, line in enumerate(lines):
        start = line.start if start is None else start
        short = line.end - line.start < 0.8 * longest
        if number == len(lines) - 1 or (short and (lone or not _CLOSED.search(text[line.start : line.end]))):
            units.append(Span(start, line.end))
            start = None
    return units


def _is_heading(text: str, unit: Span) -> bool:
    """Whether a line that stands alone is a heading between paragraphs: short, no point of a list, no sentence."""
    words = flat(text, unit)
    return len(words.split()) <= _HEADING_WORDS and not _CLOSED.search(words) and not _NO_HEADING.search(words)


def _paragraphs(text: str, bodies: list[list[Span]]) -> tuple[list[Span], list[Span]]:
    """Paragraph spans from the blocks of body units, and the notes at the end of a lone block."""
    if len(bodies) == 1 and len(bodies[0]) == 1 and count_words(text, bodies[0]) > _BLOCK_WORDS:
        pieces, notes = _sentences_of(text, bodies[0][0])
        return grouped(text, pieces), notes
    spans: list[Span] = []
    for units in bodies:
        if _sentence_a_line(text, units):
            spans += [span for run in runs_of(text, units) for span in grouped(text, run)]
        else:
            spans += units
    return spans, []


def _sentence_a_line(text: str, units: list[Span]) -> bool:
    return sum(not _INNER_STOP.search(flat(text, unit)) for unit in units) >= 0.8 * len(units)


def _sentences_of(text: str, unit: Span) -> tuple[list[Span], list[Span]]:
    """The sentences of a lone block, and apart from them the author notes and e-mail lines at its end."""
    pieces = [
        Span(part.start + sentence.start, part.start + sentence.end)
        for part in cut(text, unit)
        for sentence in sentences(text[part.start : part.end])
    ]
    end = max(1, tail_start([flat(text, piece) for piece in pieces]))
    return pieces[:end], pieces[end:]
