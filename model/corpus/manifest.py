"""What a result depends on: the input, the options, the weights and the program."""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from model.claims import SHIPPED
from model.language_model import LanguageModel
from model.stance import StanceWeights
from model.weights import MPNET, hash_of
from model.writer import Writer

_MODEL = Path(__file__).parent.parent
_FORMAT = 2  # of the tables


def manifest_of(
    source: Mapping[str, Any], options: Mapping[str, Any], dtype: str, model: LanguageModel | None = None
) -> dict[str, Any]:
    """The manifest of a job that begins now; a folder is gone on with only under an equal one.

    `model` writes the summaries, None for none.
    """
    return {
        "format": _FORMAT,
        "input": dict(source),
        "options": dict(options),
        "versions": {
            "encoder": MPNET.version,
            "stance": StanceWeights.load().version,
            "dtype": dtype,
            "program": _program(),
            **({**Writer.of(model).versions, "claim checker": hash_of(SHIPPED)[:12]} if model else {}),
            **{name: version(name) for name in ("torch", "transformers", "spacy")},
        },
    }


def _program() -> str:
    """A hash of the sources and word lists that labels depend on."""
    digest = hashlib.sha256()
    for path in sorted([*_MODEL.glob("*.py"), *_MODEL.glob("data/*"), *_MODEL.glob("corpus/*.py")]):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
