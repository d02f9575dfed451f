"""llama.cpp in a process of its own: in ours it would find the matrix unit set up by torch for torch, and crash."""

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path


class LlamaCpp:
    """A process that has read a GGUF file; `running` starts it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self._answer()  # the file is read

    @classmethod
    @contextmanager
    def running(cls, file: Path, window: int, threads: int) -> Iterator["LlamaCpp"]:
        """The process until the block ends, for prompt and reply of `window` tokens together."""
        command = [sys.executable, "-m", f"{__package__}.llama", str(file), str(window), str(threads)]
        environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}  # five times as fast where others use the machine
        with subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        ) as process:
            try:
                yield cls(process)
            finally:
                process.kill()

    def write(self, prompt: Sequence[int], count: int) -> float:
        """Write `count` tokens after the prompt, greedily; returns the seconds until the first."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps([list(prompt), count]) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> float:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"llama.cpp stopped with {self.process.wait()}")
        return float(line)


def why_not() -> str | None:
    """Why llama.cpp cannot be asked; None if it can."""
    if importlib.util.find_spec("llama_cpp") is None:
        return "llama-cpp-python is not installed: .venv/bin/pip install -e '.[bench]'"
    return None


def _serve(file: str, window: str, threads: str) -> None:
    llama = importlib.import_module("llama_cpp").Llama(  # an extra
        file, n_ctx=int(window), n_threads=int(threads), n_threads_batch=int(threads), verbose=False
    )
    sys.stdout.write("0\n")
    sys.stdout.flush()
    for line in sys.stdin:
        prompt, count = json.loads(line)
        llama.reset()
        start, first = time.perf_counter(), 0.0
        for _ in islice(llama.generate(prompt, top_k=1, temp=0.0), count):
            first = first or time.perf_counter() - start
        sys.stdout.write(f"{first}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
