"""What the page shows while a language model writes a summary, and where the reader or an error ends that."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from model.article.splitter import join_article
from model.domain import Analysis, Article, Kind, Party, Stance, StanceLabel, Summary, SummarySentence
from model.errors import ArticleError, ServerError
from model.page.dropped_files import Batch, DroppedFile, State
from model.page.latest_run import LatestRun
from model.page.models import Models
from model.page.own_labels import OwnLabels, article_id
from model.page.strings import ENGLISH
from tests.test_batch import READER, TEXT, handlers

REFUSED = "the whole of it is refused"
STOPPED = "the summary was not written to its end"


def labeled(article: Article) -> Analysis:
    """An analysis with labels, and a sentence of its own for a summary."""
    party = Party("Norway", Kind.STATE)
    labels = tuple(StanceLabel(p.index, party.name, Stance.NEUTRAL) for p in article.paragraphs)
    return Analysis(article, (party,), labels, Summary((SummarySentence(article.paragraphs[0].text, (0,)),)))


FOUND = labeled(join_article("", [TEXT]))


class Writer:
    """An analyzer whose summary is two sentences, one after the other; then it fails, if it is to."""

    ensemble, writer = None, object()

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked = 0

    def stages(self, article: Article, requests: Any = (), before: Any = None) -> Iterator[Analysis]:
        yield replace(labeled(article), summary=Summary(()))
        if REFUSED in article.text:
            raise ArticleError(REFUSED)
        yield labeled(article)

    def write(self, found: Analysis) -> Iterator[Analysis]:
        self.asked += 1
        sentences = [SummarySentence(f"Sentence {number} is written.", (0,), written=True) for number in (1, 2)]
        for count in (1, 2):
            yield replace(found, written=Summary(tuple(sentences[:count]), "written"))
        if self.error:
            raise self.error


class Session:
    """One reader's page: what its parts hold, and its states."""

    def __init__(self, analyzer: Writer, found: Analysis | None = FOUND) -> None:
        models = Models(lambda: analyzer)  # type: ignore[arg-type, return-value]
        models.start()
        models.wait()
        self.files = handlers(models)
        self.page: dict[str, Any] = {"analysis": found}
        self.own, self.runs = OwnLabels(), LatestRun(1.0, 1.0, unwritten=True)

    def fill(self, changes: Any) -> None:
        self.page |= changes

    def writing(self) -> Iterator[dict[Any, object]]:
        return self.files.handlers.write(self.page["analysis"], self.own, self.runs, READER)

    def judge(self, text: str, number: float) -> None:
        """As the page does: an analysis, then the model's work on what is shown."""
        self.runs.ask(number)
        for changes in self.files.handlers.judge_article(text, self.own, self.runs, number, READER):
            self.fill(changes)
        for changes in self.writing():
            self.fill(changes)

    def follow(self) -> str:
        sent = json.dumps({"id": article_id(FOUND.article), "labels": []})
        return self.files.handlers.follow(sent, self.own, self.runs, self.page["analysis"], READER)

    def stop(self) -> None:
        self.fill(self.files.end(self.page["analysis"], Batch(), self.own, self.runs, READER))


def test_a_label_that_changes_leaves_what_is_written() -> None:
    session = Session(Writer())
    steps = session.writing()
    session.fill(next(steps))
    assert "sentences so far: 1" in session.page["progress"]
    assert "Sentence 1 is written" in session.follow()
    for changes in steps:
        session.fill(changes)
    assert "Sentence 2 is written" in session.page["glance"]
    assert session.runs.growing is None, "an article does not stay in memory"
    assert "Sentence 2 is written" in session.follow()


def test_stop_leaves_all_labels_and_no_half_summary() -> None:
    session = Session(Writer())
    steps = session.writing()
    session.fill(next(steps))
    session.stop()
    assert "Sentence 1" not in session.page["glance"]
    assert STOPPED in session.page["message"]
    assert session.runs.growing is None
    assert "Sentence 1" not in session.follow()
    assert not any("glance" in changes for changes in steps)
    session.fill({"message": ""})
    session.stop()
    assert not session.page["message"], "nothing is being written"


def test_a_list_of_files_ends_the_writing_too() -> None:
    session = Session(Writer())
    steps = session.writing()
    session.fill(next(steps))
    session.runs.ask(2.0)
    for changes in session.files.start(session.page["analysis"], Batch(), session.own, session.runs, 2.0, READER):
        session.fill(changes)
    assert "Sentence 1" not in session.page["glance"]
    assert STOPPED in session.page["message"]


def test_a_text_that_is_refused_leaves_what_is_shown() -> None:
    """The model goes on where it was interrupted, and does nothing where the reader stopped it, or it was done."""
    analyzer = Writer()
    session = Session(analyzer)
    session.fill(next(session.writing()))
    session.judge("", 2.0)
    assert "expected" in session.page["message"]
    assert (analyzer.asked, "Sentence 2 is written" in session.page["glance"]) == (2, True)
    session.judge("", 3.0)
    assert analyzer.asked == 2
    session = Session(analyzer)
    session.fill(next(session.writing()))
    session.stop()
    session.judge("", 4.0)
    assert (analyzer.asked, "Sentence 1" in session.page["glance"]) == (3, False)
    assert session.page["analysis"] == FOUND


def test_half_an_analysis_does_not_stay() -> None:
    analyzer = Writer()
    session = Session(analyzer)
    session.judge(f"{TEXT} And {REFUSED}.", 2.0)
    assert REFUSED in session.page["message"]
    assert (session.page["analysis"], session.page["glance"], analyzer.asked) == (None, "", 0)
    session.judge(TEXT, 3.0)
    assert "Sentence 2 is written" in session.page["glance"]


@pytest.mark.parametrize("written", [False, True])
def test_a_writer_that_fails(written: bool) -> None:
    found = replace(FOUND, written=Summary((SummarySentence("It was written before.", (0,), written=True),), "written"))
    session = Session(Writer(ServerError("the kraken woke")), found if written else FOUND)
    for changes in session.writing():
        session.fill(changes)
    assert "the kraken woke" in session.page["glance"]
    assert ("There is no written summary" in session.page["glance"]) is not written
    assert ("It was written before" in session.page["glance"]) is written
    assert session.runs.growing is None
    told = "The sentences on the parties are not all written" if written else "There is no written summary"
    assert f'role="status">{told}: the kraken woke' in session.page["message"]
    assert session.page["analysis"] == replace(found if written else FOUND, warnings=(f"{told}: the kraken woke",))


def test_what_is_read_and_not_shown_changes_nothing() -> None:
    analyzer = Writer()
    session = Session(analyzer)
    session.judge(TEXT, 2.0)
    shown = session.page["glance"]
    session.runs.ask(3.0)
    judging = session.files.handlers.judge_article(f"{TEXT} And {TEXT}", session.own, session.runs, 3.0, READER)
    stages = analyzer.stages

    def stopped(*given: Any) -> Iterator[Analysis]:
        for found in stages(*given):
            session.stop()  # while this is read
            yield found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyzer, "stages", stopped)
        assert not any("glance" in changes for changes in judging)
    session.judge("", 4.0)
    assert "expected" in session.page["message"]
    assert (session.page["glance"], session.page["analysis"].article) == (shown, FOUND.article)


def test_an_analysis_that_is_opened_is_whole() -> None:
    session = Session(Writer())
    session.runs.ask(2.0)
    judging = session.files.handlers.judge_article(TEXT, session.own, session.runs, 2.0, READER)
    while not session.runs.partial:
        next(judging)
    session.fill(session.files.handlers.opened(FOUND, session.own, session.runs, session.runs.asked, ENGLISH))
    session.judge("", 3.0)
    assert session.page["analysis"] == FOUND


def test_a_list_starts_where_nothing_is_shown_and_says_what_it_ended() -> None:
    session = Session(Writer(), None)
    session.runs.ask(2.0)
    started = session.files.start(None, Batch(), session.own, session.runs, 2.0, READER)
    assert all(started), "Gradio takes no step without a change"
    session = Session(Writer())
    batch = Batch([DroppedFile("a.txt", State.WAITING, TEXT)])
    session.runs.ask(3.0)
    for changes in session.files.start(session.page["analysis"], batch, session.own, session.runs, 3.0, READER):
        session.fill(changes)
    assert STOPPED in session.page["message"]
