"""The catalogues of the page: complete in each language, and the one that the reader's browser asks for."""

import re
from dataclasses import replace
from pathlib import Path
from string import Formatter
from types import SimpleNamespace

import gradio as gr
import pytest

from model import Analysis, Party, Stance, StanceLabel
from model.article.splitter import join_article
from model.comparison.formats import to_markdown as to_markdown_of_several
from model.domain import Kind, Mention, Span, Summary, Voice
from model.export.markdown import to_markdown
from model.page import layout
from model.page.comparing import kept_with
from model.page.labels import translations
from model.page.models import Models
from model.page.own_labels import OwnLabels
from model.page.strings import ENGLISH, LANGUAGES, Words, words_for
from model.page.views import html
from model.page.views.article_html import article
from model.page.views.comparison import comparison
from model.page.views.report import to_html
from model.settings import RuntimeSettings
from model.stance.corrections import Correction, corrected
from model.stance.phrases import PHRASES, english

GERMAN = LANGUAGES["de"]
PAGE = Path(layout.__file__).parent


def places(text: str) -> set[str]:
    """The names of the places that values go to."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def told(words: Words) -> set[str]:
    """The catalogue's pieces of more than two words: values stand between them."""
    pieces = (piece.strip() for text in words.strings.values() for piece in re.split(r"\{\w+\}", text))
    return {piece for piece in pieces if len(piece.split()) > 2}


def asking(header: str | None) -> SimpleNamespace:
    return SimpleNamespace(headers={} if header is None else {"accept-language": header})


def analysis(warnings: tuple[str, ...] = ()) -> Analysis:
    """Norway is criticised by the author, praised by somebody quoted, mentioned, and absent."""
    texts = ["Norway was wrong.", "Ms Berg called Norway kind.", "Norway met Sweden.", "It snowed all day."]
    voices = (Voice.AUTHOR, Voice.QUOTED, Voice.NONE, Voice.NONE)
    stances = (Stance.CRITICAL, Stance.FAVORABLE, Stance.NEUTRAL, Stance.ABSENT)
    labels = tuple(
        StanceLabel(
            number, "Norway", stance, {stance: 0.9}, voice, unsure=not number,
            holder="Ms Berg" if voice is Voice.QUOTED else None,
            evidence=None if voice is Voice.NONE else Span(0, len(texts[number])),
        )
        for number, (stance, voice) in enumerate(zip(stances, voices, strict=True))
    )  # fmt: skip
    return Analysis(join_article("Snow", texts), (Party("Norway", Kind.STATE),), labels, Summary(()), warnings)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_each_language_has_each_key_with_the_same_places(language: str) -> None:
    strings = LANGUAGES[language].strings
    assert strings.keys() == ENGLISH.strings.keys()
    assert {key: places(text) for key, text in strings.items()} == {
        key: places(text) for key, text in ENGLISH.strings.items()
    }
    assert all(text.strip() for text in strings.values())


def test_nothing_was_left_in_english() -> None:
    assert told(GERMAN) & told(ENGLISH) == set()


def test_what_the_command_line_says_is_written_once() -> None:
    written = (PAGE / "languages" / "en.toml").read_text(encoding="utf-8")
    assert [key for key in PHRASES if re.search(rf"^{key} =", written, re.MULTILINE)] == []


def test_each_key_of_the_scripts_is_in_the_catalogue() -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in sorted((PAGE / "static").glob("*.js")))
    asked = set(re.findall(r'say\("(\w+)"', scripts))
    assert len(asked) > 20
    assert asked <= ENGLISH.strings.keys()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("de", "de"),
        ("DE-at", "de"),
        ("en-US,de", "en"),
        ("fr-FR,de;q=0.9", "en"),  # Gradio translates by the first alone: the page would be in two languages
        ("", "en"),
        ("*", "en"),
        (";;,,-", "en"),
        (None, "en"),
    ],
)
def test_the_language_is_the_one_that_the_browser_prefers(header: str | None, language: str) -> None:
    assert words_for(asking(header)).language == language


def test_a_request_that_nobody_sent_is_english() -> None:
    assert words_for(None) is ENGLISH


def test_gradio_can_translate_all_that_stands_on_the_page() -> None:
    page = layout.build(Models(lambda: pytest.fail("no model")), RuntimeSettings())
    marked = re.findall(r'__i18n__\{.*?"key": "(\w[\w-]*)"\}', str(page.get_config_file()))
    made = translations(layout.FRAME).translations_dict
    assert len(set(marked)) > 30
    assert made.keys() == LANGUAGES.keys()
    for strings in made.values():
        assert set(marked) <= strings.keys()


def test_german_views_say_nothing_in_english() -> None:
    warnings = tuple(english(key, party="Norway", error="it is down") for key in PHRASES if key.startswith("warning_"))
    found = analysis(warnings)
    other = Analysis(join_article("Rain", ["It rained."]), (), (), Summary(()))
    shown = "".join(
        (
            html.glance(found, say=GERMAN),
            html.matrix(found, GERMAN),
            article(found, GERMAN),
            comparison([found], GERMAN),
            comparison([found, other], GERMAN),
            to_html(found, GERMAN),
        )
    )
    assert [piece for piece in told(ENGLISH) if piece in shown] == []
    assert 'lang="en"' in shown
    assert '<html lang="de">' in shown
    assert "in 1 von 4 Absätzen (unsicher) kritisch dargestellt, in der Autorenstimme; " in shown
    assert "in 1 wohlwollend dargestellt, in zitierten Stimmen („Ms Berg“); in 1 neutral erwähnt." in shown
    assert "zitiert: „Ms Berg“" in shown
    assert "Kein Absatz bezieht sich auf „Norway“." in shown
    assert "Es gibt keine geschriebene Zusammenfassung: it is down" in shown


def test_german_says_of_the_most_criticized_who_favors_it() -> None:
    found = analysis()
    sure = replace(found.labels[0], paragraph=2, unsure=False)
    more = replace(found, labels=(*found.labels[:2], sure, found.labels[3]))
    said = "Norway, in 2 von 4 Absätzen (davon 1 unsicher), in der Autorenstimme; in 1 wohlwollend dargestellt."
    assert f"Von den wichtigsten Akteuren am häufigsten kritisiert: {said}" in html.glance(more, say=GERMAN)
    assert "am häufigsten" not in html.glance(found, say=GERMAN)


def test_german_markdown_says_nothing_in_english() -> None:
    warnings = tuple(english(key, party="Norway", error="it is down") for key in PHRASES if key.startswith("warning_"))
    found = analysis(warnings)
    own = corrected(found, {(0, "Norway"): Correction(Stance.NEUTRAL, note="so")})
    shown = to_markdown(own, GERMAN, found)
    headings = ("Zusammenfassung", "Akteure", "Haltung", "Korrekturen des Lesers", "Notizen des Lesers", "Belege")
    assert all(f"## {heading}" in shown for heading in headings)
    assert "| 1 | ✎ = neutral |" in shown
    assert "¶1, Norway: kritisch, Autorenstimme → neutral" in shown
    assert [piece for piece in told(ENGLISH) if piece in shown] == []
    assert not re.search(r"critical|favorable|absent|quoted", shown)


def test_a_german_comparison_says_nothing_in_english() -> None:
    other = Analysis(join_article("Rain", ["It rained."]), (), (), Summary(()))
    (party,) = analysis().parties
    found = replace(analysis(), parties=(replace(party, mentions=(Mention(0, 0, 6),)),))
    shown = to_markdown_of_several([found, other], GERMAN)
    sides = "− 1 kritisch (1 in der Autorenstimme), + 1 wohlwollend (1 zitiert), = 1 neutral"
    assert f"| Norway | {sides} | kommt nicht vor |" in shown
    assert "- Norway, A: − “Norway was wrong.” (¶1, Autorenstimme, unsicher)" in shown
    assert "(¶2, zitiert: „Ms Berg“)" in shown
    assert not re.search(r"critical|favorable|absent|quoted|unsure|voice|mentioned", shown)


def test_a_warning_that_is_not_known_stays_and_is_english() -> None:
    assert 'lang="en"><p class="sl-alert" role="note" data-at="0">Odd.</p>' in html.glance(
        analysis(("Odd.",)), say=GERMAN
    )


def test_a_refusal_is_in_the_readers_language() -> None:
    with pytest.raises(gr.Error, match="nicht mehr im Speicher") as refused:
        kept_with((), None, OwnLabels(), "", asking("de"))  # type: ignore[arg-type]
    assert refused.value.title == "Fehler"


def test_the_next_article_stays_in_the_box() -> None:
    found = analysis(())
    for text, left in (("", ""), (found.article.text.replace("\n", "\r\n"), ""), ("Another article.", gr.skip())):
        assert kept_with((), found, OwnLabels(), text, asking("en"))[0] == left  # type: ignore[arg-type]
