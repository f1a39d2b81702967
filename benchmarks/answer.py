"""How soon the first word of an answer comes and how fast it is written, against the plain way.

    python -m benchmarks.answer examples/questions.jsonl --documents examples/documents \\
        --questions 12 --home ~/.plumbline-benchmarks

Both ways answer every question from the same hits, in turn, with the same language model:

plain     the five whole chunks in one prompt that shares no beginning with the one before
shipped   the chosen sentences behind the opening that was read before, as `rag.pipeline` does it

The first word counts from the hits on: choosing sentences and reading the prompt. The other figures
are tokens of the prompt, and tokens a second that are written after the first.

The limits are of this machine, measured in the same run: a model that is read once a token cannot
write faster than memory bandwidth over the bytes of its weights, nor read faster than the matrix
rate over twice its parameters. Bandwidth is that of a sum over an array too large for any cache,
the matrix rate that of a product of float32 matrices, so that a runtime that multiplies bytes may
exceed it. Settings come from plumb.toml and PLUMB_*.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, SystemMessage

from benchmarks.answers import fill, settings_under
from benchmarks.sets import SETS, Case, open_shelves
from rag.config import Settings
from rag.evidence import choose, whole
from rag.generation import read_ahead
from rag.generation.prompt import build_messages
from rag.models.generator import open_generator, weights_of
from rag.store import Collection
from rag.tools import load_search
from rag.types import Hit, Language

WAYS = ("plain", "shipped")
_GIB = 1 << 30
_SUMMED = 1 << 27
"""float32 values in the array that is summed: half a GiB."""
_SIDE = 2048
"""Rows and columns of the matrices that are multiplied."""


@dataclass(slots=True)
class Times:
    """One figure a question: seconds to the first word, tokens of the prompt, tokens a second."""

    first: list[float] = field(default_factory=list)
    prompt: list[float] = field(default_factory=list)
    writing: list[float] = field(default_factory=list)


def main(argv: Sequence[str] | None = None) -> int:
    """Ask every question both ways and print the table."""
    options = _parser().parse_args(argv)
    settings = settings_under(options.home)
    paths = [options.questions_file, *options.documents]
    shelves = open_shelves(options.set, paths, half=options.half, questions=options.questions)
    times = {way: Times() for way in WAYS}
    for shelf in shelves:
        fill(shelf, settings)
        here = settings.model_copy(update={"collection": shelf.name})
        cases = [case for case in shelf.cases if case.answerable]
        with open_generator(settings) as generator:
            read_ahead(generator.chat)
            measure(cases, here, generator.chat, times)
    print("\n".join(table(times)))
    print("\n".join(limits(settings, times["shipped"])))
    return 0


def measure(
    cases: Sequence[Case], settings: Settings, chat: BaseChatModel, times: dict[str, Times]
) -> None:
    """Put every case both ways, each first in turn, and add to `times`."""
    search = load_search(settings)
    info = search.embedder.info
    with Collection.open(settings, settings.collection, info) as collection:
        finder = search.retriever(collection, settings)
        for number, case in enumerate(cases):
            hits = finder.retrieve(case.question)
            prompts: dict[str, Callable[[], list[BaseMessage]]] = {
                "plain": lambda case=case, hits=hits: plain_prompt(
                    case.question, case.language, hits
                ),  # type: ignore[misc]
                "shipped": lambda case=case, hits=hits: build_messages(  # type: ignore[misc]
                    case.question,
                    choose(case.question, hits, search.embedder, search.reader, settings.answering),
                    case.language,
                ),
            }
            for way in WAYS if number % 2 else reversed(WAYS):
                ask(chat, prompts[way], times[way])
            print(f"{number + 1}/{len(cases)} {case.id}", file=sys.stderr)


def plain_prompt(question: str, language: Language, hits: Sequence[Hit]) -> list[BaseMessage]:
    """The whole hits, behind an opening that no other prompt begins with."""
    first, *others = build_messages(question, whole(hits), language)
    return [SystemMessage(f"{uuid.uuid4()}\n{first.text}"), *others]


def ask(chat: BaseChatModel, prompt: Callable[[], list[BaseMessage]], times: Times) -> None:
    """Write one answer and add its figures."""
    began = time.perf_counter()
    first, usage = 0.0, None
    for piece in chat.stream(prompt()):
        if piece.text and not first:
            first = time.perf_counter()
        usage = getattr(piece, "usage_metadata", None) or usage
    ended = time.perf_counter()
    assert first  # the embedded runtimes write something and count it
    assert usage is not None
    times.first.append(first - began)
    times.prompt.append(usage["input_tokens"])
    if usage["output_tokens"] > 1:
        times.writing.append((usage["output_tokens"] - 1) / (ended - first))


def table(times: dict[str, Times]) -> list[str]:
    """Medians by way, and how many times sooner the first word comes."""
    rows = ["| way | first word, s | prompt, tokens | written, tokens/s |", "|---|---|---|---|"]
    for way, found in times.items():
        figures = (found.first, found.prompt, found.writing)
        told = " | ".join(f"{statistics.median(values):.1f}" for values in figures)
        rows.append(f"| {way} | {told} |")
    pairs = zip(times["plain"].first, times["shipped"].first, strict=True)
    ratio = statistics.median(plain / shipped for plain, shipped in pairs)
    return [*rows, f"first word sooner by a factor of {ratio:.1f} (median of pairs)"]


def limits(settings: Settings, times: Times) -> list[str]:
    """What the machine allows for the model, and the share of it that writing reaches."""
    size = weights_of(settings)[0].stat().st_size
    rate = bandwidth()
    most = rate / size
    wrote = statistics.median(times.writing)
    return [
        f"memory {rate / _GIB:.1f} GiB/s, weights {size / _GIB:.2f} GiB: "
        f"at most {most:.0f} tokens/s; written {wrote / most:.0%} of it",
        f"matrices {matrix_rate() / 1e9:.0f} GFLOP/s in float32",
    ]


def bandwidth() -> float:
    """Bytes a second that all threads together read from memory; the best of five sums."""
    values = torch.ones(_SUMMED)
    return 4 * _SUMMED / min(_seconds(lambda: float(values.sum())) for _ in range(5))


def matrix_rate() -> float:
    """Floating-point operations a second of a product of matrices; the best of five."""
    a, b = torch.rand(_SIDE, _SIDE), torch.rand(_SIDE, _SIDE)
    return 2 * _SIDE**3 / min(_seconds(lambda: torch.mm(a, b)) for _ in range(5))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions_file", type=Path, help="a file of the set")
    parser.add_argument("--set", choices=tuple(SETS), default="jsonl")
    parser.add_argument("--documents", type=Path, nargs="*", default=[], help="the set's folder")
    parser.add_argument("--questions", type=int, default=12, help="so many, by seed")
    parser.add_argument("--half", choices=("first", "second"), default="second")
    parser.add_argument("--home", type=Path, help="where collections are kept")
    return parser


if __name__ == "__main__":
    sys.exit(main())
