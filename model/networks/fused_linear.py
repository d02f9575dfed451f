"""Linear layers in fp32 and bf16, with weights as oneDNN multiplies them, and which layers a number format takes."""

import platform

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, linear

from .eight_bit import EightBitLinear

_ONE_THREAD, _BLOCK = (448, 1344), 384
"""Between these numbers of rows oneDNN 3 adds a product of 3,072 by 768 to a residual on one thread of two; in blocks
of `_BLOCK` rows it uses both."""

_OPS = ("_reorder_linear_weight", "_linear_pointwise", "_is_mkldnn_bf16_supported")
"""Private operators of torch, which a release may take away; without them its public ones do the same, slower."""


class FusedLinear(nn.Module):
    """Linear layers that read the same input as one, their outputs side by side.

    On a CPU the weight is kept in the order in which oneDNN multiplies, instead of being put into it
    at each call, and what follows the product is done while it is written. `torch.compile` does the
    same with these operators, but takes a C++ compiler and a minute at each start.
    """

    def __init__(self, *linears: nn.Linear) -> None:
        super().__init__()
        weight = torch.cat([layer.weight.detach() for layer in linears])
        self.bias = torch.cat([layer.bias.detach() for layer in linears])
        self.packed = _can_pack(weight)
        self.weight = torch.ops.mkldnn._reorder_linear_weight(weight, None) if self.packed else weight

    def forward(self, x: Tensor) -> Tensor:
        """Map `(tokens, in_features)` to `(tokens, out_features)`."""
        if not self.packed:
            return linear(x, self.weight, self.bias)
        out: Tensor = torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")
        return out

    def gelu(self, x: Tensor) -> Tensor:
        """`forward`, then the Gaussian error linear unit (https://arxiv.org/abs/1606.08415)."""
        if not self.packed:
            return gelu(linear(x, self.weight, self.bias))
        out: Tensor = torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "gelu", [], "none")
        return out

    def plus(self, x: Tensor, residual: Tensor) -> Tensor:
        """`forward`, then `residual` `(tokens, out_features)` added."""
        if not self.packed:
            return linear(x, self.weight, self.bias) + residual
        if _ONE_THREAD[0] < len(x) < _ONE_THREAD[1]:
            blocks = zip(torch.split(x, _BLOCK), torch.split(residual, _BLOCK), strict=True)
            return torch.cat([self.plus(some, rest) for some, rest in blocks])
        out: Tensor = torch.ops.mkldnn._linear_pointwise.binary(x, residual, self.weight, self.bias, "add")
        return out


LinearKind = type[FusedLinear | EightBitLinear]


def linear_kind(dtype: torch.dtype) -> LinearKind:
    """The linear layers of a network that calculates in `dtype`."""
    return EightBitLinear if dtype is torch.int8 else FusedLinear


def _can_pack(weight: Tensor) -> bool:
    """Whether oneDNN multiplies this weight here: x86 only, where it was tested, and if torch still has its ops."""
    return (
        all(hasattr(torch.ops.mkldnn, name) for name in _OPS)
        and weight.device.type == "cpu"
        and platform.machine() in ("x86_64", "AMD64")
        and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]  # torch leaves it so
        and (weight.dtype is torch.float32 or torch.ops.mkldnn._is_mkldnn_bf16_supported())
    )
