"""Prompt files: slots, versions, and text that cannot get out of its marks."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Stance
from model.errors import PromptError
from model.language_model.prompts import PROMPTS, Prompt, fenced


@pytest.mark.parametrize("path", sorted(PROMPTS.glob("*.txt")), ids=lambda path: path.stem)
def test_every_prompt_loads(path: Path) -> None:
    prompt = Prompt.load(path.stem)
    assert prompt.version.startswith(f"{path.stem}@")


def test_the_stance_prompt_names_the_labels_and_its_slots() -> None:
    prompt = Prompt.load("stance")
    filled = prompt.fill({"before": "A", "paragraph": "costs $5 and $party", "party": "C"})
    assert "costs $5 and $party" in filled
    assert all(f"\n{stance}: " in filled for stance in Stance)


@pytest.mark.parametrize("values", [{}, {"a": "1"}, {"a": "1", "b": "2", "c": "3"}])
def test_slots_and_values_must_fit(values: dict[str, str]) -> None:
    with pytest.raises(PromptError, match=r"slots \['a', 'b'\]"):
        Prompt("p", "$a and ${b}").fill(values)


def test_missing_and_damaged_files(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="expected a prompt in"):
        Prompt.load("none", tmp_path)
    (tmp_path / "bad.txt").write_text("it costs $ 5")
    with pytest.raises(PromptError, match="found another"):
        Prompt.load("bad", tmp_path)


def test_another_text_is_another_version() -> None:
    assert Prompt("p", "$a").version != Prompt("p", "$a.").version


@given(st.text())
def test_text_stays_within_its_marks(text: str) -> None:
    whole = fenced(text)
    opening, closing = whole.split("\n", 1)[0], whole.rsplit("\n", 1)[1]
    mark = opening.removeprefix("[text ").removesuffix("]")
    assert closing == f"[end {mark}]"
    assert mark not in text
    assert whole == f"{opening}\n{text}\n{closing}"
