"""Attention whose rows do not depend on what else is read with them, so that a prompt in a tree reads as it does alone.

torch's attention takes keys in blocks and rounds between them: where a tree's other prompts stand among the keys,
other numbers are rounded, and in bf16 a probability may move by 0.03. The matrix products before and after it do not
depend on other rows, as tried on x86 CPUs.
"""

from typing import Any

from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

NAME = "sidelight"


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    exact: bool = False,
    scaling: float | None = None,
    **others: Any,
) -> tuple[Tensor, None]:
    """Torch's attention, or with `exact` ours; as transformers' `AttentionInterface` has it.

    The sums over keys are in fp64, whose order of adding does not show after rounding to bf16.

    Args:
        module: transformers' attention layer.
        query: `(1, heads, rows, size)`.
        key: `(1, groups, keys, size)`, each for as many neighbouring heads.
        value: as `key`.
        attention_mask: `(1, 1, rows, keys)`, added to the scores.
        exact: whether the sums are in fp64; it takes a mask.
        scaling: of the scores; None is `size ** -0.5`.
        **others: for torch's attention.
    """
    if not exact or attention_mask is None or others.get("softcap") or others.get("position_bias") is not None:
        return sdpa_attention_forward(module, query, key, value, attention_mask, scaling=scaling, **others)  # type: ignore[no-any-return]
    mask = attention_mask[0, 0]
    seen = (mask == 0).any(dim=0)  # a tree's rows look at few of its keys
    key, value = key[:, :, seen].double(), value[:, :, seen].double()
    found = scaled_dot_product_attention(
        query.double(), key, value, attn_mask=mask[:, seen].double(), scale=scaling, enable_gqa=True
    )
    return found.to(query.dtype).transpose(1, 2).contiguous(), None


def make_batch_invariant(network: PreTrainedModel) -> bool:
    """Let `network` take `exact=True` where it uses torch's attention; returns whether it does."""
    if network.config._attn_implementation == "sdpa":
        network.set_attn_implementation(NAME)
    return bool(network.config._attn_implementation == NAME)


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, sdpa_mask)
