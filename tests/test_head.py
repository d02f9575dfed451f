"""The head's pooling and the adapters, on networks of a few numbers."""

import copy

import pytest
import torch
from torch import Tensor, nn

from model.adapter import LowRankLinear, adapter_state, add_adapters, merge_adapters
from model.head import StanceHead, pool_mentions


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.x = nn.Linear(3, 4)
        self.y = nn.Linear(4, 3)

    def forward(self, states: Tensor) -> Tensor:
        return states + self.y(torch.tanh(self.x(states)))


class Network(nn.Module):
    """Linear layers named encoder.layer.0.x, …, and a pooler, as in the real encoder."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Module()
        self.encoder.layer = nn.ModuleList([Block(), Block()])
        self.pooler = nn.Linear(3, 3)

    def forward(self, states: Tensor) -> Tensor:
        for block in self.encoder.layer:
            states = block(states)
        return self.pooler(states)


LAYERS = [f"encoder.layer.{block}.{name}" for block in (0, 1) for name in "xy"]


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    return Network()


@pytest.fixture
def adapted(network: Network) -> Network:
    """A copy with adapters whose B is no longer zero, as after training."""
    adapted = copy.deepcopy(network)
    add_adapters(adapted, rank=2, scale=0.5, dropout=0.3)
    for module in adapted.modules():
        if isinstance(module, LowRankLinear):
            nn.init.normal_(module.B)
    return adapted.eval()


def test_pool_mentions() -> None:
    states = torch.tensor([[[1.0, 2], [3, 4], [5, 6]], [[0, 1], [10, 20], [30, 40]]])
    rows = torch.tensor([1, 0, 1])
    tokens = torch.tensor([[False, True, True], [False, True, False], [True, False, True]])
    expected = [
        [0, 1, 20, 30],  # first token of text 1; (10 + 30) / 2, (20 + 40) / 2
        [1, 2, 3, 4],  # first token of text 0; its second token alone
        [0, 1, 15, 20.5],  # first token of text 1; (0 + 30) / 2, (1 + 40) / 2
    ]
    assert pool_mentions(states, rows, tokens).tolist() == expected


def test_pool_mentions_ignores_padding_outside_the_mention() -> None:
    states = torch.tensor([[[1.0], [2.0], [1e6]]])
    assert pool_mentions(states, torch.tensor([0]), torch.tensor([[False, True, False]])).tolist() == [[1, 2]]


def test_stance_head() -> None:
    head = StanceHead(hidden=1, width=1).eval()
    with torch.no_grad():
        weights = ([[2.0, 1.0]], [3.0], [[1.0], [2.0], [-1.0]], [0.0, 1.0, 0.5])
        for parameter, values in zip(head.parameters(), weights, strict=True):
            parameter.copy_(torch.tensor(values))
        logits = head(torch.tensor([[3.0, 1.0], [-1.0, -1.0]]))
    # 2·3 + 1·1 + 3 = 10 and gelu(10) = 10 to seven digits; 2·-1 + 1·-1 + 3 = 0 and gelu(0) = 0
    assert logits.tolist() == [pytest.approx([10, 21, -9.5]), pytest.approx([0, 1, 0.5])]


def test_low_rank_linear() -> None:
    layer = LowRankLinear(nn.Linear(1, 1), rank=1, scale=0.5, dropout=0.0)
    with torch.no_grad():
        for parameter, value in ((layer.linear.weight, 2), (layer.linear.bias, 1), (layer.A, 3), (layer.B, 4)):
            parameter.fill_(value)
    assert layer(torch.tensor([[10.0]])).item() == 81  # 2·10 + 1 + 0.5·4·3·10


def test_untrained_adapters_change_nothing(network: Network) -> None:
    states = torch.randn(5, 3)
    expected = network(states)
    add_adapters(network, rank=2, scale=0.5, dropout=0.0)
    assert torch.equal(network(states), expected)
    trained = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    assert trained == {f"{name}.{part}" for name in LAYERS for part in "AB"}


def test_merged_network_equals_adapted_one(network: Network, adapted: Network) -> None:
    states = torch.randn(5, 3)
    before = network(states)
    pooler = network.pooler.weight.clone()
    merge_adapters(network, adapter_state(adapted))
    torch.testing.assert_close(network(states), adapted(states))
    assert not torch.allclose(network(states), before, atol=1e-2)
    assert torch.equal(network.pooler.weight, pooler)


def test_adapter_state_names_and_shapes(adapted: Network) -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in adapter_state(adapted).items()}
    assert sorted(shapes) == sorted(f"{name}.{part}" for name in LAYERS for part in "AB")
    assert (shapes["encoder.layer.0.x.A"], shapes["encoder.layer.0.x.B"]) == ((2, 3), (4, 2))


@pytest.mark.parametrize(
    ("gone", "extra"), [("encoder.layer.1.y.B", None), (None, "pooler.A"), (None, "encoder.layer.2.x.A")]
)
def test_merge_needs_exactly_the_layers_of_the_network(
    network: Network, adapted: Network, gone: str | None, extra: str | None
) -> None:
    state = adapter_state(adapted)
    if gone:
        del state[gone]
    if extra:
        state[extra] = torch.zeros(2, 3)
    before = copy.deepcopy(network.state_dict())
    with pytest.raises(KeyError, match=rf"adapter and encoder differ in \['{gone or extra}'\]"):
        merge_adapters(network, state)
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
