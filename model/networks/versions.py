"""Which files decide a result, as a few digits: any change of a byte in one of them is another version."""

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from ..settings import HERE, PROMPTS, WEIGHTS
from .checkpoint import expected, version_in
from .encoder_weights import MPNET

_DECIDES = ("article", "names", "parties", "networks", "language_model", "stance", "summary")
"""The packages whose code decides labels and sentences; the others show, store, measure or train."""
_DIGITS = 12


def digest_of(files: Iterable[Path]) -> str:
    """The first digits of the SHA-256 over the files' names and bytes.

    Raises:
        OSError: one is not there.
    """
    digest = hashlib.sha256()
    for name, content in sorted((path.name, path.read_bytes()) for path in files):
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:_DIGITS]


@cache
def program_digest(folder: Path = HERE) -> str:
    """`digest_of` the code, word lists and tables of names that labels and sentences depend on."""
    inside = [path for package in _DECIDES for path in (folder / package).rglob("*")]
    files = [*(folder / f"{name}.py" for name in ("domain", "pipeline", "recent", "settings")), *inside]
    return digest_of(path for path in files if path.suffix in (".py", ".tsv", ".toml"))


def versions_of(
    stance: Path = WEIGHTS / "stance.safetensors",
    *,
    with_lm: bool = False,
    folder: Path = WEIGHTS,
    prompts: Path = PROMPTS,
) -> dict[str, str]:
    """What decides the labels and sentences of an Analyzer, without loading its networks.

    "files" covers every byte of the trained weights and of the prompts that it loads, those for a language model
    `with_lm`; "program" the code, the word lists and the tables of names.

    Raises:
        WeightsError: the stance weights are missing or damaged.
        OSError: another file is missing.
    """
    learnt = ("coreference.safetensors", "party_ranking.json", "sentence_choice.json", "boilerplate.json")
    files = [stance, *(folder / name for name in learnt)]
    if with_lm:
        files += [folder / "rewriting.gguf", folder / "lm_stance.gguf", *prompts.glob("*.txt")]
    with expected(f"stance weights in {stance}", "make train"):
        weights = version_in(stance)
    return {
        "encoder": MPNET.version,
        "stance": weights,
        "files": digest_of(files),
        "program": program_digest(),
        "libraries": ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "spacy")),
    }
