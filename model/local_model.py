"""A causal language model in this process, through transformers: any folder or Hub repository with safetensors."""

import threading
from collections.abc import Iterator, Sequence
from copy import deepcopy

import torch
from torch import Tensor
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DynamicCache,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from model.device import choose_device, fastest_dtype
from model.errors import PromptError, WeightsError
from model.replies import Choice

_LOOKUP = 6
"""Tokens that are proposed at once."""
_SHARED = 24
"""Prompts that go on alike for so many tokens are read together up to there."""
_BATCH_TOKENS = 2048
_FEW, _STEP = 8, 32
"""Rows are padded to a multiple of so many tokens: oneDNN keeps code and memory for each new length (2 MB)."""


class LocalModel:
    """A tokenizer and a causal transformer; the constructor takes both ready, `from_folder` loads them.

    What the last prompt and this one begin with alike is read once: their key and value states are kept.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, network: PreTrainedModel, version: str, lookup: int = _LOOKUP
    ) -> None:
        self.tokenizer = tokenizer
        self.network = network.eval()
        self.version = version
        self.window = int(network.config.max_position_embeddings)
        self.lookup = lookup
        self._lock = threading.Lock()
        self._read: list[int] = []
        self._states = DynamicCache(config=network.config)
        ends = network.generation_config.eos_token_id
        self._ends = set(ends if isinstance(ends, list) else [ends])

    @classmethod
    def from_folder(cls, name: str, version: str) -> "LocalModel":
        """Load from a folder or a Hub repository, on a GPU if there is one, in bf16 where that is faster.

        Raises:
            WeightsError: there is no such model, or it has no safetensors.
        """
        place = choose_device(None)
        try:
            tokenizer = AutoTokenizer.from_pretrained(name)
            network = AutoModelForCausalLM.from_pretrained(
                name,
                use_safetensors=True,
                dtype=fastest_dtype(place),
            )
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise WeightsError(
                f"expected a causal language model with safetensors in {name}, got {type(error).__name__}: "
                f"{str(error).splitlines()[0][:200]}; name another with LLM=, or none"
            ) from error
        return cls(tokenizer, network.to(place), version)

    def count(self, text: str) -> int:
        """How many tokens `text` has."""
        return len(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def generate(self, prompt: str, limit: int) -> Iterator[str]:
        """The reply in pieces, at most `limit` tokens, decoded greedily; closing the iterator stops the model.

        A reply that repeats the prompt, as a summary does, comes several tokens at a time: what followed the
        last tokens before is proposed and checked in one pass (prompt lookup,
        https://github.com/apoorvumang/prompt-lookup-decoding). transformers has it too, but not with kept states.

        Raises:
            PromptError: the prompt leaves no room for a reply.
        """
        ids = self._ids(prompt)
        if len(ids) + limit > self.window:
            raise PromptError(
                f"expected a prompt of at most {self.window - limit} tokens, got {len(ids)}; summarise a shorter text"
            )
        reply: list[int] = []
        said = ""
        with self._lock:
            for tokens in self._greedy(ids, limit):
                reply += tokens
                text = self.tokenizer.decode(reply, skip_special_tokens=True)
                if not text.endswith("\ufffd"):  # the rest of a character is still to come
                    yield text[len(said) :]
                    said = text
        if len(text := self.tokenizer.decode(reply, skip_special_tokens=True)) > len(said):
            yield text[len(said) :]

    def _greedy(self, ids: list[int], limit: int) -> Iterator[list[int]]:
        """The most likely next tokens, one or a few at a time, up to the end of the reply."""
        states = self._states_for(ids)
        self._read = []  # until the states are known again
        start = len(ids)
        ids = list(ids)
        while len(ids) - start < limit:
            draft = _followed(ids, self.lookup)[: limit - (len(ids) - start) - 1]
            logits = self._forward([[*ids[states.get_seq_length() :], *draft]], states, len(draft) + 1)
            best = logits.argmax(dim=1).tolist()
            right = next((place for place, token in enumerate(draft) if token != best[place]), len(draft))
            if right < len(draft):
                states.crop(right - len(draft))
            tokens = [*draft[:right], best[right]]
            end = next((place for place, token in enumerate(tokens) if token in self._ends), None)
            ids += tokens[:end]
            self._read = ids[: states.get_seq_length()]
            if tokens[:end]:
                yield tokens[:end]
            if end is not None:
                return

    def _states_for(self, ids: list[int]) -> DynamicCache:
        """The kept states, cut back to what they share with `ids` (its last token is always read anew)."""
        shared = _common([self._read, ids[:-1]])
        surplus = self._states.get_seq_length() - shared
        if shared < _SHARED:
            self._states = DynamicCache(config=self.network.config)
        elif surplus:
            self._states.crop(-surplus)
        return self._states

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        """For each prompt, how likely each option's first token is as the next, of all tokens.

        What prompts begin with alike is read once, and what is left of them in batches.

        Raises:
            PromptError: two options begin with the same token.
        """
        firsts = [self._firsts(option) for option in options]
        if len(set().union(*firsts)) < sum(map(len, firsts)):
            raise PromptError(f"expected options that begin with different tokens, got {list(options)}")
        ids = [self._ids(prompt) for prompt in prompts]
        with self._lock:
            logits = torch.empty(len(prompts), self.network.config.vocab_size)
            self._logits(ids, list(range(len(ids))), DynamicCache(config=self.network.config), 0, logits)
        shares = logits.softmax(dim=1)
        return [
            Choice({option: float(row[list(first)].sum()) for option, first in zip(options, firsts, strict=True)})
            for row in shares
        ]

    def _logits(self, ids: list[list[int]], members: list[int], states: DynamicCache, read: int, out: Tensor) -> None:
        """Fill `out[members]` with the next token's logits; `states` holds the first `read` tokens, alike in all."""
        shared = min(_common([ids[member] for member in members]), min(len(ids[member]) for member in members) - 1)
        if shared - read >= _SHARED or (len(members) == 1 and shared > read):
            self._forward([ids[members[0]][read:shared]], states)
            read = shared
        groups: dict[tuple[int, ...], list[int]] = {}
        for member in members:
            groups.setdefault(tuple(ids[member][read : read + _SHARED]), []).append(member)
        if len(groups) > 1 and len(groups) < len(members):
            for group in groups.values():
                self._logits(ids, group, deepcopy(states), read, out)
            return
        size = max(1, _BATCH_TOKENS // max(len(ids[member]) - read for member in members))
        for start in range(0, len(members), size):
            some = members[start : start + size]
            copy = deepcopy(states)
            copy.batch_repeat_interleave(len(some))
            out[some] = self._forward([ids[member][read:] for member in some], copy)

    @torch.inference_mode()
    def _forward(self, rows: list[list[int]], states: DynamicCache, last: int = 1) -> Tensor:
        """Logits `(rows, vocabulary)` after each row's last token, or `(last, vocabulary)` of the one row's last few.

        `states` grows by the longest row.
        """
        longest = max(map(len, rows))
        step = _FEW if longest <= _FEW else _STEP
        width = -(-longest // step) * step
        # padding comes after a row's last token, where nothing that is read looks
        tokens = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows], device=self.network.device)
        hidden = self.network.base_model(input_ids=tokens, cache=states, use_cache=True).last_hidden_state
        states.crop(longest - width)
        wanted = (
            hidden[0, longest - last : longest] if last > 1 else hidden[range(len(rows)), [len(r) - 1 for r in rows]]
        )
        logits: Tensor = self.network.get_output_embeddings()(wanted).float().cpu()
        return logits

    def _firsts(self, option: str) -> set[int]:
        forms = (option, option.capitalize(), f" {option}")
        return {self.tokenizer(form, add_special_tokens=False)["input_ids"][0] for form in forms}

    def _ids(self, prompt: str) -> list[int]:
        """The prompt's tokens, as the user's turn of a chat where the model has a chat template."""
        prompt = _defused(prompt, self.tokenizer.all_special_tokens)
        if self.tokenizer.chat_template:
            text = self.tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False
            )
            return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        return list(self.tokenizer(f"{prompt}\n")["input_ids"])


def _defused(text: str, special: Sequence[str]) -> str:
    """`text` without the model's special tokens: a space keeps them from being read as such."""
    for token in special:
        text = text.replace(token, f"{token[:1]} {token[1:]}")
    return text


def _common(rows: Sequence[Sequence[int]]) -> int:
    """How many tokens all rows begin with alike."""
    for place, column in enumerate(zip(*rows, strict=False)):
        if len(set(column)) > 1:
            return place
    return min(map(len, rows))


def _followed(ids: list[int], count: int) -> list[int]:
    """At most `count` tokens that followed the last three, or two, where they stood last before; [] for nowhere."""
    for length in (3, 2):
        tail = ids[-length:]
        for place in range(len(ids) - length - 1, -1, -1):
            if ids[place : place + length] == tail:
                return ids[place + length : place + length + count]
    return []
