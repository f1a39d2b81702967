"""Counts the tokens that the language model reads and writes while it answers.

LangChain tells a callback of every request. The callback is set for the answer's own context, so
that answers written side by side are counted apart. Where the model does not say how many tokens
there were, its texts are counted. Knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextvars import ContextVar, copy_context
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.tracers.context import register_configure_hook

from rag.types import Done, Event
from web.work import Metered, Usage

if TYPE_CHECKING:
    from langchain_core.messages.ai import UsageMetadata


class Meter(BaseCallbackHandler):
    """Adds up the requests of one answer; `count` gives the tokens of a text."""

    def __init__(self, count: Callable[[str], int]) -> None:
        self._count = count
        self._asked: dict[UUID, str] = {}
        self._read = self._written = 0
        self._told = True

    @property
    def usage(self) -> Usage:
        """The tokens so far."""
        return Usage(self._read, self._written, "model" if self._told else "embedder")

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        **_: Any,
    ) -> None:
        """Keep the prompt until it is known whether the model counts it."""
        self._asked[run_id] = "\n".join(str(m.text) for batch in messages for m in batch)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """A request that failed is not counted."""
        self._asked.pop(run_id, None)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        """Add the request's tokens, as told or as counted."""
        prompt = self._asked.pop(run_id, "")
        usage = _told(response)
        if usage is not None:
            self._read += int(usage["input_tokens"])
            self._written += int(usage["output_tokens"])
            return
        self._told = False
        self._read += self._count(prompt)
        texts = [generation.text for batch in response.generations for generation in batch]
        self._written += sum(map(self._count, texts))


_METER: ContextVar[Meter | None] = ContextVar("plumbline_meter", default=None)


@cache
def _hooked() -> None:
    # Once for all: LangChain keeps every hook and looks at each of them at every request.
    register_configure_hook(_METER, inheritable=True)


def metered(
    events: Generator[Event, None, None], count: Callable[[str], int]
) -> Generator[Event, None, None]:
    """The events of an answer, its last one with the tokens that the language model read and wrote
    since the first; closing this closes them."""
    _hooked()
    meter = Meter(count)
    context = copy_context()
    context.run(_METER.set, meter)
    try:
        while (event := context.run(next, events, None)) is not None:
            yield Metered(event.answer, meter.usage) if isinstance(event, Done) else event
    finally:
        context.run(events.close)


def _told(response: LLMResult) -> UsageMetadata | None:
    for batch in response.generations:
        for generation in batch:
            if isinstance(generation, ChatGeneration) and isinstance(generation.message, AIMessage):
                return generation.message.usage_metadata
    return None
