"""A language model run by OpenVINO inside this process, as a LangChain chat model.

Where the processor multiplies bytes in vectors, OpenVINO reads prompts twice as fast as
llama.cpp's wheel, which is built for any x86 processor. What begins as an earlier prompt did is not
read again. Words that stand in the prompt are guessed from it and checked several at a time, which
changes no word: answers quote their passages. One request is worked on at a time; the others wait
in the order in which they came.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from rag.config import GeneratorSettings
from rag.errors import ModelError
from rag.models.cpu import usable_cores
from rag.privacy import forbid_telemetry
from rag.stopping import check

_BLOCK_TOKENS = 32
"""Of the cache of prompts on processors."""
_CACHED_PROMPTS = 2
"""Prompts of full length whose beginnings are kept."""
_STEP_TOKENS = 512
_LOOK_S = 0.1
"""Seconds between two looks at whether anyone still waits for a piece."""
_GUESSED_TOKENS = 5
_GUESSED_AFTER = 3
"""Tokens that must stand in the prompt already, as they do at the end of the answer so far, for
those that follow there to be guessed."""
_ROLES = {"human": "user", "ai": "assistant", "system": "system"}
_UNFINISHED = "\N{REPLACEMENT CHARACTER}"
_CLOSED = "the language model has been closed: the program is ending"
_NOT_HERE = ("response_format", "tools", "logprobs", "stop")


class OpenVinoChat(BaseChatModel):
    """`engine` with the limits that the settings give. Options of a call: `temperature`,
    `max_completion_tokens`. Forms of JSON and the probabilities of tokens are for llama.cpp's
    server (`rag.models.generator.served`)."""

    name: str | None = None
    temperature: float = 0.0
    max_tokens: int
    _engine: Engine = PrivateAttr()

    def __init__(self, engine: Engine, name: str, settings: GeneratorSettings) -> None:
        super().__init__(
            name=name, temperature=settings.temperature, max_tokens=settings.max_tokens
        )
        self._engine = engine

    @property
    def _llm_type(self) -> str:
        return "openvino"

    def first_word(
        self, messages: Sequence[BaseMessage], words: Sequence[Sequence[str]]
    ) -> list[float]:
        """For each of `words`, given in its spellings, the natural logarithm of the probability
        that the reply begins with the first token of the likeliest of them. Raises ModelError when
        the model cannot take the messages."""
        prompt = self._engine.prompt(messages)
        return [self._engine.log_probability(prompt, spellings) for spellings in words]

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> Iterator[ChatGenerationChunk]:
        if wanted := [name for name in _NOT_HERE if (options | {"stop": stop}).get(name)]:
            raise ModelError(
                f"the language model cannot give {', '.join(wanted)} with OpenVINO: set "
                "generator.runtime to llama.cpp"
            )
        limit = options.get("max_completion_tokens") or options.get("max_tokens") or self.max_tokens
        temperature = options.get("temperature", self.temperature)
        prompt = self._engine.prompt(messages)
        written = 0
        for piece, so_far in self._engine.write(prompt, int(limit), float(temperature)):
            written = so_far
            if piece:
                if run_manager is not None:
                    run_manager.on_llm_new_token(piece)
                yield _chunk(piece)
        usage = UsageMetadata(
            input_tokens=len(prompt), output_tokens=written, total_tokens=len(prompt) + written
        )
        yield _chunk("", usage)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> ChatResult:
        chunks = [chunk.message for chunk in self._stream(messages, stop, run_manager, **options)]
        text = "".join(str(chunk.text) for chunk in chunks)
        last = chunks[-1]
        usage = last.usage_metadata if isinstance(last, AIMessage) else None
        message = AIMessage(
            text, usage_metadata=usage, response_metadata={"model_name": self.name or ""}
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


class Engine:
    """The model loaded from a folder that `openvino_folder` made. Token ids are the model's own."""

    def __init__(self, folder: Path, settings: GeneratorSettings) -> None:
        """Load the model, which takes seconds. Raises ModelError when it cannot be loaded."""
        self._context = settings.context_tokens
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="openvino")
        self._closing = threading.Event()
        try:
            self._pipeline: Any = _open(folder, settings)
        except RuntimeError as err:
            raise ModelError(
                f"OpenVINO cannot load {folder}: remove that folder, and it is made again, or set "
                "generator.runtime to llama.cpp"
            ) from err
        self._tokenizer = self._pipeline.get_tokenizer()

    def close(self) -> None:
        """Free the model; what is being written, or waits to be, ends. May be called twice."""
        self._closing.set()
        self._worker.shutdown(wait=True)
        self._pipeline = self._tokenizer = None

    def prompt(self, messages: Sequence[BaseMessage]) -> list[int]:
        """The token ids of the conversation in the model's own form, ready for its reply. Raises
        ModelError once the model is closed."""
        if self._closing.is_set():
            raise ModelError(_CLOSED)
        turns = [{"role": _ROLES[m.type], "content": str(m.text)} for m in messages]
        text = self._tokenizer.apply_chat_template(turns, add_generation_prompt=True)
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        return [int(token) for token in encoded.input_ids.data[0]]

    def write(
        self, prompt: Sequence[int], limit: int, temperature: float
    ) -> Iterator[tuple[str, int]]:
        """Pieces of the reply to `prompt`, at most `limit` tokens of it, each with the number of
        tokens so far. Who stops listening stops the writing. Raises ModelError when there is no
        room for the prompt or the model fails."""
        self._require_room(prompt)
        wish = _wish(min(limit, self._context - len(prompt)))
        if temperature > 0:
            wish.do_sample, wish.temperature = True, temperature
            wish.rng_seed = secrets.randbits(32)
        pieces: SimpleQueue[tuple[str, int] | None] = SimpleQueue()
        left = threading.Event()

        def over() -> bool:
            return left.is_set() or self._closing.is_set()

        listener = _listener(self._tokenizer, pieces, over)

        def work() -> None:
            try:
                if not over():
                    self._pipeline.generate(_tensor(prompt), wish, listener)
            finally:
                pieces.put(None)

        done = self._submitted(work)
        try:
            while (piece := _heard(pieces)) is not None:
                yield piece
        finally:
            left.set()
        try:
            done.result()
        except RuntimeError as err:
            raise ModelError(f"the language model broke off: {err}") from err

    def log_probability(self, prompt: Sequence[int], spellings: Sequence[str]) -> float:
        """The natural logarithm of the probability, after `prompt`, of the first token of whichever
        of `spellings` is likeliest."""
        import openvino_genai

        self._require_room(prompt)
        wish = _wish(1)
        wish.logprobs = 1
        # A word is forced, and its probability is that among all tokens nevertheless.
        wish.structured_output_config = openvino_genai.StructuredOutputConfig(
            regex="|".join(map(re.escape, spellings))
        )
        asked = self._submitted(lambda: self._pipeline.generate(_tensor(prompt), wish))
        try:
            return float(asked.result().scores[0])
        except RuntimeError as err:
            raise ModelError(f"the language model broke off: {err}") from err

    def _submitted(self, work: Callable[[], Any]) -> Future[Any]:
        try:
            return self._worker.submit(work)
        except RuntimeError as err:
            raise ModelError(_CLOSED) from err

    def _require_room(self, prompt: Sequence[int]) -> None:
        if len(prompt) >= self._context:
            raise ModelError(
                f"the request has {len(prompt)} tokens and the language model reads "
                f"{self._context}: raise generator.context_tokens, or lower "
                "answering.budget_tokens"
            )


def _open(folder: Path, settings: GeneratorSettings) -> Any:
    forbid_telemetry()
    import openvino_genai

    plan = openvino_genai.SchedulerConfig()
    plan.enable_prefix_caching = True
    plan.num_kv_blocks = -(-_CACHED_PROMPTS * settings.context_tokens // _BLOCK_TOKENS)
    plan.max_num_batched_tokens = _STEP_TOKENS
    return openvino_genai.LLMPipeline(
        str(folder),
        "CPU",
        scheduler_config=plan,
        prompt_lookup=True,
        INFERENCE_NUM_THREADS=settings.threads or usable_cores(),
        # Of what is left after the products of bytes: faster here than in bfloat16, and exact.
        INFERENCE_PRECISION_HINT="f32",
        KV_CACHE_PRECISION="f16",  # as llama.cpp keeps it; bytes, the default, change answers
    )


def _wish(limit: int) -> Any:
    import openvino_genai

    wish = openvino_genai.GenerationConfig()
    wish.max_new_tokens = limit
    wish.num_assistant_tokens, wish.max_ngram_size = _GUESSED_TOKENS, _GUESSED_AFTER
    return wish


def _tensor(prompt: Sequence[int]) -> Any:
    import numpy as np
    import openvino

    return openvino.Tensor(np.array([prompt], dtype=np.int64))


def _listener(
    tokenizer: Any, pieces: SimpleQueue[tuple[str, int] | None], over: Callable[[], bool]
) -> Any:
    """Puts each piece of text into `pieces` as soon as its characters are whole, until `over`."""
    import openvino_genai

    class Listener(openvino_genai.StreamerBase):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.tokens: list[int] = []
            self.sent = 0

        def write(self, token: int | Sequence[int]) -> Any:
            self.tokens += [token] if isinstance(token, int) else list(token)
            text = tokenizer.decode(self.tokens)
            if not text.endswith(_UNFINISHED):
                self.put(text)
            status = openvino_genai.StreamingStatus
            return status.CANCEL if over() else status.RUNNING

        def put(self, text: str) -> None:
            pieces.put((text[self.sent :], len(self.tokens)))
            self.sent = len(text)

        def end(self) -> None:
            self.put(tokenizer.decode(self.tokens))

    return Listener()


def _heard(pieces: SimpleQueue[tuple[str, int] | None]) -> tuple[str, int] | None:
    """The next piece. Raises Stopped when nobody waits for it any more, though the model may still
    be reading."""
    while True:
        try:
            return pieces.get(timeout=_LOOK_S)
        except Empty:
            check()


def _chunk(text: str, usage: UsageMetadata | None = None) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=text, usage_metadata=usage))
