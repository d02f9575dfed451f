"""A language model with an adapter that acts from a reply's beginning on (activated LoRA).

The prompt's keys and values stay the model's own (https://arxiv.org/abs/2504.12397): in training they are read once, in
eight bits where that is exact, and kept in files; in use, prompts that begin alike are read once.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from gguf import GGUFValueType, GGUFWriter
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DynamicCache,
    GgufConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from ..language_model.decoding import shared_beginning
from ..language_model.weights import QWEN
from ..networks.eight_bit import EightBitLinear, is_exact
from ..networks.lora import add_adapters
from ..networks.progress import without_bars

_MESSAGES = [{"role": "user", "content": "\0"}]
GGUF_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_LOGGED = 200


@dataclass(frozen=True, slots=True)
class Turn:
    """A prompt and the reply to learn, in tokens; the reply begins with what opens it, `opening` tokens, and ends.

    `weight` is what each of its tokens counts beside those of the other replies of a batch.
    """

    prompt: list[int]
    reply: list[int]
    opening: int
    weight: float = 1.0

    @property
    def name(self) -> str:
        """What the file of its prompt's states is called."""
        return hashlib.sha256(np.array(self.prompt).tobytes()).hexdigest()[:16]


class Chat:
    """The tokens of a model's chat."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer
        whole = self.tokenizer.apply_chat_template(_MESSAGES, add_generation_prompt=True, tokenize=False)
        alone = self.tokenizer.apply_chat_template(_MESSAGES, add_generation_prompt=False, tokenize=False)
        self.before, self.after = alone.split("\0")
        self.opening = self.control(whole.removeprefix(alone))
        self.end = self.control(self.after)[:1]

    def turn(self, prompt: str, reply: str, weight: float = 1.0) -> Turn:
        """A prompt and its reply in tokens, with no control token in either."""
        tokens = [*self.control(self.before), *self.plain(prompt), *self.control(self.after)]
        return Turn(tokens, [*self.opening, *self.plain(reply), *self.end], len(self.opening), weight)

    def control(self, text: str) -> list[int]:
        """The tokens of `text`, control tokens among them."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def plain(self, text: str) -> list[int]:
        """The tokens of `text`, none of them a control token."""
        return list(self.tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"])


def load_network(folder: Path, dtype: torch.dtype) -> PreTrainedModel:
    """The network of the GGUF file in `folder`, its weights in `dtype`."""
    config = GgufConfig(dequantize=True)
    with without_bars():
        network = AutoModelForCausalLM.from_pretrained(
            folder, gguf_file=QWEN.file, dtype=dtype, quantization_config=config
        )
    return network.requires_grad_(False)


def load_chat(folder: Path) -> Chat:
    """The chat of the default model, whose GGUF file is in `folder`."""
    return Chat(AutoTokenizer.from_pretrained(folder, gguf_file=QWEN.file))


@torch.inference_mode()
def read_prompts(turns: Sequence[Turn], folder: Path, load: Callable[[], PreTrainedModel]) -> None:
    """Write the keys and values of each prompt that has no file in `folder` yet; only for those a network is loaded.

    A file holds `(layers, 2, heads, tokens, head size)` in bf16. What the first and the last prompt begin with alike is
    read once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = list({turn.name: turn for turn in turns if not (folder / f"{turn.name}.pt").exists()}.values())
    if not missing:
        return
    body = load().base_model
    calculate_in_eight_bits(body)
    shared = turns[0].prompt[: min(shared_beginning(turns[0].prompt, turns[-1].prompt), len(turns[0].prompt) - 1)]
    first = DynamicCache()
    body(torch.tensor([shared]), cache=first)
    for number, turn in enumerate(missing, 1):
        start = shared_beginning(shared, turn.prompt)
        cache = DynamicCache()
        for index, layer in enumerate(first.layers):
            cache.update(layer.keys[:, :, :start], layer.values[:, :, :start], index)
        body(torch.tensor([turn.prompt[start:]]), cache=cache)
        states = torch.stack([torch.stack([layer.keys[0], layer.values[0]]) for layer in cache.layers])
        keep_states(states, folder / f"{turn.name}.pt")
        if number % _LOGGED == 0:
            logging.info("%d of %d prompts read", number, len(missing))


def calculate_in_eight_bits(body: nn.Module) -> None:
    """Let the linear layers calculate in eight bits, where this processor does so exactly, and the others in fp32."""
    if is_exact():
        for name, module in [found for found in body.named_modules() if isinstance(found[1], nn.Linear)]:
            body.set_submodule(name, EightBitLinear(module))
        body.float()


def keep_states(states: Tensor, file: Path) -> None:
    """Write what was read in bf16; the file is there whole or not at all."""
    draft = file.with_suffix(".tmp")
    torch.save(states.bfloat16(), draft)
    draft.replace(file)


def with_adapter(network: PreTrainedModel, rank: int, scale: float) -> list[nn.Parameter]:
    """Put an adapter on each linear layer of the blocks, in place; returns what is learnt."""
    add_adapters(network.base_model, rank, scale)
    return [parameter for parameter in network.parameters() if parameter.requires_grad]


def reply_loss(network: PreTrainedModel, batch: Sequence[Turn], folder: Path) -> Tensor:
    """The weighted mean cross-entropy of the replies' tokens, behind the prompts' states in `folder`."""
    states = [torch.load(folder / f"{turn.name}.pt", weights_only=True).to(network.dtype) for turn in batch]
    past, new = max(some.shape[3] for some in states), max(len(turn.reply) for turn in batch)
    mask = torch.zeros(len(batch), past + new, dtype=torch.long)
    places, tokens = torch.zeros(len(batch), new, dtype=torch.long), torch.zeros(len(batch), new, dtype=torch.long)
    targets, weights = torch.full((len(batch), new), -1), torch.zeros(len(batch), new)
    layers, pair, heads, _, size = states[0].shape
    whole = states[0].new_zeros(layers, pair, len(batch), heads, past, size)
    for row, (turn, some) in enumerate(zip(batch, states, strict=True)):
        length, begin = len(turn.reply), past - some.shape[3]
        whole[:, :, row, :, begin:] = some
        mask[row, begin : past + length] = 1
        places[row] = some.shape[3] + torch.arange(new)
        tokens[row, :length] = torch.tensor(turn.reply)
        targets[row, turn.opening - 1 : length - 1] = tokens[row, turn.opening : length]
        weights[row] = turn.weight
    cache = DynamicCache()
    for index in range(layers):
        cache.update(whole[index, 0], whole[index, 1], index)
    hidden = network.base_model(tokens, attention_mask=mask, position_ids=places, cache=cache).last_hidden_state
    learnt = targets >= 0
    losses = cross_entropy(network.get_output_embeddings()(hidden[learnt]).float(), targets[learnt], reduction="none")
    return (losses * weights[learnt]).sum() / weights[learnt].sum()


def write_gguf(path: Path, state: Mapping[str, Tensor], opening: Sequence[int] = ()) -> None:
    """Write the adapters of `adapter_state`, which are of one rank, as llama.cpp reads them, in fp16.

    They act from `opening`, the reply's first tokens, on; without one everywhere.
    """
    draft = path.with_suffix(".tmp")
    (rank,) = {len(tensor) for name, tensor in state.items() if name.endswith(".A")}
    writer = GGUFWriter(draft, "qwen2")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    if opening:
        begin = "adapter.alora.invocation_tokens"
        writer.add_key_value(begin, list(opening), GGUFValueType.ARRAY, GGUFValueType.UINT32)
    writer.add_float32("adapter.lora.alpha", float(rank))
    for name, tensor in state.items():
        _, index, part = name.split(".", 2)
        part, half = part.rsplit(".", 1)
        target = f"blk.{index}.{GGUF_NAMES[part]}.weight.lora_{half.lower()}"
        writer.add_tensor(target, tensor.detach().to(torch.float16).numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    draft.replace(path)
