"""The head and the adapters, on networks of a few numbers."""

import copy

import pytest
import torch
from torch import Tensor, nn

from model.domain import Span
from model.networks.lora import LowRankLinear, adapter_state, add_adapters, merge_adapters
from model.networks.stretches import Part, Stretch, TokenizedText
from model.stance.head import Item, ItemMasks, PartyHead, items_of


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


def words(*lengths: int) -> TokenizedText:
    """Tokens of words of these lengths, one space between them."""
    ends = [sum(lengths[: number + 1]) + number for number in range(len(lengths))]
    return TokenizedText(tuple(lengths), tuple((end - length, end) for length, end in zip(lengths, ends, strict=True)))


PARTS = (Part(3, words(2, 5), start=1, judged=True), Part(4, words(4), start=4, judged=True))
"""Of a stretch of six tokens: a lead, two words, a lead, one word, and the end."""
FIRST = Item(PARTS[0], party=0, here=(slice(1, 2),), near=(slice(4, 5),))
SECOND = Item(PARTS[1], party=0, here=(), near=(slice(1, 2),))


def simple_head() -> PartyHead:
    """Hidden size 1: the evidence goes to the greatest state, the features add up in decimal places."""
    head = PartyHead(hidden=1, width=1, key=1, dropout=0.0).eval()
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.zero_()
        for layer in (head.evidence_query, head.evidence_key, head.holder_query, head.holder_key):
            layer.weight.fill_(1)
        head.refers_query.weight.fill_(1)
        head.refers_key.weight.fill_(1)
        head.inner.weight.copy_(torch.tensor([[1.0, 10.0, 100.0, 1000.0, 10000.0]]))
        head.stance.weight.copy_(torch.tensor([[1.0], [2.0], [-1.0], [0.0]]))
        head.voice.weight.copy_(torch.tensor([[1.0], [0.0]]))
    return head


def test_items_of_a_stretch() -> None:
    text_mentions = [{3: [Span(0, 2)], 4: [Span(1, 2)]}, {3: [Span(3, 8), Span(90, 95)]}, {}]
    found = items_of(Stretch((), PARTS), text_mentions)
    assert found == [
        Item(PARTS[0], 0, here=(slice(1, 2),), near=(slice(4, 5),)),
        Item(PARTS[0], 1, here=(slice(2, 3),), near=()),
        Item(PARTS[1], 0, here=(slice(4, 5),), near=(slice(1, 2),)),
        Item(PARTS[1], 1, here=(), near=(slice(2, 3),)),
    ]
    assert [(item.lead, item.weight) for item in found] == [(0, 1), (0, 1), (3, 1), (3, 0)]


def test_items_are_keys() -> None:
    other = Item(PARTS[0], party=0, here=(slice(1, 3),), near=(slice(4, 5),))
    again = Item(PARTS[0], party=0, here=(slice(1, 2),), near=(slice(4, 5),))
    assert {FIRST: "judged"}.get(again) == "judged"
    assert {FIRST: "judged"}.get(other) is None


def test_masks_by_hand() -> None:
    masks = ItemMasks.of([(FIRST, SECOND), (SECOND,)], 6)
    assert masks.lead.tolist() == [[0, 3], [3, 0]]
    assert masks.here.nonzero().tolist() == [[0, 0, 1]]
    assert masks.near.nonzero().tolist() == [[0, 0, 4], [0, 1, 1], [1, 0, 1]]
    assert masks.content.nonzero().tolist() == [[0, 0, 1], [0, 0, 2], [0, 1, 4], [1, 0, 4]]


def test_party_head_by_hand() -> None:
    states = torch.tensor([[[1.0], [2.0], [30.0], [3.0], [4.0], [9e3]]])
    head, masks = simple_head(), ItemMasks.of([(FIRST, SECOND)], 6)
    with torch.no_grad():
        scores = head(states, masks)
        learning = head.train()(states, masks)
    # Where the part does not mention the party, the mention elsewhere takes its place; gelu is the identity up there.
    inner = [1 + 10 * 2 + 100 * 30 + 1000 * 4 + 10000, 3 + 10 * 2 + 100 * 4 + 1000 * 2]
    absent = [-4, 0]  # less where the part mentions the party, but not while it is learnt
    assert scores.stance.tolist() == [[pytest.approx([x, 2 * x, -x, y]) for x, y in zip(inner, absent, strict=True)]]
    assert learning.stance.tolist() == [[pytest.approx([x, 2 * x, -x, 0]) for x in inner]]
    assert scores.voice.tolist() == [[pytest.approx([x, 0]) for x in inner]]
    where = [[0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 1, 0]]
    assert scores.evidence.exp().tolist() == [[pytest.approx(row) for row in where]]
    assert scores.holder.exp().tolist() == [[pytest.approx(row) for row in where]]
    assert scores.refers[0].tolist() == [pytest.approx([x * y - 4 for y in (1, 2, 30, 3, 4, 9e3)]) for x in inner]


def test_the_holder_may_be_the_lead_and_the_evidence_not() -> None:
    states = torch.tensor([[[50.0], [2.0], [1.0], [60.0], [70.0], [80.0]]])
    with torch.no_grad():
        scores = simple_head()(states, ItemMasks.of([(FIRST,)], 6))
    assert scores.holder.argmax(dim=2).tolist() == [[0]]
    assert scores.evidence.argmax(dim=2).tolist() == [[1]]
    assert float(scores.evidence[0, 0, 0].exp()) == 0


def test_party_head_ignores_padding_and_other_items() -> None:
    torch.manual_seed(1)
    head = PartyHead(hidden=8, width=6, key=4).eval()
    states = torch.randn(1, 6, 8)
    padded = torch.cat([states, torch.full((1, 2, 8), 1e4)], dim=1)
    with torch.no_grad():
        alone = head(states, ItemMasks.of([(FIRST,)], 6))
        both = head(states, ItemMasks.of([(FIRST, SECOND)], 6))
        longer = head(padded, ItemMasks.of([(FIRST,)], 8))
    for name in ("stance", "voice"):
        assert torch.allclose(getattr(alone, name), getattr(both, name)[:, :1], atol=1e-5)
        assert torch.allclose(getattr(alone, name), getattr(longer, name), atol=1e-5)
        assert not torch.allclose(getattr(both, name)[:, :1], getattr(both, name)[:, 1:], atol=1e-3)


def test_a_saved_head_comes_back_whole() -> None:
    head = PartyHead(hidden=8, width=6, key=4)
    again = PartyHead.from_state(head.state_dict())
    assert not again.training
    for name, tensor in head.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])
    with pytest.raises(KeyError, match="expected inner"):
        PartyHead.from_state(head.state_dict() | {"inner.weight": torch.zeros(6, 24)})
    with pytest.raises(KeyError, match="evidence_key"):
        PartyHead.from_state({"stance.weight": torch.zeros(4, 6)})


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
