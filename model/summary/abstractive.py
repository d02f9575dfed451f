"""The written summary: a language model completes sentences about the article; each is checked, then shown."""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..article.nlp import plain_words
from ..domain import Analysis, Summary, SummarySentence
from ..language_model.interface import LanguageModel
from ..language_model.prompts import Prompt, fenced
from .grounding import Grounder
from .injection import speaks_to_tool
from .leaning import leans
from .openings import OPENING_WORDS, SUMMARY_SENTENCES, Opening, openings_of

_ROOM = 6000
"""The most tokens of an article that are read at once, whatever a model can: a small one loses the thread, and time."""
_FRAME = 2000
"""Tokens that the prompt has beside the article, and the reply, at most."""
_PER_SENTENCE = 48
_SECTION_REPLY = 160
_LONGEST = 60  # words of a sentence that is still shown
_NUMBER = re.compile(r"^[\s*_•-]*(?:(\d{1,4})[.):])?[\s*_•-]*")
_ITSELF = re.compile(r"\b(?:the|this) (?:article|text|summary)\b|\bmention it\b", re.IGNORECASE)
"""What a sentence says only where the model repeats its orders: an article seldom speaks of itself."""
_BREAK = re.compile(
    r"(?<=[.!?])(?<!\b(?:Dr|Mr|Ms|St)\.)(?<!\b(?:Mrs|Gen|Sen|Rep|Gov)\.)(?<!\bProf\.)(?<!\b[A-Z]\.)"
    r"[”\"’]?\s+(?=[A-Z“\"])"
)
_CROOKED = re.compile(
    r"\bfor (?:not )?\w+ing\b.{0,400}, and (?:must|should|will|has|have)\b"
    r"|\bthat (?:it|he|she|they)\b.{0,400}, that \w+s\b"
    r"|\b(?:it|he|she|they) [“\"](?:the|an?|its|his|her|their|no)\b|\b(?:for|that) [“\"]\w+ed\b"
    r"|\bthat (?:the )?[A-Z][\w’'-]* for\b"
)
"""Where the model runs on after a party's beginning with words that do not follow from it."""
_LEANS_BACK = re.compile(r"\b(?:otherwise|(?:do|be|is|was) so)\b(?:[.!,]|$)")
"""What only a sentence before would explain."""
_AGAIN = 0.8
"""The share of a sentence's longer words that another has, from which it says the same again."""


@dataclass(frozen=True)
class SummaryWriter:
    """A language model and the prompts that it is given."""

    language_model: LanguageModel
    summary: Prompt
    section: Prompt

    @classmethod
    def of(cls, language_model: LanguageModel) -> "SummaryWriter":
        """With the prompts of the repository.

        Raises:
            PromptError: a prompt is missing or damaged.
        """
        return cls(language_model, Prompt.load("summary"), Prompt.load("section"))

    @property
    def versions(self) -> dict[str, str]:
        """What decides what is written."""
        return {
            "language model": self.language_model.version,
            "summary prompt": self.summary.version,
            "section prompt": self.section.version,
        }

    def write(self, analysis: Analysis, grounder: Grounder) -> Iterator[Analysis]:
        """The analysis as its written summary grows, once for each piece that the model says; the last is whole.

        What is written already (`Analyzer.stages` keeps it where parties changed) stays. A sentence that its
        paragraphs do not support gives way to one of the article's own from the extractive summary, or to
        nothing. Closing the iterator stops the model.

        Raises:
            ServerError: the model's server fails; what was yielded stays right.
        """
        starts = [
            start
            for start in openings_of(analysis)
            if (start.party not in analysis.portrayals if start.party else analysis.written is None)
        ]
        if not starts:
            return
        texts = [p.text for p in analysis.article.paragraphs if not speaks_to_tool(p.text)]
        sections = self._sections(texts)
        analysis = replace(
            analysis,
            versions={**analysis.versions, **self.versions, **grounder.versions},
            written=analysis.written or Summary((), "written", sections=len(sections)),
        )
        yield analysis
        title = analysis.article.read(analysis.article.title)
        title = "" if speaks_to_tool(title) else title
        article = "\n\n".join([title, *sections[0]]).strip()
        if len(sections) > 1:
            article = yield from self._read_sections(analysis, title, sections)
        listed = "\n".join(f"{number}. {start.text} …" for number, start in enumerate(starts, 1))
        prompt = self.summary.fill({"article": fenced(article), "starts": listed})
        line, left = "", dict(enumerate(starts, 1))
        for piece in self.language_model.generate(prompt, _PER_SENTENCE * len(starts)):
            *whole, line = (line + piece).split("\n")
            for one in whole:
                analysis = _heard(analysis, grounder, left, one)
            yield analysis
        yield _filled(_heard(analysis, grounder, left, line))

    def _sections(self, texts: Sequence[str]) -> list[list[str]]:
        """The paragraphs in parts that the model can read at once."""
        window = self.language_model.window
        room = min(_ROOM, max(window - _FRAME, window // 2))
        sections: list[list[str]] = [[]]
        left = room
        for text in texts:
            need = self.language_model.count(text)
            if sections[-1] and need > left:
                sections.append([])
                left = room
            sections[-1].append(text)
            left -= need
        return sections

    def _read_sections(
        self, analysis: Analysis, title: str, sections: Sequence[Sequence[str]]
    ) -> Generator[Analysis, None, str]:
        """Yields the analysis while the sections are read; returns what was said of them, a paragraph each."""
        notes = [title]
        for number, section in enumerate(sections, 1):
            values = {"number": str(number), "total": str(len(sections)), "article": fenced("\n\n".join(section))}
            note = ""
            for piece in self.language_model.generate(self.section.fill(values), _SECTION_REPLY):
                note += piece
                yield analysis
            notes.append(" ".join(note.split()))
        return "\n\n".join(notes)  # for `yield from`


def _heard(analysis: Analysis, grounder: Grounder, left: dict[int, Opening], line: str) -> Analysis:
    """The analysis with a line of the reply, which takes the opening that it goes on from out of those `left`."""
    number = _number_of(line, left)
    if number is None or not (sentence := _sentence(line, left[number])):
        return analysis
    return _taken(analysis, grounder, left.pop(number), sentence)


def _number_of(line: str, left: Mapping[int, Opening]) -> int | None:
    """Which of the openings that are `left` a line of the reply goes on from: its number says so, or how it begins."""
    numbered = _NUMBER.match(line)
    if numbered and numbered[1] and int(numbered[1]) in left:
        return int(numbered[1])
    said = _plain(line).lower()
    return next((number for number, start in left.items() if said.startswith(start.words.lower())), None)


def _taken(analysis: Analysis, grounder: Grounder, start: Opening, sentence: str) -> Analysis:
    """The analysis with a sentence of the reply, if it may be shown.

    For one that is the article's own but for its beginning, the article's own is shown: it needs no check.
    """
    written = analysis.written or Summary(())
    again = any(own.written and _same(own.text, sentence) for own in written.sentences)
    new = not again and not _within(sentence, analysis.article.read(analysis.article.title))
    own = grounder.copied_from(sentence) if new and not start.party else None
    if own and own not in written.sentences:
        return replace(analysis, written=replace(written, sentences=(*written.sentences, own)))
    found = grounder.check(sentence).paragraphs if new else ()
    supported = bool(found) and (not start.paragraphs or set(found) <= start.paragraphs)
    if supported and start.party:
        shown = SummarySentence(sentence, found, written=True)
        return replace(analysis, portrayals={**analysis.portrayals, start.party: shown})
    if supported:  # in place of the article's own sentence from there, if that is shown already
        others = [own for own in written.sentences if own.written or not set(own.paragraphs) & set(found)]
        written = replace(written, sentences=(*others, SummarySentence(sentence, found, written=True)))
    else:
        written = replace(written, rejected=written.rejected + new)
        if not start.party:
            written = replace(written, sentences=(*written.sentences, *_own(analysis, written)))
    return replace(analysis, written=written)


def _same(one: str, other: str) -> bool:
    """Whether two sentences have most of their longer words in common, after the words that they begin with."""
    few, more = sorted((_longer(plain_words(text)[OPENING_WORDS:]) for text in (one, other)), key=len)
    return len(few & more) >= _AGAIN * max(1, len(few))


def _within(sentence: str, title: str) -> bool:
    """Whether a sentence says no more than the title: any paragraph seems to support it, for the title stands above."""
    said = _longer(plain_words(sentence)[OPENING_WORDS:])
    return len(said & _longer(plain_words(title))) >= _AGAIN * max(1, len(said))


def _longer(words: Sequence[str]) -> set[str]:
    return {word for word in words if len(word) > 3}


def _filled(analysis: Analysis) -> Analysis:
    """The analysis with sentences of the article's own where fewer are left than were asked for."""
    written = analysis.written or Summary(())
    while len(written.sentences) < SUMMARY_SENTENCES and (own := _own(analysis, written)):
        written = replace(written, sentences=(*written.sentences, *own))
    return replace(analysis, written=written)


def _own(analysis: Analysis, written: Summary) -> tuple[SummarySentence, ...]:
    """The extractive summary's next sentence whose paragraph no sentence cites yet; () where there is none."""
    cited = {index for sentence in written.sentences for index in sentence.paragraphs}
    return next(((own,) for own in analysis.summary.sentences if not cited & set(own.paragraphs)), ())


def _plain(line: str) -> str:
    """A line of the reply without its number and marks."""
    return " ".join(_NUMBER.sub("", line).replace("…", " ").split()).strip("*_ ")


def _sentence(line: str, start: Opening) -> str:
    """The one sentence of a reply's line, and a party's begun as it should; "" for none, or one too long."""
    text, opening = _plain(line), start.words
    if not text or speaks_to_tool(text):
        return ""
    if not text.lower().startswith(opening.lower()):
        if text[0].islower():
            text = f"{start.text} {text}"
        elif start.party:
            return ""  # of what, or whom, it speaks is not known
        else:
            opening = ""
    text = _BREAK.split(text)[0]
    if _ITSELF.search(text, len(opening)) or len(text.split()) <= len(start.text.split()):  # the beginning alone
        return ""
    said = text[len(opening) :].removeprefix(" that").strip()
    leaning = not start.party and not start.paragraphs and said and leans(said[0].upper() + said[1:])
    if leaning or _LEANS_BACK.search(said) or (start.party and _CROOKED.search(text)):
        return ""
    if not text.endswith((".", "!", "?", "”", '"')) or text.count('"') % 2 or text.count("“") != text.count("”"):
        return ""  # cut off in the middle
    return text if len(text.split()) <= _LONGEST else ""
