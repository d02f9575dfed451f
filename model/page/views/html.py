"""An Analysis as HTML: the glance and the matrix. All text of the article is escaped; the script adds no HTML."""

from collections.abc import Iterable, Sequence
from html import escape

from ...domain import JUDGES, Analysis, Paragraph, Party, Stance, StanceLabel, Summary, SummarySentence, Voice
from ...export.phrases import SIGNS, YOURS, voice_phrase, warning_text
from ...stance.aggregates import JUDGED, PartyLine, most_critical, nested, party_lines, voice_counts
from ...stance.phrases import Say
from ..strings import ENGLISH, Words
from .chart import course
from .minor import main_parties, minor, unfolder

_FEW_LINKS = 10
_FEW_WORDS = 40


def message(text: str, at: int = 0, language: str = "en", role: str = "alert") -> str:
    """A message to the reader; "" for "". `at`, the time, tells it from one before, so that it is seen again.

    As a "note" it is not read out again wherever it is made anew.
    """
    alert = f'<p class="sl-alert" role="{role}" data-at="{at}">{escape(text)}</p>'
    return f'<div class="sl" lang="{language}">{alert}</div>' if text else ""


def not_english(at: int, say: Words) -> str:
    """The message that a text does not look like English, with a button that analyzes it all the same."""
    button = f'<p class="sl-tools"><button type="button" data-do="insist">{say("insist")}</button></p>'
    return f'{message(say("language"), at, say.language)}<div class="sl" lang="{say.language}">{button}</div>'


def notice(text: str, language: str) -> str:
    """A message to the reader about what went as it should."""
    return f'<div class="sl" lang="{language}"><p class="sl-hint" role="status">{escape(text)}</p></div>'


def glance(
    analysis: Analysis,
    hint: str = "",
    *,
    growing: bool = False,
    models: Analysis | None = None,
    say: Words = ENGLISH,
    still: bool = False,
) -> str:
    """The summary, a line with a chart for each party, and counts by voice; `hint` stands below the summary.

    While a summary is `growing`, its place is kept, and nothing is said yet of one without a written sentence.
    `models` has the labels as the model gave them, where the reader corrected some. A `still` one has no minor
    parties, for nobody could unfold them.
    """
    words = len(analysis.article.text.split())
    few = say("few_words", words=words, least=_FEW_WORDS) if words < _FEW_WORDS else ""
    warnings = message(few, language=say.language, role="note")
    warnings += "".join(_warning(text, analysis, say) for text in analysis.warnings)
    if analysis.shown is analysis.written:
        summary = _written(analysis, say)
    else:
        written = analysis.written
        in_vain = not growing and written and (written.rejected or written.sentences)  # all are the article's
        below = say("summary_all_rejected") if in_vain else hint
        awaited = growing and not analysis.summary.sentences
        summary = _awaited(say) if awaited else _own_summary(analysis.summary, say, below)
    parties = main_parties(analysis) if still else analysis.parties
    shown = (
        f"<div>{_lines(analysis, parties, models or analysis, say, still)}{'' if still else unfolder(analysis, say)}"
        f"{_totals(analysis, parties, say)}</div>"
        if analysis.labels
        else ""
    )
    return f'{warnings}<div class="sl sl-glance" lang="{say.language}">{summary}{shown if parties else ""}</div>'


def warned(analysis: Analysis, say: Words) -> str:
    """A message that says an analysis's last warning."""
    return notice(*_in_words(analysis.warnings[-1], analysis, say))


def _warning(text: str, analysis: Analysis, say: Words) -> str:
    words, language = _in_words(text, analysis, say)
    return message(words, language=language, role="note")


def _in_words(text: str, analysis: Analysis, say: Words) -> tuple[str, str]:
    """One of the analysis's warnings, which are English, and its language: the reader's, if it is one that we know."""
    words, known = warning_text(text, analysis, say)
    return words, say.language if known else "en"


def _own_summary(summary: Summary, say: Words, hint: str = "") -> str:
    if not summary.sentences:
        return ""
    below = f'<p class="sl-hint">{hint}</p>' if hint else ""
    return f'<section id="sl-summary"><h2>{say("summary")}</h2>{_sentences(summary, say)}{below}</section>'


def _awaited(say: Words) -> str:
    """The place of a summary that is to come, so that what stands beside it does not move when it is there."""
    hint = f'<p class="sl-hint">{say("summary_awaited")}</p>'
    return f'<section id="sl-summary" class="sl-awaited"><h2>{say("summary")}</h2>{hint}</section>'


def _written(analysis: Analysis, say: Words) -> str:
    """What a language model wrote, and the article's own sentences behind it."""
    written = analysis.shown
    hints = [say("summary_by", model=escape(analysis.versions.get("language model", "?")))]
    hints += [say("summary_rejected", count=written.rejected)] if written.rejected else []
    return (
        f'<section id="sl-summary"><h2>{say("summary_written")}</h2>{_sentences(written, say, mark=True)}'
        f'<p class="sl-hint">{" ".join(hints)}</p><details><summary>{say("summary_own")}</summary>'
        f"{_sentences(analysis.summary, say)}</details></section>"
    )


def _sentences(summary: Summary, say: Words, mark: bool = False) -> str:
    """The sentences as a list; `mark` puts those of the article between quotation marks."""
    rows = ""
    for sentence in summary.sentences:
        quoted = mark and not sentence.written
        tag, text = ("q", nested(sentence.text)) if quoted else ("span", sentence.text)
        rows += f'<li><{tag} lang="en">{escape(text)}</{tag}> {_links(sentence.paragraphs, say)}</li>'
    return f"<ul>{rows}</ul>"


def matrix(analysis: Analysis, say: Words = ENGLISH, still: bool = False) -> str:
    """Paragraphs × parties as a table of buttons, each with sign, stance and probability.

    A `still` one has no buttons, and no minor parties, for nobody could unfold them.
    """
    parties = main_parties(analysis) if still else analysis.parties
    if not parties or not analysis.labels:
        return ""
    labels = analysis.by_item()
    head = "".join(f'<th scope="col"{minor(party)}>{escape(party.name)}</th>' for party in parties)
    rows = "".join(
        f'<tr><th scope="row">{_link(paragraph.index, say, stop=still)} {_opening(paragraph)}&nbsp;…</th>'
        + "".join(
            f'<td class="{label.stance}{"" if party.main else " sl-minor"}">'
            f"{_still_cell(label, say) if still else _cell(label, number, say)}</td>"
            for number, party in enumerate(parties)
            if (label := labels[paragraph.index, party.name])
        )
        + "</tr>"
        for paragraph in analysis.article.paragraphs
    )
    corrected = any(label.probability is None for label in analysis.labels)
    signs = f'<p class="sl-hint">{say("readers_sign", sign=YOURS)}</p>' if corrected else ""
    table = (
        f'{signs}<div class="scroll" role="region" aria-label="{say("matrix")}"><table>'
        f'<thead><tr><th scope="col">{say("paragraph")}</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )
    if not still:  # the script folds it where the window is narrow
        judges = f" {say('matrix_judges')}" if JUDGES in analysis.versions else ""
        hint = f'{say("matrix_info")}{judges} <span class="sl-keys">{say("matrix_keys")}</span>'
        fold = f'<summary>{say("matrix_fold")}</summary><p class="sl-hint">{hint}</p>{unfolder(analysis, say)}'
        table = f'<details id="sl-table" open>{fold}{table}</details>{_disagree(say)}'
    return f'<section class="sl" id="sl-matrix" lang="{say.language}"><h2>{say("matrix")}</h2>{table}</section>'


def _cell(label: StanceLabel, number: int, say: Words) -> str:
    stop = 0 if (label.paragraph, number) == (0, 0) else -1  # one stop of the Tab key; arrows move from there
    return (
        f'<button type="button" class="sl-cell" data-cell="{label.paragraph},{number}" tabindex="{stop}" '
        f'data-said="{escape(said(label, say))}">'
        f'<span class="sl-ours">{_stance(label, say)}</span></button>'
    )


def _still_cell(label: StanceLabel, say: Words) -> str:
    phrase = voice_phrase(label, say)
    return _stance(label, say) + (f"<br>{escape(phrase)}" if phrase else "")


def _lines(analysis: Analysis, parties: Sequence[Party], models: Analysis, say: Words, still: bool) -> str:
    """How the article treats each party: its course as a chart, a sentence, and the article's words for it."""
    spoken = say if still else _to_reader(say)
    lines = [line for line in party_lines(analysis, spoken, minor=True) if line.party in {p.name for p in parties}]
    before = {line.party: line for line in party_lines(models, spoken, minor=True)}
    corrected = {label.party for label in analysis.labels if label.probability is None}
    labels = analysis.by_item()

    def links(line: PartyLine) -> str:
        return _folded([_link(index, say, stance=labels[index, line.party].stance) for index in line.paragraphs], say)

    rows = "".join(
        f"<li{minor(party)}>{course(analysis, party, say)}<div><strong>{escape(line.party)}</strong>: "
        f"{escape(line.text)} {links(line)}"
        + (_before(before[line.party], say) if line.party in corrected and before[line.party].text != line.text else "")
        + _portrayal(analysis.portrayals.get(line.party), say)
        + (f" {_quoted(analysis, line, say)}" if line.evidence else "")
        + "</div></li>"
        for party, line in zip(parties, lines, strict=True)
    )
    info = f'<p class="sl-hint">{say("course_info")}</p>'
    most = most_critical(analysis, say)
    told = f"<p>{escape(most)}</p>" if most else ""
    return f'<section id="sl-lines"><h2>{say("lines")}</h2>{told}<ul>{rows}</ul>{info}</section>'


def _to_reader(say: Words) -> Say:
    """Words for the page, where a reader's labels are "yours"; a file goes to others."""
    return lambda key, **values: say("line_yours" if key == "line_readers" else key, **values)


def _quoted(analysis: Analysis, line: PartyLine, say: Words) -> str:
    """The article's words for it, its paragraph, and a button that copies both with the title."""
    number = (line.evidence_paragraph or 0) + 1
    title = analysis.article.read(analysis.article.title)
    whole = f"“{line.evidence}” ({', '.join(filter(None, (title, f'¶{number}')))})"
    return (
        f'<q lang="en">{escape(line.evidence)}</q> {_link(number - 1, say)} '
        f'<button type="button" class="sl-copy" data-do="copy" data-copy="{escape(whole)}" '
        f'aria-label="{escape(say("copy_of", number=number))}">{say("copy")}</button>'
    )


def _before(line: PartyLine, say: Words) -> str:
    return f' <p class="sl-hint">{escape(say("lines_before", text=line.text))}</p>'


def _portrayal(sentence: SummarySentence | None, say: Words) -> str:
    if sentence is None:
        return ""
    return f' <span class="sl-written" lang="en">{escape(sentence.text)}</span> {_links(sentence.paragraphs, say)}'


def _totals(analysis: Analysis, parties: Sequence[Party], say: Words) -> str:
    rows = ""
    every = [voice_counts(analysis, party.name) for party in parties]
    voices = {Voice.AUTHOR: "totals_author", Voice.QUOTED: "totals_quoted"}
    if any(counts[stance, Voice.NONE] for counts in every for stance in JUDGED):
        voices[Voice.NONE] = "totals_no_voice"  # a reader labelled a side and no voice
    for party, counts in zip(parties, every, strict=True):
        cells = [
            " ".join(
                f'<span class="sl-count {stance}">{SIGNS[stance]}{counts[stance, voice]} {say(stance)}</span>'
                for stance in (Stance.FAVORABLE, Stance.CRITICAL)
                if counts[stance, voice]
            )
            or "–"
            for voice in voices
        ]
        cells += [str(counts[stance, Voice.NONE] or "–") for stance in (Stance.NEUTRAL, Stance.ABSENT)]
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        rows += f'<tr{minor(party)}><th scope="row">{escape(party.name)}</th>{row}</tr>'
    columns = ("totals_party", *voices.values(), "totals_neutral", "totals_absent")
    head = "".join(f'<th scope="col">{say(column)}</th>' for column in columns)
    return (
        f'<details id="sl-totals"><summary>{say("totals")}</summary><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{say("totals")}"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>'
    )


def _disagree(say: Words) -> str:
    """The controls of the reader's own labels; the scripts work them."""
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


def _stance(label: StanceLabel, say: Words) -> str:
    unsure = f' <span class="sl-unsure">{say("unsure")}</span>' if label.unsure else ""
    share = f" {share_of(label)}" if share_of(label) else ""
    yours = f'<span title="{say("readers_label")}">{YOURS}</span> ' if label.probability is None else ""
    sign = f'<span class="sl-sign" aria-hidden="true">{SIGNS[label.stance]}</span>'
    return f"{yours}{sign}{say(label.stance)}{share}{unsure}"


def said(label: StanceLabel, say: Words) -> str:
    """A label in words: party, stance and its probability, voice, if a reader set it, and what else may well be."""
    phrase = ", ".join(
        filter(None, (f"{say(label.stance)} {share_of(label)}".strip(), say("unsure") if label.unsure else "",
                      voice_phrase(label, say), say("readers_label") if label.probability is None else ""))
    )  # fmt: skip
    shares = sorted((label.probabilities or {}).items(), key=lambda pair: -pair[1])
    others = ", ".join(f"{say(s)} {share:.0%}" for s, share in shares if s is not label.stance and share >= 0.05)
    return f"{label.party}: {phrase}" + (f" ({others})" if others else "")


def share_of(label: StanceLabel) -> str:
    """The probability of a label's stance in percent; "" for an absent party and for a reader's label."""
    return "" if label.stance is Stance.ABSENT or label.probability is None else f"{label.probability:.0%}"


def _opening(paragraph: Paragraph) -> str:
    return f'<span lang="en">{escape(" ".join(paragraph.text.split()[:7])[:80])}</span>'


def _link(index: int, say: Words, stop: bool = True, stance: Stance = Stance.NEUTRAL) -> str:
    """A link to a paragraph, with the side that its `stance` takes.

    One without a `stop` of the Tab key stands beside a button that leads there too.
    """
    sign, side = (SIGNS[stance], f", {say(stance)}") if stance in JUDGED else ("", "")
    name = say("paragraph_number", number=index + 1) + side
    unstopped = "" if stop else ' tabindex="-1"'
    return f'<a href="#sl-p{index + 1}" aria-label="{name}"{unstopped}>{sign}¶{index + 1}</a>'


def _links(indices: Iterable[int], say: Words) -> str:
    return " ".join(_link(index, say) for index in indices)


def _folded(links: Sequence[str], say: Words) -> str:
    """The first links; the others where a reader asks for them."""
    first, rest = " ".join(links[:_FEW_LINKS]), links[_FEW_LINKS:]
    if not rest:
        return first
    more = say("lines_more", count=len(rest))
    return f'{first} <details class="sl-more"><summary>{more}</summary>{" ".join(rest)}</details>'
