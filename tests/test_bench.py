"""The benchmark's own arithmetic and what it writes; what it measures is the machine's."""

import json
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from model.bench import __main__ as bench
from model.bench import page, writing
from model.bench.limits import encoder_operations
from model.bench.measure import Left, Row, ratios, row, seconds
from model.bench.report import BEGIN, END, markdown, write_between
from model.domain import Stance
from model.errors import WeightsError
from model.language_model.interface import Choice
from tests.conftest import EXAMPLE
from tests.test_lm_classifier import Parrot

pytestmark = pytest.mark.slow


def test_stages_take_turns_after_a_round_that_warms_up() -> None:
    calls: list[str] = []
    taken = seconds({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=2)
    assert calls == ["a", "b"] * 3
    assert {name: len(times) for name, times in taken.items()} == {"a": 2, "b": 2}


def test_ratios_round_by_round() -> None:
    assert ratios([6.0, 8.0], [2.0, 1.0]) == [3.0, 8.0]


@pytest.mark.parametrize(("bar", "met"), [("≤ 3", True), ("≤ 2.9", False), ("≥ 3", True), ("≥ 3.1", False), ("", None)])
def test_a_row_is_a_median_with_its_range_and_bar(bar: str, met: bool | None) -> None:
    found = row("items", "few", [9.0, 1.0, 3.0], "s", bar)
    assert (found.value, found.spread, found.met) == (3.0, (1.0, 9.0), met)


def test_operations_by_hand() -> None:
    # 3 tokens, hidden 2, inner 5: 4 · 2 · 2 + 2 · 2 · 5 = 36 multiply-adds a token, attention 2 · 3 · 3 · 2 = 36
    assert encoder_operations([3], hidden=2, wide=5, layers=1) == 2 * (3 * 36 + 36)
    assert encoder_operations([3, 3], hidden=2, wide=5, layers=7) == 14 * encoder_operations([3], 2, 5, 1)


def test_the_table_says_what_was_missed_and_left_out() -> None:
    rows = [Row("items", "few", 1234.5, "s", (0.001234, 2000.0), "≤ 1"), Row("limit", "rate", 0.5, "GB/s", (0.4, 0.6))]
    table = markdown(rows, [Left("decode", "llama.cpp is not installed")], "Today, here.")
    assert table.splitlines()[0] == "Today, here."
    assert "| items | few | 1,234 s | 0.00123 to 2,000 | ≤ 1 **missed** |" in table
    assert "| limit | rate | 0.5 GB/s | 0.4 to 0.6 |  |" in table
    assert "Left out: decode (llama.cpp is not installed)." in table


def test_the_readme_gets_the_table_between_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write_between(path, "new\n")
    assert path.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    path.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="put them where the table belongs"):
        write_between(path, "new\n")


def test_without_a_browser_the_page_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page.shutil, "which", lambda _: None)
    found = page.page_row(rounds=1)
    assert isinstance(found, Left)
    assert "make install-dev browser" in found.why


def test_one_section_from_the_command_to_its_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--only", "limits", "--rounds", "1", "--out", str(tmp_path)]) == 0
    record = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    (measured,) = record["sections"]["limits"]["rows"]
    assert measured["unit"] == "GB/s"
    assert measured["value"] > 0
    assert (tmp_path / "bench.md").read_text(encoding="utf-8") in capsys.readouterr().out
    assert (tmp_path / "bench.svg").stat().st_size > 0


def test_sections_that_are_not_measured_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sections = {
        "page": lambda text, rounds: [Row("loading", f"page in {rounds}", 1.0, "s", (1.0, 1.0))],
        "limits": lambda text, rounds: [Left("rate", f"no time in {rounds}")],
    }
    monkeypatch.setattr(bench, "SECTIONS", sections)
    for rounds, arguments in enumerate((["page", "limits"], ["limits", "--keep"], ["page"])):
        options = ["--rounds", str(rounds), "--out", str(tmp_path), "--text", str(EXAMPLE), "--only", *arguments]
        assert bench.main(options) == 0
        table = (tmp_path / "bench.md").read_text(encoding="utf-8")
        assert ("page in 0" in table, "no time in 0" in table) == ((True, True), (True, False), (False, False))[rounds]


def test_without_the_language_model_its_rows_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(name: str) -> None:
        raise WeightsError("no weights for qwen")

    monkeypatch.setattr(writing, "open_language_model", nowhere)
    assert list(writing.writing_rows("", 1)) == [Left("the language model", "no weights for qwen")]


class Quick(Parrot):
    """Answers every question with neutral, and says two words to every prompt."""

    def __init__(self) -> None:
        super().__init__(Stance.NEUTRAL, "quick")

    def generate(self, prompt: str, limit: int) -> Generator[str, None, None]:
        yield "Norway agrees."

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        raise AssertionError("nobody asks for a choice")


@pytest.mark.parametrize("exact", [False, True])
def test_how_long_it_judges_and_writes_and_llama_cpp_for_the_same(monkeypatch: pytest.MonkeyPatch, exact: bool) -> None:
    monkeypatch.setattr(writing, "open_language_model", lambda name: Quick())
    monkeypatch.setattr(writing, "is_exact", lambda: exact)
    asked: list[list[str]] = []

    def llama_row(kept: writing._Asked, rounds: int) -> Left:
        asked.append([prompt for prompts, _ in kept.rounds for prompt in prompts])
        return Left("llama.cpp", "not here")

    monkeypatch.setattr(writing, "_llama_row", llama_row)
    found = list(writing.writing_rows(EXAMPLE.read_text(encoding="utf-8"), rounds=1))
    names = [one.name for one in found]
    assert names[1:3] == ["judging where the encoder is not sure", "all of it, checked"]
    assert (names[-1] == "llama.cpp") == exact
    assert len(asked) == exact
    assert all(3 < len(prompts) == len(set(prompts)) for prompts in asked), "those of one summary, not of two"
