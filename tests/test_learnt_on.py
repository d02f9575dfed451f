"""Weights that were learnt on the states of the encoder that reads articles are refused beside another encoder."""

import json
from pathlib import Path

import pytest

from model.errors import WeightsError
from model.parties.coreference import Coreference
from model.parties.ranking import LEARNT as RANKING
from model.parties.ranking import Ranking
from model.summary.sentence_choice import LEARNT as SENTENCES
from model.summary.sentence_choice import SentenceChoice


@pytest.mark.parametrize(
    ("shipped", "weights", "recipe"),
    [(RANKING, Ranking, "train-parties"), (SENTENCES, SentenceChoice, "train-sentences")],
)
def test_they_name_the_encoder_that_they_were_learnt_on(
    shipped: Path, weights: type[Ranking | SentenceChoice], recipe: str, tmp_path: Path
) -> None:
    assert weights.load(shipped).learnt_on == Coreference.load().version
    other = tmp_path / shipped.name
    row = json.loads(shipped.read_text(encoding="utf-8"))
    other.write_text(json.dumps(row | {"learnt_on": "coreference@0"}), encoding="utf-8")
    with pytest.raises(
        WeightsError, match=rf"expected .*{other.name} to be .* on {row['learnt_on']}, got coreference@0"
    ):
        weights.load(other)
    with pytest.raises(WeightsError, match=f"make {recipe}"):
        weights.load(other)
