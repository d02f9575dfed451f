"""Linear layers in eight bits, when they are taken, and the encoder's file read block by block."""

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import MPNetModel

from model.errors import DeviceError, SettingsError
from model.networks import device, eight_bit
from model.networks.device import encoder_dtype, precision_of
from model.networks.eight_bit import EightBitLinear
from model.networks.fast_mpnet import InferenceNetwork
from model.networks.lora import adapter_state, add_adapters, merge_adapters
from model.networks.mpnet_file import layers_of, without_layers
from model.settings import RuntimeSettings
from tests.tiny import random_mpnet

vnni = pytest.mark.skipif(not eight_bit.is_exact(), reason="this CPU does not multiply eight bits exactly")


@pytest.fixture
def fresh() -> Iterator[None]:
    eight_bit.is_exact.cache_clear()
    yield
    eight_bit.is_exact.cache_clear()


@pytest.fixture(scope="module")
def network() -> MPNetModel:
    return random_mpnet(64)


@vnni
@pytest.mark.parametrize("shift", [0.0, 5.0, -40.0])
def test_close_to_fp32(shift: float) -> None:
    torch.manual_seed(1)
    layers = [nn.Linear(96, 32), nn.Linear(96, 64)]
    x = torch.randn(2, 7, 96)
    x[0, 0] *= 1000  # a token of its own size takes nothing from the others
    x[:, :, 5] += shift
    with torch.inference_mode():
        expected = torch.cat([layer(x) for layer in layers], dim=2)
        found = EightBitLinear(*layers)(x)
    assert found.shape == expected.shape
    wrong = (found - expected).norm(dim=2) / expected.norm(dim=2)
    assert 0 < wrong.max() < 0.03


@vnni
def test_all_tokens_alike_and_none() -> None:
    layer = nn.Linear(96, 32)
    with torch.inference_mode():
        found = EightBitLinear(layer)(torch.full((3, 96), 0.25))
        assert torch.allclose(found, layer(torch.full((3, 96), 0.25)), atol=0.02)
        assert torch.allclose(EightBitLinear(layer)(torch.zeros(1, 96)), layer.bias[None])


@vnni
def test_an_encoder_in_eight_bits(network: MPNetModel) -> None:
    ids = torch.randint(2, 50, (3, 40))
    mask = torch.ones_like(ids)
    with torch.inference_mode():
        states = [
            InferenceNetwork(network, network.encoder.layer, dtype)(ids, mask).last_hidden_state
            for dtype in (torch.float32, torch.int8)
        ]
    assert 0 < (states[0] - states[1]).norm() / states[0].norm() < 0.05


def test_a_machine_that_was_not_tested_takes_fp32(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on ARM: nothing of oneDNN is called."""
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(device, "fastest_dtype", lambda _: torch.float32)
    monkeypatch.setattr(eight_bit, "EightBitLinear", None)
    assert encoder_dtype() is torch.float32


def test_a_torch_without_the_operators_takes_fp32(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eight_bit, "_OPS", ("qlinear_of_the_future",))
    assert not eight_bit.is_exact()


@pytest.mark.parametrize(
    ("place", "fastest", "eight", "taken"),
    [
        ("cpu", torch.bfloat16, True, "bf16"),
        ("cpu", torch.float32, True, "int8"),
        ("cpu", torch.float32, False, "fp32"),
        ("cuda", torch.float32, True, "fp32"),
    ],
)
def test_what_is_taken(
    place: str, fastest: torch.dtype, eight: bool, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "fastest_dtype", lambda _: fastest)
    monkeypatch.setattr(eight_bit, "is_exact", lambda: eight)
    assert precision_of(encoder_dtype(torch.device(place))) == taken


def test_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert encoder_dtype(precision="bf16") is torch.bfloat16
    monkeypatch.setattr(eight_bit, "is_exact", lambda: True)
    assert encoder_dtype(precision="int8") is torch.int8
    with pytest.raises(DeviceError, match=r"got int8.*SIDELIGHT_PRECISION"):
        encoder_dtype(torch.device("cuda"), "int8")
    monkeypatch.setattr(eight_bit, "is_exact", lambda: False)
    with pytest.raises(DeviceError, match="VNNI"):
        encoder_dtype(precision="int8")
    assert RuntimeSettings.from_environment({"SIDELIGHT_PRECISION": "int8"}).precision == "int8"
    with pytest.raises(SettingsError, match="fp32, bf16, int8 or nothing, got 'int4'"):
        RuntimeSettings.from_environment({"SIDELIGHT_PRECISION": "int4"})


def test_block_by_block_as_at_once(network: MPNetModel, tmp_path: Path) -> None:
    network.save_pretrained(tmp_path)
    read = without_layers(tmp_path)
    layers = list(layers_of(tmp_path, read.config))
    assert len(list(layers_of(tmp_path, read.config, blocks=1))) == 1
    expected = network.state_dict()
    found = read.state_dict() | {
        f"encoder.layer.{number}.{name}": tensor
        for number, layer in enumerate(layers)
        for name, tensor in layer.state_dict().items()
    }
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_an_adapter_is_merged_block_by_block(network: MPNetModel, tmp_path: Path) -> None:
    network.save_pretrained(tmp_path)
    other = MPNetModel.from_pretrained(tmp_path, add_pooling_layer=False)
    add_adapters(other, rank=2, scale=1.5)
    adapter = {name: torch.randn_like(tensor) for name, tensor in adapter_state(other).items()}
    whole = MPNetModel.from_pretrained(tmp_path, add_pooling_layer=False)
    merge_adapters(whole, adapter)
    for number, layer in enumerate(layers_of(tmp_path, whole.config, adapter)):
        for name, tensor in whole.encoder.layer[number].state_dict().items():
            assert torch.equal(layer.state_dict()[name], tensor)
    adapter["encoder.layer.2.output.dense.A"] = torch.zeros(2, 128)
    with pytest.raises(KeyError, match=r"layer\.2\.output"):
        list(layers_of(tmp_path, whole.config, adapter))
    del adapter["encoder.layer.0.output.dense.A"]
    with pytest.raises(KeyError, match=r"output\.dense\.A"):
        list(layers_of(tmp_path, whole.config, adapter))


@vnni
def test_a_layer_without_a_bias() -> None:
    torch.manual_seed(1)
    layer = nn.Linear(64, 32, bias=False)
    x = torch.randn(5, 64)
    with torch.inference_mode():
        assert torch.allclose(EightBitLinear(layer)(x), layer(x), atol=0.05)
