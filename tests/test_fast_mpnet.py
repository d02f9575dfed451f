"""Our forward pass against transformers' own, on a small network of random numbers, packed and not."""

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import MPNetModel

from model.networks import fast_mpnet, fused_linear
from model.networks.encoder import Encoder
from model.networks.fast_mpnet import InferenceNetwork
from model.networks.stretches import TokenizedText
from tests.tiny import random_mpnet


@pytest.fixture(scope="module")
def network() -> MPNetModel:
    return random_mpnet(32)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("lengths", [(7,), (40, 40), (40, 3), (48, 41, 3, 48), (200, 150, 512)])
def test_the_same_numbers_as_transformers(
    network: MPNetModel, lengths: tuple[int, ...], packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not packed:
        monkeypatch.setattr(fused_linear, "_can_pack", lambda _: False)
    ids = torch.randint(2, 50, (len(lengths), max(lengths)))
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    ids = ids.masked_fill(mask == 0, 1)
    with torch.inference_mode():
        expected = network(input_ids=ids, attention_mask=mask).last_hidden_state
        found = InferenceNetwork(network, network.encoder.layer, torch.float32)(ids, mask).last_hidden_state
    for row, length in enumerate(lengths):
        assert torch.allclose(found[row, :length], expected[row, :length], atol=1e-4)


def test_some_blocks_alone(network: MPNetModel) -> None:
    ids = torch.randint(2, 50, (2, 11), generator=torch.Generator().manual_seed(4))
    mask = torch.ones_like(ids)
    with torch.inference_mode():
        expected = network(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        for blocks in (1, 2):
            read = InferenceNetwork(network, network.encoder.layer[:blocks], torch.float32)
            assert torch.allclose(read(ids, mask).last_hidden_state, expected[blocks], atol=1e-4)
    assert not torch.allclose(expected[1], expected[2], atol=0.1)


@pytest.mark.parametrize(("largest", "error"), [(1.0, 0.02), (6.0, 0.1), (100.0, float("inf"))])
def test_attention_in_products(largest: float, error: float) -> None:
    """As torch's own in fp32, but for bf16; where it cannot be, numbers still."""
    q, k, v = (torch.randn(3, 4, 24, 16, generator=torch.Generator().manual_seed(seed)) for seed in range(3))
    bias = torch.zeros(3, 4, 24, 24)
    bias[:, :, :, 20:] = torch.finfo(torch.bfloat16).min
    half = [part.bfloat16() for part in (q * largest, k, v, bias)]
    found = fast_mpnet._attend_in_products(*half)
    expected = scaled_dot_product_attention(*(part.float() for part in half))
    assert found.shape == expected.shape
    assert found.isfinite().all()
    assert (found.float() - expected).abs().max() < error


def texts(*lengths: int) -> list[TokenizedText]:
    return [TokenizedText((0,) * length, ((0, 0),) * length) for length in lengths]


@pytest.mark.parametrize(
    ("lengths", "batches"),
    [
        ((), []),
        ((5,), [[0]]),
        ((100, 100, 100), [[0, 1, 2]]),
        ((10, 300, 290), [[1, 2, 0]]),  # the longest first
        ((500, 10, 10, 10), [[0, 1, 2], [3]]),  # padding of 980 is worth it, of 1,470 not
        ((1,) * 257, [[*range(256)], [256]]),  # each takes 8 of the 2,048 tokens
        ((512, 512, 512, 512, 512), [[0, 1, 2, 3], [4]]),  # 2,048 tokens at once
    ],
)
def test_batches_of_like_length(network: MPNetModel, lengths: tuple[int, ...], batches: list[list[int]]) -> None:
    assert list(Encoder(None, network).batches(texts(*lengths))) == batches  # type: ignore[arg-type]  # no text here
