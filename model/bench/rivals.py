"""What a user would do instead, with random numbers for weights: the time does not depend on what they are."""

from collections.abc import Callable

import torch
from transformers import BartConfig, BartForSequenceClassification, RobertaConfig, RobertaForSequenceClassification

HYPOTHESIS = 12
"""Tokens of "This text is critical of the United States." and of what parts it from the paragraph."""
TARGET = 6
LABELS = 3


def bart_pass(dtype: torch.dtype) -> Callable[[int], object]:
    """A zero-shot pipeline's pass over one paragraph of so many tokens and one label of one party, on bart-large."""
    config = BartConfig(num_labels=3)  # its defaults are bart-large's shapes
    network = BartForSequenceClassification(config).eval().to(dtype)

    @torch.inference_mode()
    def read(tokens: int) -> object:
        ids = torch.full((1, tokens + HYPOTHESIS), 100)
        ids[0, -1] = config.eos_token_id
        return network(input_ids=ids)

    return read


def roberta_pass(dtype: torch.dtype) -> Callable[[int], object]:
    """A target-dependent classifier's pass over one paragraph and one party, on RoBERTa-base (NewsSentiment's way)."""
    config = RobertaConfig(vocab_size=50265, max_position_embeddings=514, type_vocab_size=1, num_labels=3)
    network = RobertaForSequenceClassification(config).eval().to(dtype)

    @torch.inference_mode()
    def read(tokens: int) -> object:
        return network(input_ids=torch.full((1, min(512, tokens + TARGET)), 100))

    return read
