"""From PDF files to a searchable index: Plumbline against the plain LangChain way.

    python -m benchmarks.ingest a.pdf b.pdf --pages 100 --rounds 3

The plain way is what a LangChain user writes: PyPDFLoader, RecursiveCharacterTextSplitter (1000
characters, 200 of overlap), HuggingFaceEmbeddings over the same embedder folder, and
FAISS.from_documents. It needs `pip install langchain-community langchain-huggingface`. Both read
`--pages` pages of each file from the page `--first` on, each in a process of its own, in turn,
round by round; the model is loaded before the clock starts. Ratios are those within a round, by
the clock and by processor time, which other programs disturb less.

The arithmetic limit is the time that the encoder's matrix products of Plumbline's tokens take at
the rate measured here for one large product in the embedder's number format, on all cores.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

from ingest import pipeline, run, workers
from ingest.chunk import embedding_text
from rag.config import Settings, load_settings
from rag.models.cpu import choose_dtype, usable_cores, wants_bytes
from rag.models.embedder import load_embedder
from rag.models.installed import embedder_folder
from rag.seams import Embedder
from rag.store import Collection

SYSTEMS = ("plumbline", "langchain")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one system: seconds by the clock and of all processors, peak memory in MB of all
    its processes, what it made, and seconds by the clock of each stage."""

    clock_s: float
    processor_s: float
    peak_mb: float
    pieces: int
    tokens: int
    stages: dict[str, float]


class Stages:
    """Seconds spent in functions, by the stage that each belongs to."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, stage: str, function: Callable[..., Value]) -> Callable[..., Value]:
        """The function, with its time noted under the stage."""

        def run(*args: Any, **kwargs: Any) -> Value:
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                took = time.perf_counter() - started
                self.seconds[stage] = self.seconds.get(stage, 0.0) + took

        return run


def plumbline(files: Sequence[Path], settings: Settings) -> Run:
    """Ingest the files into a fresh collection."""
    stages = Stages()
    embedder: Any = load_embedder(settings)
    embedder.embed_passages(["to warm up"])
    embedder.embed_passages = stages.timed("embed", embedder.embed_passages)
    for stage, room, step in (
        ("read", workers, "read_document"),
        ("chunk", run, "chunk_document"),
    ):
        vars(room)[step] = stages.timed(stage, vars(room)[step])
    before, started = _processor_s(), time.perf_counter()
    opened: Any = Collection.open(settings, "bench", embedder.info, create=True)
    with opened as collection:
        collection.add = stages.timed("store", collection.add)
        receipt = pipeline.ingest(files, collection, embedder, settings)
        clock, spent, peak = _measured(before, started)
        chunks = [
            c for d in collection.documents() for c in collection.document_chunks(d.document_id)
        ]
    assert not receipt.failed, receipt
    tokens = sum(_tokens(embedder, f"passage: {embedding_text(chunk)}") for chunk in chunks)
    return Run(clock, spent, peak, len(chunks), tokens, stages.seconds)


def langchain(files: Sequence[Path], settings: Settings) -> Run:
    """Load, split, embed and index the files as LangChain's own pages show it."""
    from langchain_community.document_loaders import PyPDFLoader
    from langchain_community.vectorstores import FAISS
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    stages = Stages()
    folder = embedder_folder(settings, settings.embedder.model)
    model = HuggingFaceEmbeddings(model_name=str(folder))
    model.embed_documents(["to warm up"])
    before, started = _processor_s(), time.perf_counter()
    pages = [page for file in files for page in stages.timed("read", PyPDFLoader(str(file)).load)()]
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    splits = stages.timed("chunk", splitter.split_documents)(pages)
    stages.timed("embed and store", FAISS.from_documents)(splits, model)
    clock, spent, peak = _measured(before, started)
    embedder = load_embedder(settings)
    tokens = sum(_tokens(embedder, split.page_content) for split in splits)
    return Run(clock, spent, peak, len(splits), tokens, stages.seconds)


def _tokens(embedder: Embedder, text: str) -> int:
    return min(len(embedder.token_spans(text)) + 2, embedder.max_tokens)


def _processes() -> list[psutil.Process]:
    own = psutil.Process()
    return [own, *own.children(recursive=True)]


def _processor_s() -> float:
    times = [process.cpu_times() for process in _processes()]
    return float(sum(one.user + one.system for one in times))


def _measured(before: float, started: float) -> tuple[float, float, float]:
    """Clock, processor time and peak memory since then."""
    clock, spent = time.perf_counter() - started, _processor_s() - before
    peaks = [
        int(line.split()[1]) / 1000
        for process in _processes()
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    ]
    return clock, spent, sum(peaks)


def limit_s(tokens: int, pieces: int, settings: Settings) -> tuple[float, str]:
    """Seconds that the matrix products of so many tokens in so many pieces take at the rate
    measured here, and a sentence that says how."""
    folder = embedder_folder(settings, settings.embedder.model)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    width, inner = config["hidden_size"], config["intermediate_size"]
    weights = config["num_hidden_layers"] * (4 * width**2 + 2 * width * inner)
    attention = config["num_hidden_layers"] * 2 * width * tokens / pieces
    work = 2 * tokens * (weights + attention)
    form, rate = _rate(settings)
    words = (
        f"{work / 1e12:.2f} T operations at {rate / 1e9:.0f} G a second ({form}, one product, all "
        f"{usable_cores()} cores)"
    )
    return work / rate, words


def _rate(settings: Settings) -> tuple[str, float]:
    """Name of the format and operations a second, by processor time, of a large product."""
    import torch

    product: Callable[..., torch.Tensor]
    rows = torch.randn(4096, 1024)
    if wants_bytes(settings.embedder.dtype):
        form, left, product = "int8", (rows * 30).to(torch.int8), torch._int_mm
        right = left[:1024].T.contiguous()
    else:
        form, product = choose_dtype(settings.embedder.dtype), torch.matmul
        left = rows.to(getattr(torch, form))
        right = left[:1024].T.contiguous()
    took = []
    for _ in range(8):
        spent = time.process_time()
        product(left, right)
        took.append(time.process_time() - spent)
    return form, usable_cores() * 2 * 4096 * 1024 * 1024 / min(took)


def cut(files: Sequence[Path], first: int, pages: int, folder: Path) -> list[Path]:
    """So many pages of each file from the `first` (1-based) on, as files in `folder`."""
    from pypdf import PdfReader, PdfWriter

    made = []
    for file in files:
        writer = PdfWriter()
        for page in PdfReader(file).pages[first - 1 : first - 1 + pages]:
            writer.add_page(page)
        made.append(folder / file.name)
        writer.write(made[-1])
    return made


def report(runs: dict[str, list[Run]], pages: int, settings: Settings) -> str:
    """The figures as Markdown."""
    lines = [
        "| system | clock, s | processor, s | pages/s | pieces | tokens/s | peak MB | shares |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for system, found in runs.items():
        clock = statistics.median(run.clock_s for run in found)
        spent = statistics.median(run.processor_s for run in found)
        last = found[-1]
        shares = ", ".join(f"{k} {v / last.clock_s:.0%}" for k, v in last.stages.items())
        lines.append(
            f"| {system} | {clock:.1f} | {spent:.1f} | {pages / clock:.1f} | {last.pieces} | "
            f"{last.tokens / clock:.0f} | {max(run.peak_mb for run in found):.0f} | {shares} |"
        )
    if len(runs) == len(SYSTEMS):
        ours, theirs = (runs[system] for system in SYSTEMS)
        for title, name in (("the clock", "clock_s"), ("processor time", "processor_s")):
            ratios = [
                getattr(b, name) / getattr(a, name) for a, b in zip(ours, theirs, strict=True)
            ]
            lines.append(
                f"\nTimes as fast by {title}: {statistics.median(ratios):.2f} "
                f"({min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} rounds)."
            )
    if "plumbline" in runs:
        run = runs["plumbline"][-1]
        limit, words = limit_s(run.tokens, run.pieces, settings)
        share = limit * usable_cores() / statistics.median(r.processor_s for r in runs["plumbline"])
        lines.append(f"\nArithmetic limit: {limit:.1f} s, {words}; {share:.0%} of it is reached.")
    return "\n".join(lines)


def _child(system: str, files: Sequence[Path]) -> int:
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings()
        (Path(home) / "models").symlink_to(settings.models_dir.resolve())
        settings = settings.model_copy(update={"home": Path(home)})
        run = {"plumbline": plumbline, "langchain": langchain}[system](files, settings)
        print(json.dumps(asdict(run)))
    return 0


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+", help="PDF files")
    parser.add_argument("--first", type=int, default=1, help="page of each file to begin with")
    parser.add_argument("--pages", type=int, default=100, help="of each file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--system", choices=SYSTEMS, help="only this one")
    parser.add_argument("--child", choices=SYSTEMS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        return _child(args.child, args.files)
    runs: dict[str, list[Run]] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = cut(args.files, args.first, args.pages, Path(folder))
        for _ in range(args.rounds):
            for system in [args.system] if args.system else SYSTEMS:
                command = [sys.executable, "-m", "benchmarks.ingest", "--child", system]
                done = subprocess.run(
                    [*command, *map(str, files)], stdout=subprocess.PIPE, text=True, check=False
                )
                if done.returncode:
                    return 1
                runs.setdefault(system, []).append(Run(**json.loads(done.stdout.splitlines()[-1])))
        from pypdf import PdfReader

        pages = sum(len(PdfReader(file).pages) for file in files)
    print(report(runs, pages, load_settings()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
