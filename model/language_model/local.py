"""A causal language model in this process, through transformers: any folder or Hub repository with safetensors."""

import threading
from collections.abc import Generator, Sequence

import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    TextIteratorStreamer,
)

from ..errors import PromptError, WeightsError
from ..networks.device import choose_device, enough_memory, fastest_dtype
from ..networks.progress import without_bars
from .interface import Choice


class LocalModel:
    """A tokenizer and a causal transformer; the constructor takes both ready, `from_folder` loads them.

    Raises:
        WeightsError: the model has no token that ends a reply.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, network: PreTrainedModel, version: str) -> None:
        self.tokenizer = tokenizer
        self.network = network.eval()
        self.version = version
        # A model without positions, such as BLOOM, reads what its tokenizer allows.
        text = network.config.get_text_config()
        self.window = int(getattr(text, "max_position_embeddings", tokenizer.model_max_length))
        ends = network.generation_config.eos_token_id
        ends = tokenizer.eos_token_id if ends is None else ends
        if ends is None:
            raise WeightsError(
                f"expected a token that ends a reply (eos_token_id) in {version}, found none; name another model with "
                "LLM=, or none"
            )
        self._ends = ends if isinstance(ends, list) else [ends]

    @classmethod
    def from_folder(cls, name: str, device: str | None = None) -> "LocalModel":
        """Load from a folder or a Hub repository, in bf16 where that is faster; `device` as for `choose_device`.

        Raises:
            DeviceError: `device` is not there.
            WeightsError: there is no such model, or it has no safetensors, or no token that ends a reply.
        """
        place = choose_device(device)
        try:
            tokenizer = AutoTokenizer.from_pretrained(name)
            with without_bars():
                network = AutoModelForCausalLM.from_pretrained(name, use_safetensors=True, dtype=fastest_dtype(place))
        except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
            raise WeightsError(
                f"expected a causal language model with safetensors in {name}, got {type(error).__name__}: "
                f"{' '.join(str(error).split())[:200]}; name another with LLM=, or none"  # some begin with a line end
            ) from error
        return cls(tokenizer, network.to(place), name)

    def generate(self, prompt: str, limit: int) -> Generator[str, None, None]:
        """The reply in pieces, at most `limit` tokens, decoded greedily; closing the iterator stops the model.

        Raises:
            PromptError: the prompt leaves no room for a reply.
            MemoryFullError: there is not enough memory for it.
        """
        ids = self.ids(prompt)
        if len(ids) + limit > self.window:
            raise PromptError(
                f"expected a prompt of at most {self.window - limit} tokens, got {len(ids)}; name a model that reads "
                "more with LLM="
            )
        closed, failed = threading.Event(), list[Exception]()
        streamer = TextIteratorStreamer(self.tokenizer, skip_prompt=True, skip_special_tokens=True)
        config = GenerationConfig(
            max_new_tokens=limit,
            do_sample=False,
            repetition_penalty=1.0,
            eos_token_id=self._ends,
            pad_token_id=self._ends[0],
        )

        def stop(tokens: Tensor, scores: object, **others: object) -> Tensor:
            return torch.full((len(tokens),), closed.is_set(), device=tokens.device)

        def write() -> None:
            try:
                with enough_memory("write a sentence"):
                    row = torch.tensor([ids], device=self.network.device)
                    self.network.generate(
                        row,
                        attention_mask=torch.ones_like(row),
                        generation_config=config,
                        stopping_criteria=[stop],
                        streamer=streamer,
                    )
            except Exception as error:  # it is raised where the reply is read
                failed.append(error)
                streamer.end()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            yield from filter(None, streamer)
        finally:
            closed.set()
            writer.join()
        if failed:
            raise failed[0]

    @torch.inference_mode()
    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        """For each prompt, how likely each option's first token is as the next, of all tokens.

        Raises:
            PromptError: two options begin with the same token.
        """
        firsts = [self._firsts(option) for option in options]
        if len(set().union(*firsts)) < sum(map(len, firsts)):
            raise PromptError(f"expected options that begin with different tokens, got {list(options)}")
        found = []
        for prompt in prompts:
            row = torch.tensor([self.ids(prompt)], device=self.network.device)
            shares = self.network(row, logits_to_keep=1).logits[0, -1].float().softmax(dim=0)
            given = {option: float(shares[list(some)].sum()) for option, some in zip(options, firsts, strict=True)}
            found.append(Choice(given))
        return found

    def _firsts(self, option: str) -> set[int]:
        forms = (option, option.capitalize(), f" {option}")
        return {self.tokenizer(form, add_special_tokens=False)["input_ids"][0] for form in forms}

    def ids(self, prompt: str) -> list[int]:
        """The prompt's tokens, as the user's turn of a chat where the model has a chat template."""
        prompt = defused(prompt, self.tokenizer)
        if self.tokenizer.chat_template:
            text = self.tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False
            )
            return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        return list(self.tokenizer(f"{prompt}\n")["input_ids"])


def defused(text: str, tokenizer: PreTrainedTokenizerBase) -> str:
    """`text`, as long as it was, with no word that the tokenizer reads as one of its control tokens."""
    for token in sorted(tokenizer.added_tokens_encoder, key=len, reverse=True):
        if len(token) > 1 and not token.isspace():
            text = text.replace(token, f"{token[0]}¦{token[2:]}")
    return text
