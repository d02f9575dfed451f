"""Words and signs that several exports share."""

from collections.abc import Iterator

from ..domain import Analysis, Stance, StanceLabel, Voice
from ..stance.aggregates import JUDGED, nested, party_lines
from ..stance.phrases import Say, english

SIGNS = {Stance.FAVORABLE: "+", Stance.CRITICAL: "−", Stance.NEUTRAL: "=", Stance.ABSENT: "·"}
"""One sign a stance, so that nobody depends on color."""


YOURS = "✎"
"""Before a label that a reader set in the place of the model's; it has no probability."""


def cell_text(label: StanceLabel, say: Say = english) -> str:
    """A label as a cell of a table: sign, stance, probability, and a question mark where it is unsure."""
    text = f"{SIGNS[label.stance]} {say(label.stance)}"
    if label.probability is None:
        return f"{YOURS} {text}"
    return text if label.stance is Stance.ABSENT else f"{text} {label.probability:.0%}{' ?' * _questioned(label)}"


def _questioned(label: StanceLabel) -> bool:
    return label.unsure and label.probability is not None and label.stance is not Stance.ABSENT


def sign_lines(analysis: Analysis, say: Say = english) -> Iterator[str]:
    """What the signs of the table's cells mean, of those that are there: a reader's label, and one that is unsure."""
    if any(label.probability is None for label in analysis.labels):
        yield say("readers_sign", sign=YOURS)
    if any(_questioned(label) for label in analysis.labels):
        yield say("file_unsure")


def voice_phrase(label: StanceLabel, say: Say = english) -> str:
    """Whose voice takes the stance, in words; "" where nobody takes one or nobody said."""
    if label.voice is Voice.QUOTED:
        return say("voice_quoted_of", holder=" ".join(label.holder.split())) if label.holder else say("voice_quoted")
    return say("voice_author") if label.voice is Voice.AUTHOR else ""


def warning_text(text: str, analysis: Analysis, say: Say) -> tuple[str, bool]:
    """One of the analysis's warnings, which are English, as `say` has it; and whether it is one that we know."""
    known = {english(key): say(key) for key in ("warning_language", "warning_nobody")}
    known |= {english("warning_unnamed", party=p.name): say("warning_unnamed", party=p.name) for p in analysis.parties}
    for key in ("warning_unwritten", "warning_portrayals"):
        if text.startswith(start := english(key, error="")):
            known[text] = say(key, error=text.removeprefix(start))
    return known.get(text, text), text in known


def summary_lines(analysis: Analysis) -> Iterator[tuple[str, str]]:
    """The shown summary's sentences and citations; in a written one, the article's own are between quotation marks."""
    for sentence in analysis.shown.sentences:
        own = analysis.shown is analysis.written and not sentence.written
        yield f"“{nested(sentence.text)}”" if own else sentence.text, citation(sentence.paragraphs)


def treatment_lines(analysis: Analysis, say: Say = english) -> Iterator[str]:
    """How the article treats each party, and what a language model wrote of it."""
    labels = analysis.by_item()
    for line in party_lines(analysis, say):
        stances = [(index, labels[index, line.party].stance) for index in line.paragraphs]
        sides = [f"{SIGNS[stance] if stance in JUDGED else ''}¶{index + 1}" for index, stance in stances]
        where = f" ({', '.join(sides)})" if sides else ""
        yield f"{line.party}: {line.text}{where}{f' “{line.evidence}”' if line.evidence else ''}"
        if portrayal := analysis.portrayals.get(line.party):
            yield f"{line.party}: {portrayal.text} {citation(portrayal.paragraphs)}"


def evidence_lines(analysis: Analysis, say: Say = english) -> Iterator[str]:
    """One line for each stance that is not neutral, and for each label of a reader: where, toward whom, who says so."""
    for label in analysis.labels:
        own = label.probability is None
        if label.evidence or own:
            text = analysis.article.paragraphs[label.paragraph].read(label.evidence)
            said = f": “{nested(' '.join(text.split()))}”" if text else ""
            unsure = say("unsure") if _questioned(label) else ""
            who = "; ".join(filter(None, (voice_phrase(label, say), unsure, say("readers_label") if own else "")))
            yield f"¶{label.paragraph + 1} {SIGNS[label.stance]} {label.party} ({who}){said}"


def correction_lines(analysis: Analysis, models: Analysis, say: Say = english) -> Iterator[str]:
    """One line for each label of `models` that the reader corrected: where, toward whom, the old and the new one."""
    for old, new in zip(models.labels, analysis.labels, strict=True):
        if (old.stance, old.voice, old.holder) != (new.stance, new.voice, new.holder):
            yield f"¶{new.paragraph + 1}, {new.party}: {_said(old, say)} → {_said(new, say)}"


def _said(label: StanceLabel, say: Say) -> str:
    return ", ".join(filter(None, (say(label.stance), voice_phrase(label, say))))


def note_lines(analysis: Analysis) -> Iterator[str]:
    """One line for each note that a reader wrote beside a label."""
    for label in analysis.labels:
        if label.note:
            yield f"¶{label.paragraph + 1}, {label.party}: {label.note}"


def citation(paragraphs: tuple[int, ...]) -> str:
    """Paragraphs as a reader counts them: "(¶1, ¶4)"."""
    return "(" + ", ".join(f"¶{index + 1}" for index in paragraphs) + ")"


def printable(text: str) -> str:
    """Without control characters, which a terminal might obey; every kind of space becomes a plain one."""
    plain = (" " if one.isspace() and one != "\n" else one for one in text)
    return "".join(one for one in plain if one.isprintable() or one == "\n")
