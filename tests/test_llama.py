"""The default language model through llama.cpp: the real file, read and asked."""

import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import torch

from model.errors import WeightsError
from model.language_model import llama, loading
from model.language_model.llama import LlamaModel, defused
from model.language_model.weights import QWEN, gguf_file


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LlamaModel:
    return LlamaModel.from_file(gguf_file(tmp_path_factory.mktemp("gguf")), QWEN.version)


@pytest.mark.llm
def test_it_answers_and_says_what_it_is(model: LlamaModel) -> None:
    pieces = list(model.generate("What is the capital of Norway? Answer with one word.", 8))
    assert "".join(pieces).strip(" .") == "Oslo"
    assert model.version.startswith(f"{QWEN.version}, llama.cpp 20")
    assert model.count("Norway thanked Sweden.") == 4 + 1
    (choice,) = model.choose(["Is Oslo in Norway? Answer with one word: yes or no."], ("yes", "no"))
    assert choice.shares["yes"] > 0.8 > 0.2 > choice.shares["no"]


@pytest.mark.llm
def test_closing_stops_it(model: LlamaModel) -> None:
    pieces = model.generate("Count from one to ten thousand in words, each on a line of its own.", 8000)
    assert next(pieces)
    pieces.close()
    start = time.monotonic()
    assert list(model.generate("Say hello.", 2))
    assert time.monotonic() - start < 60  # 8,000 words take minutes


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


@pytest.mark.parametrize(
    ("place", "amx", "dtype", "taken"),
    [
        ("cpu", True, torch.bfloat16, "torch"),
        ("cpu", True, torch.float32, "llama.cpp"),
        ("cpu", False, torch.bfloat16, "llama.cpp"),
        ("cuda", False, torch.float32, "torch"),
    ],
)
def test_it_is_taken_where_torch_is_slower(
    monkeypatch: pytest.MonkeyPatch, place: str, amx: bool, dtype: torch.dtype, taken: str
) -> None:
    monkeypatch.setattr(loading, "choose_device", lambda device: torch.device(place))
    monkeypatch.setattr(loading, "_AMX", amx)
    monkeypatch.setattr(loading, "fastest_dtype", lambda device: dtype)
    monkeypatch.setattr(loading, "quantized_file", lambda cache: Path("file"))
    monkeypatch.setattr(loading, "language_model_folder", lambda cache: Path("folder"))
    monkeypatch.setattr(llama.LlamaModel, "from_file", lambda file, version: "llama.cpp")
    monkeypatch.setattr(loading.LocalModel, "from_folder", lambda folder, version, device: "torch")
    assert loading.open_language_model("default") == taken
