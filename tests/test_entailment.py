"""The claim checker: packing changes nothing, and the shipped weights tell true from false."""

import pytest
import torch

from model.errors import WeightsError
from model.networks.encoder_weights import encoder_folder
from model.summary.entailment import ClaimChecker, ClaimHead, rows_of, states_of

SOURCE = (
    "Ferry strike ends\nThe seamen's union called off its strike on Friday after the Halmar Line agreed to pay the "
    "crews for night crossings. The company's director, Ines Falk, said that the talks had been “hard but decent”."
)
TRUE = (
    "The union ended its strike after the Halmar Line agreed to pay crews for night crossings.",
    "Ines Falk of the Halmar Line described the talks as “hard but decent”.",
)
FALSE = (
    "The Halmar Line refused to pay crews for night crossings, so the union went on with its strike.",
    "The union's leader said that the company had lied to the crews.",
)


@pytest.fixture(scope="module")
def checker() -> ClaimChecker:
    return ClaimChecker.from_folder(encoder_folder())


def test_true_claims_are_likelier_than_false_ones(checker: ClaimChecker) -> None:
    support = checker.support([SOURCE], [*TRUE, *FALSE])[0]
    assert support[: len(TRUE)].min() > support[len(TRUE) :].max()
    assert 0 < checker.threshold < 1


def test_claims_do_not_see_each_other(checker: ClaimChecker) -> None:
    together = checker.support([SOURCE], [*TRUE, *FALSE])[0]
    alone = torch.cat([checker.support([SOURCE], [claim])[0] for claim in (*TRUE, *FALSE)])
    assert torch.allclose(together, alone, atol=0.02)  # batches of other shapes round otherwise in bf16


@pytest.mark.slow
def test_a_long_source_counts_by_its_best_stretch(checker: ClaimChecker) -> None:
    long = "\n".join(["Nothing happened in the quiet harbor that day, as on most days." for _ in range(60)] + [SOURCE])
    found = checker.support([long, long.replace(SOURCE, "")], [TRUE[0]])[:, 0]
    assert found[0] > found[1]


@pytest.mark.slow
def test_a_claim_too_long_to_be_read_whole_is_not_supported(checker: ClaimChecker) -> None:
    long = f"{TRUE[0]} {'The union was pleased. ' * 40}"
    assert checker.support([SOURCE], [long, TRUE[0]])[0].tolist()[0] == 0
    assert checker.support([SOURCE], [long, TRUE[0]])[0, 1] > 0.5


def test_nothing_to_check(checker: ClaimChecker) -> None:
    assert checker.support([], []).shape == (0, 0)
    assert checker.support([SOURCE], []).shape == (1, 0)


@pytest.mark.slow
def test_rows_hold_every_claim_once(checker: ClaimChecker) -> None:
    claims = [f"Claim number {n} says that the ferry sails again from the old harbor on Monday." for n in range(60)]
    rows = rows_of(checker.encoder, [SOURCE], claims, [range(60)])
    assert [member for row in rows for member in row.members] == list(range(60))
    assert len(rows) > 1
    with torch.inference_mode():
        states, numbers = states_of(checker.encoder, rows[:1])
        logits = ClaimHead(checker.encoder.hidden)(states.float(), numbers)
    assert logits.shape == (1, len(rows[0].members))


def test_weights_that_are_not_there() -> None:
    with pytest.raises(WeightsError, match=r"claim checker's weights in .*nowhere.*make train-claims"):
        ClaimChecker.from_folder(encoder_folder(), encoder_folder() / "nowhere")
