import time
from itertools import pairwise

import pytest

from model.article.spans import WHITE
from model.article.splitter import join_article, split_article
from model.domain import Article, Span
from model.errors import ArticleError
from model.settings import LONGEST_ARTICLE

TITLE = "A bridge that nobody asked for"
FIRST = (
    "The council of Varnholm wants to spend forty million crowns on a bridge across a river that most people cross by "
    "ferry. The mayor says it will bring trade. The traders say that they already have some."
)
SECOND = (
    "Last winter the ferry ran every day but two. Its captain, who has held the wheel since he was nineteen, keeps the "
    "figures in a blue notebook. Nobody from the council has asked to see them."
)
THIRD = (
    "A bridge is not a bad idea because it is large. It is a bad idea because it answers a question that no one on "
    "either bank has put. The money would mend every school roof in the district."
)
BODY = [FIRST, SECOND, THIRD]
MORE = [
    "The harbor board has its own view. It would rather dredge the channel than pave the bank, and it has said so at "
    "three meetings in a row. The minutes of all three leave the remark out.",
    "There is still time to think again. The contract has not been signed, and the steel has not been ordered. A vote "
    "in the autumn would cost the town one Sunday and a box of pencils.",
]
PLAIN = "\n\n".join([TITLE, *BODY])


def texts(article: Article) -> list[str]:
    return [paragraph.text for paragraph in article.paragraphs]


def flat(article: Article) -> list[str]:
    return [" ".join(text.split()) for text in texts(article)]


def read(article: Article, spans: tuple[Span, ...]) -> list[str]:
    return [article.read(span) for span in spans]


def wrap(text: str, width: int = 72) -> str:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def check_spans(article: Article) -> None:
    end = 0
    for index, paragraph in enumerate(article.paragraphs):
        assert paragraph.index == index
        assert end <= paragraph.start < paragraph.end <= len(article.text)
        assert article.text[paragraph.start : paragraph.end] == paragraph.text
        assert paragraph.text == paragraph.text.strip()
        end = paragraph.end
    spans = [Span(p.start, p.end) for p in article.paragraphs] + [*article.captions, *article.notes]
    spans += [span for span in (article.title, article.byline, article.dateline) if span is not None]
    spans.sort(key=lambda span: span.start)
    assert all(0 <= span.start < span.end <= len(article.text) for span in spans)
    assert all(left.end <= right.start for left, right in pairwise(spans))
    around = zip([0, *(span.end for span in spans)], [*(span.start for span in spans), len(article.text)], strict=True)
    between = {article.text[start:stop].strip(WHITE) for start, stop in around}
    assert between <= {"", "#"}  # a heading sign of Markdown


def test_every_part_of_an_article_is_found() -> None:
    article = split_article(
        f"{TITLE}\nBy Ingrid Solberg\nPublished: 4 May 2023\n\n"
        "The ferry at its landing. Photo: Anna Lind/Varnholm Press\n\n"
        f"VARNHOLM — {FIRST}\n\n{SECOND}\n\n{THIRD}\n\n"
        "Ingrid Solberg is a columnist for the Varnholm Courier. ingrid@courier.example\n"
    )
    assert article.read(article.title) == TITLE
    assert article.read(article.byline) == "By Ingrid Solberg"
    assert article.read(article.dateline) == "VARNHOLM —"
    assert read(article, article.captions) == ["The ferry at its landing. Photo: Anna Lind/Varnholm Press"]
    assert read(article, article.notes) == [
        "Published: 4 May 2023",
        "Ingrid Solberg is a columnist for the Varnholm Courier. ingrid@courier.example",
    ]
    assert texts(article) == BODY
    check_spans(article)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN.replace("\n", "\r\n"), id="windows"),
        pytest.param(PLAIN.replace("\n", "\r"), id="old mac"),
        pytest.param(PLAIN.replace("\n\n", "\n"), id="no blank lines"),
        pytest.param(PLAIN.replace("\n\n", "\r\n"), id="no blank lines, windows"),
        pytest.param(PLAIN.replace("\n\n", "\n\n\n \t\n\n"), id="many blank lines"),
        pytest.param(PLAIN.replace("\n\n", "\n\u00a0\n"), id="no-break space between"),
        pytest.param(PLAIN.replace(" ", "\u00a0"), id="no-break spaces within"),
        pytest.param("\ufeff\n  " + PLAIN.replace("\n\n", "  \n\n  ") + "  \n", id="byte order mark and margins"),
        pytest.param("# " + PLAIN, id="markdown title"),
    ],
)
def test_line_ends_do_not_change_the_parts(text: str) -> None:
    article = split_article(text)
    assert article.text == text
    assert " ".join(article.read(article.title).split()) == TITLE
    assert flat(article) == BODY
    check_spans(article)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_wrapped_lines_are_joined(end: str) -> None:
    article = split_article("\n\n".join([TITLE, *map(wrap, BODY)]).replace("\n", end))
    assert article.read(article.title) == TITLE
    assert flat(article) == BODY
    check_spans(article)


def test_wrapped_lines_without_blank_lines_end_a_paragraph_with_a_short_line() -> None:
    article = split_article("\n".join([TITLE, *map(wrap, BODY)]))
    assert article.read(article.title) == TITLE
    assert flat(article) == BODY


def test_one_sentence_a_line_is_grouped_into_paragraphs() -> None:
    lines = [sentence.strip(" .") + "." for text in [*BODY, *MORE] for sentence in text.split(". ")]
    article = split_article("\n".join(lines))
    assert article.title is None
    assert 1 < len(article.paragraphs) < len(lines) / 2
    assert " ".join(flat(article)) == " ".join(lines)
    assert min(len(text.split()) for text in texts(article)) > 45
    unseen = split_article("\u200b\r\n".join(lines))  # as web pages end lines
    assert [text.replace("\u200b", "") for text in flat(unseen)] == flat(article)
    check_spans(article)


def test_one_sentence_a_line_between_blank_lines_is_one_paragraph_a_block() -> None:
    article = split_article("\n\n".join([TITLE, *(text.replace(". ", ".\n") for text in BODY)]))
    assert flat(article) == BODY
    assert article.paragraphs[0].text == FIRST.replace(". ", ".\n")


def test_a_long_block_is_cut_between_sentences() -> None:
    block = " ".join([*BODY, *MORE, *BODY])
    article = split_article(block)
    counts = [len(text.split()) for text in texts(article)]
    assert " ".join(texts(article)) == block
    assert len(counts) > 2
    assert all(60 < count < 130 for count in counts)
    assert all(text.endswith(".") for text in texts(article))
    check_spans(article)


def test_notes_at_the_end_of_a_long_block_are_kept() -> None:
    notes = ["Ana Lind is the director of the institute.", "Write to her at ana@institute.example."]
    block = " ".join([*BODY, *MORE])
    article = split_article(" ".join([block, *notes]))
    assert " ".join(texts(article)) == block
    assert read(article, article.notes) == notes
    check_spans(article)


def test_a_short_block_stays_whole() -> None:
    article = split_article(f"{FIRST} {SECOND}")
    assert article.title is None
    assert texts(article) == [f"{FIRST} {SECOND}"]


def test_a_text_that_was_pasted_twice_is_judged() -> None:
    article = split_article(f"{PLAIN}\n\n{PLAIN}")
    assert not article.captions
    assert [text for text in texts(article) if text != TITLE] == [*BODY, *BODY]


def test_a_last_line_of_many_ands_takes_no_time() -> None:
    last = f"Bob {'and ' * 50}left, sadly."
    assert texts(split_article(f"{PLAIN}\n\n{last}")) == [*BODY, last]


def test_a_repeated_caption_is_a_caption_each_time() -> None:
    caption = "Passengers wait for the morning ferry at Varnholm"
    article = split_article(f"{TITLE}\n\n{caption}\n\n{FIRST}\n\n{SECOND}\n\n{caption}\n\n{THIRD}")
    assert read(article, article.captions) == [caption, caption]
    assert texts(article) == BODY


def test_a_sentence_that_is_a_pull_quote_too_is_judged_once() -> None:
    article = split_article(f"{TITLE}\n\n{FIRST}\n\n{SECOND}\n\n{THIRD}\n\n{FIRST}")
    assert texts(article) == BODY
    assert read(article, article.captions) == [FIRST]


@pytest.mark.parametrize(
    "line",
    [
        "File photo: the old landing stage",
        "The landing stage in March. (AP Photo/Jon Berg)",
        "The mayor on the quay. Image credit: Getty Images",
    ],
)
def test_captions_stand_anywhere(line: str) -> None:
    article = split_article(f"{TITLE}\n\n{FIRST}\n\n{line}\n\n{SECOND}\n\n{THIRD}")
    assert read(article, article.captions) == [line]
    assert texts(article) == BODY


@pytest.mark.parametrize(
    "line",
    [
        "Published: 4 May 2023",
        "Updated on 12 June 2024, 09:15",
        "4 May 2023",
        "May 4, 2023",
        "2023-05-04",
        "Thursday, May 4, 2023",
        "5 min read",
        "Share this article",
    ],
)
def test_publication_lines_are_notes(line: str) -> None:
    article = split_article(f"{TITLE}\n{line}\n\n{FIRST}\n\n{SECOND}\n\n{THIRD}")
    assert read(article, article.notes) == [line]
    assert texts(article) == BODY


@pytest.mark.parametrize(
    "lines",
    [
        ["The author is a lecturer in transport at the University of Varnholm."],
        ["Ingrid Solberg is a reporter for the Courier.", "ingrid@courier.example"],
        ["Ingrid Solberg (@isolberg) is the founder of the ferry museum and was its keeper for a year."],
        ["Ingrid Solberg @isolberg is a columnist for the Courier."],
        ["ingrid@courier.example"],
        ["The views expressed here are the author's own.", "Contact: ingrid@courier.example"],
        ["Reporting by Ingrid Solberg; Editing by Per Dahl"],
        ["© 2023 Varnholm Courier"],
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_notes_at_the_end_are_not_judged(lines: list[str], gap: str) -> None:
    article = split_article(f"{PLAIN}\n\n{gap.join(lines)}")
    assert read(article, article.notes) == lines
    assert texts(article) == BODY


def test_a_disclaimer_before_the_first_paragraph_is_a_note() -> None:
    disclaimer = "The opinions expressed by columnists are their own and do not represent the views of the Courier."
    article = split_article("\n\n".join([TITLE, disclaimer, *BODY]))
    assert read(article, article.notes) == [disclaimer]
    assert texts(article) == BODY
    voters = "The opinions expressed by voters at the quay were of little use to the council."
    assert texts(split_article("\n\n".join([TITLE, *BODY[:1], voters, *BODY[1:]]))) == [*BODY[:1], voters, *BODY[1:]]


@pytest.mark.parametrize(
    "sentence",
    [
        "The author of the report, a retired engineer, told the council that the river would freeze before spring.",
        "Write to bridge@varnholm.example, the council says, and it will count your letter as a vote for the plan.",
    ],
)
def test_what_reads_like_an_author_note_is_judged_where_paragraphs_follow(sentence: str) -> None:
    article = split_article("\n\n".join([TITLE, FIRST, sentence, SECOND, *MORE]))
    assert texts(article) == [FIRST, sentence, SECOND, *MORE]


@pytest.mark.parametrize(
    "sentence",
    [
        "By Friday the ferry had stopped running again.",
        "That is only half of the picture: the ferry carries the mail, the doctor and the school.",
        "Published on Friday, the audit blames the council for the delay.",
        "Share prices have halved since May.",
    ],
)
def test_a_sentence_that_begins_like_furniture_is_judged(sentence: str) -> None:
    assert texts(split_article("\n\n".join([TITLE, sentence, *BODY]))) == [sentence, *BODY]


def test_headings_are_not_judged() -> None:
    article = split_article(f"{TITLE}\n\n{FIRST}\n\nThe blue notebook\n\n{SECOND}\n\nWhat it would mend\n\n{THIRD}")
    assert read(article, article.notes) == ["The blue notebook", "What it would mend"]
    assert texts(article) == BODY


@pytest.mark.parametrize(
    ("standfirst", "judged"),
    [
        ("Why nobody crosses the river", False),
        ("The council wants what most of the town has never wanted, and it will not say why", True),
        ("The council wants a bridge. The town wants its ferry.", True),
    ],
)
@pytest.mark.parametrize("around", ["{}", "{}\n4 May 2023", "5 min read\n{}\nPublished: 4 May 2023"])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_byline_below_a_standfirst_is_found(standfirst: str, judged: bool, around: str, gap: str) -> None:
    head = f"{standfirst}\n{around.format('By Ingrid Solberg')}"
    more = around.replace("{}", "").split("\n")
    article = split_article(f"{TITLE}{gap}{head}\n\n" + "\n\n".join(BODY))
    assert article.read(article.title) == TITLE
    assert article.read(article.byline) == "By Ingrid Solberg"
    assert {*read(article, article.notes)} == {*filter(None, more)} | (set() if judged else {standfirst})
    assert texts(article) == ([standfirst] if judged else []) + BODY
    check_spans(article)


def test_a_byline_below_a_standfirst_is_found_without_blank_lines() -> None:
    standfirst = "The council wants what most of the town has never wanted, and it will not say why"
    article = split_article("\n".join([TITLE, standfirst, "By Ingrid Solberg", *BODY]))
    assert article.read(article.byline) == "By Ingrid Solberg"
    assert texts(article) == [standfirst, *BODY]
    sentences = [sentence.strip(" .") + "." for text in BODY for sentence in text.split(". ")]
    article = split_article("\n".join([TITLE, standfirst, "By Ingrid Solberg", *sentences]))
    assert article.read(article.byline) == "By Ingrid Solberg"
    assert " ".join(flat(article)) == " ".join([standfirst, *BODY])


def test_a_wrapped_line_that_begins_like_a_byline_is_none() -> None:
    text = (
        "The ferry was late again all through that winter, and nobody minded it.\n"
        "By Varnholm standards the weather was warm and the ice on the river was\n"
        "thin enough to hear it crack at night."
    )
    assert texts(split_article("\n\n".join([TITLE, text, *BODY]))) == [text, *BODY]


def test_a_last_line_that_begins_like_a_byline_is_part_of_its_paragraph() -> None:
    last = (
        "The captain has written a book of his own about the river, of which the\n"
        "harbor board has bought all that were printed, and he calls it “By Ice,\n"
        "By Water.”"
    )
    wrapped = "\n".join([TITLE, *map(wrap, BODY), last])
    assert texts(split_article(wrapped))[-1] == last
    assert texts(split_article("\n\n".join([TITLE, *map(wrap, BODY), last])))[-1] == last


@pytest.mark.parametrize("dateline", ["VARNHOLM —", "VARNHOLM, Norway (AP) —", "Varnholm (Reuters) -", "NEW YORK --"])
def test_dateline_is_not_part_of_the_paragraph(dateline: str) -> None:
    article = split_article(f"{TITLE}\n\n{dateline} {FIRST}\n\n{SECOND}\n\n{THIRD}")
    assert article.read(article.dateline) == dateline
    assert texts(article) == BODY
    check_spans(article)


@pytest.mark.parametrize(
    "opening",
    [
        "Varnholm – the town, not the river – has voted twice against the bridge, and twice it was not heard.",
        "NATO – founded to keep the peace – has nothing to say about the bridge.",
        "US tariffs on steel – threatened for a year – have doubled the price of the bridge.",
    ],
)
def test_a_dash_in_a_sentence_is_no_dateline(opening: str) -> None:
    article = split_article(f"{TITLE}\n\n{opening}\n\n{SECOND}")
    assert article.dateline is None
    assert texts(article) == [opening, SECOND]


@pytest.mark.parametrize(
    ("first_line", "is_title"),
    [
        (TITLE, True),
        ("Who asked for a bridge?", True),
        ("“Nobody asked for it”", True),
        ("Why the ferry matters to the U.S.", True),
        ("The Ferry Found Its Port. Then It Paid the Price for It.", True),
        ("The ferry is slow but it is ours.", False),
        ("The ferry is slow. It is ours.", False),
        (f"{'Ferry' * 60} Found Its Port. Then It Paid.", False),
        ("2016. 2017.", False),
        ("U.S. President Joe Reed met Ana Lind in Oslo.", False),
        (" ".join(["word"] * 26), False),
    ],
)
def test_title_reads_like_a_headline(first_line: str, is_title: bool) -> None:
    article = split_article(f"{first_line}\n\n{FIRST}\n\n{SECOND}")
    assert article.read(article.title) == (first_line if is_title else "")
    assert texts(article) == ([] if is_title else [first_line]) + [FIRST, SECOND]


def test_a_headline_alone_is_judged() -> None:
    article = split_article("Council of Varnholm defends its bridge again")
    assert article.title is None
    assert texts(article) == ["Council of Varnholm defends its bridge again"]


def test_html_stays_text() -> None:
    paragraph = '<p class="lead">The <b>council</b> &amp; its friends <script>alert("hi")</script> want a bridge.</p>'
    article = split_article(f"<h1>{TITLE}</h1>\n\n{paragraph}\n\n{SECOND}")
    assert article.read(article.title) == f"<h1>{TITLE}</h1>"
    assert texts(article) == [paragraph, SECOND]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got an empty text"),
        (" \t\r\n\n \u00a0 ", "got an empty text"),
        ("\ufeff\u200b\n", "got an empty text"),
        ("Bridge", "at least 5 words, got 1"),
        ("Bridge, they said.", "at least 5 words, got 3"),
        ("a bridge " * 23_000, "at most 200,000 characters, got 207,000; paste one article"),
        ("x" * (LONGEST_ARTICLE + 1), "at most 200,000 characters, got 200,001"),
        (f"{PLAIN}\x00", "expected text, got binary data"),
        ("\x89PNG\x1a\x02\x03\x04 some words that look like text here " * 3, "expected text, got binary data"),
        ("The ferry \ud83d sank at its quay.", "got half of one at character 10"),
        ("\ufffd\ufffdJFIF\ufffd\ufffd a few words in a picture file", "expected text, got binary data"),
        ("Photo: Anna Lind/Varnholm Press\n\nPublished: 4 May 2023", "found only captions, dates or notes"),
    ],
)
def test_what_is_no_article_is_refused(text: str, message: str) -> None:
    with pytest.raises(ArticleError, match=message):
        split_article(text)


@pytest.mark.parametrize(
    "text",
    [
        "\u200fNorway\u200e met \u2067the king\u2069 of Denmark.",
        "England \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f sailed to Oslo today.",
        "The coun\u00adcil of Hale de\u00adcided: it will sail.",
    ],
)
def test_signs_without_a_shape_of_their_own_are_no_binary_data(text: str) -> None:
    assert texts(split_article(text)) == [text]


def test_the_longest_text_is_read() -> None:
    text = (f"{SECOND}\n\n" * 2_000)[: LONGEST_ARTICLE - 1] + "x"
    assert len(text) == LONGEST_ARTICLE
    check_spans(split_article(text))


def test_mangled_texts_keep_their_spans() -> None:
    note = "The author is a columnist.\n\ningrid@courier.example"
    base = (
        f"{TITLE}\nBy Ingrid Solberg\n\nPhoto: Anna Lind\n\nVARNHOLM — {FIRST}\n\n{wrap(SECOND)}\n\n{THIRD}\n\n{note}\n"
    )
    for old, new in [("\n", "\r"), ("\n\n", "\n"), ("\n", " "), (". ", ".\n"), (".", ""), ("e", "é\u0301")]:
        check_spans(split_article(base.replace(old, new)))
    for cut in range(40, len(base), 23):
        check_spans(split_article(base[:cut]))
        check_spans(split_article(base[-cut:]))
        check_spans(split_article(f"{base[:cut]}\u2028\v\n \u200b\f\r\n{base[cut:]}"))
        check_spans(split_article(base[cut:] + base[:cut]))


def test_join_article_places_its_paragraphs() -> None:
    article = join_article(TITLE, BODY)
    assert article.text == PLAIN
    assert article.read(article.title) == TITLE
    assert texts(article) == BODY
    check_spans(article)
    untitled = join_article("", BODY)
    assert (untitled.title, untitled.text) == (None, "\n\n".join(BODY))


def test_a_quotation_with_its_agency_at_the_end_is_a_paragraph() -> None:
    last = "“The charges are a disgrace,” his lawyer said. — AFP"
    article = split_article(f"The trial began on Monday in the capital.\n\n{last}")
    assert article.paragraphs[-1].text == last
    assert article.captions == ()


def test_paragraphs_of_another_script_are_no_headings() -> None:
    text = "港のこと\n\n" + "\n\n".join(f"船は港を出た。{number} 人々は待っていた。" * 3 for number in range(4))
    assert len(split_article(text + "\n\nFive plain English words here.").paragraphs) >= 4


def test_lines_of_wide_blanks_part_paragraphs() -> None:
    lines = "The ferry left the port at noon today.", "\u2003\u2009", "Nobody waved from the old quay."
    article = split_article("\n".join(lines))
    assert [paragraph.text for paragraph in article.paragraphs] == [lines[0], lines[2]]


def test_a_caption_between_the_sentences_of_a_block_is_in_no_paragraph() -> None:
    text = (
        "Ferry row\n\nThe ferry sailed at dawn on Monday.\nThe quay at dawn. Photo: Ana Lind\n"
        "It came back at noon with nobody on it.\n\nThe town council met in the evening.\nIt said nothing about it."
    )
    article = split_article(text)
    assert [article.read(span) for span in article.captions] == ["The quay at dawn. Photo: Ana Lind"]
    assert not any("Photo" in paragraph.text for paragraph in article.paragraphs)
    assert [paragraph.text for paragraph in article.paragraphs][:2] == [
        "The ferry sailed at dawn on Monday.", "It came back at noon with nobody on it."
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sentence",
    [
        "This story is about a town that was never asked.",
        "This story was told to me by a sailor who had no ticket.",
        "The views expressed by the mayor on Monday have split the town.",
        "Writing by candlelight, the captain filled one notebook after another.",
        "About the author of the plan the minutes say nothing.",
        "Copyright holders of the old timetable have asked for a fee.",
        "(c) the third point of the plan is that nobody pays.",
        "Photo ID is required of anyone who boards the ferry after dark this winter",
        "Images by Ferryco show that the old quay has gone.",
        "The mayor said no more. (Photographs were not allowed.)",
        "The council of the town will vote on the bridge again in May. (Reuters)",
        "Monday, June 19, 2023, was the day on which the ferry sank.",
        "Related costs: the council says that they have doubled.",
    ],
)
def test_a_last_paragraph_that_begins_like_a_note_is_judged(sentence: str) -> None:
    assert texts(split_article(f"{PLAIN}\n\n{sentence}")) == [*BODY, sentence]


def test_a_last_paragraph_about_somebody_named_before_is_no_author_note() -> None:
    before = "Ingrid Solberg has asked to see the notebook, and so has the author of a book about the river."
    block = " ".join([before, *BODY, *MORE])
    for last in (
        "Ingrid Solberg is the first mayor of Varnholm who was a professor before she was elected.",
        "The author is at her best where she counts the tickets.",
    ):
        assert texts(split_article("\n\n".join([TITLE, before, *BODY, last]))) == [before, *BODY, last]
        assert " ".join(texts(split_article(f"{block} {last}"))) == f"{block} {last}"
        article = split_article(f"{TITLE}\nBy Ingrid Solberg\n\n{FIRST}\n\n{last}")
        assert read(article, article.notes) == [last]


@pytest.mark.parametrize("note", ["The author is late.", "Ana Lind{} is a writer."])
def test_many_author_notes_cost_no_more_than_other_lines(note: str) -> None:
    text = "\n\n".join([PLAIN, *(note.format(number) for number in range(1_900))])
    start = time.process_time()
    split_article(text)
    assert time.process_time() - start < 1


def test_who_contributed_is_a_note() -> None:
    last = "Ingrid Solberg in Oslo and Per Dahl contributed to this report."
    article = split_article(f"{PLAIN}\n\n{last}")
    assert read(article, article.notes) == [last]


@pytest.mark.parametrize(
    "points",
    [
        ["• One new ferry", "• Two new captains", "• No bridge"],
        ["- One new ferry", "- Two new captains", "- No bridge", "- A notebook"],
        ["The board wants:", "One new ferry", "Two new captains", "No bridge"],
    ],
)
@pytest.mark.parametrize("last", [[], [THIRD]])
def test_points_of_a_list_are_judged(points: list[str], last: list[str]) -> None:
    assert texts(split_article("\n\n".join([TITLE, FIRST, SECOND, *points, *last]))) == [FIRST, SECOND, *points, *last]


def test_short_lines_at_the_end_are_no_menu() -> None:
    lines = "\n".join(["One for the river", "One for the bank", "None for the council", "The ferry sails"])
    assert texts(split_article(f"{PLAIN}\n\n{lines}")) == [*BODY, lines]


def test_what_begins_with_a_dateline_is_no_headline() -> None:
    assert split_article(f"OSLO — Ana Lind Met Tom Reed. Joe Hale Came.\n\n{FIRST}\n\n{SECOND}").title is None


@pytest.mark.parametrize(
    "above",
    [
        ["OPINION"],
        ["Opinion | Editorial"],
        ["4 May 2023"],
        ["Photo: Anna Lind"],
        ["Skip to content\nHome\nNews\nRiver towns\nSport"],
        ["The Varnholm Courier\nHome\nNews\nSport\nOpinion"],
        ["Home > Opinion > Varnholm", "OPINION", "4 May 2023"],
    ],
)
@pytest.mark.parametrize("title", [TITLE, "Bridge too far"])
@pytest.mark.parametrize("below", [[], ["The council wants what most of the town has never wanted"]])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_headline_below_other_lines_is_found(above: list[str], title: str, below: list[str], gap: str) -> None:
    text = gap.join([*above, title, *below])
    article = split_article(f"{text}\n\n{FIRST}\n\n{SECOND}\n\n{THIRD}")
    assert article.read(article.title) == title
    assert texts(article)[-3:] == BODY
    check_spans(article)


@pytest.mark.parametrize("place", [1, 7])
def test_one_stray_blank_line_does_not_join_paragraphs(place: int) -> None:
    lines = [sentence.strip(" .") + "." for text in [*BODY, *MORE] for sentence in text.split(". ")]
    lines[place] = f"\n{lines[place]}"
    assert max(len(text.split()) for text in texts(split_article("\n".join(lines)))) < 130
    bodies = [wrap(text) for text in [*BODY, *MORE, *BODY]]
    bodies[place] = f"\n{bodies[place]}"
    article = split_article("\n".join([TITLE, *bodies]))
    assert flat(article) == [*BODY, *MORE, *BODY]
    check_spans(article)


def test_single_line_ends_part_paragraphs_as_blank_lines_do() -> None:
    lines = [
        "Norway rejects the ferry plan",
        "The government in Oslo turned the plan down on Monday. It said that the cost was too high.",
        "What happens next",
        "Ferryco will appeal, its lawyers say. A court is to hear the case in the spring.",
        "Denmark had backed the plan. Its minister called the decision a mistake.",
    ]
    single, double = split_article("\n".join(lines)), split_article("\n\n".join(lines))
    assert [p.text for p in single.paragraphs] == [p.text for p in double.paragraphs] == [lines[1], *lines[3:]]
    assert [single.read(note) for note in single.notes] == ["What happens next"]
