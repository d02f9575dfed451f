"""`make corpus-check`: a corpus of many articles in constant memory, in linear time, and the same after five kills.

The articles are a folder's corpora (CORPORA, JSONL with `text` or `paragraphs`) in one shuffled order, repeated with
changed ids as often as it takes. The figures go to standard output and, with --json, into a file.
"""

import argparse
import json
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT


@dataclass(frozen=True)
class Moment:
    """How far a run was: seconds since it began, articles written, CPU seconds and resident MB of all its processes."""

    seconds: float
    articles: int
    cpu: float
    megabytes: float


def make_input(corpora: Path, count: int, path: Path) -> list[int]:
    """Write `count` articles of all the corpora in `corpora`, in their natural proportion.

    Returns the words written up to each article, from 0.
    """
    words = [0]
    rows = [row for file in sorted(corpora.glob("*.jsonl")) for row in map(_row, file.open(encoding="utf-8"))]
    random.Random(1).shuffle(rows)
    with path.open("w", encoding="utf-8") as out:
        for number in range(count):
            turn, place = divmod(number, len(rows))
            out.write(json.dumps(rows[place] | {"id": f"{turn}-{rows[place]['id']}"}, ensure_ascii=False) + "\n")
            text = rows[place]["text"]
            words.append(words[-1] + len((text if isinstance(text, str) else " ".join(text)).split()))
    return words


def _row(line: str) -> dict[str, Any]:
    row = json.loads(line)
    return {
        "id": row["id"],
        "title": row.get("title", ""),
        "text": row["text"] if "text" in row else row["paragraphs"],
        "outlet": row.get("speaker", "wikinews"),
        "date": str(row.get("date") or row.get("year") or ""),
    }


def watch(command: list[str], out: Path, shard: int, until: float | None = None) -> Iterator[Moment]:
    """Run `command`, giving a moment every half second; after `until` seconds the process is killed."""
    start = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as job:
        while job.poll() is None:
            seconds = time.monotonic() - start
            if until is not None and seconds > until:
                job.send_signal(signal.SIGKILL)
                return
            cpu, megabytes = _usage(job.pid)
            yield Moment(seconds, shard * sum(1 for _ in out.glob("shard-*")), cpu, megabytes)
            time.sleep(0.5)
        if job.returncode:
            raise SystemExit(f"{' '.join(command)} stopped with {job.returncode}")


def _usage(process: int) -> tuple[float, float]:
    """CPU seconds (of living processes) and resident MB of a process and those below it."""
    cpu = megabytes = 0.0
    try:
        for child in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split():
            more = _usage(int(child))
            cpu, megabytes = cpu + more[0], megabytes + more[1]
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
        cpu += (int(fields[11]) + int(fields[12])) / 100
        megabytes += int((re.findall(r"VmRSS:\s+(\d+)", status) or ["0"])[0]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return cpu, megabytes


def unbroken(command: list[str], out: Path, shard: int, words: list[int]) -> dict[str, Any]:
    """Run to the end: memory after the first tenth, and time for 1,000 words up to there and from there."""
    count = len(words) - 1
    moments = list(watch([*command, str(out)], out, shard))
    seconds = moments[-1].seconds
    # With the most CPU time all are at work still, or the first of them has just given its memory back: up to there.
    moments = moments[: max(range(len(moments)), key=lambda n: moments[n].cpu)]
    first = next(m for m in moments if m.articles > 0)  # the models are loaded
    tenth = next(m for m in moments if m.articles >= max(count // 10, 2 * shard))
    last = moments[-1]
    later = [m.megabytes for m in moments if m.articles >= tenth.articles]
    middle = sorted(later)[len(later) // 2]
    early, late = _pace(first, tenth, words), _pace(tenth, last, words)
    return {
        "articles": count,
        "words": words[-1],
        "seconds": seconds,
        "CPU seconds for 1,000 words": {"to the tenth": early["cpu"], "after": late["cpu"]},
        "seconds for 1,000 words": {"to the tenth": early["seconds"], "after": late["seconds"]},
        "linear within 5 %": abs(late["cpu"] / early["cpu"] - 1) <= 0.05,
        "resident MB after the tenth": {"least": min(later), "median": middle, "most": max(later)},
        "memory within 10 %": max(later) <= 1.1 * middle and min(later) >= 0.9 * middle,
        "moments": [asdict(m) for m in moments[:: max(1, len(moments) // 100)]],
    }


def _pace(start: Moment, end: Moment, words: list[int]) -> dict[str, float]:
    done = max(1, words[min(end.articles, len(words) - 1)] - words[start.articles]) / 1000
    return {"cpu": (end.cpu - start.cpu) / done, "seconds": (end.seconds - start.seconds) / done}


def killed(command: list[str], whole: Path, out: Path, shard: int, kills: int, seconds: float) -> dict[str, Any]:
    """Kill the same job, which takes `seconds` in all, at random moments, let it end, and compare all bytes."""
    chance = random.Random(2)
    reached = []
    for _ in range(kills):
        moments = list(watch([*command, str(out)], out, shard, until=chance.uniform(0.3, 1) / kills * seconds))
        reached.append(moments[-1].articles)
    list(watch([*command, str(out)], out, shard))
    return {"killed at": reached, "same bytes": _files(whole) == _files(out)}


def _files(folder: Path) -> dict[str, bytes]:
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def main() -> int:
    """Run both checks; returns 0 if memory and pace stay and the bytes are the same, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus_check", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=Path("runs/corpus-check"), help="new; for input and results")
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=5, help="0 leaves the second run out")
    parser.add_argument("--shard", type=int, default=64)
    parser.add_argument("--engine", default="plain")
    parser.add_argument("--workers", type=int)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True)
    source, whole = options.folder / "many.jsonl", options.folder / "whole"
    words = make_input(options.corpora, options.articles, source)
    command = [sys.executable, "-m", "model", "corpus", "--shard", str(options.shard), "--engine", options.engine]
    command += ["--workers", str(options.workers)] if options.workers else []
    command += [str(source)]
    report = unbroken(command, whole, options.shard, words)
    if options.kills:
        report |= killed(
            command, whole, options.folder / "killed", options.shard, options.kills, float(report["seconds"])
        )
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    print(*(f"{key}: {value}" for key, value in report.items() if key != "moments"), sep="\n")
    return 0 if all(report.get(key, True) for key in ("memory within 10 %", "linear within 5 %", "same bytes")) else 1


if __name__ == "__main__":
    sys.exit(main())
