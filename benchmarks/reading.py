"""How fast the embedded language model reads prompts, with and without repacked weights.

    python -m benchmarks.reading --rounds 5 --tokens 400

Both ways are measured in turn, round by round, on prompts that share no beginning, so that the
machine's own swings fall on both alike. Memory is the process's greatest resident size after
loading, so the plain way, which goes first, is the lower bound of it.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time
from contextlib import closing
from typing import Literal

from openai import OpenAI

from rag.config import Settings, load_settings
from rag.models.installed import model_path
from rag.models.server import EmbeddedServer

WAYS: tuple[Literal["no", "yes"], ...] = ("no", "yes")


def read_once(server: EmbeddedServer, tokens: int, seed: int) -> float:
    """Tokens a second that the server reads of a prompt of about `tokens` tokens."""
    rng = random.Random(seed)
    words = " ".join(rng.choice(_WORDS) for _ in range(tokens))
    client = OpenAI(base_url=server.base_url, api_key=server.api_key)
    started = time.perf_counter()
    reply = client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": words}], max_tokens=1
    )
    took = time.perf_counter() - started
    assert reply.usage is not None
    return reply.usage.prompt_tokens / took


def measure(settings: Settings, rounds: int, tokens: int) -> dict[str, list[float]]:
    """Tokens a second of every round, by whether the weights were repacked."""
    weights = model_path(settings, settings.generator.model)
    speeds: dict[str, list[float]] = {way: [] for way in WAYS}
    for turn in range(rounds):
        for way in WAYS:
            generator = settings.generator.model_copy(update={"repack": way})
            with closing(EmbeddedServer(weights, generator)) as server:
                read_once(server, 32, seed=-1)
                speeds[way].append(read_once(server, tokens, seed=turn))
            if turn == 0:
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                print(f"repack {way}: peak memory so far {peak:,.0f} MiB", flush=True)
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
    print("\n| repack | tokens a second, median | lowest | highest |\n|---|---|---|---|")
    for way, values in speeds.items():
        print(
            f"| {way} | {statistics.median(values):.0f} | {min(values):.0f} | {max(values):.0f} |"
        )
    pairs = [plain / packed for plain, packed in zip(*speeds.values(), strict=True)]
    print(f"\nplain over repacked, by round: {', '.join(f'{p:.2f}' for p in pairs)}")


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
