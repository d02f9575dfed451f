"""The limits of a list of files, at its handlers: how many, how long, how often; and what a name can do."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from model.article.splitter import join_article
from model.domain import Analysis, Article, Kind, Party, Stance, StanceLabel, Summary
from model.export.csv_format import to_csv
from model.page import batch as module
from model.page import handlers as page_handlers
from model.page import layout
from model.page.api import Limiter
from model.page.batch import MOST_FILES, FileHandlers, FileList
from model.page.dropped_files import Batch, DroppedFile, State
from model.page.handlers import Components, Handlers
from model.page.latest_run import LatestRun
from model.page.models import Models
from model.page.own_labels import HEARD, OwnLabels, article_id
from model.page.strings import ENGLISH
from model.pipeline import Analyzer
from model.settings import RuntimeSettings

TEXT = "Norway thanked Sweden for its great patience, and that was all that it had to say about the matter."
READER = cast("gr.Request", SimpleNamespace(client=SimpleNamespace(host="10.0.0.1")))


def _stages(article: Article, requests: Any = (), before: Any = None) -> Iterator[Analysis]:
    party = Party("=Norway", Kind.STATE)
    shares = dict.fromkeys(Stance, 0.25)
    labels = tuple(StanceLabel(p.index, party.name, Stance.NEUTRAL, shares) for p in article.paragraphs)
    for _ in range(3):
        yield Analysis(article, (party,), labels, Summary(()))


def loaded_models(stages: Callable[..., Iterator[Analysis]]) -> Models:
    loaded = Models(lambda: cast("Analyzer", SimpleNamespace(writer=None, ensemble=None, stages=stages)))
    loaded.start()
    loaded.wait()
    return loaded


@pytest.fixture
def models() -> Models:
    return loaded_models(_stages)


def handlers(models: Models, rate: str = "") -> FileHandlers:
    """Handlers whose components are their own names."""
    on = Components(*cast("Any", Components.__dataclass_fields__))
    parts = FileList(*cast("Any", FileList.__dataclass_fields__))
    return FileHandlers(Handlers(models, Limiter(rate), on), parts)


def dropped(folder: Path, count: int, text: str = TEXT) -> list[str]:
    for number in range(count):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return [str(folder / f"{number}.txt") for number in range(count)]


def taken(of_files: FileHandlers, paths: list[str], batch: Batch) -> list[dict[Any, object]]:
    return list(of_files.take_files(paths, batch, OwnLabels(), LatestRun(), "", None, READER))


def analyzed(of_files: FileHandlers, batch: Batch, runs: LatestRun) -> list[dict[Any, object]]:
    """Every file, as the script asks for them."""
    runs.ask(0.5)
    steps = list(of_files.start(None, batch, OwnLabels(), runs, 0.5, READER))
    while steps[-1]["more"]:
        steps += of_files.go_on(batch, runs, READER)
    return steps


def begun(models: Models, paths: list[str]) -> tuple[Batch, FileHandlers, LatestRun, Iterator[dict[Any, object]]]:
    """A list whose first file is being analyzed, and the steps of that."""
    batch, of_files, runs = Batch(), handlers(models), LatestRun()
    taken(of_files, paths, batch)
    runs.ask(0.5)
    steps = of_files.start(None, batch, OwnLabels(), runs, 0.5, READER)
    next(steps)
    return batch, of_files, runs, steps


def states(batch: Batch) -> list[str]:
    return [file.state.value for file in batch.files]


def test_no_more_files_than_the_list_takes(models: Models, tmp_path: Path) -> None:
    batch, of_files = Batch(), handlers(models)
    (told,) = taken(of_files, dropped(tmp_path, MOST_FILES + 1), batch)
    assert "Expected at most 20 files in the list, got 21" in str(told["message"])
    assert batch.files == []
    taken(of_files, dropped(tmp_path, MOST_FILES), batch)
    assert states(batch) == ["waiting"] * MOST_FILES
    (told,) = taken(of_files, dropped(tmp_path, 2), batch)
    assert "got 22" in str(told["message"])
    assert len(batch.files) == MOST_FILES


def test_no_more_text_than_the_list_takes(models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHARACTERS", 2 * len(TEXT))
    batch = Batch()
    taken(handlers(models), dropped(tmp_path, 3), batch)
    assert states(batch) == ["waiting", "waiting", "failed"]
    assert "expected at most" in batch.files[2].told
    assert batch.files[2].text == ""


def test_each_article_counts_once_for_the_rate(models: Models, tmp_path: Path) -> None:
    batch, of_files, runs = Batch(), handlers(models, "3/hour"), LatestRun()
    taken(of_files, dropped(tmp_path, 4), batch)
    assert states(batch) == ["waiting", "waiting", "waiting", "failed"]
    assert "at most 3 per 1 hour" in batch.files[3].told
    steps = analyzed(of_files, batch, runs)
    assert states(batch) == ["done", "done", "done", "failed"]
    assert steps[-1]["progress"] == ""
    assert batch.number is None


def judged(of_files: FileHandlers, text: str, runs: LatestRun) -> str:
    """All that the page shows of an article, or of a link, that somebody pastes."""
    number = runs.asked + 1 if runs.asked > 0 else 1.0
    runs.ask(number)
    return str(list(of_files.handlers.judge_article(text, OwnLabels(), runs, number, READER)))


def test_a_file_counts_once_where_it_is_read_and_judged(models: Models, tmp_path: Path) -> None:
    of_files, runs = handlers(models, "2/hour"), LatestRun()
    (path,) = dropped(tmp_path, 1)
    for _ in range(2):
        read, last = of_files.handlers.take_file(path, OwnLabels(), runs, "", None, READER)
        assert "article" not in last  # Gradio sends it twice
        assert "at most" not in judged(of_files, str(read["article"]), runs)
    assert "at most 2 per 1 hour" in judged(of_files, TEXT, runs)


def test_what_is_analyzed_all_the_same_counts_once(models: Models, tmp_path: Path) -> None:
    of_files, runs = handlers(models, "1/hour"), LatestRun()
    text = "Die Regierung in Oslo hat den Streit um die Fähre lange geduldig ertragen, doch nun ist es damit vorbei."
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    list(of_files.handlers.take_file(str(tmp_path / "a.txt"), OwnLabels(), runs, "", None, READER))
    assert 'data-do="insist"' in judged(of_files, text, runs)
    runs.ask(7.0)
    shown = str(list(of_files.handlers.judge_anyway(text, OwnLabels(), runs, 7.0, READER)))
    assert "at most" not in shown
    assert "Fähre" in shown


def test_each_link_counts_and_its_text_does_not(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_handlers, "read_link", lambda link: TEXT)
    of_files, runs = handlers(models, "2/hour"), LatestRun()
    of_files.handlers.links = True
    for text in ("https://a.example", "https://b.example", f"{TEXT} Corrected."):
        assert "at most" not in judged(of_files, text, runs)
    assert "at most 2 per 1 hour" in judged(of_files, TEXT, runs)


def test_a_second_try_counts_again(models: Models, tmp_path: Path) -> None:
    batch, of_files, runs = Batch(), handlers(models, "2/hour"), LatestRun()
    taken(of_files, dropped(tmp_path, 2), batch)
    runs.ask(0.5)
    steps = of_files.start(None, batch, OwnLabels(), runs, 0.5, READER)
    while "analyzing" not in states(batch):
        next(steps)
    runs.ask(0.7)  # another article
    last = list(steps)[-1]
    assert states(batch) == ["waiting", "waiting"]
    assert last["more"] == ""
    assert "progress" not in last  # it is the other article's
    steps_again = analyzed(of_files, batch, runs)
    assert any("at most 2 per 1 hour" in str(changes.get("message")) for changes in steps_again)
    assert states(batch) == ["waiting", "waiting"]


def test_stop_ends_after_the_file_at_work_and_a_second_one_at_once(models: Models, tmp_path: Path) -> None:
    batch, of_files, runs, steps = begun(models, dropped(tmp_path, 3))
    assert "Stopping after this file" in str(of_files.end(None, batch, OwnLabels(), runs, READER)["progress"])
    assert list(steps)[-1]["more"] == ""
    assert states(batch) == ["done", "waiting", "waiting"]
    runs.ask(0.6)
    steps = of_files.start(None, batch, OwnLabels(), runs, 0.6, READER)
    next(steps)
    of_files.end(None, batch, OwnLabels(), runs, READER)
    of_files.end(None, batch, OwnLabels(), runs, READER)
    list(steps)
    assert states(batch) == ["done", "waiting", "waiting"]


def test_stop_between_two_files_leaves_nothing_behind(models: Models, tmp_path: Path) -> None:
    batch, of_files, runs, steps = begun(models, dropped(tmp_path, 2))
    assert list(steps)[-1]["more"] == "1"  # the next file waits for its turn in the queue
    assert of_files.end(None, batch, OwnLabels(), runs, READER)["progress"] == ""
    assert (batch.number, states(batch)) == (None, ["done", "waiting"])
    (last,) = of_files.go_on(batch, runs, READER)
    assert last["more"] == ""


def test_a_start_that_was_stopped_in_the_queue(models: Models, tmp_path: Path) -> None:
    batch, of_files, runs = Batch(), handlers(models), LatestRun()
    taken(of_files, dropped(tmp_path, 2), batch)
    runs.ask(0.5)
    of_files.end(None, batch, OwnLabels(), runs, READER)
    (last,) = of_files.start(None, batch, OwnLabels(), runs, 0.5, READER)
    assert last["more"] == ""
    assert states(batch) == ["waiting", "waiting"]


def test_stop_before_the_labels_says_what_is_missing(models: Models) -> None:
    of_files, runs = handlers(models), LatestRun()
    runs.ask(0.5)
    runs.shows(0.5, partial=True)
    assert "before the analysis was whole" in str(of_files.end(None, Batch(), OwnLabels(), runs, READER)["message"])
    runs.shows(runs.asked)
    assert "message" not in of_files.end(None, Batch(), OwnLabels(), runs, READER)


def test_another_language_and_what_is_no_article(models: Models, tmp_path: Path) -> None:
    batch, of_files = Batch(), handlers(models)
    (tmp_path / "deutsch.txt").write_text(
        "Die Regierung in Oslo hat den Streit um die Fähre lange geduldig ertragen, doch nun ist es damit vorbei.",
        encoding="utf-8",
    )
    (tmp_path / "short.txt").write_text("Hello", encoding="utf-8")
    taken(of_files, [str(tmp_path / "deutsch.txt"), str(tmp_path / "short.txt"), *dropped(tmp_path, 1)], batch)
    analyzed(of_files, batch, LatestRun())
    assert states(batch) == ["failed", "failed", "done"]
    assert "another language" in batch.files[0].told
    assert "at least 5 words" in batch.files[1].told


def test_what_is_told_of_a_file_says_its_language(models: Models, tmp_path: Path) -> None:
    german = cast("gr.Request", SimpleNamespace(client=READER.client, headers={"accept-language": "de"}))
    (tmp_path / "deutsch.txt").write_text("Die Regierung in Oslo hat den Streit lange ertragen.", encoding="utf-8")
    (tmp_path / "short.txt").write_text("Hello", encoding="utf-8")
    batch, of_files, runs = Batch(), handlers(models), LatestRun()
    paths = [str(tmp_path / "deutsch.txt"), str(tmp_path / "short.txt")]
    list(of_files.take_files(paths, batch, OwnLabels(), runs, "", None, german))
    runs.ask(0.5)
    list(of_files.start(None, batch, OwnLabels(), runs, 0.5, german))
    steps = list(of_files.go_on(batch, runs, german))
    assert '<span lang="de">' in str(steps[-1]["rows"])
    assert '<span lang="en">expected an article of at least 5 words' in str(steps[-1]["rows"])


def test_all_files_are_read_before_they_can_be_analyzed(models: Models) -> None:
    batch = Batch([DroppedFile("a.txt", State.WAITING, TEXT), DroppedFile("b.txt")])
    of_files = handlers(models)
    assert not cast("gr.Button", of_files.listing(batch, ENGLISH)["start"]).visible
    batch.files[1].failed("no")
    assert cast("gr.Button", of_files.listing(batch, ENGLISH)["start"]).visible


def test_a_list_that_begins_over_half_an_article_says_so(models: Models, tmp_path: Path) -> None:
    batch, of_files, runs = Batch(), handlers(models), LatestRun()
    taken(of_files, dropped(tmp_path, 1), batch)
    runs.ask(0.25)
    runs.shows(0.25, partial=True)
    runs.ask(0.5)
    steps = list(of_files.start(None, batch, OwnLabels(), runs, 0.5, READER))
    assert ENGLISH("stopped_early") in str(steps[0]["message"])
    assert runs.partial  # what is shown is still the half of it


def test_a_file_that_fails_as_none_should_leaves_the_others(tmp_path: Path) -> None:
    failing = iter([True])

    def stages(article: Article, requests: Any = (), before: Any = None) -> Iterator[Analysis]:
        if next(failing, False):
            raise RuntimeError("the kraken woke")
        yield from _stages(article)

    models = loaded_models(stages)
    batch, of_files, runs, steps = begun(models, dropped(tmp_path, 2))
    with pytest.raises(RuntimeError, match="kraken"):
        list(steps)
    assert states(batch) == ["failed", "waiting"]
    assert batch.files[0].told == ENGLISH("failed")
    left = of_files.after_failure(batch, READER)
    assert left["progress"] == ""
    assert cast("gr.Button", left["start"]).visible
    assert not batch.at_work(runs)
    assert of_files.end(None, batch, OwnLabels(), runs, READER)["progress"] == ""
    analyzed(of_files, batch, runs)
    assert states(batch) == ["failed", "done"]


def test_a_file_whose_reading_fails_as_none_should_leaves_those_behind_it(
    models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def read(path: Path) -> str:
        if path.name == "0.txt":
            raise RuntimeError("the kraken woke")
        return TEXT

    monkeypatch.setattr(module, "read_file_or_saved", read)
    batch = Batch()
    taken(handlers(models), dropped(tmp_path, 2), batch)
    assert states(batch) == ["failed", "waiting"]
    assert batch.files[0].told == ENGLISH("failed")
    assert "kraken" in caplog.text


def test_the_page_hears_of_a_list_that_failed() -> None:
    page = layout.build(Models(lambda: pytest.fail("no model")), RuntimeSettings())
    events = list(page.fns.values())
    steps = [event._id for event in events if event.name in ("start", "go_on")]
    hearing = [event for event in events if event.name == "after_failure"]
    assert [event.trigger_after for event in hearing] == steps
    assert all(event.trigger_only_on_failure for event in hearing)


def test_names_and_titles_are_text_and_no_formula(models: Models, tmp_path: Path) -> None:
    batch, of_files = Batch(), handlers(models)
    taken(of_files, dropped(tmp_path, 2, f"<b>=Title</b>\n\n{TEXT}\n\n{TEXT} Indeed."), batch)
    batch.files[0].name = "=<img src=x>.txt"
    steps = analyzed(of_files, batch, LatestRun())
    shown = str(steps[-1]["rows"])
    assert "<img" not in shown
    assert "<b>" not in shown
    assert "=&lt;img src=x&gt;.txt" in shown
    table = list(csv.DictReader(of_files.as_csv("", batch, None, OwnLabels(), READER).splitlines()))
    assert {row["file"] for row in table} == {"'=<img src=x>.txt", "1.txt"}
    assert {row["party"] for row in table} == {"'=Norway"}


def test_a_file_has_the_labels_that_are_said_with_its_click(models: Models) -> None:
    (found, *_) = _stages(join_article("", [TEXT]))
    label = {"paragraph": 0, "party": "=Norway", "stance": "critical", "note": "so"}
    sent = json.dumps({"id": article_id(found.article), "labels": [label]})
    of_files = handlers(models)
    save = of_files.handlers.taker(lambda analysis, *_: to_csv(analysis))
    batch = Batch([DroppedFile("a.txt", State.DONE, TEXT, found)])
    for file in (save(sent, found, OwnLabels(), READER), of_files.as_csv(sent, batch, None, OwnLabels(), READER)):
        (row,) = csv.DictReader(file.splitlines())
        assert (row["stance"], row["note"]) == ("critical", "so")
    page = layout.build(Models(lambda: pytest.fail("no model")), RuntimeSettings())
    saving = [made.js for made in page.fns.values() if made.name in ("taken_text", "as_csv", "written")]
    assert saving == [HEARD] * 7


@pytest.mark.parametrize("place", [None, -1.0, 5.0, float("nan"), "0", 0.0])
def test_what_is_not_there_is_not_opened(models: Models, place: Any) -> None:
    batch = Batch([DroppedFile("a.txt", State.WAITING, TEXT)])
    with pytest.raises(gr.Error, match="no longer in memory"):
        next(handlers(models).open_file(place, batch, OwnLabels(), LatestRun(), "", None, READER))


@pytest.mark.parametrize("at_work", [False, True])
def test_opening_an_analysis_leaves_what_waits_in_the_box(models: Models, at_work: bool) -> None:
    (found, *_) = _stages(join_article("", [TEXT]))
    batch, runs, of_files = Batch([DroppedFile("a.txt", State.DONE, TEXT, found)]), LatestRun(), handlers(models)
    if at_work:
        runs.ask(0.5)
        batch.number = 0.5
    for text, kept in (("Another article.", True), (f" {found.article.text}\n", False), ("", False)):
        *_, shown, last = of_files.open_file(0.0, batch, OwnLabels(), runs, text, found, READER)
        assert "article" not in last
        assert TEXT in str(shown["reading"])
        assert ("article" not in shown) is kept


def test_other_parties_are_looked_for_in_the_article_that_is_shown(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found, *_) = _stages(join_article("", [TEXT]))
    on = handlers(models).handlers
    judged: list[str] = []
    monkeypatch.setattr(on, "_judge", lambda text, *_: iter(judged.append(text) or ()))  # type: ignore[func-returns-value]
    edited = f"{found.article.text} It thanked Denmark too."
    changed = found.article.text.replace("great", "long")
    shown = found.article.text
    other = (
        f"Denmark closed the ferry on Monday, and nobody in the harbour of Hale said a word. {shown[:40]} It rained."
    )
    for text, expected, partial in (
        ("", shown, False), (edited, edited, False), (changed, changed, False), (other, shown, False),
        (other, other, True),  # it is the one that is shown in parts
    ):  # fmt: skip
        runs = LatestRun()
        runs.ask(0.5)
        runs.shows(0.5, partial=partial)
        list(on.judge_again("Norway", found, text, OwnLabels(), runs, 0.5, READER))
        assert judged == [expected]
        judged.clear()


def test_an_analysis_that_waits_for_the_models_gives_way_to_an_article_that_is_asked_for(models: Models) -> None:
    loading, runs = Models(lambda: models.analyzer), LatestRun()
    (found, *_) = _stages(join_article("", [TEXT]))
    batch = Batch([DroppedFile("a.json", State.DONE, TEXT, found)])
    steps = handlers(loading).open_file(0.0, batch, OwnLabels(), runs, "", None, READER)
    assert "Loading the models" in str(next(steps)["progress"])
    runs.ask(0.7)
    loading.start()
    loading.wait()
    assert not any("article" in changes for changes in steps)


def test_the_list_follows_an_article_that_is_analyzed_again(models: Models, tmp_path: Path) -> None:
    batch, of_files = Batch(), handlers(models)
    taken(of_files, dropped(tmp_path, 2), batch)
    analyzed(of_files, batch, LatestRun())
    found = batch.files[0].found
    assert found is not None
    again = replace(found, parties=(Party("Sweden", Kind.STATE),), labels=())
    of_files.note(batch, replace(again, article=join_article("", ["Another article."])), READER)
    assert batch.files[0].found is found
    of_files.note(batch, again, READER)
    assert batch.files[0].found is again
    assert set(of_files.note(Batch(), again, READER)) == set(of_files.parts.listed)


def test_a_list_that_is_cleared_while_it_stops_ends_at_once(models: Models, tmp_path: Path) -> None:
    batch, of_files, runs, steps = begun(models, dropped(tmp_path, 2))
    of_files.end(None, batch, OwnLabels(), runs, READER)
    assert batch.at_work(runs)
    of_files.clear(batch, runs, READER)
    assert runs.asked < 0
    assert list(steps)[-1]["more"] == ""


def test_clearing_a_list_leaves_an_article_that_was_asked_for_meanwhile(models: Models, tmp_path: Path) -> None:
    batch, of_files, runs, steps = begun(models, dropped(tmp_path, 2))
    runs.ask(0.7)  # an article waits for its turn
    assert not batch.at_work(runs)
    of_files.clear(batch, runs, READER)
    assert runs.asked == 0.7
    list(steps)


def test_clear_ends_the_list(models: Models, tmp_path: Path) -> None:
    batch, of_files, runs, steps = begun(models, dropped(tmp_path, 2))
    assert of_files.clear(batch, runs, READER)["rows"] == ""
    assert list(steps)[-1]["more"] == ""
    with pytest.raises(gr.Error, match="no longer in memory"):
        of_files.as_csv("", batch, None, OwnLabels(), READER)
