"""What a result depends on: the input, the options, the weights and the program."""

from collections.abc import Mapping
from typing import Any

from ...language_model.interface import LanguageModel
from ...networks.versions import digest_of, versions_of
from ...settings import HERE
from ...summary.abstractive import SummaryWriter

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
            **versions_of(with_lm=model is not None),
            "dtype": dtype,
            "corpus": digest_of((HERE / "corpus").rglob("*.py")),
            **(SummaryWriter.of(model).versions if model else {}),
        },
    }
