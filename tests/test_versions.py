"""One version of everything loaded: a byte changed anywhere is another one, for the cache, a corpus and the page."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from eval.cache import ask
from eval.gold import GoldArticle
from eval.judges import Reply
from model import Analysis, Analyzer
from model.article.splitter import join_article
from model.corpus.output.store import open_store
from model.errors import CorpusError
from model.networks.device import encoder_dtype, precision_of
from model.networks.versions import program_digest, versions_of
from model.settings import HERE, PROMPTS, WEIGHTS

FILES = [
    *sorted(path for path in WEIGHTS.iterdir() if path.suffix in (".safetensors", ".gguf", ".json")),
    *sorted(PROMPTS.glob("*.txt")),
]


def flip(path: Path) -> None:
    """Change the last byte."""
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with copies of weights and prompts."""
    folder = tmp_path_factory.mktemp("copies")
    for path in FILES:
        shutil.copy(path, folder)
    return folder


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_one_byte_is_another_version(file: Path, copies: Path, tmp_path: Path) -> None:
    before = versions_of(copies / "stance.safetensors", with_lm=True, folder=copies, prompts=copies)
    flip(copies / file.name)
    after = versions_of(copies / "stance.safetensors", with_lm=True, folder=copies, prompts=copies)
    flip(copies / file.name)
    assert before["files"] != after["files"]
    assert versions_of(copies / "stance.safetensors", with_lm=True, folder=copies, prompts=copies) == before

    gold = [GoldArticle("a", join_article("", ["Norway waits."]), (), {}, ())]
    for versions, asked in ((before, 1), (before, 0), (after, 1)):
        judge = SimpleNamespace(name="judge", versions=versions, judge=lambda article: Reply({}))
        assert ask([judge], gold, tmp_path / "cache")[0].number == asked

    with open_store(tmp_path / "corpus", {"versions": before}):
        pass
    with (
        pytest.raises(CorpusError, match=r"versions\.files was '\w+' and is '\w+'"),
        open_store(tmp_path / "corpus", {"versions": after}),
    ):
        pass


def test_a_changed_word_is_another_program(tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("training", "weights", "__pycache__"))
    assert program_digest(copy) == program_digest(HERE)
    for file in (copy / "names" / "data" / "states.tsv", copy / "recent.py"):
        before = program_digest(copy)
        flip(file)
        program_digest.cache_clear()
        assert program_digest(copy) != before


def test_an_analysis_says_what_made_it(analyzer: Analyzer, analysis: Analysis) -> None:
    assert analyzer.versions == versions_of() | {"precision": precision_of(encoder_dtype())}
    assert analyzer.versions.items() <= analysis.versions.items()
