"""Kill -9 at random moments: is a collection ever lost or wrong?

`python -m benchmarks.kills --runs 200` changes a folder, starts a process that reads, replaces and
removes accordingly, and kills it after a random time, while another process asks without pause.
After each kill the collection has to open and answer and its database to be whole; after one more
run it has to equal a fresh collection of the same folder, document for document and vector for
vector. A line for each run goes to stdout as JSON, the summary last. Exit code 1: something was
wrong. Vectors are hashed words: what is tested is the store, and a kill must not wait for a model.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import numpy as np

from ingest.pipeline import ingest
from rag.config import RetrievalSettings, Settings
from rag.errors import CollectionError
from rag.retrieval import Retriever
from rag.store import Collection, postings
from rag.store.check import check_collection
from rag.types import EmbedderInfo, FloatArray, Span

NAME = "kills"
_STEADY = "lighthouse.txt"
_QUESTION = "Who counts the ships at the lighthouse?"
_WORDS = ("apple", "heron", "valve", "clause", "rent", "pump", "notice", "ledger", "quorum")
_WORD = re.compile(r"\w+|[^\w\s]")
_CONTEXT = multiprocessing.get_context("forkserver")
_DERIVED = ("vector index", "manifest", "index.", "left by a run")
"""Of what `check` may complain after a kill: all of it is made anew from the database."""


class HashEmbedder:
    """Hashed words as vectors: the same text has the same vector in every process."""

    max_tokens = 512
    info = EmbedderInfo("hashed words", "0" * 64, 64)

    def embed_passages(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors of shape [len(texts), 64]."""
        vectors = np.zeros((len(texts), self.info.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _WORD.findall(text.lower()):
                vectors[row, zlib.crc32(word.encode()) % self.info.dimension] += 1.0
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: FloatArray = vectors / np.maximum(norms, 1e-9)
        return unit

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """The same for questions."""
        return self.embed_passages(texts)

    def token_spans(self, text: str) -> list[Span]:
        """Words and signs."""
        return [match.span() for match in _WORD.finditer(text)]


@dataclass(slots=True)
class Summary:
    """What came of all runs. `killed` were killed before they had finished, `midway` of these had
    written something and had more to write."""

    runs: int = 0
    killed: int = 0
    midway: int = 0
    questions: int = 0
    left_behind: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def kill_runs(
    runs: int,
    seed: int,
    report: Callable[[dict[str, Any]], None] = lambda _: None,
    *,
    longest: int = 120,
) -> Summary:
    """Kill `runs` writers of documents of up to `longest` lines; what was wrong is in the
    summary."""
    _CONTEXT.set_forkserver_preload([__name__])
    with tempfile.TemporaryDirectory(prefix="plumb-kills-") as made:
        return _Trial(Path(made), random.Random(seed), report, longest).run(runs)


class _Trial:
    """A home, a folder, and the runs over them."""

    def __init__(
        self,
        place: Path,
        chance: random.Random,
        report: Callable[[dict[str, Any]], None],
        longest: int,
    ) -> None:
        self.place, self.chance, self.report, self.longest = place, chance, report, longest
        self.settings = Settings.model_validate({"home": place / "home"})
        self.folder = place / "folder"
        self.folder.mkdir()
        (self.folder / _STEADY).write_text("The keeper of the lighthouse counts the ships.\n")
        for number in range(12):
            self._write(self.folder / f"{number}.txt")
        self.summary = Summary()

    def run(self, runs: int) -> Summary:
        """All runs, with a reader beside them."""
        self._finish(_start(_write_all, self.place))
        for _ in range(5):
            self._change()
        began = time.monotonic()
        self._finish(_start(_write_all, self.place))
        usual_s = time.monotonic() - began
        stop, answers = _CONTEXT.Event(), _CONTEXT.SimpleQueue()
        reader = _start(_ask_without_pause, self.place, stop, answers)
        try:
            for number in range(runs):
                self._one(number, usual_s)
        except KeyboardInterrupt:  # so many runs, then: the summary counts them
            pass
        finally:
            stop.set()
            self.summary.questions, trouble = answers.get()
            reader.join()
        if trouble:
            self.summary.wrong.append(f"the reader: {trouble}")
        return self.summary

    def _one(self, number: int, usual_s: float) -> None:
        began = time.monotonic()
        changes = [self._change() for _ in range(self.chance.randint(2, 8))]
        before = self._generation()
        after_s = self.chance.uniform(0.0, usual_s)
        writer = _start(_write_all, self.place)
        writer.join(after_s)
        killed = writer.is_alive()
        writer.kill()
        writer.join()
        at_the_kill = self._generation()
        left = self._after_the_kill(number)
        self._finish(_start(_write_all, self.place))
        midway = killed and before < at_the_kill < self._generation()
        self._equals_fresh(number)
        self.summary.runs += 1
        self.summary.killed += killed
        self.summary.midway += midway
        self.summary.left_behind.update(left)
        self.report(
            {
                "run": number,
                "changes": changes,
                "after_s": round(after_s, 3),
                "killed": killed,
                "midway": midway,
                "left": left,
                "wrong": len(self.summary.wrong),
                "seconds": round(time.monotonic() - began, 2),
            }
        )

    def _generation(self) -> int:
        with Collection.open(self.settings, NAME) as collection:
            return collection.generation

    def _after_the_kill(self, number: int) -> list[str]:
        """Open, answer, look for damage; what derived files were left unfit."""
        try:
            found = [f.text for f in check_collection(self.settings, NAME)]
            with Collection.open(self.settings, NAME) as collection:
                _ask(collection)
        except (CollectionError, AssertionError) as err:
            self.summary.wrong.append(f"run {number}, after the kill: {err}")
            return []
        bad = [text for text in found if not any(word in text for word in _DERIVED)]
        self.summary.wrong += [f"run {number}, after the kill: {text}" for text in bad]
        return [text.split(";")[0] for text in found]

    def _equals_fresh(self, number: int) -> None:
        fresh = Settings.model_validate({"home": self.place / "fresh"})
        shutil.rmtree(fresh.home, ignore_errors=True)
        _write(fresh, self.folder)
        held, wanted = (_content(s.collections_dir / NAME) for s in (self.settings, fresh))
        for table, rows in wanted.items():
            if held[table] != rows:
                self.summary.wrong.append(f"run {number}: other {table} than a fresh collection")
        findings = check_collection(self.settings, NAME)
        self.summary.wrong += [f"run {number}, at its end: {f.text}" for f in findings]

    def _finish(self, writer: ForkServerProcess) -> None:
        writer.join()
        if writer.exitcode:
            self.summary.wrong.append(f"a run that was not killed ended with {writer.exitcode}")

    def _change(self) -> str:
        """Change the folder as a user might; what was done."""
        paths = sorted(p for p in self.folder.iterdir() if p.name != _STEADY)
        path = self.chance.choice(paths)
        name = f"{self.chance.randrange(10**6)}.txt"
        kind = self.chance.choice(("add", "replace", "remove", "rename", "copy", "swap"))
        if kind == "add" or len(paths) < 6:
            self._write(self.folder / name)
        elif kind == "replace":
            self._write(path)
        elif kind == "remove":
            path.unlink()
        elif kind == "rename":
            path.rename(self.folder / name)
        elif kind == "copy":
            shutil.copy(path, self.folder / name)
        else:
            other = self.chance.choice(paths)
            texts = path.read_text(), other.read_text()
            other.write_text(texts[0])
            path.write_text(texts[1])
        return kind

    def _write(self, path: Path) -> None:
        count = self.chance.randint(1, self.longest)
        lines = (" ".join(self.chance.choices(_WORDS, k=12)) for _ in range(count))
        path.write_text(f"# {self.chance.random()}\n\n" + ".\n".join(lines) + ".\n")


def _start(target: Callable[..., None], *given: Any) -> ForkServerProcess:
    process = _CONTEXT.Process(target=target, args=given)
    process.start()
    return process


def _write_all(place: Path) -> None:
    """What is killed: take in what is new, replace, rename and remove."""
    _write(Settings.model_validate({"home": place / "home"}), place / "folder")


def _write(settings: Settings, folder: Path) -> None:
    embedder = HashEmbedder()
    with Collection.open(settings, NAME, embedder.info, create=True) as collection:
        receipt = ingest([folder], collection, embedder, settings, prune="yes")
    assert not receipt.failed, receipt.results


def _ask_without_pause(place: Path, stop: Any, answers: Any) -> None:
    """The reader: one open collection, question after question; how many, and the first trouble."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends when it is told to
    settings = Settings.model_validate({"home": place / "home"})
    asked, trouble = 0, ""
    try:
        with Collection.open(settings, NAME) as collection:
            while not stop.is_set():
                _ask(collection)
                asked += 1
                time.sleep(0.01)
    except BaseException:
        trouble = traceback.format_exc(limit=3)
    answers.put((asked, trouble))


def _ask(collection: Collection) -> None:
    """Ask what is there at all times; every hit must stand on its page."""
    hits = Retriever(collection, HashEmbedder(), RetrievalSettings(read=0)).retrieve(_QUESTION)
    assert hits, "nothing was found"
    assert hits[0].document == _STEADY, f"the answer was not found first, but {hits[0].document}"


def _content(folder: Path) -> dict[str, list[Any]]:
    """All that a collection holds, but for row ids and times of reading."""
    queries = {
        "documents": "SELECT document_id, media_type, bytes, metadata FROM documents ORDER BY 1",
        "places": "SELECT path, name, document_id, metadata FROM paths ORDER BY 1",
        "pages": "SELECT document_id, number, text, headings, label, boxes FROM pages "
        "ORDER BY 1, 2",
        "chunks": "SELECT c.chunk_id, c.document_id, c.ordinal, c.page, c.start, c.end, c.text, "
        "c.heading, c.tokens, c.language FROM chunks c ORDER BY 1",
        "vectors": "SELECT c.chunk_id, v.vector FROM vectors v JOIN chunks c ON c.id = v.chunk "
        "ORDER BY 1",
    }
    connection = sqlite3.connect(f"{(folder / 'store.db').as_uri()}?mode=ro", uri=True)
    try:
        held = {table: connection.execute(query).fetchall() for table, query in queries.items()}
        names = dict(connection.execute("SELECT id, chunk_id FROM chunks"))
        held["terms"] = sorted(
            (names.get(row, "nothing's"), term, weight)
            for term, _, by_row in postings.read_all(connection)
            for row, weight in by_row.items()
        )
        return held
    finally:
        connection.close()


def main() -> int:
    """Run from the command line; the exit code."""
    parser = argparse.ArgumentParser(description="Kill writers of a collection at random moments.")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    # A child of a forked server imports the main module once more, and Python warns of that.
    os.environ.setdefault("PYTHONWARNINGS", "ignore::RuntimeWarning:runpy")
    summary = kill_runs(
        options.runs, options.seed, lambda line: print(json.dumps(line), flush=True)
    )
    print(
        json.dumps(
            {
                "runs": summary.runs,
                "killed": summary.killed,
                "midway": summary.midway,
                "questions_answered_meanwhile": summary.questions,
                "left_behind": dict(summary.left_behind),
                "wrong": summary.wrong,
            },
            indent=1,
        )
    )
    return 1 if summary.wrong else 0


if __name__ == "__main__":
    from benchmarks.kills import main as run_main  # the children import it by this name

    sys.exit(run_main())
