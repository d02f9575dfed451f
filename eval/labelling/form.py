"""The form in which a reader labels an article: parties, a table of stances, a summary (docs/labelling.md)."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from model.article.nlp import ParsedArticle
from model.domain import Span, Stance, Voice
from model.errors import LabelError

KINDS = ("state", "government", "party", "organisation", "court", "company", "group", "person")
SECTIONS = ("PARTIES", "TABLE", "SUMMARY", "TREATMENT", "POINTS")
_SIGNS = {"-": Stance.ABSENT, "N": Stance.NEUTRAL, "C": Stance.CRITICAL, "F": Stance.FAVORABLE}
_VOICES = {"a": Voice.AUTHOR, "q": Voice.QUOTED}
_CELL = re.compile(
    r"\s*;?\s*(\d+)\s*(?:([-N])(?=[\s;]|$)|([CF])\s+([aq])\s+s(\d+)(?:\s*,\s*s?\d+)*(?:\s*@([^;]*))?\s*(?:;|$))"
)
_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})


@dataclass(frozen=True, slots=True)
class NamedParty:
    """A party as the reader names it, with the other names by which the article calls it."""

    name: str
    aliases: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One label. `sentence` counts from 1 within its paragraph; `holder` is "?" where nobody is named."""

    stance: Stance
    voice: Voice = Voice.NONE
    sentence: int = 0
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence and the paragraphs that it rests on."""

    text: str
    paragraphs: tuple[int, ...]


@dataclass(slots=True)
class Form:
    """What a reader wrote of one article; `problems` are sentences that say what is missing or malformed."""

    parties: list[NamedParty] = field(default_factory=list)
    table: dict[tuple[int, int], Cell] = field(default_factory=dict)
    summary: list[Cited] = field(default_factory=list)
    treatment: dict[int, Cited] = field(default_factory=dict)
    points: list[Cited] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def whole(self) -> "Form":
        """The form itself.

        Raises:
            LabelError: it has problems.
        """
        if self.problems:
            raise LabelError("\n  ".join(["expected a whole form, found:", *self.problems]))
        return self


def read_form(text: str, parsed: ParsedArticle) -> Form:
    """Read a form; every problem is noted and nothing raised.

    Args:
        text: the form.
        parsed: the article that it labels.
    """
    form = Form()
    readers: dict[str, Callable[[str], None]] = {
        "PARTIES": lambda line: _read_party(form, line, parsed),
        "TABLE": lambda line: _read_row(form, line, parsed),
        "SUMMARY": lambda line: form.summary.append(_cited(line, parsed)),
        "TREATMENT": lambda line: _read_treatment(form, line, parsed),
        "POINTS": lambda line: form.points.append(_cited(re.sub(r"^(\d+[.:]|-)\s*", "", line), parsed)),
    }
    section = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        heading = line.strip("#*: ").upper()
        if not line or line.startswith("```"):
            continue
        if heading in SECTIONS:
            section = heading
            continue
        try:
            if not section:
                raise ValueError(f"expected one of {', '.join(SECTIONS)} first, got {line[:40]!r}")
            readers[section](line)
        except ValueError as error:
            form.problems.append(f"line {number}: {error}")
    there = {paragraph for paragraph, _ in form.table}
    missing = [index for index in range(len(parsed.paragraphs)) if index not in there]
    if missing:
        form.problems.append(f"no row for the paragraphs {missing}")
    twice = [name for name, count in Counter(party.name for party in form.parties).items() if count > 1]
    if twice:
        form.problems.append(f"expected each party once, got {twice} again")
    return form


def _read_party(form: Form, line: str, parsed: ParsedArticle) -> None:
    match = re.fullmatch(r"(\d+)\.\s*(.*)", line)
    cells = [cell.strip() for cell in match[2].split("|")] if match else []
    wanted = len(form.parties) + 1
    if not match or len(cells) != 3 or int(match[1]) != wanted:
        raise ValueError(f"expected '{wanted}. name | other names; parted by semicolons | kind', got {line[:60]!r}")
    name, aliases, kind = cells[0], [alias.strip() for alias in cells[1].split(";") if alias.strip()], cells[2].lower()
    form.parties.append(NamedParty(name, tuple(aliases), kind))
    if kind not in KINDS:
        raise ValueError(f"expected one of {', '.join(KINDS)} as the kind, got {kind!r}")
    text = "\n".join([parsed.title.text, *(p.text for p in parsed.paragraphs)]).translate(_STRAIGHT).casefold()
    strange = [alias for alias in aliases if alias.translate(_STRAIGHT).casefold() not in text]
    if strange:
        raise ValueError(f"expected names that stand in the article, got {strange}")


def _read_row(form: Form, line: str, parsed: ParsedArticle) -> None:
    match = re.fullmatch(r"P?(\d+):\s*(.*)", line)
    if not match or int(match[1]) >= len(parsed.paragraphs):
        raise ValueError(f"expected 'paragraph: cells' with a paragraph below {len(parsed.paragraphs)}, got {line!r}")
    index, rest, at = int(match[1]), match[2], 0
    sentences = len(parsed.paragraphs[index].sentences)
    cells: list[tuple[int, Cell]] = []
    while rest[at:].strip(" ;"):
        cell = _CELL.match(rest, at)
        if not cell:
            raise ValueError(
                f"expected a cell such as '1-', '2N', '3C a s2;' or '4F q s1 @Ana;', got {rest[at:][:30]!r}"
            )
        at = cell.end()
        cells.append((int(cell[1]), _cell(cell, index, sentences)))
    numbers = sorted(number for number, _ in cells)
    if numbers != list(range(1, len(form.parties) + 1)):
        raise ValueError(f"expected a cell for each party from 1 to {len(form.parties)}, got {numbers}")
    if (index, 1) in form.table:
        raise ValueError(f"expected one row for paragraph {index}, got another")
    form.table |= {(index, number): cell for number, cell in cells}


def _cell(match: re.Match[str], paragraph: int, sentences: int) -> Cell:
    if match[2]:
        return Cell(_SIGNS[match[2]])
    sentence, holder = int(match[5]), (match[6] or "").strip()
    if not 1 <= sentence <= sentences:
        raise ValueError(f"expected a sentence from s1 to s{sentences} of paragraph {paragraph}, got s{sentence}")
    voice = _VOICES[match[4]]
    if voice is Voice.QUOTED and not holder:
        raise ValueError("expected a holder behind q: @name, or @? where nobody is named")
    return Cell(_SIGNS[match[3]], voice, sentence, holder)


def _read_treatment(form: Form, line: str, parsed: ParsedArticle) -> None:
    match = re.fullmatch(r"(\d+)[:.]\s*(.*)", line)
    if not match or not 1 <= int(match[1]) <= len(form.parties):
        raise ValueError(f"expected 'party number: sentence [paragraphs]', got {line[:60]!r}")
    form.treatment[int(match[1])] = _cited(match[2], parsed)


def _cited(line: str, parsed: ParsedArticle) -> Cited:
    match = re.fullmatch(r"(.*?)\s*\[([\d,\sP-]+)\]\.?", line)
    paragraphs: list[int] = []
    for part in match[2].replace("P", "").split(",") if match else ():
        first, _, last = part.strip().partition("-")
        if first:
            paragraphs += range(int(first), int(last or first) + 1)
    if not match or not paragraphs or max(paragraphs) >= len(parsed.paragraphs):
        raise ValueError(f"expected a sentence and its paragraphs, as in 'It sailed. [0,2]', got {line[-40:]!r}")
    return Cited(match[1], tuple(paragraphs))


def evidence_of(cell: Cell, parsed: ParsedArticle, paragraph: int) -> Span | None:
    """The sentence that carries a label's stance, in characters of its paragraph."""
    return parsed.paragraphs[paragraph].sentences[cell.sentence - 1] if cell.sentence else None


def shown(parsed: ParsedArticle) -> Sequence[str]:
    """The article as a reader sees it: numbered paragraphs (P0 …) and sentences (s1 …)."""
    rows = [f"TITLE: {parsed.title.text}"]
    for index, paragraph in enumerate(parsed.paragraphs):
        rows.append(f"P{index} " + " ".join(f"(s{n}) {line}" for n, line in enumerate(paragraph.lines, 1)))
    return rows
