"""An OpenAI-compatible endpoint as the system under test: a bare model, or a whole pipeline that
speaks that interface. A reply that is itself the answer JSON is read as such.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eval.errors import DataError, SystemFailure, require
from eval.systems.answer_json import to_prediction
from eval.types import Example, Prediction

if TYPE_CHECKING:
    from eval.systems import EndpointOptions

GIVEN = {
    "en": "Answer from these passages only. If they do not hold the answer, say that the passages "
    "do not contain it.\n\n{passages}\n\nQuestion: {question}",
    "zh": "只根据下面的段落回答。如果段落中没有答案，请说“段落中没有答案”。\n\n"
    "{passages}\n\n问题：{question}",
}


class Endpoint:
    """One chat completion a question, temperature 0."""

    def __init__(self, url: str, options: EndpointOptions) -> None:
        """Raises DataError without a model's name."""
        if not options.model:
            raise DataError(f"name the model at {url} with --model")
        openai = require("openai", "an OpenAI-compatible endpoint")
        self._errors: type[Exception] = openai.OpenAIError
        self._timeout: type[Exception] = openai.APITimeoutError
        self._url, self._options = url, options
        self._client = openai.OpenAI(
            base_url=url,
            api_key=options.api_key or "none",
            timeout=options.timeout_s,
            max_retries=1,
        )

    @property
    def name(self) -> str:
        """The model's name."""
        return self._options.model

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """URL, model and prompt; never the key."""
        return {
            "kind": "endpoint",
            "url": self._url,
            "model": self._options.model,
            "temperature": 0,
            "prompts": GIVEN,
            "deterministic": "the endpoint may change or sample; temperature 0 is asked for",
        }

    def answer(self, example: Example) -> Prediction:
        """Raises SystemFailure on a timeout, an error of the endpoint, or an empty reply."""
        began = time.perf_counter()
        try:
            reply = self._client.chat.completions.create(
                model=self._options.model, messages=messages(example), temperature=0
            )
        except self._timeout:
            seconds = self._options.timeout_s
            raise SystemFailure(f"{self._url} did not answer within {seconds:g} s") from None
        except (self._errors, ValueError) as err:
            raise SystemFailure(f"{self._url} failed: {err}") from None
        elapsed = 1000 * (time.perf_counter() - began)
        return _with_costs(to_prediction(example.id, _content(self._url, reply)), reply, elapsed)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def messages(example: Example) -> list[dict[str, str]]:
    """Earlier turns, then the question, with its passages if it comes with some."""
    turns: list[dict[str, str]] = []
    for turn in example.history:
        turns.append({"role": "user", "content": turn.question})
        turns.append({"role": "assistant", "content": turn.answer})
    text = example.question
    if example.passages:
        numbered = "\n\n".join(f"[{i}] {p}" for i, p in enumerate(example.passages, start=1))
        text = GIVEN[example.language].format(passages=numbered, question=example.question)
    return [*turns, {"role": "user", "content": text}]


def _content(url: str, reply: Any) -> Any:
    choices = getattr(reply, "choices", None)
    text = choices[0].message.content if choices else None
    if not isinstance(text, str) or not text.strip():
        raise SystemFailure(f"{url} sent a reply without text: {reply!r:.80}")
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text


def _with_costs(prediction: Prediction, reply: Any, elapsed_ms: float) -> Prediction:
    timings = {"total": elapsed_ms, **prediction.timings_ms}
    usage = getattr(reply, "usage", None)
    tokens = dict(prediction.tokens)
    if usage is not None:
        tokens |= {"input": usage.prompt_tokens, "output": usage.completion_tokens}
    return replace(prediction, timings_ms=timings, tokens=tokens)
