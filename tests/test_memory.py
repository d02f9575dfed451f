"""What is freed is kept while an article is read, and given back when asked."""

import subprocess
import sys

import pytest

BLOCK = 48 << 20
SCRIPT = """
import ctypes, resource, sys
from model.networks.memory import give_back, keep_freed
c = ctypes.CDLL(None)
c.malloc.restype, c.malloc.argtypes, c.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
if sys.argv[1] == "keep":
    keep_freed()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def used():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
def once():
    place = c.malloc(%d)
    ctypes.memset(place, 1, %d)
    c.free(place)
once()
once()
before = faults()
for _ in range(5):
    once()
print(faults() - before)
held = used()
give_back()
print(held - used())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator")
def test_memory_that_is_freed_is_kept_and_given_back() -> None:
    def run(how: str) -> list[int]:
        code = SCRIPT % (BLOCK, BLOCK)
        done = subprocess.run([sys.executable, "-c", code, how], capture_output=True, text=True, check=True)
        return [int(line) for line in done.stdout.split()]

    faults, freed = run("keep")
    without, _ = run("leave")
    assert without > 10 * max(1, faults)
    assert freed > BLOCK / 2


def test_onednn_keeps_few_products_unless_the_user_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    code = f"import os; from model.networks.memory import keep_freed; keep_freed(); print(os.environ['{name}'])"

    def kept() -> str:
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    monkeypatch.delenv(name, raising=False)
    assert kept() == "64"
    monkeypatch.setenv(name, "7")
    assert kept() == "7"
