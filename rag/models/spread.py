"""Several servers of the same language model as one chat model.

A question goes to the server with the fewest under way. One that fails, or sends nothing for too
long, is passed over and asked again later, when it answers at all. Where it had begun to write,
the next one writes the answer from the start, and what was sent already is left out.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from rag.errors import ModelError
from rag.models.endpoint import transport_errors
from rag.models.reachable import why_silent

_LOG = logging.getLogger(__name__)
REST_S = 10.0
"""So long a server that failed is not asked."""
LOOK_S = 2.0
"""So long it may take to answer when it is looked at again."""
_ELSEWHERE = (408, 425, 429)
"""Statuses of servers that are too busy."""


@dataclass(eq=False)
class Server:
    """One server. `busy` requests are under way there; it rests until `rests_until`
    (`time.monotonic`, 0: it is not known to be down)."""

    url: str
    chat: BaseChatModel
    busy: int = 0
    rests_until: float = 0.0


class Servers:
    """Which servers there are, and how each is. Methods may be called from any thread."""

    def __init__(
        self,
        servers: Sequence[Server],
        look: Callable[[str], str] = lambda url: why_silent(url, LOOK_S),
    ) -> None:
        self._servers = list(servers)
        self._look = look
        self._lock = threading.Lock()

    @contextmanager
    def one(self, tried: set[str]) -> Iterator[Server | None]:
        """The server to ask next, none of `tried`, to which it is added; None if none is left."""
        server = self._next(tried)
        if server is None:
            yield None
            return
        try:
            yield server
        finally:
            with self._lock:
                server.busy -= 1

    def failed(self, server: Server, err: Exception) -> None:
        """Let the server rest."""
        _LOG.warning("model server %s is passed over: %s", server.url, err)
        with self._lock:
            server.rests_until = time.monotonic() + REST_S

    def _next(self, tried: set[str]) -> Server | None:
        while True:
            with self._lock:
                left = [server for server in self._servers if server.url not in tried]
                if not left:
                    return None
                # Those that rest come last: they are asked where nobody else is left.
                now = time.monotonic()
                server = min(left, key=lambda s: (s.rests_until > now, s.busy))
                tried.add(server.url)
                server.busy += 1
                was_down = server.rests_until > 0
            if not was_down or not self._look(server.url):
                with self._lock:
                    server.rests_until = 0.0
                return server
            with self._lock:
                server.busy -= 1
                server.rests_until = time.monotonic() + REST_S


class SpreadChat(BaseChatModel):
    """A chat model over several servers. Raises what the last of them raised, ModelError if none
    was left to ask."""

    servers: Any

    @property
    def _llm_type(self) -> str:
        return "spread"

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        sent = ""
        tried: set[str] = set()
        error: Exception | None = None
        while True:
            with self.servers.one(tried) as server:
                if server is None:
                    raise error or ModelError("no model server was left to ask: try again")
                told = server.chat._stream(messages, stop=stop, **kwargs)
                try:
                    with closing(told):
                        for chunk in _beyond(told, sent):
                            sent += chunk.text
                            yield chunk
                    return
                except _worth_another() as err:
                    if not _is_down(err):
                        raise
                    error = err
                    self.servers.failed(server, err)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))


class _BrokeOff(ModelError):
    """A stream that ended before the model had finished."""


def _beyond(told: Iterator[ChatGenerationChunk], sent: str) -> Iterator[ChatGenerationChunk]:
    """The chunks of a text without its beginning `sent`. Raises ModelError if it begins another
    way or does not come to its end."""
    is_finished = False
    for chunk in told:
        is_finished |= bool((chunk.generation_info or {}).get("finish_reason"))
        shared = min(len(sent), len(chunk.text))
        if chunk.text[:shared] != sent[:shared]:
            raise ModelError(
                "the model server broke off, and another one answers in other words: ask again"
            )
        if not sent:
            yield chunk
            continue
        sent = sent[shared:]
        if chunk.text[shared:]:
            rest = chunk.message.model_copy(update={"content": chunk.text[shared:]})
            yield ChatGenerationChunk(message=rest, generation_info=chunk.generation_info)
    if not is_finished:
        raise _BrokeOff("the model server broke off in the middle")
    if sent:
        raise ModelError("the model server broke off, and another one answers less: ask again")


def _worth_another() -> tuple[type[Exception], ...]:
    return (openai.OpenAIError, _BrokeOff, *transport_errors())


def _is_down(err: Exception) -> bool:
    """Whether another server may do better: not where the request itself is refused."""
    if isinstance(err, openai.APIStatusError):
        return err.status_code >= 500 or err.status_code in _ELSEWHERE
    return True
