"""Many clients at once against a running server: answers, refusals, waits, /healthz, memory.

    python -m benchmarks.load --url http://127.0.0.1:7860 --pid PID --clients 32 --seconds 600 \
        [--ingest FOLDER --pairs 6] [--generator http://127.0.0.1:9100]

Each client asks the next question as soon as it has its answer, and waits as Retry-After says when
it is turned away with 429. Anything else than an answer or a 429 is an error. With --keys each
client has a key of the file's lines, in turn; without, all are the machine's owner. --pid names
the server's process, whose memory is watched. When the time is over all clients leave at once, and
/metrics is asked until nothing is answered any more; with --generator the address of
`benchmarks.stand_in`, which the server asks, that one is asked until it writes nothing any more.
With --ingest each of some questions is then
asked twice, once alone and once while the folder's Markdown and text files are read into a
collection of their own, again and again; the ratio is of the sums of both. --seconds 0 does this
alone.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import math
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

from eval.provenance import machine

QUESTIONS = (
    "What is this document about?",
    "Who is responsible?",
    "How long is the warranty?",
    "差旅费多久报销？",
    "What does it cost?",
    "When does it begin?",
)
HEALTH_EVERY_S = 0.1
PATIENCE_S = 600.0
BESIDE = "load-beside"
"""The collection that is read into meanwhile."""


@dataclass
class Seen:
    """What was seen: seconds of each answer by client, statuses that were no answer, seconds of
    each /healthz, megabytes of the server."""

    answers: dict[int, list[float]] = field(default_factory=dict)
    turned_away: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    health: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    emptied_s: float = float("nan")
    silent_s: float | None = None
    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    read: int = 0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie; nan of none."""
    if not values:
        return float("nan")
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def rows(seen: Seen, seconds: float) -> list[tuple[str, str]]:
    """The table's rows, of what was measured."""
    told = _loaded(seen, seconds) if seconds else []
    if seen.beside:
        ratio = sum(seen.beside) / sum(seen.alone)
        halves = f"{_half(seen.alone):.1f} / {_half(seen.beside):.1f}"
        told.append((f"seconds to an answer alone / while reading, of {len(seen.alone)}", halves))
        told.append(("slower by reading beside it", f"{ratio - 1:.0%} ({seen.read} files read)"))
    if seen.memory:
        shown = [seen.memory[0], seen.memory[len(seen.memory) // 2], seen.memory[-1]]
        megabytes = " / ".join(f"{value:,.0f}" for value in shown)
        told.append(("memory in MB, at the start / half-way / end", megabytes))
    return told


def _loaded(seen: Seen, seconds: float) -> list[tuple[str, str]]:
    written = (
        [] if seen.silent_s is None else [("… and nothing was written", f"{seen.silent_s:.2f}")]
    )
    every = [spent for spents in seen.answers.values() for spent in spents]
    counts = [len(spents) for spents in seen.answers.values()]
    health = [_half(seen.health), percentile(seen.health, 0.95), max(seen.health, default=math.nan)]
    return [
        ("answers", f"{len(every)} ({len(every) / seconds * 60:.1f} a minute)"),
        ("answers of one client, fewest / most", f"{min(counts)} / {max(counts)}"),
        (
            "seconds to an answer, median / p95",
            f"{_half(every):.1f} / {percentile(every, 0.95):.1f}",
        ),
        ("turned away with 429 and Retry-After", str(seen.turned_away)),
        ("errors", ", ".join(f"{n} {what}" for what, n in seen.errors.items()) or "none"),
        (
            "/healthz in ms, median / p95 / worst",
            " / ".join(f"{1000 * value:.0f}" for value in health),
        ),
        ("seconds until all who left were forgotten", f"{seen.emptied_s:.2f}"),
        *written,
    ]


def _half(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


async def client(number: int, seen: Seen, options: argparse.Namespace, until: float) -> None:
    """Ask until the time is over."""
    seen.answers[number] = []
    async with httpx.AsyncClient(timeout=PATIENCE_S, headers=_key(options, number)) as http:
        turn = number
        while time.monotonic() < until:
            turn += 1
            begun = time.monotonic()
            body = {"question": QUESTIONS[turn % len(QUESTIONS)], "collection": options.collection}
            try:
                reply = await http.post(f"{options.url}/v1/answers", json=body)
            except httpx.HTTPError as err:
                seen.errors[f"{type(err).__name__} {err}".strip()] += 1
                continue
            if reply.status_code == 200:
                seen.answers[number].append(time.monotonic() - begun)
            elif reply.status_code == 429 and "retry-after" in reply.headers:
                seen.turned_away += 1
                wait = min(float(reply.headers["retry-after"]), max(0.0, until - time.monotonic()))
                await asyncio.sleep(wait)
            else:
                seen.errors[str(reply.status_code)] += 1


async def watch(seen: Seen, options: argparse.Namespace, until: float) -> None:
    """Ask /healthz, and look at the memory, ten times a second."""
    process = psutil.Process(options.pid) if options.pid else None
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        while time.monotonic() < until:
            begun = time.monotonic()
            try:
                await http.get(f"{options.url}/healthz")
                seen.health.append(time.monotonic() - begun)
            except httpx.HTTPError as err:
                seen.errors[f"{type(err).__name__} of /healthz"] += 1
            if process is not None:
                seen.memory.append(process.memory_info().rss / 2**20)
            await asyncio.sleep(HEALTH_EVERY_S)


async def load(options: argparse.Namespace) -> Seen:
    """All clients for the time given; then they leave, whatever they wait for."""
    seen = Seen()
    until = time.monotonic() + options.seconds
    clients = [
        asyncio.create_task(client(number, seen, options, until))
        for number in range(options.clients)
    ]
    await watch(seen, options, until)
    for task in clients:
        task.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    silent = asyncio.create_task(silenced(options.generator)) if options.generator else None
    seen.emptied_s = await emptied(options)
    seen.silent_s = await silent if silent is not None else None
    if options.ingest is not None:
        await reading_beside(seen, options)
    return seen


async def emptied(options: argparse.Namespace) -> float:
    """Seconds until the server neither answers a question nor lets one wait."""
    begun = time.monotonic()
    async with httpx.AsyncClient(timeout=PATIENCE_S, headers=_key(options, 0)) as http:
        while time.monotonic() - begun < PATIENCE_S:
            told = (await http.get(f"{options.url}/metrics")).text.splitlines()
            if "plumbline_queue_questions 0.0" in told:
                break
            await asyncio.sleep(0.05)
    return time.monotonic() - begun


async def silenced(generator: str) -> float:
    """Seconds until the stand-in writes nothing any more."""
    begun = time.monotonic()
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        while time.monotonic() - begun < PATIENCE_S:
            if (await http.get(f"{generator}/running")).json()["running"] == 0:
                break
            await asyncio.sleep(0.02)
    return time.monotonic() - begun


async def reading_beside(seen: Seen, options: argparse.Namespace) -> None:
    """Each question alone and while files are read, in turns."""
    async with httpx.AsyncClient(timeout=PATIENCE_S, headers=_key(options, 0)) as http:
        made = await http.post(f"{options.url}/v1/collections", json={"name": BESIDE})
        made.raise_for_status()
        for pair in range(options.pairs + 1):
            question = QUESTIONS[pair % len(QUESTIONS)]
            await _timed(http, options, question, seen.alone if pair else [])  # the first warms up
            enough = asyncio.Event()
            reader = asyncio.create_task(_read_on(http, seen, options, enough))
            await _timed(http, options, question, seen.beside if pair else [])
            enough.set()
            await reader  # what has begun is read to its end, and must not slow the next one alone
        await http.delete(f"{options.url}/v1/collections/{BESIDE}")


async def _timed(
    http: httpx.AsyncClient, options: argparse.Namespace, question: str, into: list[float]
) -> None:
    begun = time.monotonic()
    body = {"question": question, "collection": options.collection}
    (await http.post(f"{options.url}/v1/answers", json=body)).raise_for_status()
    into.append(time.monotonic() - begun)


async def _read_on(
    http: httpx.AsyncClient, seen: Seen, options: argparse.Namespace, enough: asyncio.Event
) -> None:
    """Upload the folder's files until it is enough, each time as other files than before."""
    paths = [path for path in sorted(options.ingest.iterdir()) if path.suffix in (".md", ".txt")]
    while not enough.is_set():
        for path in itertools.takewhile(lambda _: not enough.is_set(), paths):
            content = path.read_bytes() + f"\n\n{time.monotonic_ns()}\n".encode()
            files = {"files": (path.name, content)}
            url = f"{options.url}/v1/documents"
            (await http.post(url, params={"collection": BESIDE}, files=files)).raise_for_status()
            seen.read += 1


def _key(options: argparse.Namespace, number: int) -> dict[str, str]:
    key = options.keys[number % len(options.keys)] if options.keys else "none"
    return {"authorization": f"Bearer {key}"}


def main() -> None:
    """Read the arguments, load the server and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:7860")
    parser.add_argument("--collection", default=None)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--pid", type=int, default=None)
    parser.add_argument("--keys", type=Path, default=None, help="a file with a key a line")
    parser.add_argument("--ingest", type=Path, default=None, help="a folder to read meanwhile")
    parser.add_argument("--pairs", type=int, default=6, help="questions asked with and without it")
    parser.add_argument("--generator", default=None, help="the address of benchmarks.stand_in")
    options = parser.parse_args()
    options.keys = options.keys.read_text().split() if options.keys else []
    seen = asyncio.run(load(options))
    here = machine()
    print(
        f"{options.clients} clients for {options.seconds:.0f} s, "
        f"{datetime.now(UTC):%Y-%m-%d}, {here['cores']} cores of {here['processor']}\n"
    )
    print("| what | value |\n|---|---|")
    for name, value in rows(seen, options.seconds):
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
