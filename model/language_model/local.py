"""A causal language model in this process, through transformers: any folder or Hub repository with safetensors."""

import copy
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DynamicCache,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from ..errors import PromptError, WeightsError
from ..networks.device import choose_device, fastest_dtype
from ..networks.progress import without_bars
from .batch_invariant_attention import make_batch_invariant
from .interface import Choice
from .prefix_tree import PrefixTree, trees_of

_LOOKUP = 11
"""Tokens that are proposed at once: with the last one a dozen rows, which take a tenth longer than one."""
_SHARED = 24
"""Kept states that fit for fewer tokens are thrown away."""
_BATCH_TOKENS, _TREE_TOKENS = 512, 8192  # 2,048 at once take a quarter longer a token
_ROWS = 64  # whose logits, one a token of the vocabulary, are there at once
_FEW, _STEP = 12, 32
"""What is read is padded to a multiple of so many tokens: oneDNN keeps code and memory for each new length (2 MB)."""


@dataclass(slots=True)
class _Kept:
    """The tokens that were read last, and their key and value states."""

    tokens: list[int]
    states: DynamicCache


class LocalModel:
    """A tokenizer and a causal transformer; the constructor takes both ready, `from_folder` loads them.

    What the last prompt and this one begin with alike is read once: their key and value states are kept. While a
    reply is written it has them for itself, so that the model may be asked something else between two pieces.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, network: PreTrainedModel, version: str, lookup: int = _LOOKUP
    ) -> None:
        self.tokenizer = tokenizer
        self.network = network.eval()
        self.version = version
        self.window = int(network.config.max_position_embeddings)
        self.lookup = lookup
        self._exact = make_batch_invariant(network)
        self._lock = threading.Lock()
        self._kept: _Kept | None = None
        ends = network.generation_config.eos_token_id
        self._ends = set(ends if isinstance(ends, list) else [ends])

    @classmethod
    def from_folder(cls, name: str, version: str, device: str | None = None) -> "LocalModel":
        """Load from a folder or a Hub repository, in bf16 where that is faster; `device` as for `choose_device`.

        Raises:
            DeviceError: `device` is not there.
            WeightsError: there is no such model, or it has no safetensors.
        """
        place = choose_device(device)
        try:
            tokenizer = AutoTokenizer.from_pretrained(name)
            with without_bars():
                network = AutoModelForCausalLM.from_pretrained(name, use_safetensors=True, dtype=fastest_dtype(place))
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
        ids = self.ids(prompt)
        if len(ids) + limit > self.window:
            raise PromptError(
                f"expected a prompt of at most {self.window - limit} tokens, got {len(ids)}; summarise a shorter text"
            )
        reply: list[int] = []
        said = ""
        with self._lock:
            kept, self._kept = self._kept, None
        kept = kept or _Kept([], DynamicCache(config=self.network.config))
        try:
            for tokens in self._greedy(ids, limit, kept):
                reply += tokens
                text = self.tokenizer.decode(reply, skip_special_tokens=True)
                if not text.endswith("\ufffd"):  # the rest of a character is still to come
                    yield text[len(said) :]
                    said = text
            if len(text := self.tokenizer.decode(reply, skip_special_tokens=True)) > len(said):
                yield text[len(said) :]
        finally:
            self._kept = kept

    def _greedy(self, ids: list[int], limit: int, kept: _Kept) -> Iterator[list[int]]:
        """The most likely next tokens, one or a few at a time, up to the end of the reply."""
        states = self._cut_to(ids, kept)
        kept.tokens = []  # until the states are known again
        start = len(ids)
        ids = list(ids)
        while len(ids) - start < limit:
            draft = _followed(ids, self.lookup)[: limit - (len(ids) - start) - 1]
            best = self._best([*ids[states.get_seq_length() :], *draft], states, len(draft) + 1)
            right = next((place for place, token in enumerate(draft) if token != best[place]), len(draft))
            if right < len(draft):
                states.crop(right - len(draft))
            tokens = [*draft[:right], best[right]]
            end = next((place for place, token in enumerate(tokens) if token in self._ends), None)
            ids += tokens[:end]
            kept.tokens = ids[: states.get_seq_length()]
            if tokens[:end]:
                yield tokens[:end]
            if end is not None:
                return

    def _cut_to(self, ids: list[int], kept: _Kept) -> DynamicCache:
        """The kept states, cut back to what they share with `ids` (its last token is always read anew)."""
        shared = _common([kept.tokens, ids[:-1]])
        surplus = kept.states.get_seq_length() - shared
        if shared < _SHARED:
            kept.states = DynamicCache(config=self.network.config)
        elif surplus:
            kept.states.crop(-surplus)
        return kept.states

    @torch.inference_mode()
    def _best(self, tokens: list[int], states: DynamicCache, last: int) -> list[int]:
        """The most likely token after each of the `last` ones; `states` grows by them all."""
        logits = self.network.get_output_embeddings()(self._read_on(tokens, states, self.network.base_model)[-last:])
        return [int(token) for token in logits.argmax(dim=1)]

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        """For each prompt, how likely each option's first token is as the next, of all tokens.

        What neighbours begin with alike is read once: those that share most are read together, as a tree.

        Raises:
            PromptError: two options begin with the same token.
        """
        firsts = [self._firsts(option) for option in options]
        if len(set().union(*firsts)) < sum(map(len, firsts)):
            raise PromptError(f"expected options that begin with different tokens, got {list(options)}")
        states = self._read_all(prompts, self.network.base_model, exact=self._exact)
        shares = self._shares(states, sorted(set().union(*firsts)))
        return [
            Choice({option: sum(row[token] for token in first) for option, first in zip(options, firsts, strict=True)})
            for row in shares
        ]

    def states(self, prompts: Sequence[str], layers: int) -> Tensor:
        """What the model makes of each prompt in its first `layers` layers, the others left out.

        The normalized state of the prompt's last token, `(prompts, hidden)` in fp32.
        """
        network = copy.copy(self.network.base_model)  # which shares its weights
        network.config = copy.copy(network.config)
        network.config.num_hidden_layers = layers
        return self._read_all(prompts, network).float().cpu()

    def _read_all(self, prompts: Sequence[str], network: PreTrainedModel, exact: bool = False) -> Tensor:
        """The state `(prompts, hidden)` of each prompt's last token, what neighbours begin with alike read once.

        With `exact` it is the same, whatever the neighbours (`model.language_model.batch_invariant_attention`).
        """
        cache, before, states = DynamicCache(config=network.config), list[int](), []
        for tree in trees_of([self.ids(p) for p in prompts], _TREE_TOKENS):
            first = tree.tokens[: tree.ends[0] + 1]  # of its prompts; the tree begins with it
            kept = min(_common([before, first]), *tree.ends)
            cache.crop(kept - cache.get_seq_length())
            states.append(self._ends_of(tree, cache, kept, network, exact))
            before = first
        return torch.cat(states)

    def _ends_of(
        self, tree: PrefixTree, cache: DynamicCache, kept: int, network: PreTrainedModel, exact: bool
    ) -> Tensor:
        """The state `(prompts, hidden)` of each prompt's last token; `cache` has the tree's first `kept` tokens."""
        states = []
        for start in range(kept, len(tree.tokens), _BATCH_TOKENS):
            stop = min(start + _BATCH_TOKENS, len(tree.tokens))
            seen = tree.seen(start, stop)
            places = tree.places[start:stop]
            states.append(self._read_on(tree.tokens[start:stop], cache, network, places, seen, exact))
        return torch.cat(states)[[end - kept for end in tree.ends]]

    @torch.inference_mode()
    def _read_on(
        self,
        tokens: list[int],
        cache: DynamicCache,
        network: PreTrainedModel,
        places: Sequence[int] = (),
        seen: Tensor | None = None,
        exact: bool = False,
    ) -> Tensor:
        """What `network` makes of tokens, `(tokens, hidden)`, that follow what `cache` holds, which grows by them.

        With `seen` `(tokens, all)` they form a tree: each looks at what it says there, and stands at its
        place in `places`. Without, one comes after the other and looks at all before it. `exact` as in
        `model.language_model.batch_invariant_attention`.
        """
        count, device = len(tokens), self.network.device
        padding = -count % (_FEW if count <= _FEW else _STEP)  # behind the last token, where nothing that is read looks
        ids = torch.tensor([[*tokens, *[0] * padding]], device=device)
        tree: dict[str, Tensor | bool] = {}
        if seen is not None:
            hidden = ~pad(seen, (0, padding, 0, padding))
            mask = torch.zeros(hidden.shape, dtype=self.network.dtype)
            mask.masked_fill_(hidden, torch.finfo(mask.dtype).min)
            spots = torch.tensor([[*places, *[0] * padding]], device=device)
            tree = {"position_ids": spots, "attention_mask": mask[None, None].to(device)}
            tree |= {"exact": True} if exact else {}
        states: Tensor = network(input_ids=ids, cache=cache, use_cache=True, **tree).last_hidden_state
        cache.crop(-padding)
        return states[0, :count]

    @torch.inference_mode()
    def _shares(self, states: Tensor, tokens: list[int]) -> list[dict[int, float]]:
        """How likely each of `tokens` comes after each state `(rows, hidden)`, of the whole vocabulary.

        Their own logits are in fp32: above 16, bf16 has steps of 0.125, an eighth of a probability. All in fp32 would
        take a third of a second, for the head's weights are converted.
        """
        head = self.network.get_output_embeddings()
        exact = states.float() @ head.weight[tokens].float().T
        if head.bias is not None:
            exact += head.bias[tokens].float()
        rows = []
        for some, own in zip(torch.split(states, _ROWS), torch.split(exact, _ROWS), strict=True):
            logits = head(some).float()
            logits[:, tokens] = own
            rows += (own - logits.logsumexp(dim=1, keepdim=True)).exp().tolist()
        return [dict(zip(tokens, row, strict=True)) for row in rows]

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


def _common(rows: Sequence[Sequence[int]]) -> int:
    """How many tokens all rows begin with alike."""
    for place, column in enumerate(zip(*rows, strict=False)):
        if len(set(column)) > 1:
            return place
    return min(map(len, rows))


def _followed(ids: list[int], count: int) -> list[int]:
    """At most `count` tokens that followed the last three, two or one, where they stood last before; [] for nowhere."""
    for length in (3, 2, 1):
        tail = ids[-length:]
        for place in range(len(ids) - length - 1, -1, -1):
            if ids[place : place + length] == tail:
                return ids[place + length : place + length + count]
    return []
