"""The encoder's forward pass for inference: the same numbers as transformers' MPNet, in fewer and larger steps."""

import platform
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, linear, scaled_dot_product_attention
from transformers import MPNetModel
from transformers.modeling_outputs import BaseModelOutput


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
        out: Tensor = torch.ops.mkldnn._linear_pointwise.binary(x, residual, self.weight, self.bias, "add")
        return out


class _Layer(nn.Module):
    """One transformer block over the tokens of a whole batch, `(texts · tokens, hidden)`."""

    def __init__(self, layer: Any, heads: int) -> None:
        super().__init__()
        attention = layer.attention.attn
        self.heads = heads
        self.qkv = FusedLinear(attention.q, attention.k, attention.v)
        self.out = FusedLinear(attention.o)
        self.norm: nn.Module = layer.attention.LayerNorm
        self.widen = FusedLinear(layer.intermediate.dense)
        self.narrow = FusedLinear(layer.output.dense)
        self.last_norm: nn.Module = layer.output.LayerNorm

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        texts, length = bias.shape[0], bias.shape[-1]
        q, k, v = self.qkv(x).view(texts, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        attended = scaled_dot_product_attention(q, k, v, attn_mask=bias).transpose(1, 2).reshape(x.shape)
        x = self.norm(self.out.plus(attended, x))
        after: Tensor = self.last_norm(self.narrow.plus(self.widen.gelu(x), x))
        return after


class InferenceNetwork(nn.Module):
    """An MPNet that only reads: it takes the weights of `network`, adapters merged, in their dtype and on their device.

    Queries, keys and values are one product, the bias by relative position is made once, and
    attention is one call.
    """

    def __init__(self, network: MPNetModel) -> None:
        super().__init__()
        self.config = network.config
        self.embeddings = network.embeddings
        self.layers = nn.ModuleList(_Layer(layer, self.config.num_attention_heads) for layer in network.encoder.layer)
        longest = self.config.max_position_embeddings - self.embeddings.padding_idx - 1
        places = network.encoder.relative_attention_bias.weight.new_empty(1, longest, 1)
        self.position_bias = network.encoder.compute_position_bias(places).detach()

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> BaseModelOutput:
        """Token states `(texts, tokens, hidden)`, as transformers returns them."""
        x = self.embeddings(input_ids=input_ids)
        texts, length, hidden = x.shape
        bias = self.position_bias[:, :, :length, :length].expand(texts, -1, -1, -1)
        if not attention_mask.all():
            bias = bias.masked_fill(attention_mask[:, None, None] == 0, torch.finfo(x.dtype).min)
        x = x.view(-1, hidden)
        for layer in self.layers:
            x = layer(x, bias)
        return BaseModelOutput(last_hidden_state=x.view(texts, length, hidden))


def _can_pack(weight: Tensor) -> bool:
    """Whether oneDNN multiplies this weight here; x86 only, where it was tested."""
    return (
        weight.device.type == "cpu"
        and platform.machine() in ("x86_64", "AMD64")
        and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]  # torch leaves it so
        and (weight.dtype is torch.float32 or torch.ops.mkldnn._is_mkldnn_bf16_supported())
    )
