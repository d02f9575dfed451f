"""The value types that the whole program passes around; none of them holds a model or touches disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Stance(StrEnum):
    """How a paragraph portrays a party, spelled as in the codebook."""

    FAVORABLE = "favorable"
    CRITICAL = "critical"
    NEUTRAL = "neutral"
    ABSENT = "absent"


OPPOSITE = {Stance.FAVORABLE: Stance.CRITICAL, Stance.CRITICAL: Stance.FAVORABLE}
PRESENT = (Stance.FAVORABLE, Stance.CRITICAL, Stance.NEUTRAL)
"""The stances toward a party that the paragraph refers to."""


class Voice(StrEnum):
    """Who takes a stance, spelled as in the codebook."""

    AUTHOR = "author"
    QUOTED = "quoted"
    NONE = "none"


VOICES = (Voice.AUTHOR, Voice.QUOTED)
"""The voices that can take a stance, in the order of the classifier's outputs."""


class Kind(StrEnum):
    """What sort of actor a party is."""

    STATE = "state"
    ORGANIZATION = "organization"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters, `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph to judge; `article.text[start:end] == text`, and `index` counts from 0."""

    index: int
    start: int
    end: int
    text: str

    def read(self, span: Span | None) -> str:
        """The text of `span`, or "" for None."""
        return self.text[span.start : span.end] if span else ""


@dataclass(frozen=True, slots=True)
class Article:
    """An article as pasted, and where its parts are.

    Every span is in characters of `text`. `captions` and `notes` (publication lines, author
    notes, e-mail lines) are kept so that the page can show them; they are not judged.
    """

    text: str
    paragraphs: tuple[Paragraph, ...]
    title: Span | None = None
    byline: Span | None = None
    dateline: Span | None = None
    captions: tuple[Span, ...] = ()
    notes: tuple[Span, ...] = ()

    def read(self, span: Span | None) -> str:
        """The text of `span`, or "" for None."""
        return self.text[span.start : span.end] if span else ""


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A place where a paragraph refers to a party; `start` and `end` are characters of that paragraph's text."""

    paragraph: int
    start: int
    end: int


TITLE = -1
"""The paragraph of a mention in the title; the paragraphs of an article count from 0."""


@dataclass(frozen=True, slots=True)
class Party:
    """An actor that the article takes sides about.

    `aliases` are the forms that stand for it besides `name`; `mentions` are in reading order and
    do not overlap; `main` says that the article is about it, `exact` that it has no names but those that were listed
    for it.
    """

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    main: bool = True
    exact: bool = False

    def in_paragraph(self, index: int) -> tuple[Mention, ...]:
        """The mentions in paragraph `index`."""
        return tuple(m for m in self.mentions if m.paragraph == index)

    def by_paragraph(self) -> dict[int, list[Mention]]:
        """The mentions by the paragraph's index; a paragraph without any is left out."""
        found: dict[int, list[Mention]] = {}
        for mention in self.mentions:
            found.setdefault(mention.paragraph, []).append(mention)
        return found


@dataclass(frozen=True, slots=True)
class StanceLabel:
    """The stance of one item, a paragraph and a party; one type for gold and predictions.

    `probabilities` has all four stances and adds up to 1; None for a hand label. `voice` is None
    where nobody said, and `holder` where nobody said or the paragraph names no holder: it is in the paragraph's words,
    or the name of the party to whom its pronoun refers. `holder_span`, None for a holder whom a reader named, and
    `evidence`, the sentence that carries the stance, are in characters of the paragraph. `unsure` says that the
    probability is too small to rely on; `note` is what a reader wrote beside it.
    """

    paragraph: int
    party: str
    stance: Stance
    probabilities: Mapping[Stance, float] | None = None
    voice: Voice | None = None
    holder: str | None = None
    holder_span: Span | None = None
    evidence: Span | None = None
    unsure: bool = False
    note: str = ""

    @property
    def probability(self) -> float | None:
        """The probability of `stance`; None for a hand label."""
        return self.probabilities[self.stance] if self.probabilities is not None else None


@dataclass(frozen=True, slots=True)
class Unread:
    """An item for which a language model gave no usable label; shown and counted, never guessed."""

    paragraph: int
    party: str
    reply: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """A sentence of the article, `span` of its paragraph `paragraph`, that a summary may be built on.

    `alone` says that it can be read without those around it.
    """

    paragraph: int
    span: Span
    alone: bool = True


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """One sentence of a summary and the indices of the paragraphs it rests on.

    `written` says that a language model wrote it; otherwise it is the article's own sentence.
    """

    text: str
    paragraphs: tuple[int, ...]
    written: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary, sentence by sentence.

    `method` says how it was made: "extractive", or "written" by a language model. `rejected` counts the
    sentences that were written to their end and failed the check; they are not shown.
    """

    sentences: tuple[SummarySentence, ...]
    method: str = "extractive"
    rejected: int = 0


JUDGES = "judges"
"""The entry of `Analysis.versions` that names the encoder and the language model, where both have judged."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that Sidelight says of one article.

    `labels` holds one `StanceLabel` per paragraph and party, paragraph by paragraph in the order
    of `parties`. `summary` is made of the article's own sentences; `written` by a language model, None
    without one, as `portrayals` are, a sentence on a main party by the party's name. `sources` are what a
    model may write from, best first.
    `warnings` are sentences for the reader; `versions` names the weights used.
    """

    article: Article
    parties: tuple[Party, ...]
    labels: tuple[StanceLabel, ...]
    summary: Summary
    warnings: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    written: Summary | None = None
    portrayals: Mapping[str, SummarySentence] = field(default_factory=dict)
    sources: tuple[SourceSentence, ...] = ()

    @property
    def shown(self) -> Summary:
        """The summary for the reader: the written one if a written sentence is in it, else the extractive."""
        return self.written if self.written and any(s.written for s in self.written.sentences) else self.summary

    def by_item(self) -> dict[tuple[int, str], StanceLabel]:
        """The labels by paragraph index and party name."""
        return {(label.paragraph, label.party): label for label in self.labels}
