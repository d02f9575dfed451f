"""An Analysis as HTML: the glance and the matrix. All text of the article is escaped; the script adds no HTML."""

from collections.abc import Iterable, Sequence
from html import escape

from ..domain import Analysis, Paragraph, Party, Stance, StanceLabel, Summary, SummarySentence, Unread, Voice
from ..export.phrases import SIGNS, voice_phrase
from ..stance.aggregates import party_lines, voice_counts
from .chart import course
from .strings import say

_FEW_LINKS = 10


def message(text: str, at: int = 0) -> str:
    """A message to the reader; "" for "". `at`, the time, tells it from one before, so that it is seen again."""
    return f'<div class="sl"><p class="sl-alert" role="alert" data-at="{at}">{escape(text)}</p></div>' if text else ""


def refusal(most_bytes: int) -> str:
    """The place of the message with which the script refuses a file of more than `most_bytes`."""
    return (
        f'<div class="sl"><p class="sl-alert" role="alert" id="sl-refused" data-most="{most_bytes}" '
        f'data-message="{escape(say("file_large"))}"></p></div>'
    )


def glance(analysis: Analysis, hint: str = "", *, growing: bool = False) -> str:
    """The summary, a line and a chart for each party, and whose voice judges; `hint` stands below the summary.

    While a written summary is `growing`, nothing is said yet of one without a written sentence.
    """
    warnings = "".join(message(warning) for warning in analysis.warnings)
    if analysis.shown is analysis.written:
        summary = _written(analysis)
    else:
        written = analysis.written
        in_vain = not growing and written and (written.rejected or written.sentences)  # all are the article's
        summary = _own_summary(analysis.summary, say("summary_all_rejected") if in_vain else hint)
    parties = main_parties(analysis)
    shown = f"{_lines(analysis)}{_course(analysis, parties)}{_totals(analysis, parties)}" if analysis.labels else ""
    return f'{warnings}<div class="sl sl-glance">{summary}{shown if parties else ""}</div>'


def _own_summary(summary: Summary, hint: str = "") -> str:
    if not summary.sentences:
        return ""
    below = f'<p class="sl-hint">{hint}</p>' if hint else ""
    return f'<section id="sl-summary"><h2>{say("summary")}</h2>{_sentences(summary)}{below}</section>'


def _written(analysis: Analysis) -> str:
    """What a language model wrote, and the article's own sentences behind it."""
    written = analysis.shown
    hints = [say("summary_by", model=escape(analysis.versions.get("language model", "?")))]
    hints += [say("summary_rejected", count=written.rejected)] if written.rejected else []
    hints += [say("summary_sections", count=written.sections)] if written.sections > 1 else []
    return (
        f'<section id="sl-summary"><h2>{say("summary_written")}</h2>{_sentences(written, mark=True)}'
        f'<p class="sl-hint">{" ".join(hints)}</p><details><summary>{say("summary_own")}</summary>'
        f"{_sentences(analysis.summary)}</details></section>"
    )


def _sentences(summary: Summary, mark: bool = False) -> str:
    """The sentences as a list; `mark` puts those of the article between quotation marks."""
    rows = ""
    for sentence in summary.sentences:
        text = escape(sentence.text)
        rows += f"<li>{f'<q>{text}</q>' if mark and not sentence.written else text} {_links(sentence.paragraphs)}</li>"
    return f"<ul>{rows}</ul>"


def matrix(analysis: Analysis, still: bool = False) -> str:
    """Paragraphs × main parties as a table of buttons, each with sign, stance and probability; `still` without them."""
    parties = main_parties(analysis)
    if not parties or not analysis.labels:
        return ""
    labels = analysis.by_item()
    others = {(answer.paragraph, answer.party): answer for answer in analysis.second}
    head = "".join(f'<th scope="col">{escape(party.name)}</th>' for party in parties)
    rows = "".join(
        f'<tr><th scope="row">{_link(paragraph.index, stop=still)} {escape(_opening(paragraph))} …</th>'
        + "".join(
            f'<td class="{label.stance}">{_still_cell(label) if still else _cell(label, number)}'
            f"{_other(label, others.get((label.paragraph, label.party)))}</td>"
            for number, label in enumerate(labels[paragraph.index, party.name] for party in parties)
        )
        + "</tr>"
        for paragraph in analysis.article.paragraphs
    )
    hint = "" if still else f'<p class="sl-hint">{say("matrix_info")}</p>'
    return (
        f'<section class="sl" id="sl-matrix"><h2>{say("matrix")}</h2>{hint}{_second(analysis)}'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{say("matrix")}"><table>'
        f'<thead><tr><th scope="col">{say("paragraph")}</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"{'' if still else _disagree()}</section>"
    )


def _cell(label: StanceLabel, number: int) -> str:
    stop = 0 if (label.paragraph, number) == (0, 0) else -1  # one stop of the Tab key; arrows move from there
    return (
        f'<button type="button" class="sl-cell" data-cell="{label.paragraph},{number}" tabindex="{stop}">'
        f'<span class="sl-ours">{_stance(label)}</span></button>'
    )


def _second(analysis: Analysis) -> str:
    """How far the language model's labels agree with ours; "" where it was not asked."""
    if not analysis.second:
        return ""
    labels = analysis.by_item()
    read = [answer for answer in analysis.second if isinstance(answer, StanceLabel)]
    same = sum(answer.stance is labels[answer.paragraph, answer.party].stance for answer in read)
    unread = len(analysis.second) - len(read)
    more = f" {say('second_unread', count=unread)}" if unread else ""
    said = say("second_info", same=same, count=len(read))
    return f'<p class="sl-hint sl-second" id="sl-second-said">{said}{more}</p>'


def _other(label: StanceLabel, answer: StanceLabel | Unread | None) -> str:
    """The language model's label where it is another one."""
    if not isinstance(answer, StanceLabel) or answer.stance is label.stance:
        return ""
    said = say("second_cell", stance=say(answer.stance), share=f"{answer.probability or 0.0:.0%}")
    return f'<small class="sl-second">{said}</small>'


def _still_cell(label: StanceLabel) -> str:
    phrase = voice_phrase(label)
    return _stance(label) + (f"<br>{escape(phrase)}" if phrase else "")


def main_parties(analysis: Analysis) -> list[Party]:
    """The parties that the page shows in the matrix."""
    return [party for party in analysis.parties if party.main]


def _lines(analysis: Analysis) -> str:
    rows = "".join(
        f"<li><strong>{escape(line.party)}</strong> {escape(line.text)} {_folded_links(line.paragraphs)}"
        + _portrayal(analysis.portrayals.get(line.party))
        + (f" <q>{escape(line.evidence)}</q> {_link(line.evidence_paragraph or 0)}" if line.evidence else "")
        + "</li>"
        for line in party_lines(analysis)
    )
    return f'<section id="sl-lines"><h2>{say("lines")}</h2><ul>{rows}</ul></section>'


def _portrayal(sentence: SummarySentence | None) -> str:
    return f' <span class="sl-written">{escape(sentence.text)}</span> {_links(sentence.paragraphs)}' if sentence else ""


def _course(analysis: Analysis, parties: Sequence[Party]) -> str:
    charts = "".join(
        f"<figure><figcaption>{escape(party.name)}</figcaption>{course(analysis, party)}</figure>" for party in parties
    )
    return (
        f'<section id="sl-course"><h2>{say("course")}</h2><p class="sl-hint">{say("course_info")}</p>{charts}</section>'
    )


def _totals(analysis: Analysis, parties: Sequence[Party]) -> str:
    rows = ""
    for party in parties:
        counts = voice_counts(analysis, party.name)
        cells = [
            " ".join(
                f'<span class="sl-count {stance}">{SIGNS[stance]}{counts[stance, voice]} {say(stance)}</span>'
                for stance in (Stance.FAVORABLE, Stance.CRITICAL)
                if counts[stance, voice]
            )
            or "–"
            for voice in (Voice.AUTHOR, Voice.QUOTED)
        ]
        cells += [str(counts[stance, Voice.NONE] or "–") for stance in (Stance.NEUTRAL, Stance.ABSENT)]
        rows += f'<tr><th scope="row">{escape(party.name)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
    columns = ("totals_party", "totals_author", "totals_quoted", "totals_neutral", "totals_absent")
    head = "".join(f'<th scope="col">{say(column)}</th>' for column in columns)
    return (
        f'<section id="sl-totals"><h2>{say("totals")}</h2><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{say("totals")}"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>'
    )


def _disagree() -> str:
    """The controls of the reader's own labels; `page.js` works them."""
    return (
        f'<details id="sl-disagree" open><summary>{say("disagree")}</summary>'
        f'<p class="sl-hint">{say("disagree_info")}</p>'
        f'<p class="sl-tools"><button type="button" data-do="download">{say("disagree_download")}</button>'
        f'<label class="sl-pick">{say("disagree_load")}'
        '<input type="file" accept=".jsonl,.json" data-do="load"></label>'
        f'<button type="button" data-do="clear">{say("disagree_clear")}</button>'
        f'<label><input type="checkbox" data-do="blind"> {say("disagree_blind")}</label>'
        '<span id="sl-status" role="status" aria-live="polite"></span></p></details>'
    )


def _stance(label: StanceLabel) -> str:
    unsure = f' <span class="sl-unsure">{say("unsure")}</span>' if label.unsure else ""
    share = f" {share_of(label)}" if share_of(label) else ""
    return f'<span class="sl-sign" aria-hidden="true">{SIGNS[label.stance]}</span>{say(label.stance)}{share}{unsure}'


def share_of(label: StanceLabel) -> str:
    """The probability of a label's stance in percent; "" for an absent party."""
    return "" if label.stance is Stance.ABSENT else f"{label.probability or 0.0:.0%}"


def _opening(paragraph: Paragraph) -> str:
    return " ".join(paragraph.text.split()[:7])[:80]


def _link(index: int, stop: bool = True) -> str:
    """A link to a paragraph; one without a `stop` of the Tab key stands beside a button that leads there too."""
    name = say("paragraph_number", number=index + 1)
    unstopped = "" if stop else ' tabindex="-1"'
    return f'<a href="#sl-p{index + 1}" aria-label="{name}"{unstopped}>¶{index + 1}</a>'


def _links(indices: Iterable[int]) -> str:
    return " ".join(map(_link, indices))


def _folded_links(indices: Sequence[int]) -> str:
    """The first links; the others where a reader asks for them."""
    first, rest = indices[:_FEW_LINKS], indices[_FEW_LINKS:]
    if not rest:
        return _links(first)
    more = say("lines_more", count=len(rest))
    return f'{_links(first)} <details class="sl-more"><summary>{more}</summary>{_links(rest)}</details>'
