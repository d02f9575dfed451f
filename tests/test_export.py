"""JSON, table, Markdown and HTML of one small analysis, friendly and hostile."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest

from model.article.splitter import join_article
from model.domain import (
    Analysis,
    Article,
    Kind,
    Mention,
    Paragraph,
    Party,
    Span,
    Stance,
    StanceLabel,
    Summary,
    SummarySentence,
    Voice,
)
from model.export.csv_format import to_csv
from model.export.json_format import to_json
from model.export.markdown import escape_markdown, to_markdown
from model.export.phrases import SIGNS
from model.export.text import to_table
from model.page.strings import ENGLISH
from model.page.views import article_html
from model.page.views import html as view
from model.page.views.report import to_html

HOSTILE = '<script>alert("1")</script> | pipe *stars* _low_ `tick` [a](javascript:1) <b onclick=x>&lt; \\ $x$ ~~y~~ # h'
CONTROLS = "\x1b[31m red \x1bc \x07 \x9b2J \u202e back \x00"
MOST = "Most often criticized among the main parties: Ferryco, in 1 of 4 paragraphs, by quoted voices (Ferryco)."
LINE = (
    "treated critically in 1 of 4 paragraphs, unsure, in quoted voices (Ferryco); "
    "favorably in 1, in the author’s own voice; neutrally in 1."
)


def analysis_of(
    texts: list[str], name: str, title: str, byline: str, caption: str, sentence: str, warning: str
) -> Analysis:
    """An analysis of paragraphs `texts` that are favorable, critical, neutral and absent in turn."""
    pieces = [title, byline, caption, *texts]
    text = "\n\n".join(pieces)
    starts = [sum(len(other) + 2 for other in pieces[:number]) for number in range(len(pieces))]
    spans = [Span(start, start + len(piece)) for start, piece in zip(starts, pieces, strict=True)]
    paragraphs = tuple(Paragraph(i, s.start, s.end, text[s.start : s.end]) for i, s in enumerate(spans[3:]))
    labels = tuple(
        StanceLabel(index, name, stance, {other: 0.7 if other is stance else 0.1 for other in Stance})
        for index, stance in zip(range(len(texts)), Stance, strict=False)
    )
    mentions = tuple(Mention(p.index, 0, len(name)) for p in paragraphs if p.text.startswith(name))
    return Analysis(
        article=Article(text, paragraphs, title=spans[0], byline=spans[1], captions=(spans[2],)),
        parties=(Party(name, Kind.ORGANIZATION, ("the line",), mentions),),
        labels=labels,
        summary=Summary((SummarySentence(sentence, (0, 2)),)),
        warnings=(warning,),
        versions={"encoder": "e1"},
    )


@pytest.fixture
def analysis() -> Analysis:
    texts = ["Ferryco sails well.", "Ferryco is late.", "Ferryco sails – “daily”.", "Boats are boats."]
    plain = analysis_of(texts, "Ferryco", "Boats", "By Ann", "Photo: Bo", "Ferryco sails well.", "Short text.")
    good, bad, *rest = plain.labels
    good = replace(good, voice=Voice.AUTHOR, evidence=Span(0, 19))
    holder = Span(0, 7)
    bad = replace(bad, voice=Voice.QUOTED, holder="Ferryco", holder_span=holder, evidence=Span(0, 16), unsure=True)
    return replace(plain, labels=(good, bad, *rest))


@pytest.fixture
def hostile() -> Analysis:
    """Critical where others are neutral, so that its party is named as the most criticized."""
    made = analysis_of([f"{HOSTILE} {n}" for n in range(4)], *[HOSTILE] * 6)
    good, bad, _, absent = made.labels
    return replace(made, labels=(good, bad, replace(bad, paragraph=2), absent))


def test_json_has_the_documented_keys(analysis: Analysis) -> None:
    data = json.loads(to_json(analysis))
    assert set(data) == {
        *("text", "spans", "title", "byline", "dateline", "captions", "notes"),
        *("parties", "paragraphs", "stances", "lines", "summary", "written", "portrayals", "warnings", "versions"),
    }
    assert (data["title"], data["byline"], data["dateline"], data["notes"]) == ("Boats", "By Ann", "", [])
    (party,) = data["parties"]
    assert (party["name"], party["kind"], party["main"]) == ("Ferryco", "organization", True)
    assert party["aliases"] == ["the line"]
    assert data["stances"][1] == {
        "paragraph": 1,
        "party": "Ferryco",
        "stance": "critical",
        "probabilities": {"favorable": 0.1, "critical": 0.7, "neutral": 0.1, "absent": 0.1},
        "unsure": True,
        "voice": "quoted",
        "holder": {"text": "Ferryco", "start": 0, "end": 7},
        "evidence": {"text": "Ferryco is late.", "start": 0, "end": 16},
        "note": "",
    }
    assert data["stances"][2] | {"paragraph": 0, "stance": "", "probabilities": {}} == {
        "paragraph": 0,
        "party": "Ferryco",
        "stance": "",
        "probabilities": {},
        "unsure": False,
        "voice": None,
        "holder": None,
        "evidence": None,
        "note": "",
    }
    assert data["summary"] == {
        "method": "extractive",
        "sentences": [{"text": "Ferryco sails well.", "paragraphs": [0, 2], "written": False}],
        "rejected": 0,
    }
    assert (data["written"], data["portrayals"]) == (None, {})
    assert (data["warnings"], data["versions"]) == (["Short text."], {"encoder": "e1"})


def test_json_offsets_are_the_articles(analysis: Analysis) -> None:
    data = json.loads(to_json(analysis))
    text = analysis.article.text
    assert [p["index"] for p in data["paragraphs"]] == [0, 1, 2, 3]
    assert all(text[piece["start"] : piece["end"]] == piece["text"] for piece in data["paragraphs"] + data["captions"])
    assert data["captions"][0]["text"] == "Photo: Bo"
    mentions = data["parties"][0]["mentions"]
    assert [m["paragraph"] for m in mentions] == [0, 1, 2]
    assert {data["paragraphs"][m["paragraph"]]["text"][m["start"] : m["end"]] for m in mentions} == {"Ferryco"}


def test_json_keeps_hostile_text(hostile: Analysis) -> None:
    data = json.loads(to_json(hostile))
    assert data["title"] == data["parties"][0]["name"] == data["summary"]["sentences"][0]["text"] == HOSTILE


def test_json_without_probabilities(analysis: Analysis) -> None:
    bare = replace(analysis, labels=tuple(replace(label, probabilities=None) for label in analysis.labels))
    assert [stance["probabilities"] for stance in json.loads(to_json(bare))["stances"]] == [None] * 4


CELLS = ["+ favorable 70%", "− critical 70% ?", "= neutral 70%", "· absent"]


def test_every_stance_has_its_own_sign() -> None:
    assert set(SIGNS) == set(Stance)
    assert len(set(SIGNS.values())) == len(Stance)


def test_table(analysis: Analysis) -> None:
    assert to_table(analysis).splitlines() == [
        "Boats",
        "! Short text.",
        "",
        "Summary",
        "  Ferryco sails well. (¶1, ¶3)",
        "",
        f"  Ferryco: {LINE} (+¶1, −¶2) “Ferryco is late.”",
        "",
        "  ¶  Ferryco         ",
        *(f"{number:>3}  {cell}" for number, cell in enumerate(CELLS, start=1)),
        "     A question mark marks a label that is unsure.",
        "",
        "Evidence",
        "  ¶1 + Ferryco (author’s voice): “Ferryco sails well.”",
        "  ¶2 − Ferryco (quoted: Ferryco; unsure): “Ferryco is late.”",
    ]


def test_markdown(analysis: Analysis) -> None:
    assert to_markdown(analysis).splitlines() == [
        "# Boats",
        "",
        r"> Short text.",
        "",
        "## Summary",
        "",
        r"- Ferryco sails well. (¶1, ¶3)",
        "",
        "## Parties",
        "",
        f"- {escape_markdown(f'Ferryco: {LINE} (+¶1, −¶2) “Ferryco is late.”')}",
        "",
        "## Stance",
        "",
        "| ¶ | Ferryco |",
        "|---|---|",
        *(f"| {number} | {cell} |" for number, cell in enumerate(CELLS, start=1)),
        "",
        "A question mark marks a label that is unsure.",
        "",
        "## Evidence",
        "",
        r"- ¶1 + Ferryco (author’s voice): “Ferryco sails well.”",
        r"- ¶2 − Ferryco (quoted: Ferryco; unsure): “Ferryco is late.”",
    ]


@pytest.mark.parametrize("write", [to_table, to_markdown, view.glance, to_html])
def test_the_most_criticized_is_named_where_fewer_paragraphs_favor_it(
    analysis: Analysis, write: Callable[[Analysis], str]
) -> None:
    good, bad, *rest = analysis.labels
    neutral, sure = replace(good, stance=Stance.NEUTRAL), replace(bad, unsure=False)
    assert MOST in write(replace(analysis, labels=(neutral, sure, *rest)))
    assert "Most often" not in write(replace(analysis, labels=(neutral, bad, *rest)))
    assert "Most often" not in write(analysis)
    assert "<p></p>" not in write(analysis)


@pytest.mark.parametrize("write", [to_table, to_markdown])
def test_a_sign_is_explained_where_it_stands(analysis: Analysis, write: Callable[[Analysis], str]) -> None:
    good, bad, *rest = analysis.labels
    sure = write(replace(analysis, labels=(good, replace(bad, unsure=False), *rest)))
    assert "question mark" not in sure
    assert "Evidence" in sure
    absent = replace(bad, stance=Stance.ABSENT, voice=None, evidence=None)
    assert "question mark" not in write(replace(analysis, labels=(good, absent, *rest)))
    own = write(replace(analysis, labels=(good, replace(bad, probabilities=None), *rest)))
    assert "✎ marks labels that the reader set." in own
    assert "question mark" not in own


@pytest.mark.parametrize("write", [to_table, to_markdown])
def test_no_matrix_without_parties(analysis: Analysis, write: Callable[[Analysis], str]) -> None:
    text = write(replace(analysis, parties=(), labels=()))
    assert "Ferryco sails well" in text
    assert "favorable" not in text
    assert "¶  " not in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>", r"\<script\>"),
        ("a | b", r"a \| b"),
        ("*a* _b_ ~~c~~", r"\*a\* \_b\_ \~\~c\~\~"),
        ("`a` $b$", r"\`a\` \$b\$"),
        ("[a](b) ![c](d)", r"\[a\](b) !\[c\](d)"),
        ("&lt; \\", r"\&lt; \\"),
        ("1. a", r"1\. a"),
        ("# a", r"\# a"),
        ("a\n\n---\r\n b\t", "a --- b"),
        ("https://a.b www.a.b", r"https\://a.b www\.a.b"),
        ("- a + b", r"\- a + b"),
        ("Ann’s café – “yes”", "Ann’s café – “yes”"),
    ],
)
def test_escape_markdown(text: str, expected: str) -> None:
    assert escape_markdown(text) == expected


@pytest.mark.parametrize("write", [to_table, to_markdown])
def test_control_characters_are_left_out(write: Callable[[Analysis], str]) -> None:
    hostile = analysis_of([f"{CONTROLS} boats"], *[CONTROLS] * 6)
    text = write(hostile)
    assert "red" in text
    assert [character for character in text if not character.isprintable() and character != "\n"] == []


def test_every_kind_of_space_parts_words_in_a_terminal(analysis: Analysis) -> None:
    article = join_article("Denmark\u00a0and\u202fNorway", [p.text for p in analysis.article.paragraphs])
    assert to_table(replace(analysis, article=article)).startswith("Denmark and Norway\n")


def test_gray_lines_say_why_they_are_gray(analysis: Analysis) -> None:
    shown = article_html.article(analysis)
    for line in ("By Ann", "Photo: Bo"):
        assert f'title="{ENGLISH("aside_info")}"><span lang="en">{line}</span>' in shown


class Page(HTMLParser):
    """The tags, attribute names and text of an HTML fragment."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def test_markdown_of_hostile_text_renders_as_that_text(hostile: Analysis) -> None:
    markdown_it = pytest.importorskip("markdown_it")  # comes with Gradio
    html = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(to_markdown(hostile))
    page = Page(html)
    assert set(page.tags) == {"h1", "h2", "blockquote", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.tags.count("th") == 2
    assert page.tags.count("td") == 8
    assert (
        page.text.count(HOSTILE) == 6
    )  # title, warning, summary, party as the most criticized, in its line, in the table


RENDERERS: dict[str, tuple[Callable[[Analysis], str], int]] = {
    "message": (lambda analysis: view.message(HOSTILE), 1),
    "glance": (view.glance, 5),  # warning, summary, and the party as the most criticized, in its line and in totals
    "matrix": (view.matrix, 1),  # the party; openings are cut
    "article": (
        article_html.article,
        12,
    ),  # title, byline, caption, four paragraphs; the party in four chips and the chooser
}
OUR_TAGS = {
    *("div", "p", "h2", "h3", "ul", "li", "a", "span", "q", "strong", "section"),
    *("table", "thead", "tbody", "tr", "th", "td", "svg", "line", "rect"),
    *("button", "input", "label", "fieldset", "legend", "details", "summary"),
}
OUR_ATTRIBUTES = {
    *(
        "class",
        "id",
        "role",
        "href",
        "aria-label",
        "aria-hidden",
        "aria-live",
        "aria-expanded",
        "scope",
        "type",
        "lang",
    ),
    *(
        "data-at",
        "data-cell",
        "data-do",
        "data-said",
        "data-paragraph",
        "data-mention",
        "data-evidence",
        "data-json",
        "hidden",
        "tabindex",
    ),
    *("title", "name", "value", "checked", "accept", "open", "dir"),
    *("viewbox", "width", "height", "preserveaspectratio", "x", "y", "x1", "y1", "x2", "y2"),
}


@pytest.mark.parametrize("name", RENDERERS)
def test_html_of_hostile_text_shows_that_text(hostile: Analysis, name: str) -> None:
    render, times = RENDERERS[name]
    html = render(hostile)
    page = Page(html)
    assert set(page.tags) <= OUR_TAGS
    assert page.attributes <= OUR_ATTRIBUTES
    assert "<script" not in html
    assert page.text.count(HOSTILE) == times


def test_matrix_escapes_the_openings_of_paragraphs(hostile: Analysis) -> None:
    assert view.matrix(hostile).count("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; | pipe *stars* _low_") >= 4


def test_matrix_shows_sign_and_stance(analysis: Analysis) -> None:
    html = view.matrix(analysis)
    page = Page(html)
    assert page.tags.count("td") == page.tags.count("button") - 2 == 4  # two more work the reader's own labels
    assert all(cell.replace(" ", "", 1).replace("?", "unsure") in page.text for cell in CELLS)
    assert [f'<td class="{stance}">' in html for stance in Stance] == [True] * 4
    assert view.matrix(replace(analysis, parties=())) == ""
    assert Page(view.matrix(analysis, still=True)).tags.count("button") == 0


def test_article_marks_mentions_and_evidence(analysis: Analysis, hostile: Analysis) -> None:
    html = article_html.article(analysis)
    assert html.count('<span data-mention="0" data-evidence="0">Ferryco</span>') == 2
    assert html.count('<span data-mention="0">Ferryco</span>') == 1
    assert '<span data-evidence="0"> sails well.</span>' in html
    assert article_html.article(hostile).count('<span data-mention="0">&lt;script&gt;') == 4


def test_pieces_say_all_parties_that_they_belong_to(analysis: Analysis) -> None:
    (party,) = analysis.parties
    other = replace(party, name="The line", mentions=(Mention(0, 0, 13),))
    labels = (*analysis.labels, *(replace(label, party="The line") for label in analysis.labels))
    html = article_html.article(replace(analysis, parties=(party, other), labels=labels))
    assert '<span data-mention="0 1" data-evidence="0 1">Ferryco</span>' in html
    assert '<span data-mention="1" data-evidence="0 1"> sails</span>' in html


def test_article_is_shown_in_its_own_order(analysis: Analysis) -> None:
    text = Page(article_html.article(analysis)).text
    pieces = ["Boats", "By Ann", "Photo: Bo", "sails well", "is late", "daily", "Boats are"]
    places = [text.index(piece) for piece in pieces]
    assert places == sorted(places)


def test_summary_links_to_paragraphs_that_the_article_has(analysis: Analysis) -> None:
    summary, article = view.glance(analysis), article_html.article(analysis)
    for target in ("sl-p1", "sl-p3"):
        assert f'href="#{target}"' in summary
        assert f'id="{target}"' in article


def test_a_summary_written_in_vain_says_so(analysis: Analysis) -> None:
    copied = Summary((SummarySentence("Ferryco is late.", (1,)),), "written")
    rejected, begun = Summary((), "written", rejected=1), Summary((), "written")
    for written, in_vain in ((copied, True), (rejected, True), (begun, False)):
        html = view.glance(replace(analysis, written=written))
        assert (ENGLISH("summary_all_rejected") in html) is in_vain
    assert ENGLISH("summary_all_rejected") not in view.glance(replace(analysis, written=copied), growing=True)


def test_a_summary_to_come_keeps_its_place(analysis: Analysis) -> None:
    begun = replace(analysis, summary=Summary(()))
    html = view.glance(begun, growing=True)
    assert html.index(ENGLISH("summary_awaited")) < html.index('<section id="sl-lines">')
    assert ENGLISH("summary_awaited") not in view.glance(begun) + view.glance(analysis, growing=True)


def test_the_script_gets_the_same_words(hostile: Analysis) -> None:
    (raw,) = re.findall("data-json='([^']*)'", article_html.article(hostile))
    data = json.loads(unescape(raw))
    assert data["parties"][0]["name"] == data["title"] == HOSTILE
    assert data["labels"]["1,0"]["stance"] == "critical"


def test_course_draws_each_paragraph(analysis: Analysis) -> None:
    html = view.glance(analysis)
    assert re.findall('<rect class="([a-z -]*)"', html) == ["favorable", "critical sl-bar-unsure", "neutral"]
    assert 'aria-label="Ferryco, paragraph by paragraph: ¶1 favorable, ¶2 critical, ¶3 neutral, ¶4 absent"' in html


def test_empty_message_shows_nothing() -> None:
    assert view.message("") == ""
    assert "Paste more." in view.message("Paste more.")


def test_report_stands_alone_and_shows_hostile_text(analysis: Analysis, hostile: Analysis) -> None:
    page = Page(to_html(hostile))
    assert page.tags.count("script") == page.tags.count("b") == page.tags.count("button") == 0
    assert page.text.count(HOSTILE) >= 10
    html = to_html(analysis)
    assert "default-src &#x27;none&#x27;" in html or "default-src 'none'" in html
    assert not re.search(r"(?:src|href)=[\"'](?!#)", html)
    assert '<q lang="en">Ferryco is late.</q>' in html


def test_the_report_has_all_parts_of_the_article(analysis: Analysis) -> None:
    parts = ["By Ann", "Photo: Bo", "Oslo –", "Boats sail.", "On <deck>", "They are late.", "Ann writes on boats."]
    text = "\n".join(parts)
    byline, caption, dateline, first, heading, last, note = (
        Span(text.index(part), text.index(part) + len(part)) for part in parts
    )
    paragraphs = tuple(Paragraph(n, s.start, s.end, text[s.start : s.end]) for n, s in enumerate((first, last)))
    article = Article(text, paragraphs, None, byline, dateline, (caption,), (heading, note))
    report = to_html(replace(analysis, article=article, parties=(), labels=(), summary=Summary(())))
    _, body = report.split("<h2>The article</h2>")
    shown = Page(body).text
    assert [part for part in parts if part not in shown] == []
    places = [shown.index(part) for part in parts]
    assert places == sorted(places)
    assert body.count('class="sl-aside"') == 5


def test_csv(analysis: Analysis) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(analysis))))
    assert [row["stance"] for row in rows] == ["favorable", "critical", "neutral", "absent"]
    assert [row["probability"] for row in rows] == ["0.700", "0.700", "0.700", ""]
    assert (rows[1]["paragraph"], rows[1]["holder"], rows[1]["unsure"]) == ("2", "Ferryco", "unsure")
    assert rows[1]["evidence"] == rows[1]["text"] == "Ferryco is late."


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " ="])
def test_csv_holds_no_formula(analysis: Analysis, start: str) -> None:
    named = replace(analysis, labels=tuple(replace(label, party=f"{start}1+1") for label in analysis.labels))
    rows = csv.DictReader(io.StringIO(to_csv(named)))
    assert {row["party"] for row in rows} == {f"'{start}1+1"}
