"""The head and the adapters, on networks of a few numbers."""

import copy

import pytest
import torch
from torch import Tensor, nn

from model.networks.lora import LowRankLinear, adapter_state, add_adapters, merge_adapters
from model.stance.head import PartyHead


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
    add_adapters(adapted, rank=2, scale=0.5)
    for module in adapted.modules():
        if isinstance(module, LowRankLinear):
            nn.init.normal_(module.B)
    return adapted.eval()


def simple_head() -> PartyHead:
    """Hidden size 1: the evidence goes to the greatest state when the mention's is positive, the features add up."""
    head = PartyHead(hidden=1, width=1, key=1).eval()
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.zero_()
        for layer in (head.evidence_query, head.evidence_key, head.holder_query, head.holder_key):
            layer.weight.fill_(1)
        head.inner.weight.copy_(torch.tensor([[1.0, 10.0, 100.0]]))
        head.stance.weight.copy_(torch.tensor([[1.0], [2.0], [-1.0]]))
        head.voice.weight.copy_(torch.tensor([[1.0], [0.0]]))
    return head


def test_party_head_by_hand() -> None:
    states = torch.tensor([[[1.0], [2.0], [30.0], [9e3]]])
    mentions = torch.tensor([[[False, True, False, False], [False, True, True, False]]])
    content = torch.tensor([[False, True, True, False]])
    with torch.no_grad():
        scores = simple_head()(states, mentions, content)
    # The mentions' means are 2 and 16; both attend to the state 30 alone (e^56 : 1); gelu is the identity up there.
    inner = [1 + 10 * 2 + 100 * 30, 1 + 10 * 16 + 100 * 30]
    assert scores.stance.tolist() == [[pytest.approx([x, 2 * x, -x]) for x in inner]]
    assert scores.voice.tolist() == [[pytest.approx([x, 0]) for x in inner]]
    assert scores.evidence.exp().tolist() == [[pytest.approx([0, 0, 1, 0])] * 2]
    assert scores.holder.exp().tolist() == [[pytest.approx([0, 0, 1, 0])] * 2]


def test_the_holder_may_be_the_first_token_and_the_evidence_not() -> None:
    states = torch.tensor([[[50.0], [2.0], [1.0]]])
    mentions = torch.tensor([[[False, True, False]]])
    content = torch.tensor([[False, True, True]])
    with torch.no_grad():
        scores = simple_head()(states, mentions, content)
    assert scores.holder.argmax(dim=2).tolist() == [[0]]
    assert scores.evidence.argmax(dim=2).tolist() == [[1]]
    assert float(scores.evidence[0, 0, 0].exp()) == 0


def test_party_head_ignores_padding_and_other_parties() -> None:
    torch.manual_seed(1)
    head = PartyHead(hidden=8, width=6, key=4).eval()
    states = torch.randn(1, 5, 8)
    mention = torch.tensor([[[False, True, True, False, False]]])
    content = torch.tensor([[False, True, True, True, False]])
    other = torch.tensor([[[False, False, False, True, False]]])
    with torch.no_grad():
        alone = head(states, mention, content)
        both = head(states, torch.cat([mention, other], dim=1), content)
        longer = head(
            torch.cat([states, torch.full((1, 2, 8), 1e4)], dim=1),
            nn.functional.pad(mention, (0, 2)),
            nn.functional.pad(content, (0, 2)),
        )
    for name in ("stance", "voice"):
        assert torch.allclose(getattr(alone, name), getattr(both, name)[:, :1], atol=1e-5)
        assert torch.allclose(getattr(alone, name), getattr(longer, name), atol=1e-5)


def test_a_saved_head_comes_back_whole() -> None:
    head = PartyHead(hidden=8, width=6, key=4)
    again = PartyHead.from_state(head.state_dict())
    assert not again.training
    for name, tensor in head.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])


def test_low_rank_linear() -> None:
    layer = LowRankLinear(nn.Linear(1, 1), rank=1, scale=0.5)
    with torch.no_grad():
        for parameter, value in ((layer.linear.weight, 2), (layer.linear.bias, 1), (layer.A, 3), (layer.B, 4)):
            parameter.fill_(value)
    assert layer(torch.tensor([[10.0]])).item() == 81  # 2·10 + 1 + 0.5·4·3·10


def test_untrained_adapters_change_nothing(network: Network) -> None:
    states = torch.randn(5, 3)
    expected = network(states)
    add_adapters(network, rank=2, scale=0.5)
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
