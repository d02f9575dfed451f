"""The page answers while its models are loading: a reader is told, waits or stops, and an error ends the program."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from model import Analysis, Analyzer, Summary
from model.errors import WeightsError
from model.page.api import Limiter
from model.page.handlers import Components, Handlers
from model.page.latest_run import LatestRun
from model.page.models import Models
from model.page.own_labels import OwnLabels
from tests.conftest import ROOT, WAIT, judge, serve
from tests.scripted import Scripted, answering

TEXT = "Norway thanked Sweden for its great patience.\n\nSweden was glad of the words of Norway."


@pytest.fixture(scope="module")
def ready() -> threading.Event:
    """Set when the language model's server may answer."""
    return threading.Event()


@pytest.fixture(scope="module")
def address(ready: threading.Event) -> Iterator[str]:
    """The page around a language model's server that has not answered yet."""

    def reply(self: Scripted, body: dict[str, Any]) -> None:
        self.begin_stream()
        self.say_piece("The article reports that Norway thanked Sweden. ")

    with answering(reply, ready) as (model, _), serve(LLM=model) as address:
        yield address


def test_asked_while_the_models_are_loading(open_page: Callable[..., Page], ready: threading.Event) -> None:
    page = open_page()
    progress = page.locator("#sl-progress")
    judge(page, TEXT)
    expect(progress).to_contain_text("Loading the models", timeout=WAIT)
    page.locator("#sl-stop").click()
    expect(progress).to_be_empty(timeout=WAIT)
    judge(page, TEXT)
    expect(progress).to_contain_text("Loading the models", timeout=WAIT)
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(0)
    ready.set()
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(2, timeout=3 * WAIT)  # torch may not be imported yet
    expect(progress).to_be_empty(timeout=WAIT)


@pytest.mark.slow
def test_models_that_cannot_be_loaded_end_the_program() -> None:
    command = [sys.executable, "app.py", "--llm", "no-such-model", "--port", "7999"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == 2
    assert "sidelight: expected a language model as none, default, a folder" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_the_page_answers_before_the_libraries_of_models_are_imported() -> None:
    program = "import sys, model.page.server; print({'spacy', 'torch', 'transformers'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_transformers_networks_are_not_imported_to_read_with_the_encoder() -> None:
    """They bring torch's compiler along, and take four seconds."""
    program = (
        "import sys; from model.pipeline import Analyzer; Analyzer.from_pretrained(); "
        "print({'torch._dynamo', 'transformers.modeling_utils'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_whoever_needs_a_model_waits(analyzer: Analyzer) -> None:
    loaded = threading.Event()

    def load() -> Analyzer:
        loaded.wait()
        return analyzer

    models = Models(load)
    models.start()
    steps = models.waits()
    assert [next(steps), next(steps)] == [None, None]
    loaded.set()
    assert models.analyzer is analyzer
    assert list(steps) == list(models.waits()) == []


def test_a_handler_says_that_the_models_are_loading_until_they_are() -> None:
    loaded = threading.Event()

    def stages(article: Any, requests: Any, before: Any) -> Iterator[Analysis]:
        for _ in range(3):
            yield Analysis(article, (), (), Summary(()), versions={})

    def load() -> Any:
        loaded.wait()
        return SimpleNamespace(writer=None, ensemble=None, stages=stages)

    models = Models(load)
    models.start()
    handlers = Handlers(models, Limiter(""), Components(*(part.name for part in fields(Components))))  # type: ignore[arg-type]
    runs = LatestRun()
    runs.ask(1)
    first = handlers.judge_article(TEXT, OwnLabels(), runs, 1, None)  # type: ignore[arg-type]
    assert "Loading the models" in str(next(first)["progress"])
    assert "Loading the models" in str(next(first)["progress"])
    runs.ask()  # Stop
    assert list(first) == [{"progress": ""}]
    runs.ask(2)
    second = handlers.judge_article(TEXT, OwnLabels(), runs, 2, None)  # type: ignore[arg-type]
    assert "Loading the models" in str(next(second)["progress"])
    loaded.set()
    *_, last = second
    assert isinstance(last["analysis"], Analysis)
    # The box is empty where the article was put aside for a comparison.
    runs.ask(3)
    *_, again = handlers.judge_again("Norway", last["analysis"], "", OwnLabels(), runs, 3, None)  # type: ignore[arg-type]
    assert again["analysis"].article == last["analysis"].article


def test_an_error_reaches_whoever_waits() -> None:
    def load() -> Analyzer:
        raise WeightsError("expected weights")

    models = Models(load)
    models.start()
    for wait in (models.wait, lambda: models.analyzer):
        with pytest.raises(WeightsError, match="expected weights"):
            wait()
    assert list(models.waits()) == []
