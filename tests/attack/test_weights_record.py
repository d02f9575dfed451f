"""A file of weights that was changed after it was unpacked is noticed when it is loaded."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from model.errors import WeightsError
from model.networks.checkpoint import TrainedFile
from model.networks.download import made_once
from model.networks.file_record import check_files
from model.settings import WEIGHTS

RAW = bytes(range(256)) * 40
DIGEST = hashlib.sha256(RAW).hexdigest()


def make(draft: Path) -> None:
    for name in ("model.safetensors", "vocab.txt"):
        (draft / name).write_bytes(RAW)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return made_once("tiny", DIGEST, make, tmp_path, 1)


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize("name", ["model.safetensors", "vocab.txt"])
@pytest.mark.parametrize(
    ("change", "found"),
    [
        (flip, "expected SHA-256 "),
        (lambda path: path.write_bytes(RAW[:-1]), "expected 10,240 bytes, got 10,239 bytes"),
        (lambda path: path.unlink(), "got no such file"),
    ],
)
def test_a_change_is_noticed(made: Path, name: str, change: Callable[[Path], object], found: str) -> None:
    path = made / name
    os.utime(path, ns=(1, 1))  # as it was long ago, so that the change has another time
    check_files(made)
    change(path)
    with pytest.raises(WeightsError) as refused:
        made_once("tiny", DIGEST, make, made.parent, 1)
    assert str(refused.value).startswith(f"{path} is not the file that was written there: ")
    assert found in str(refused.value)
    assert f"remove the folder {made} and start again" in str(refused.value)


def test_a_copy_is_hashed_once(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in made.iterdir():
        os.utime(path, ns=(5, 5))
    check_files(made)
    monkeypatch.setattr("model.networks.file_record.hash_of", lambda path: pytest.fail(f"{path} is hashed again"))
    check_files(made)


def test_a_folder_of_before_is_held_against_the_pinned_hash(made: Path) -> None:
    made.with_name(f"{made.name}.files.json").unlink()
    flip(made / "model.safetensors")
    with pytest.raises(WeightsError, match="is not the file"):
        made_once("tiny", DIGEST, make, made.parent, 1, {"model.safetensors": DIGEST})
    flip(made / "model.safetensors")
    made_once("tiny", DIGEST, make, made.parent, 1, {"model.safetensors": DIGEST})
    flip(made / "vocab.txt")
    with pytest.raises(WeightsError, match=r"vocab\.txt is not the file"):
        check_files(made)


@pytest.mark.parametrize("name", ["stance", "entailment"])
def test_a_bit_of_shipped_weights_is_noticed(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.safetensors"
    shutil.copyfile(WEIGHTS / path.name, path)
    TrainedFile.read(path)
    flip(path)
    with pytest.raises(ValueError, match=r"the bytes of another version than"):
        TrainedFile.read(path)
