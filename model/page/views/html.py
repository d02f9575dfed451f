"""An Analysis as HTML: the glance and the matrix. All text of the article is escaped; the script adds no HTML."""

from collections.abc import Iterable, Sequence
from html import escape

from ...domain import Analysis, Paragraph, Party, Stance, StanceLabel, Summary, SummarySentence, Voice
from ...export.phrases import SIGNS, voice_phrase
from ...stance.aggregates import PartyLine, party_lines, voice_counts
from ..strings import say
from .chart import course

_FEW_LINKS = 10
_FEW_WORDS = 40


def message(text: str, at: int = 0) -> str:
    """A message to the reader; "" for "". `at`, the time, tells it from one before, so that it is seen again."""
    return f'<div class="sl"><p class="sl-alert" role="alert" data-at="{at}">{escape(text)}</p></div>' if text else ""


def question(text: str, answer: str, at: int) -> str:
    """A message with a button: `answer` names what the script does when it is pressed."""
    button = f'<p class="sl-tools"><button type="button" data-do="{answer}">{say(answer)}</button></p>'
    return f'{message(text, at)}<div class="sl">{button}</div>'


def notice(text: str) -> str:
    """A message to the reader about what went as it should."""
    return f'<div class="sl"><p class="sl-hint" role="status">{escape(text)}</p></div>'


def refusal(most_bytes: int, most_together: int, most_files: int) -> str:
    """The place of the messages with which the script refuses a file of more than `most_bytes`, and too many files."""
    return (
        f'<div class="sl"><p class="sl-alert" role="alert" id="sl-refused" data-most="{most_bytes}" '
        f'data-message="{escape(say("file_large"))}" data-together="{most_together}" '
        f'data-heavy="{escape(say("files_heavy"))}" data-files="{most_files}" data-many="{escape(say("files_many"))}">'
        "</p></div>"
    )


def keys() -> str:
    """How a keyboard asks for the analysis; not shown where there is none."""
    return f'<span class="sl sl-hint" id="sl-keys">{say("keys")}</span>'


def folded() -> str:
    """What stands in the place of the input once there is a result: its title, and a way back; the script fills it."""
    return (
        '<div class="sl" id="sl-folded"><h2 tabindex="-1"></h2>'
        f'<button type="button" data-do="edit">{say("edit")}</button>'
        '<span class="sl-hidden" role="status"></span></div>'
    )


def sample() -> str:
    """What stands on the page before the first result: what will come, and what the four signs mean."""
    legend = "".join(
        f'<li><span class="sl-count {stance}"><span class="sl-sign" aria-hidden="true">{SIGNS[stance]}</span>'
        f"{say(stance)}</span> {say('legend_' + stance)}</li>"
        for stance in Stance
    )
    return (
        f'<section class="sl" id="sl-sample"><h2>{say("sample_title")}</h2><p>{say("sample_result")}</p>'
        f"<ul>{legend}</ul><p>{say('sample_party')}</p></section>"
    )


def party_controls() -> str:
    """The place of the controls for the parties; `parties.js` fills it from the list below it."""
    return f'<div class="sl" id="sl-chips"><ul aria-label="{say("parties")}"></ul><p></p></div>'


def history() -> str:
    """The place of what this browser remembers; the script fills it, and shows it beside the empty page."""
    return (
        f'<section class="sl" id="sl-history" hidden><h2>{say("history_title")}</h2><ul></ul>'
        '<p class="sl-tools"><label><input type="checkbox" data-do="remember" checked> '
        f"{say('history_remember')}</label>"
        f'<button type="button" data-do="forget">{say("history_forget")}</button>'
        f'<span class="sl-hint">{say("history_info")}</span></p></section>'
    )


def glance(analysis: Analysis, hint: str = "", *, growing: bool = False, models: Analysis | None = None) -> str:
    """The summary, a line with a chart for each party, and counts by voice; `hint` stands below the summary.

    While a written summary is `growing`, nothing is said yet of one without a written sentence. `models` has the
    labels as the model gave them, where the reader corrected some.
    """
    words = len(analysis.article.text.split())
    few = say("few_words", words=words, least=_FEW_WORDS) if words < _FEW_WORDS else ""
    warnings = "".join(map(message, (few, *analysis.warnings)))
    if analysis.shown is analysis.written:
        summary = _written(analysis)
    else:
        written = analysis.written
        in_vain = not growing and written and (written.rejected or written.sentences)  # all are the article's
        summary = _own_summary(analysis.summary, say("summary_all_rejected") if in_vain else hint)
    parties = main_parties(analysis)
    shown = (
        f"<div>{_lines(analysis, parties, models or analysis)}{_totals(analysis, parties)}</div>"
        if analysis.labels
        else ""
    )
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
    head = "".join(f'<th scope="col">{escape(party.name)}</th>' for party in parties)
    rows = "".join(
        f'<tr><th scope="row">{_link(paragraph.index, stop=still)} {escape(_opening(paragraph))} …</th>'
        + "".join(
            f'<td class="{label.stance}">{_still_cell(label) if still else _cell(label, number)}</td>'
            for number, label in enumerate(labels[paragraph.index, party.name] for party in parties)
        )
        + "</tr>"
        for paragraph in analysis.article.paragraphs
    )
    hint = "" if still else f'<p class="sl-hint">{say("matrix_info")}</p>'
    return (
        f'<section class="sl" id="sl-matrix"><h2>{say("matrix")}</h2>{hint}'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{say("matrix")}"><table>'
        f'<thead><tr><th scope="col">{say("paragraph")}</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"{'' if still else _disagree()}</section>"
    )


def _cell(label: StanceLabel, number: int) -> str:
    stop = 0 if (label.paragraph, number) == (0, 0) else -1  # one stop of the Tab key; arrows move from there
    return (
        f'<button type="button" class="sl-cell" data-cell="{label.paragraph},{number}" tabindex="{stop}" '
        f'data-said="{escape(said(label))}">'
        f'<span class="sl-ours">{_stance(label)}</span></button>'
    )


def _still_cell(label: StanceLabel) -> str:
    phrase = voice_phrase(label)
    return _stance(label) + (f"<br>{escape(phrase)}" if phrase else "")


def main_parties(analysis: Analysis) -> list[Party]:
    """The parties that the page shows in the matrix."""
    return [party for party in analysis.parties if party.main]


def _lines(analysis: Analysis, parties: Sequence[Party], models: Analysis) -> str:
    """How the article treats each party: its course as a chart, a sentence, and the article's words for it."""
    before = {line.party: line.text for line in party_lines(models)}
    rows = "".join(
        f"<li>{course(analysis, party)}<div><strong>{escape(line.party)}</strong> {escape(line.text)} "
        f"{_folded_links(line.paragraphs)}"
        + (f'<span class="sl-hint">{_before(before[line.party])}</span> ' if before[line.party] != line.text else "")
        + _portrayal(analysis.portrayals.get(line.party))
        + (f" {_quoted(analysis, line)}" if line.evidence else "")
        + "</div></li>"
        for party, line in zip(parties, party_lines(analysis), strict=True)
    )
    info = f'<p class="sl-hint">{say("course_info")}</p>'
    return f'<section id="sl-lines"><h2>{say("lines")}</h2><ul>{rows}</ul>{info}</section>'


def _quoted(analysis: Analysis, line: PartyLine) -> str:
    """The article's words for it, its paragraph, and a button that copies both with the title."""
    number = (line.evidence_paragraph or 0) + 1
    title = analysis.article.read(analysis.article.title)
    whole = f"“{line.evidence}” ({', '.join(filter(None, (title, f'¶{number}')))})"
    return (
        f"<q>{escape(line.evidence)}</q> {_link(number - 1)} "
        f'<button type="button" class="sl-copy" data-do="copy" data-copy="{escape(whole)}" '
        f'aria-label="{escape(say("copy_of", number=number))}">{say("copy")}</button>'
    )


def _before(text: str) -> str:
    return escape(say("lines_before", text=text))


def _portrayal(sentence: SummarySentence | None) -> str:
    return f' <span class="sl-written">{escape(sentence.text)}</span> {_links(sentence.paragraphs)}' if sentence else ""


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
        f'<details id="sl-totals"><summary>{say("totals")}</summary><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{say("totals")}"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>'
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
        '<span id="sl-status" role="status" aria-live="polite"></span></p><ul id="sl-changes"></ul></details>'
    )


def _stance(label: StanceLabel) -> str:
    unsure = f' <span class="sl-unsure">{say("unsure")}</span>' if label.unsure else ""
    share = f" {share_of(label)}" if share_of(label) else ""
    return f'<span class="sl-sign" aria-hidden="true">{SIGNS[label.stance]}</span>{say(label.stance)}{share}{unsure}'


def said(label: StanceLabel) -> str:
    """A label in words: party, stance and its probability, whose voice, and how likely the other stances are."""
    phrase = ", ".join(
        filter(None, (f"{say(label.stance)} {share_of(label)}".strip(), say("unsure") if label.unsure else "",
                      voice_phrase(label)))
    )  # fmt: skip
    shares = sorted((label.probabilities or {}).items(), key=lambda pair: -pair[1])
    others = ", ".join(f"{say(s)} {share:.0%}" for s, share in shares if s is not label.stance and share >= 0.01)
    return f"{label.party}: {phrase}" + (f" ({others})" if others else "")


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
