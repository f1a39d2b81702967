"""How fast the embedded language model reads prompts and writes, by what runs it.

    python -m benchmarks.reading --rounds 5 --tokens 400

All ways are measured in turn, round by round, on prompts that share no beginning, so that the
machine's own swings fall on all alike. Writing is measured twice: of words of its own, and of
words that stand in the prompt, which OpenVINO guesses from it. Memory is the process's greatest
resident size after loading; the ways are loaded in the order of the table, so that it is an upper
bound for all but the first.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from rag.config import Settings, load_settings
from rag.models.generator import open_generator

WAYS: dict[str, dict[str, str]] = {
    "llama.cpp": {"runtime": "llama.cpp", "repack": "no"},
    "llama.cpp, repacked": {"runtime": "llama.cpp", "repack": "yes"},
    "OpenVINO": {"runtime": "openvino"},
}
_WRITTEN_TOKENS = 60
_APART = 1_000_000
"""Seeds from here on make the prompts that are not measured."""


@dataclass(slots=True)
class Speeds:
    """Tokens a second, one figure a round; memory in MiB."""

    reading: list[float] = field(default_factory=list)
    own_words: list[float] = field(default_factory=list)
    quoting: list[float] = field(default_factory=list)
    memory: float = 0.0


def read_once(chat: BaseChatModel, tokens: int, seed: int) -> float:
    """Tokens a second that the model reads of a prompt of about `tokens` tokens."""
    prompt = " ".join(_words(tokens, seed))
    took, reply = _timed(lambda: chat.invoke(prompt, **_at_most(chat, 1)))
    return _tokens(reply, "input_tokens") / took


def write_once(chat: BaseChatModel, prompt: str) -> float:
    """Tokens a second that the model writes after `prompt`, which has been read before."""
    chat.invoke(prompt, **_at_most(chat, 1))
    took, reply = _timed(lambda: chat.invoke(prompt, **_at_most(chat, _WRITTEN_TOKENS)))
    return _tokens(reply, "output_tokens") / took


def measure(settings: Settings, rounds: int, tokens: int) -> dict[str, Speeds]:
    """The speeds by the name of the way."""
    speeds = {way: Speeds() for way in WAYS}
    for turn in range(rounds):
        for way, options in WAYS.items():
            wanted = settings.generator.model_copy(update=options)
            changed = settings.model_copy(update={"generator": wanted})
            with open_generator(changed) as generator:
                # What is done once for each length of a prompt shall not count.
                read_once(generator.chat, tokens, seed=_APART + turn)
                own = f"Write a long text about a {_words(1, turn)[0]}."
                quoted = f"Repeat these words, all of them: {' '.join(_words(60, turn))}"
                speed = speeds[way]
                speed.reading.append(read_once(generator.chat, tokens, seed=turn))
                speed.own_words.append(write_once(generator.chat, own))
                speed.quoting.append(write_once(generator.chat, quoted))
            speed.memory = speed.memory or _peak_mib()
    return speeds


def main() -> None:
    """Read the arguments and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=400)
    args = parser.parse_args()
    speeds = measure(load_settings(), args.rounds, args.tokens)
    print("tokens a second, median (lowest to highest); MiB\n")
    print(
        "| run by | reads | writes own words | quotes the prompt | memory |\n|---|---|---|---|---|"
    )
    for way, speed in speeds.items():
        told = (_told(v) for v in (speed.reading, speed.own_words, speed.quoting))
        print(f"| {way} | {' | '.join(told)} | {speed.memory:,.0f} |")
    plain = speeds["llama.cpp"]
    for way, speed in speeds.items():
        if speed is not plain:
            pairs = zip(speed.reading, plain.reading, strict=True)
            print(f"\n{way} over llama.cpp, reading: {', '.join(f'{a / b:.2f}' for a, b in pairs)}")


def _words(number: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [rng.choice(_WORDS) for _ in range(number)]


def _at_most(chat: BaseChatModel, tokens: int) -> dict[str, Any]:
    body = getattr(chat, "extra_body", None)
    limit: dict[str, Any] = {"max_completion_tokens": tokens}
    return limit | ({"extra_body": {**body, "max_tokens": tokens}} if body else {})


def _timed(call: Callable[[], AIMessage]) -> tuple[float, AIMessage]:
    started = time.perf_counter()
    reply = call()
    return time.perf_counter() - started, reply


def _tokens(reply: AIMessage, kind: str) -> int:
    assert reply.usage_metadata is not None
    return int(reply.usage_metadata[kind])  # type: ignore[literal-required]


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _told(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


_WORDS = [
    "house",
    "river",
    "seven",
    "letter",
    "number",
    "minute",
    "harbour",
    "fee",
    "table",
    "record",
    "engineer",
    "winter",
    "limit",
    "order",
    "supplier",
    "paper",
    "station",
    "signal",
    "valve",
    "second",
    "notice",
    "machine",
    "public",
    "answer",
    "garden",
    "measure",
]


if __name__ == "__main__":
    main()
