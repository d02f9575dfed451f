"""What lock/ pins, and whether that and the lower bounds of pyproject.toml are free of known holes."""

import csv
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import ROOT

FILES = tuple(sorted((ROOT / "lock").glob("*.txt")))
ADVISORIES = ROOT / "lock" / "advisories.tsv"


@dataclass(frozen=True)
class Pin:
    """A line of a lock file: a package, the version that is installed where the marker holds, the files' SHA-256."""

    package: str
    version: Version
    marker: str
    hashes: tuple[str, ...]


@dataclass(frozen=True)
class Advisory:
    """A hole, the releases that have it, and why it does no harm here, or nothing."""

    package: str
    affected: SpecifierSet
    numbers: tuple[str, ...]
    accepted: str

    def admitted_by(self, need: Requirement) -> bool:
        """Whether the requirement's lower bound lets releases in that have the hole."""
        floors = [Version(bound.version) for bound in need.specifier if bound.operator in {">=", "==", "~="}]
        below = SpecifierSet(",".join(str(bound) for bound in self.affected if bound.operator in {"<", "<="}))
        return not floors or below.contains(max(floors), prereleases=True)


def pins(file: Path) -> list[Pin]:
    """All pins of a lock file; an error where a line is anything else."""
    lines = (line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    found = []
    for block in re.split(r"\n(?=\S)", "\n".join(lines)):
        name, version, marker, hashes = re.fullmatch(
            r"([\w.-]+)==(\S+)(?: ; (.+?))?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)", block.rstrip()
        ).groups()  # type: ignore[union-attr]
        found.append(Pin(canonicalize_name(name), Version(version), marker or "", tuple(hashes.split()[1::2])))
    return found


def needs() -> list[Requirement]:
    """All requirements of pyproject.toml, of extras and of the build too, but for the project's own name."""
    read = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = read["project"]
    lists = [read["build-system"]["requires"], project["dependencies"], *project["optional-dependencies"].values()]
    return [need for lines in lists for need in map(Requirement, lines) if need.name != project["name"]]


def advisories() -> list[Advisory]:
    """The stored list of known holes."""
    rows = (line for line in ADVISORIES.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return [
        Advisory(row[0], SpecifierSet(row[1]), tuple(row[2].split()), row[4] if len(row) > 4 else "")
        for row in csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)
    ]


def holes(pinned: Iterable[Pin], wanted: Iterable[Requirement], known: Iterable[Advisory]) -> list[str]:
    """A line for each known hole that the lock pins or a lower bound lets in, but for those accepted."""
    pinned, wanted, found = list(pinned), list(wanted), []
    for advisory in known:
        if advisory.accepted:
            continue
        said = f"{', '.join(advisory.numbers)} of {advisory.package}{advisory.affected}"
        found += [
            f"{said}: pinned at {pin.version}; renew with `make lock`"
            for pin in pinned
            if pin.package == advisory.package and advisory.affected.contains(pin.version, prereleases=True)
        ]
        ours = [need for need in wanted if canonicalize_name(need.name) == advisory.package]
        bounded = [need for need in ours if need.specifier] or ours
        found += [f"{said}: let in by `{need}` of pyproject.toml" for need in bounded if advisory.admitted_by(need)]
    return found


def check() -> None:
    """Fail where the stored list, or the OSV service where it is reached, knows a hole of what is installed."""
    known = advisories()
    found = holes((pin for file in FILES for pin in pins(file)), needs(), known)
    accepted = {number for advisory in known if advisory.accepted for number in advisory.numbers}
    online = audit(FILES)
    if online is None:
        print(f"OSV was not reached: only the {len(known)} stored advisories were held against the lock")
    found += [line for numbers, line in online or [] if not accepted & numbers]
    if found:
        raise SystemExit("expected packages without known holes, found:\n  " + "\n  ".join(sorted(set(found))))


def audit(files: Iterable[Path]) -> list[tuple[set[str], str]] | None:
    """What pip-audit hears from OSV: an advisory's numbers and a line for people; None where OSV is not reached."""
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service=osv", "--disable-pip"]
    command += ["--format=json", "--progress-spinner=off", "--timeout=10"]
    command += [f"--requirement={file}" for file in files]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        heard = json.loads(done.stdout)["dependencies"]
    except ValueError:
        if re.search("ConnectionError|Could not connect|[Tt]imed out|Timeout|HTTPError|ProxyError", done.stderr):
            return None
        raise SystemExit(f"pip-audit stopped with {done.returncode}:\n{done.stderr}") from None
    return [
        ({hole["id"], *hole["aliases"]}, f"{hole['id']} of {package['name']}=={package['version']}, says OSV")
        for package in heard
        for hole in package.get("vulns", ())
    ]
