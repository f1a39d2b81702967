"""Deterministic stand-ins for the models, for the fast tests."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from rag.types import EmbedderInfo, FloatArray, Span

_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|[^\w\s]")


class FakeEmbedder:
    """A hashed bag of words: texts that share words are near, and nothing else is."""

    def __init__(self, name: str = "fake", dimension: int = 64, max_tokens: int = 512) -> None:
        self.info = EmbedderInfo(name, f"{zlib.crc32(name.encode()):064x}", dimension)
        self.max_tokens = max_tokens
        self.embedded: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> FloatArray:
        self.embedded.extend(texts)
        return self._vectors(texts)

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        return self._vectors(texts)

    def token_spans(self, text: str) -> list[Span]:
        return [match.span() for match in _TOKEN.finditer(text)]

    def _vectors(self, texts: Sequence[str]) -> FloatArray:
        vectors = np.zeros((len(texts), self.info.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _TOKEN.findall(text.lower()):
                vectors[row, zlib.crc32(word.encode()) % self.info.dimension] += 1.0
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: FloatArray = np.divide(vectors, norms, out=vectors, where=norms > 0)
        return unit


class FakeChat(BaseChatModel):
    """Replays `replies` in order, a character at a time when streamed; the last one repeats.

    Asked for the probabilities of its first word it tells `tokens` (word, probability), none if
    there are none, or raises `error`. `prompts` keeps what it was asked to write, `options` with
    which options, `checks` what it was asked for one word.
    """

    replies: list[str] = Field(default_factory=lambda: ["I do not know."])
    tokens: list[tuple[str, float]] = Field(default_factory=list)
    error: Exception | None = None
    prompts: list[list[BaseMessage]] = Field(default_factory=list)
    options: list[dict[str, Any]] = Field(default_factory=list)
    checks: list[list[BaseMessage]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "fake"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        asked_for_a_word = kwargs.get("max_completion_tokens") == 1
        if asked_for_a_word:
            reply = self._one_word(messages)
        else:
            self.options.append(kwargs)
            reply = AIMessage(self._next(messages))
        return ChatResult(generations=[ChatGeneration(message=reply)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for character in self._next(messages):
            yield ChatGenerationChunk(message=AIMessageChunk(content=character))

    def _one_word(self, messages: list[BaseMessage]) -> AIMessage:
        self.checks.append(list(messages))
        if self.error is not None:
            raise self.error
        top = [{"token": word, "logprob": math.log(share)} for word, share in self.tokens]
        told = {"logprobs": {"content": [{"top_logprobs": top}]}} if top else {}
        return AIMessage(content="yes", response_metadata=told)

    def _next(self, messages: list[BaseMessage]) -> str:
        self.prompts.append(list(messages))
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def transport() -> Any:
    """The HTTP library under the OpenAI client, whichever it is in this release."""
    return import_module(openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])
