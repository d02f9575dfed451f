"""Install locked packages, then the project itself, into the Python that runs this: `python lock/install.py page dev`.

Each argument is a file of this folder, `page` for `page.txt`. pip takes no package whose hash the file does not have,
and nothing that it does not list. Only the standard library and pip are there when this runs.

torch is another build for each kind of machine. One that somebody chose (2.13.0+cpu) stays where the project can use
it; else the wheels that pip finds without the index (`find-links`) come before it; and CUDA's packages, 3 GB, are
installed only for a torch that asks for them.
"""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement

FOLDER = Path(__file__).parent
# What has no wheel is built with the locked setuptools: an isolated build would fetch one without a hash.
PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]


def main() -> None:
    """Install what the arguments name; ends the process where pip fails."""
    _install_locked("build")
    if not _own_torch():
        if not _installs_locked("torch", "--no-index"):
            _install_locked("torch")
        if any(re.match("nvidia|cuda", need) for need in requires("torch") or ()):
            _install_locked("cuda")
    for name in sys.argv[1:]:
        _install_locked(name)
    done = subprocess.run([*PIP, "--editable", str(FOLDER.parent)], stderr=subprocess.PIPE, text=True)
    if done.returncode:  # else setuptools only warns of our folders
        sys.exit(done.stderr)


def _own_torch() -> bool:
    """Whether a build other than the Python Package Index's is there, in a version that the project can use."""
    try:
        found = version("torch")
    except PackageNotFoundError:
        return False
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (wanted,) = (need for need in map(Requirement, project["dependencies"]) if need.name == "torch")
    return "+" in found and wanted.specifier.contains(found, prereleases=True)


def _install_locked(name: str) -> None:
    if not _installs_locked(name):
        sys.exit(f"expected every package of lock/{name}.txt with a hash that it has: see pip's message above")


def _installs_locked(name: str, *more: str) -> bool:
    command = [*PIP, "--require-hashes", *more, "--requirement", str(FOLDER / f"{name}.txt")]
    return subprocess.run(command, stderr=subprocess.DEVNULL if more else None).returncode == 0


if __name__ == "__main__":
    main()
