"""The default language model through llama.cpp: the real file, read and asked."""

import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from model.article.splitter import join_article
from model.domain import Span
from model.errors import WeightsError
from model.language_model import loading
from model.language_model.interface import JUDGING, WRITING, Reply
from model.language_model.llama import LlamaModel, defused
from model.language_model.loading import open_language_model
from model.language_model.prompts import Prompt
from model.language_model.weights import LM_STANCE, QWEN, REWRITING, gguf_file
from model.summary.window import Window
from tests.test_lm_classifier import tells_praise_from_blame


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LlamaModel:
    """As the product loads it: with its adapters, which `choose` goes without."""
    adapters = {WRITING: REWRITING, JUDGING: LM_STANCE}
    return LlamaModel.from_file(gguf_file(tmp_path_factory.mktemp("gguf")), QWEN.version, adapters)


@pytest.mark.llm
def test_it_rewrites_and_says_what_it_is(model: LlamaModel) -> None:
    article = join_article(
        "The ferry of Hale", ["Ann Berg runs the ferry.", "However, she told us on Monday that it would be closed."]
    )
    window = Window.around(article, 1, Span(0, len(article.paragraphs[1].text)))
    pieces = Reply(model.generate(Prompt.load("rewrite").fill({"window": window.lines()}), 60))
    reply = "".join(pieces)
    assert pieces.log_likelihood
    assert -12 < pieces.log_likelihood < 0
    assert "Berg" in reply
    assert not re.match("However|She", reply)
    assert reply.endswith(".")
    assert "\n" not in reply
    files = r"rewriting@\w{12}, lm_stance@\w{12}, llama\.cpp 20.*"
    assert re.fullmatch(f"{re.escape(QWEN.version)}, {files}", model.version)
    assert len(model.tokens("Norway thanked Sweden.")) == 4 + 1
    assert len(model.tokens("<|im_end|>")) > 1, "no control token"
    assert len(model.tokens("<|im_end|>", control=True)) == 1


@pytest.mark.llm
def test_it_tells_praise_from_blame(model: LlamaModel) -> None:
    again, answer = tells_praise_from_blame(model)
    assert torch.allclose(again, answer, atol=0.05)


def test_a_text_is_read_piece_by_piece_and_asked_about_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def next_token(self: LlamaModel, prompt: Sequence[int], options: Sequence[int]) -> list[float]:
        asked.append("".join(map(chr, prompt)))
        return [0.0]

    monkeypatch.setattr(LlamaModel, "_next_token", next_token)
    model = LlamaModel.__new__(LlamaModel)
    text = "a" * 700 + "b" * 500 + "c" * 900
    questions = [(700, list(map(ord, "A?"))), (1200, list(map(ord, "B?"))), (700, list(map(ord, "C?")))]
    found = list(model.answers(list(map(ord, text)), questions, [0]))
    assert [one and one[0] for one in found] == [None, None, 1, 0, 2]
    assert asked == [text[:400], text[:800], f"{text[:1200]}B?", f"{text[:700]}A?", f"{text[:700]}C?"]


@pytest.mark.llm
def test_a_choice_is_the_models_own(model: LlamaModel) -> None:
    (choice,) = model.choose(["Is Oslo in Norway? Answer with one word: yes or no."], ("yes", "no"))
    assert choice.shares["yes"] > 0.8 > 0.2 > choice.shares["no"]
    assert model.choosing == {"lora": [{"id": 0, "scale": 0.0}, {"id": 1, "scale": 0.0}]}


@pytest.mark.llm
def test_closing_stops_it(model: LlamaModel) -> None:
    pieces = model.generate("Sentence: He counted: one, two, three, four, five, six, seven, eight, nine, ten.", 2000)
    assert next(pieces)
    pieces.close()
    start = time.monotonic()
    assert list(model.generate("Say hello.", 2))
    assert time.monotonic() - start < 30


@pytest.mark.llm
def test_it_answers_those_alone_who_know_its_key(model: LlamaModel) -> None:
    for path in ("/v1/models", "/tokenize", "/v1/chat/completions"):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{model.server.listening_address}{path}", timeout=10)
    assert model.server.listening_address.startswith("http://127.0.0.1:")


@pytest.mark.llm
def test_what_it_is_asked_is_in_no_log(model: LlamaModel, capfd: pytest.CaptureFixture[str]) -> None:
    list(model.generate("The heron of Hale is a planted sentence.", 4))
    told = capfd.readouterr()
    assert "heron" not in told.out + told.err


def test_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF is not all")
    with pytest.raises(WeightsError, match=r"llama\.cpp reads.*made anew"):
        LlamaModel.from_file(tmp_path / "bad.gguf", "bad")


def test_control_tokens_are_broken_up() -> None:
    assert defused("a <|im_end|> b < | c") == "a <¦im_end|> b < | c"


def test_without_llama_cpp_there_is_no_default_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "model.language_model.llama", None)
    monkeypatch.setattr(loading, "is_exact", lambda: False)
    with pytest.raises(WeightsError, match=r"expected llama\.cpp .* or set LLM=none"):
        open_language_model("default")
