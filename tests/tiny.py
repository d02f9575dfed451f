"""Real transformers, tiny and random: built in a second, the same each time; texts with their mentions or parties."""

import re
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoTokenizer,
    MPNetConfig,
    MPNetModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from model.article.nlp import parse_articles
from model.domain import Article, Kind, Mention, Party
from model.networks.encoder import Encoder
from model.networks.encoder_weights import encoder_folder
from model.networks.text_states import text_states
from model.parties.finder import find_parties, requested_parties
from model.parties.requests import PartyRequest
from model.stance.classifier import Text
from model.stance.masking import STAND_INS

ROOT = Path(__file__).parent.parent
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WINDOW = 512


def random_mpnet(hidden: int) -> MPNetModel:
    """Two blocks of random numbers; as initialized, biases would be 0 and positions would hardly count."""
    torch.manual_seed(5)
    sizes = {"hidden_size": hidden, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 2 * hidden}
    config = MPNetConfig(vocab_size=50, max_position_embeddings=514, **sizes)
    network = MPNetModel(config, add_pooling_layer=False).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(std=0.3)
    return network


def save_tiny(folder: Path) -> Path:
    """Write a causal model and its tokenizer, which has the reader's stand-ins, to `folder` and return it."""
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
    stand_ins = f" {' '.join(STAND_INS)}" * 200
    words.train_from_iterator([*texts, "favorable critical neutral absent yes no", stand_ins], trainer)
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


def tiny_encoder() -> Encoder:
    """The real encoder's tokenizer before a network of one layer."""
    torch.manual_seed(3)
    tokenizer = AutoTokenizer.from_pretrained(encoder_folder(), local_files_only=True)
    config = MPNetConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    network = MPNetModel(config)
    network.pooler = None
    return Encoder(tokenizer, network)


def found_parties(article: Article, encoder: Encoder) -> tuple[Party, ...]:
    """The parties of an article, where nobody asks for some."""
    (parsed,) = parse_articles([article])
    return find_parties(parsed, *text_states(encoder, [parsed.texts]))


def asked_parties(
    article: Article, requests: Sequence[PartyRequest], encoder: Encoder | None = None
) -> tuple[Party, ...]:
    """The parties of an article that somebody asks for; without an encoder by their names alone."""
    (parsed,) = parse_articles([article])
    read = text_states(encoder, [parsed.texts])[0] if encoder else None
    return requested_parties(parsed.title, parsed.paragraphs, requests, read)


def parties_in(paragraphs: Sequence[str], names: Sequence[str]) -> list[Party]:
    """Parties that paragraphs refer to by their names alone."""
    return [
        Party(
            name,
            Kind.STATE,
            mentions=tuple(
                Mention(number, found.start(), found.end())
                for number, paragraph in enumerate(paragraphs)
                for found in re.finditer(re.escape(name), paragraph)
            ),
        )
        for name in names
    ]


def text_of(paragraphs: Sequence[str], names: Sequence[str], *, blind: bool = True) -> Text:
    """Paragraphs, and where they have each of the names."""
    return Text(tuple(paragraphs), [party.by_paragraph() for party in parties_in(paragraphs, names)], blind)
