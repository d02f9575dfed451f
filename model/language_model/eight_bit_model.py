"""The default language model in eight bits, with the adapters that taught it: the fastest way on CPUs with VNNI."""

import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from copy import copy
from pathlib import Path

import torch
from safetensors import SafetensorError
from tokenizers import Tokenizer

from ..errors import PromptError, WeightsError
from ..networks.batches import batches
from ..networks.device import enough_memory
from ..networks.file_record import hash_of
from ..networks.memory import give_back
from .decoding import DRAFT, Decoder, Turn
from .eight_bit_weights import TOKENIZER, read_adapter, read_eight_bit
from .interface import JUDGING, Choice, Written
from .qwen2 import PASS_TOKENS, Qwen2, Row

_WINDOW = 4_096
"""Tokens of a prompt and its reply; a token's keys and values take 57 kB."""
_SIGN_OF_LIFE = 0.5
"""Seconds between two signs that the network is still read; at a sign a reader's stop is heard."""
_PIECE = 64
"""Tokens of an article that stand in a pass together, so that passes are filled evenly."""
_BEFORE = (
    "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
    "<|im_start|>user\n"
)
_AFTER, _OPENING, _END = "<|im_end|>\n", "<|im_start|>assistant\n", "<|im_end|>"
"""The model's chat, as the template in its GGUF file has it."""


class EightBitModel:
    """A network, which may still be on its way, and its tokenizer; `from_folder` reads them."""

    def __init__(self, network: Future[Qwen2], tokenizer: Tokenizer, version: str) -> None:
        self.version = version
        self._network = network
        self._tokenizer, self._tokenizing = tokenizer, threading.Lock()
        self.opening = self.tokens(_OPENING, control=True)
        (self.end,) = self.tokens(_END, control=True)

    @classmethod
    def from_folder(cls, folder: Path, version: str, adapters: Mapping[str, Path]) -> "EightBitModel":
        """Read what `write_eight_bit` wrote into `folder`, and an adapter for `WRITING` or `JUDGING`.

        The network takes ten seconds: a thread reads it, and whoever needs it first waits.
        """
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        network = ThreadPoolExecutor(1, "language model").submit(_read, folder, adapters)
        files = [f"{file.stem}@{hash_of(file)[:12]}" for file in adapters.values()]
        return cls(network, tokenizer, ", ".join([version, *files, "int8"]))

    @property
    def network(self) -> Qwen2:
        """The network, as soon as it is read.

        Raises:
            WeightsError, MemoryFullError: it cannot be read.
        """
        if error := self._network.exception():
            raise copy(error)  # the same one would collect the frames of all who asked
        return self._network.result()

    def _waits(self) -> Iterator[None]:
        """A step each half second until the network is read."""
        while not self._network.done():
            yield
            wait([self._network], _SIGN_OF_LIFE)

    def tokens(self, text: str, control: bool = False) -> list[int]:
        """The tokens of `text`; control tokens (<|im_start|>) are read as such only with `control`."""
        with self._tokenizing:
            self._tokenizer.encode_special_tokens = not control
            return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def answers(
        self, text: Sequence[int], questions: Sequence[tuple[int, Sequence[int]]], options: Sequence[int]
    ) -> Iterator[tuple[int, list[float]] | None]:
        """The number of each question, and the log-probability that each of `options` answers it if one of them does.

        A question is asked behind the first tokens of `text`, as many as stand beside it; there must be one. None comes
        between passes, and while the network is read.

        Raises:
            WeightsError: the network cannot be read.
            MemoryFullError: there is not enough memory for it.
        """
        yield from self._waits()
        network = self.network
        with enough_memory("judge paragraphs"):
            cache = network.empty_cache(len(text) + max(len(tokens) for _, tokens in questions))
            embedded = network.embedded(options)  # the output layer's rows too
            rows: list[tuple[Row, int | None]] = []
            at = 0
            for number, (end, tokens) in sorted(enumerate(questions), key=lambda one: one[1][0]):
                for start in range(at, end, _PIECE):
                    rows.append((Row(cache, start, text[start : min(end, start + _PIECE)]), None))
                at = end
                rows.append((Row(cache, end, tokens), number))
            for some in batches(rows, PASS_TOKENS, lambda one: len(one[0].tokens)):
                states = network.read([row for row, _ in some], JUDGING)
                yield None
                for (_, asked), own in zip(some, states, strict=True):
                    if asked is not None:
                        yield asked, (embedded @ own[-1]).log_softmax(dim=0).tolist()

    def generate(self, prompt: str, limit: int) -> Generator[str, None, float | None]:
        """The reply, behind empty pieces; at most `limit` tokens, decoded greedily. Closing it stops the model.

        Returns:
            The reply's log-likelihood.

        Raises:
            PromptError: the prompt leaves no room for a reply.
            MemoryFullError: there is not enough memory for it.
        """
        for found in self.write_together([prompt], limit):
            if found:
                _, written = found
                yield written.text
                return written.log_likelihood
            yield ""
        return None

    def write_together(self, prompts: Sequence[str], limit: int) -> Iterator[tuple[int, Written] | None]:
        """`generate` for several prompts: the number of each with its reply, as they end; None between passes.

        Whenever something comes, the last reply too, further prompts may be added to the list.
        """
        turns: list[Turn] = []

        def take() -> None:
            added = prompts[len(turns) :]
            turns.extend(Turn(self._prompt_tokens(prompt, limit + DRAFT)) for prompt in added)

        take()
        if not turns:
            return
        yield from self._waits()
        decoder = Decoder(self.network, self.opening, self.end)
        try:
            with enough_memory("write a sentence"):
                for turn in decoder.write(turns, limit):
                    if turn:
                        written = Written(self._tokenizer.decode(turn.reply), turn.log_likelihood)
                        yield turns.index(turn), written
                    else:
                        yield None
                    take()
        finally:
            for turn in turns:
                turn.cache = torch.empty(0)
            give_back()  # half a gigabyte

    @torch.inference_mode()
    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        """For each prompt, how likely each option's first token is as the next, of all tokens.

        Raises:
            PromptError: a prompt is too long.
            MemoryFullError: there is not enough memory for it.
        """
        forms = {option: (option, option.capitalize(), f" {option}") for option in options}
        firsts = {option: list({self.tokens(form)[0] for form in some}) for option, some in forms.items()}
        found = []
        with enough_memory("answer a question"):
            for prompt in prompts:
                tokens = [*self._prompt_tokens(prompt, 0), *self.opening]
                (states,) = self.network.read([Row(self.network.empty_cache(len(tokens)), 0, tokens)])
                shares = self.network.logits(states[-1:])[0].softmax(dim=0)
                found.append(Choice({option: float(shares[some].sum()) for option, some in firsts.items()}))
        return found

    def _prompt_tokens(self, prompt: str, room: int) -> list[int]:
        """The user's turn with a prompt, in which nothing is a control token; behind it there is `room` for a reply."""
        tokens = [*self.tokens(_BEFORE, control=True), *self.tokens(prompt), *self.tokens(_AFTER, control=True)]
        most = _WINDOW - room - len(self.opening)
        if len(tokens) > most:
            raise PromptError(
                f"expected a prompt of at most {most} tokens, got {len(tokens)}; name a model that reads more with LLM="
            )
        return tokens


def _read(folder: Path, adapters: Mapping[str, Path]) -> Qwen2:
    """The network in `folder` with its adapters."""
    try:
        with enough_memory("load the language model"):
            network = read_eight_bit(folder, _WINDOW)
            for task, file in adapters.items():
                network.add(task, read_adapter(file))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise WeightsError(
            f"expected the language model in {folder}, got {type(error).__name__}: {str(error)[:200]}; remove this "
            "folder, and it is made anew, or set LLM=none"
        ) from error
    give_back()  # what reading took besides
    return network
