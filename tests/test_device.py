"""Where to calculate, without a GPU: what is chosen, what is refused, how much is read at once."""

import pytest
import torch

from model.errors import DeviceError
from model.networks.device import batch_tokens, choose_device

GIGABYTE = 1 << 30


def test_a_device_by_name() -> None:
    assert choose_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("named", ["cuda:97", "gpu", "meteor", "hpu"])
def test_a_device_that_is_not_there_is_refused(named: str) -> None:
    with pytest.raises(DeviceError, match=rf"got '{named}'.*SIDELIGHT_DEVICE"):
        choose_device(named)


def test_without_a_gpu_that_works_the_cpu_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA error: no kernel image is available")

    monkeypatch.setattr(torch, "ones", broken)
    assert choose_device() == torch.device("cpu")
    with pytest.raises(DeviceError, match="no kernel image"):
        choose_device("cuda")


@pytest.mark.parametrize(
    ("free", "tokens"), [(80 * GIGABYTE, 65_536), (4 * GIGABYTE, 32_768), (GIGABYTE, 8_192), (1 << 20, 2_048)]
)
def test_as_much_at_once_as_fits_into_half_of_the_free_memory(
    free: int, tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (free, 80 * GIGABYTE))
    assert batch_tokens(torch.device("cuda")) == tokens
    assert batch_tokens(torch.device("cpu")) == 2_048
