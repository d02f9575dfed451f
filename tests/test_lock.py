"""The lock: a hash for every package, all that pyproject.toml asks for, no known holes, and what pip makes of it."""

import hashlib
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from lock import install
from tests.locked import FILES, Advisory, Pin, advisories, audit, holes, needs, pins

MACHINES = [
    {"python_full_version": f"{python}.1", "python_version": python, "sys_platform": system, "platform_machine": kind}
    for python in ("3.11", "3.12", "3.13")
    for system, kind in (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"))
]
PINS = {file.stem: pins(file) for file in FILES}


def installed(machine: dict[str, str], *names: str) -> dict[str, Pin]:
    """What pip installs on a machine from lock files; an error where a package comes in two versions."""
    found: dict[str, Pin] = {}
    for pin in (pin for name in names for pin in PINS[name]):
        if not pin.marker or Marker(pin.marker).evaluate(machine):
            assert found.setdefault(pin.package, pin).version == pin.version, pin
    return found


def test_every_package_has_a_hash() -> None:
    assert set(PINS) == {"build", "torch", "cuda", "page", "llm", "eval", "dev", "weights", "llm-weights"}
    assert sum(map(len, PINS.values())) > 200
    assert all(pin.hashes and len(set(pin.hashes)) == len(pin.hashes) for file in PINS.values() for pin in file)


def test_no_address_is_in_the_lock() -> None:
    for file in FILES:
        assert "://" not in file.read_text(encoding="utf-8")
        assert not [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("-")]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: "-".join(machine.values()))
def test_the_lock_has_what_pyproject_asks_for(machine: dict[str, str]) -> None:
    everything = installed(machine, *PINS)
    for need in needs():
        pin = everything.get(canonicalize_name(need.name))
        assert pin, f"{need} is not in the lock: `make lock` renews"
        assert need.specifier.contains(pin.version), f"{need} is pinned at {pin.version}: `make lock` renews"


@pytest.mark.parametrize(
    "names", [("page",), ("page", "llm"), ("page", "eval"), ("page", "dev")], ids=lambda names: names[-1]
)
def test_each_set_is_whole(names: tuple[str, ...]) -> None:
    """What the packages installed here ask for is in the set of files that `make` installs."""
    here = {"python_full_version": sys.version.split()[0], "sys_platform": sys.platform}
    found = installed(here, "build", "torch", "cuda", *names)
    seen = 0
    for package in found:
        try:
            asked = [Requirement(line) for line in requires(package) or ()]
        except PackageNotFoundError:
            continue
        for need in (need for need in asked if not need.marker or need.marker.evaluate({"extra": ""})):
            seen += 1
            assert canonicalize_name(need.name) in found, f"{package} asks for {need}: `make lock` renews"
    assert seen > 100


def test_no_known_hole() -> None:
    assert holes((pin for file in PINS.values() for pin in file), needs(), advisories()) == []


@pytest.mark.parametrize(
    ("version", "need", "accepted", "expected"),
    [
        ("1.4", "a>=1.4", "", []),
        ("1.3", "a>=1.4", "", ["pinned at 1.3"]),
        ("1.4", "a>=1.2", "", ["let in by `a>=1.2`"]),
        ("1.4", "a>=0.9", "", ["let in by `a>=0.9`"]),  # below the hole, but 1.3 may be installed
        ("1.4", "a<2", "", ["let in by `a<2`"]),
        ("1.3", "a>=1.2", "nothing here calls it", []),
        ("1.3", "b>=1", "", ["pinned at 1.3"]),
    ],
)
def test_a_hole_is_found(version: str, need: str, accepted: str, expected: list[str]) -> None:
    pinned = Pin("a", Version(version), "", ("x",))
    found = holes([pinned], [Requirement(need)], [Advisory("a", SpecifierSet(">=1.1,<1.4"), ("CVE-1",), accepted)])
    assert len(found) == len(expected)
    assert all(part in line for part, line in zip(expected, found, strict=True))


@pytest.mark.parametrize(
    ("version", "own"),
    [("2.13.0+cpu", True), ("2.13.1+rocm6.4", True), ("2.13.0", False), ("2.12.1+cpu", False), (None, False)],
)
def test_the_torch_that_somebody_chose_stays(monkeypatch: pytest.MonkeyPatch, version: str | None, own: bool) -> None:
    def found(name: str) -> str:
        if version is None:
            raise PackageNotFoundError(name)
        return version

    monkeypatch.setattr(install, "version", found)
    assert install._own_torch() is own


def test_a_wheel_with_another_hash_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    here = ["--no-index", f"--find-links={tmp_path}", f"--target={tmp_path / 'site'}"]
    monkeypatch.setattr(install, "PIP", [*install.PIP, *here])
    monkeypatch.setattr(install, "FOLDER", tmp_path)
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    for digest in ("0" * 64, None):
        line = f"tiny==1.0 --hash=sha256:{digest}" if digest else "tiny==1.0"
        (tmp_path / "tiny.txt").write_text(line, encoding="utf-8")
        with pytest.raises(SystemExit, match=r"lock/tiny\.txt"):
            install._install_locked("tiny")
        assert not (tmp_path / "site").exists()
    (tmp_path / "tiny.txt").write_text(f"tiny==1.0 --hash=sha256:{right}", encoding="utf-8")
    install._install_locked("tiny")
    assert (tmp_path / "site" / "tiny.py").exists()


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "G-1", "aliases": ["C-1"]}]}]}',
            [{"G-1", "C-1"}],
        ),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', []),
        ("", None),
    ],
)
def test_what_osv_says(monkeypatch: pytest.MonkeyPatch, said: str, heard: list[set[str]] | None) -> None:
    done = subprocess.CompletedProcess([], 1, said, "requests.exceptions.ConnectionError: no such host")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    answer = audit(FILES)
    assert heard == (answer if answer is None else [numbers for numbers, _ in answer])


def test_an_audit_that_fails_is_no_unreached_service(monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.CompletedProcess([], 1, "", "error: argument -r: no such file")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    with pytest.raises(SystemExit, match="no such file"):
        audit(FILES)
