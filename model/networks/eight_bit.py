"""Linear layers in eight bits: on CPUs with VNNI some three times as fast as fp32, in a quarter of its memory."""

import platform
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

_OPS = ("qlinear_prepack", "qlinear_pointwise")
"""Operators of torch that `torch.compile` multiplies quantized numbers with; private, so that a release may take them
away."""
_LEAST = 1e-12
_ROWS = 512
"""Of a weight that are summed at once: torch makes wider numbers of all of them first."""


class EightBitLinear(nn.Module):
    """`FusedLinear` in eight bits: a scale for each row of the weight; for each token a scale and a zero, as it comes.

    This is affine quantization as in https://arxiv.org/abs/1712.05877, by token as in https://arxiv.org/abs/2208.07339:
    with `x ≈ scale · whole + low`, `W x` is `scale · (W whole) + low · (W 1)`.
    """

    packed = False
    """Nothing is left to oneDNN but the product."""

    def __init__(self, *linears: nn.Linear) -> None:
        super().__init__()
        whole, scales = quantized(torch.cat([layer.weight.detach() for layer in linears]))
        biases = [torch.zeros(layer.out_features) if layer.bias is None else layer.bias.detach() for layer in linears]
        self._take(whole, scales, torch.cat(biases).float())

    @classmethod
    def of(cls, whole: Tensor, scales: Tensor, bias: Tensor | None = None) -> "EightBitLinear":
        """From a weight `(out_features, in_features)` as `quantized` makes it."""
        made = cls.__new__(cls)
        nn.Module.__init__(made)
        made._take(whole, scales, bias)
        return made

    def _take(self, whole: Tensor, scales: Tensor, bias: Tensor | None) -> None:
        self.bias, self.scales = None if bias is None else bias.clone(), scales.clone()
        self.zeros = torch.zeros(len(whole), dtype=torch.int32)
        sums = [rows.sum(dim=1) for rows in torch.split(whole, _ROWS)]
        self.sums = torch.cat(sums) * scales
        self.weight = torch.ops.onednn.qlinear_prepack(whole, None)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(..., in_features)` in fp32 to `(..., out_features)`."""
        rows = x.reshape(-1, x.shape[-1])
        low, high = rows.amin(dim=1, keepdim=True), rows.amax(dim=1, keepdim=True)  # aminmax takes ten times as long
        scales = (high - low).div_(255).clamp_(min=_LEAST)
        whole = (rows - low).mul_(1 / scales).add_(0.5)  # cut, which rounds what is half more
        whole = whole.to(torch.int16).to(torch.uint8)  # at once it takes three times as long
        out = self.multiply(whole).mul_(scales)
        if self.bias is not None:
            out += self.bias
        out.addcmul_(low, self.sums)
        return out.view(*x.shape[:-1], -1)

    def multiply(self, whole: Tensor) -> Tensor:
        """The product of `(tokens, in_features)` in uint8 with the weight, in fp32.

        oneDNN multiplies unsigned by signed numbers fast, signed by signed ones a thousand times slower on some CPUs.
        """
        out: Tensor = torch.ops.onednn.qlinear_pointwise(
            whole, 1.0, 0, self.weight, self.scales, self.zeros, None, 1.0, 0, torch.float32, "none", [], ""
        )
        return out

    def gelu(self, x: Tensor) -> Tensor:
        """`forward`, then the Gaussian error linear unit."""
        return gelu(self(x))

    def plus(self, x: Tensor, residual: Tensor) -> Tensor:
        """`forward`, then `residual` `(tokens, out_features)` added."""
        out: Tensor = self(x)
        return out.add_(residual)


def quantized(weight: Tensor) -> tuple[Tensor, Tensor]:
    """`weight` `(out_features, in_features)` as whole numbers in int8, and the scale of each of its rows in fp32."""
    weight = weight.float()
    scales = weight.abs().amax(dim=1).clamp(min=_LEAST) / 127
    return (weight / scales[:, None]).round().to(torch.int8), scales


def rest_dtype(dtype: torch.dtype) -> torch.dtype:
    """What a network in `dtype` holds beside its linear layers, and calculates in: fp32 with int8."""
    return torch.float32 if dtype is torch.int8 else dtype


@cache
def is_exact() -> bool:
    """Whether this CPU, by this torch, multiplies the largest numbers of eight bits without a mistake.

    Without VNNI the sums of two products do not fit into the 16 bits that they get there.
    """
    there = all(hasattr(torch.ops.onednn, name) for name in _OPS)
    x86 = platform.machine() in ("x86_64", "AMD64")  # where it was tested
    if not (there and x86 and torch.backends.mkldnn.is_available()):  # type: ignore[no-untyped-call]  # torch leaves it so
        return False
    layer = nn.Linear(64, 32)
    nn.init.ones_(layer.weight)
    nn.init.zeros_(layer.bias)
    largest = torch.full((4, 64), 255, dtype=torch.uint8)
    with torch.inference_mode():
        exact: Tensor = EightBitLinear(layer).multiply(largest) == layer(largest.float())
    return bool(exact.all())
