"""The claim checker's recipe, on a few claims."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from model.errors import LabelError
from model.networks.encoder_weights import encoder_folder
from model.summary.entailment import ClaimChecker
from model.training.recipes import claim_checker
from model.training.recipes.claim_checker import CLAIMS, DEVELOPMENT, TEXTS, main, read_claims

pytestmark = pytest.mark.slow


def test_the_recipe_writes_weights_and_goes_on_where_it_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("w-1.jsonl", DEVELOPMENT):
        lines = (CLAIMS / name).read_text(encoding="utf-8").splitlines()[:10]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    words = ["--claims", str(tmp_path), "--run", str(tmp_path / "run")]
    stages = [replace(stage, files=("w-1",), epochs=1) for stage in claim_checker.STAGES]
    monkeypatch.setattr(claim_checker, "STAGES", stages)
    assert main(words) == 0
    first = ClaimChecker.from_folder(encoder_folder(), tmp_path / "run" / "entailment.safetensors")
    assert first.version.startswith("claims@")
    assert 0 < first.threshold < 1
    assert main(words) == 0  # nothing is left to learn
    again = ClaimChecker.from_folder(encoder_folder(), tmp_path / "run" / "entailment.safetensors")
    assert again.version == first.version
    assert json.loads((tmp_path / "run" / "report.json").read_text())["items"] == 10


def test_every_claim_is_about_a_paragraph_of_ours() -> None:
    learnt = read_claims([CLAIMS / f"w-{number}.jsonl" for number in range(1, 6)], TEXTS)
    development = read_claims([CLAIMS / DEVELOPMENT], TEXTS)
    assert (len(learnt), len(development)) == (13725, 2429)
    assert not {claim.article for claim in learnt} & {claim.article for claim in development}


def test_a_claim_about_nothing_is_refused(tmp_path: Path) -> None:
    row = {"id": "own-nobody", "paragraphs": [0], "claim": "It rained.", "supported": True, "kind": "copy"}
    (tmp_path / "x.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(LabelError, match=r"expected paragraphs of an article in .*own\.jsonl, got .*x\.jsonl:1"):
        read_claims([tmp_path / "x.jsonl"], TEXTS)
