"""A language model behind an OpenAI-compatible server: vLLM, Ollama, llama.cpp's, a hosted one."""

import math
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError, OpenAI

from ..errors import ServerError
from .interface import Choice, word_of

_TIMEOUT = 60.0  # seconds
_RETRIES = 3
_AT_ONCE = 4
_ALTERNATIVES = 20
"""The most alternatives for a token that servers give."""
_NO_COMPLETION = (ValueError, AttributeError, LookupError, TypeError)
"""What openai raises, or leaves to be raised, where what came is no JSON or has not the parts of an answer."""


class ServerModel:
    """A client of one server; the constructor takes it ready, `connect` makes it and asks whether it is there."""

    choosing: Mapping[str, object] = {}
    """What `choose` sends besides."""
    writing: Mapping[str, object] = {}
    """What `generate` sends besides; not all servers tell a log-likelihood, and some refuse a request that asks."""

    def __init__(self, client: OpenAI, name: str) -> None:
        self.client = client
        self.name = name
        self.version = f"{name} at {client.base_url.host}"

    @classmethod
    def connect(cls, address: str, key: str = "", timeout: float = _TIMEOUT, retries: int = _RETRIES) -> "ServerModel":
        """The model named behind the address's `#`, or the only one that the server serves.

        Requests that fail for want of a connection, in time-outs, or with status 408, 409, 429 or 5xx are
        sent again up to `retries` times, ever later.

        Raises:
            ServerError: the server is not there, refuses the key, or serves several models and none is named.
        """
        base, _, name = address.partition("#")
        client = cls.named(address, key, timeout, retries).client
        shown = _without_password(base)
        try:
            served = [_text(model.id) for model in client.models.list()]
        except APIError as error:
            raise failure(base, error) from error
        except _NO_COMPLETION as error:
            raise ServerError(
                f"expected an OpenAI-compatible server's list of models from {shown}, got something else; look at the "
                "address"
            ) from error
        if not served:
            raise ServerError(f"expected a model at {shown}, found none; load one there, or look at the address")
        if name and name not in served:
            raise ServerError(f"expected one of {', '.join(served)} behind the # of {shown}, got {name!r}")
        if not name and len(served) != 1:
            raise ServerError(
                f"expected one model at {shown}, found {len(served)} ({', '.join(served[:8])}); name one: {shown}#NAME"
            )
        return cls(client, name or served[0])

    @classmethod
    def named(cls, address: str, key: str = "", timeout: float = _TIMEOUT, retries: int = _RETRIES) -> "ServerModel":
        """The model named behind the address's `#`, as `connect` makes it, without asking whether it is there.

        Raises:
            ServerError: no server can have such an address.
        """
        base, _, name = address.partition("#")
        try:
            _ = urlsplit(base).port, httpx.URL(base)
        except (ValueError, httpx.InvalidURL) as error:
            reason = "" if "@" in base else f": {error}"  # which may have a part of a password in it
            raise ServerError(
                f"expected a server's address such as http://127.0.0.1:8000/v1, got {_without_password(base)}{reason}"
            ) from error
        return cls(OpenAI(base_url=base, api_key=key or "none", timeout=timeout, max_retries=retries), name)

    def generate(self, prompt: str, limit: int) -> Generator[str, None, float | None]:
        """The reply in pieces, at most `limit` tokens, decoded greedily; closing the iterator ends the request.

        Returns:
            The reply's log-likelihood, where the server was asked for it (`writing`) and tells it.

        Raises:
            ServerError: the server is down, too slow, or refuses.
        """
        log_likelihood = None
        try:
            with self.client.chat.completions.create(
                model=self.name,
                messages=[{"role": "user", "content": prompt}],
                max_tokens=limit,
                temperature=0,
                stream=True,
                extra_body=dict(self.writing),
            ) as stream:
                for chunk in stream:
                    if self.writing and chunk.choices and (told := chunk.choices[0].logprobs) and told.content:
                        log_likelihood = (log_likelihood or 0.0) + sum(token.logprob for token in told.content)
                    delta = chunk.choices[0].delta if chunk.choices else None
                    if delta and delta.content:
                        yield _text(delta.content)
        except (APIError, httpx.HTTPError, *_NO_COMPLETION) as error:
            raise failure(str(self.client.base_url), error) from error
        return log_likelihood

    def choose(self, prompts: Sequence[str], options: Sequence[str]) -> list[Choice]:
        """For each prompt, how likely each option is as the reply's beginning, as far as the server tells.

        A server that tells no probabilities gives its reply as text; it is read where it is an option and nothing else.

        Raises:
            ServerError: the server is down, too slow, or refuses.
        """
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(lambda prompt: self._choose(prompt, options), prompts))

    def _choose(self, prompt: str, options: Sequence[str]) -> Choice:
        try:
            reply = self.client.chat.completions.create(
                model=self.name,
                messages=[{"role": "user", "content": prompt}],
                max_tokens=8,
                temperature=0,
                logprobs=True,
                top_logprobs=_ALTERNATIVES,
                extra_body=dict(self.choosing),
            ).choices[0]
            text = _text(reply.message.content or "")
            shares = dict.fromkeys(options, 0.0)
            if reply.logprobs and reply.logprobs.content:
                for token in reply.logprobs.content[0].top_logprobs:
                    start = token.token.strip().lower()
                    fitting = [option for option in options if start and option.startswith(start)]
                    if len(fitting) == 1:
                        shares[fitting[0]] += math.exp(token.logprob)
            elif word := word_of(text, options):
                shares[word] = 1.0
        except (APIError, *_NO_COMPLETION) as error:
            raise failure(str(self.client.base_url), error) from error
        return Choice(shares, text)


def _text(sent: object) -> str:
    """A server's string, without the half of a surrogate pair, which nobody could write to a file.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(sent, str):
        raise TypeError(f"expected a string, got {type(sent).__name__}")
    return sent.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _without_password(address: str) -> str:
    """The address as it may be shown: without what stands before an "@", which may be a name and password."""
    scheme, slashes, rest = address.partition("//")
    return scheme + slashes + rest.rpartition("@")[2] if slashes else address.rpartition("@")[2]


def failure(address: str, error: Exception) -> ServerError:
    """What went wrong, as a reader of the page can use it; never with the key, a password or the prompt in it."""
    passing = True
    if isinstance(error, APITimeoutError):
        found = "no answer in time"
    elif isinstance(error, APIStatusError):
        found = f"status {error.status_code}"
        passing = error.status_code in (408, 409, 429) or error.status_code >= 500
    elif isinstance(error, APIConnectionError | httpx.HTTPError):
        found = "no connection, or a broken one"
    else:
        found = type(error).__name__ if isinstance(error, APIError) else "something else"
        passing = False
    return ServerError(
        f"expected an answer of the language model's server at {_without_password(address)}, got {found}; start it, "
        "look at its address and key (LLM=, LLM_KEY=), or set LLM=none. Nothing was sent elsewhere",
        passing,
    )
