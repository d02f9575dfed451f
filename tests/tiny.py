"""A real causal transformer, tiny and random, with a tokenizer of its own: built in a second, the same each time."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedModel, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from model.language_model.local import LocalModel
from model.language_model.truncated import first_layers
from model.networks.lora import LowRankLinear, add_adapters

Head = TypeVar("Head")

ROOT = Path(__file__).parent.parent
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WINDOW = 512


def save_tiny(folder: Path) -> Path:
    """Write the model and its tokenizer to `folder` and return it."""
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").glob("*.txt"))]
    trainer = trainers.BpeTrainer(
        vocab_size=1000,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    words.train_from_iterator([*texts, "favorable critical neutral absent yes no"], trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>"],
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(3)
    network = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=WINDOW,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            initializer_range=0.2,
        )
    )
    network.save_pretrained(folder)
    return folder


def drawn(lm: LocalModel, head_of: Callable[[int], Head], rank: int) -> tuple[PreTrainedModel, Head]:
    """The first layer with adapters, and a head, at random."""
    torch.manual_seed(1)
    network, head = first_layers(lm.network.base_model, 1), head_of(lm.network.config.hidden_size)
    add_adapters(network, rank, 2.0)
    for module in network.modules():
        if isinstance(module, LowRankLinear):
            torch.nn.init.normal_(module.B, std=0.2)
    return network, head
