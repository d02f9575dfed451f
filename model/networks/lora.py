"""Low-rank adapters (LoRA, https://arxiv.org/abs/2106.09685): what training learns and a few MB can hold."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn


class LowRankLinear(nn.Module):
    """A frozen linear layer plus a trainable update of low rank: `W x + scale · B A x`."""

    def __init__(self, linear: nn.Linear, rank: int, scale: float) -> None:
        super().__init__()
        self.linear = linear
        self.A = nn.Parameter(torch.empty(rank, linear.in_features))
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank))
        nn.init.kaiming_uniform_(self.A, a=5**0.5)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """Map `(..., in_features)` to `(..., out_features)`."""
        low: Tensor = x @ self.A.T * self.scale
        out: Tensor = self.linear(x)
        rows = out.flatten(0, -2)
        if torch.is_grad_enabled() or rows.dtype != self.B.dtype:  # in autocast
            return torch.addmm(rows, low.flatten(0, -2), self.B.T).view_as(out)
        return rows.addmm_(low.flatten(0, -2), self.B.T).view_as(out)  # a twelfth of the time goes into a copy else


def _linears(network: nn.Module) -> Iterator[tuple[str, nn.Linear]]:
    """The linear layers of the transformer blocks, by name; the unused pooler is left out."""
    for name, module in network.named_modules():
        if isinstance(module, nn.Linear) and name.split(".")[0] != "pooler":
            yield name, module


def add_adapters(network: nn.Module, rank: int, scale: float) -> None:
    """Freeze `network` and put an adapter on each linear layer of its blocks, in place."""
    network.requires_grad_(False)
    for name, linear in list(_linears(network)):
        parent, _, attribute = name.rpartition(".")
        setattr(network.get_submodule(parent), attribute, LowRankLinear(linear, rank, scale))


def adapter_state(network: nn.Module) -> dict[str, Tensor]:
    """The adapters' tensors: `<layer>.A` of shape (rank, in) and `<layer>.B` of shape (out, rank), scale in B."""
    state = {}
    for name, module in network.named_modules():
        if isinstance(module, LowRankLinear):
            state[f"{name}.A"] = module.A.detach().clone()
            state[f"{name}.B"] = module.B.detach() * module.scale
    return state


@torch.no_grad()
def merge_adapters(network: nn.Module, state: dict[str, Tensor]) -> None:
    """Add each update `B A` of `state` to its layer of `network`, so that inference pays nothing.

    Raises:
        KeyError: `state` and the network's layers differ.
    """
    layers = dict(_linears(network))
    expected = {f"{name}.{part}" for name in layers for part in "AB"}
    if expected != set(state):
        raise KeyError(f"adapter and encoder differ in {sorted(expected ^ set(state))[:4]} …")
    for name, linear in layers.items():
        shapes = tuple(state[f"{name}.B"].shape), tuple(state[f"{name}.A"].shape)
        rank = shapes[1][0]
        if shapes != ((linear.out_features, rank), (rank, linear.in_features)):
            raise KeyError(f"expected an adapter for {tuple(linear.weight.shape)} at {name}, got {shapes}")
        up, down = (state[f"{name}.{part}"].to(linear.weight) for part in "BA")
        linear.weight.data = torch.addmm(linear.weight, up, down)
