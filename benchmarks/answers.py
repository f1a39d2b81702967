"""Put the cases of a question set to a system, and write what came of each, one JSON line a case.

    python -m benchmarks.answers squad xquad.zh.json --system plumbline --questions 30 \\
        --home ~/.plumbline-benchmarks --out plumbline.squad.jsonl
    cd OLD && PYTHONPATH=OLD python /work/main/benchmarks/answers.py squad ...   # another tree's

Run as a file, it measures the program that PYTHONPATH names. The sets are those of
`benchmarks.sets`; `benchmarks.compare_answers` makes the figures. What stands in the file is not
asked again, so that a run which was stopped goes on; a case that failed is. Documents are ingested
under --home, where those of an earlier run are found again; take another home for a program that
stores or cuts documents otherwise. Settings come from plumb.toml and PLUMB_*.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.metrics.answers import contains
from eval.metrics.refusal import looks_like_refusal
from eval.provenance import provenance
from ingest.pipeline import ingest
from rag.config import Settings, load_settings
from rag.models.embedder import load_embedder
from rag.pipeline import open_answerer
from rag.store import Collection
from rag.types import Hit

if __package__:
    from benchmarks.sets import HALVES, SETS, Case, Shelf, has_gold, open_shelves
else:  # run as a file: what an older tree calls `benchmarks` does not hold the sets
    from sets import (  # type: ignore[import-not-found, no-redef]
        HALVES,
        SETS,
        Case,
        Shelf,
        has_gold,
        open_shelves,
    )

_SYSTEMS = ("plumbline", "rival")
_SHOWN_HITS = 5
_FAILURES = 3
"""Failures one after the other at which a run ends: it is not the question's fault."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system gave: `text` even if it is not `shown`, where the system tells it. `confidence`
    is its own scale; `asked` the question made to stand alone; `signals` what it rests on."""

    text: str
    shown: bool
    confidence: float | None
    asked: str
    hits: Sequence[Hit]
    timings_ms: Mapping[str, float]
    signals: Mapping[str, float] = field(default_factory=dict)


Ask = Callable[[Case], Reply]


def main(argv: Sequence[str] | None = None) -> int:
    """Ask every case that is not in the file yet; 1 if some failed."""
    options = _parser().parse_args(argv)
    shelves = open_shelves(
        options.set,
        options.paths,
        half=options.half,
        questions=options.questions,
        seed=options.seed,
    )
    made = provenance()
    run = {"system": options.system, "commit": made["commit"], "code": made["code_sha256"][:12]}
    known = _known(options.out)
    settings = settings_under(options.home)
    failed = 0
    for shelf in shelves:
        cases = [case for case in shelf.cases if (case.set, case.id) not in known]
        if not cases:
            continue
        stocked = fill(shelf, settings)
        here = settings.model_copy(update={"collection": shelf.name})
        with _open(options.system, here, options.threshold, stocked=stocked) as ask:
            failed += put(cases, ask, options.out, run)
    return int(failed > 0)


def put(cases: Sequence[Case], ask: Ask, out: Path, run: Mapping[str, Any]) -> int:
    """Ask each case and append its row to `out`; returns how many failed."""
    failed, running = 0, 0
    for number, case in enumerate(cases, start=1):
        begin = time.perf_counter()
        try:
            reply = ask(case)
            row = outcome(case, reply, time.perf_counter() - begin)
            running = 0
        except Exception as err:  # a case that fails must not cost the night's others
            failed, running = failed + 1, running + 1
            if running == _FAILURES:
                raise
            row = {"error": f"{type(err).__name__}: {err}"}
        known = {"set": case.set, "id": case.id, "answerable": case.answerable, **run}
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**known, **row}, ensure_ascii=False) + "\n")
        said = row.get("error") or f"{row['seconds']:.1f} s, {'shown' if row['shown'] else 'not'}"
        print(f"{case.set} {number}/{len(cases)} {case.id}: {said}", file=sys.stderr)
    return failed


def outcome(case: Case, reply: Reply, seconds: float) -> dict[str, Any]:
    """What is kept of a case.

    `right`: the text holds every part of the accepted answer; None where there is none, so that
    any answer counts. `shown`: the system shows it, and it is not a refusal in other words.
    `gold`: a right passage is among the first five; None where none is known or passages were
    given. `first_s` is None where nothing was written.
    """
    right = contains(reply.text, case.answers) == 1.0 if case.answers else None
    declined = looks_like_refusal(reply.text)
    first = reply.timings_ms.get("first_token")
    hits = [(hit.document, hit.chunk.text) for hit in reply.hits[:_SHOWN_HITS]]
    return {
        "language": case.language,
        "question": case.question,
        "asked": reply.asked,
        "text": reply.text,
        "answers": case.answers,
        "right": right,
        "shown": reply.shown and (right is True or not declined),
        "declined": declined,
        "confidence": reply.confidence,
        "signals": dict(reply.signals),
        "gold": None if case.passages else has_gold(case, hits),
        "hits": [document for document, _ in hits],
        "first_s": None if first is None else round(first / 1000, 2),
        "seconds": round(seconds, 2),
        "timings_ms": dict(reply.timings_ms),
    }


def fill(shelf: Shelf, settings: Settings) -> bool:
    """Ingest the shelf's documents into the collection of its name, passing over those it has.
    False where there are none."""
    if not shelf.documents and shelf.folder is None:
        return False
    folder = shelf.folder or settings.home_dir / "shelves" / shelf.name
    folder.mkdir(parents=True, exist_ok=True)
    for document in shelf.documents:
        (folder / document.name).write_text(document.text, encoding="utf-8")
    print(f"{shelf.name}: reading {folder}", file=sys.stderr)
    embedder = load_embedder(settings)
    with Collection.open(settings, shelf.name, embedder.info, create=True) as collection:
        receipt = ingest([folder.resolve()], collection, embedder, settings)
    print(f"{shelf.name}: {dict(receipt.counts)} in {receipt.seconds:.0f} s", file=sys.stderr)
    return True


@contextmanager
def _open(system: str, settings: Settings, threshold: float, *, stocked: bool) -> Iterator[Ask]:
    if system == "plumbline":
        with open_answerer(settings, with_collection=stocked) as answerer:

            def ask(case: Case) -> Reply:
                if case.passages is None:
                    answer = answerer.answer(case.question, case.history)
                else:
                    answer = answerer.answer_from(case.question, case.passages)
                return Reply(
                    answer.answer,
                    answer.status != "abstained",
                    answer.confidence,
                    answer.standalone_question,
                    answer.hits,
                    answer.timings_ms,
                    answer.signals,
                )

            yield ask
        return
    if __package__:
        from benchmarks.rival import Rival
    else:
        from rival import Rival  # type: ignore[import-not-found, no-redef]
    with Rival(settings, threshold, stocked=stocked) as rival:

        def ask_rival(case: Case) -> Reply:
            told = rival.answer(case.question, case.history, case.passages)
            asked, times = told.standalone_question, told.timings_ms
            return Reply(told.answer, told.shown, told.yes, asked, told.hits, times)

        yield ask_rival


def settings_under(home: Path | None) -> Settings:
    """The settings, with collections under `home` and the models where they are."""
    settings = load_settings()
    if home is None:
        return settings
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "models").exists():
        (home / "models").symlink_to(settings.models_dir.resolve())
    return settings.model_copy(update={"home": home.resolve()})


def _known(out: Path) -> set[tuple[str, str]]:
    """The cases in the file that did not fail; a line broken off is cut away."""
    if not out.exists():
        return set()
    text = out.read_text(encoding="utf-8")
    if text and not text.endswith("\n"):
        text = text[: text.rfind("\n") + 1]
        out.write_text(text, encoding="utf-8")
    rows = [json.loads(line) for line in text.split("\n")[:-1]]  # a text may hold U+2028
    return {(row["set"], row["id"]) for row in rows if "error" not in row}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", choices=tuple(SETS))
    parser.add_argument("paths", type=Path, nargs="+", help="the set's files, or file and folder")
    parser.add_argument("--system", choices=_SYSTEMS, default="plumbline")
    parser.add_argument("--questions", type=int, help="answerable ones, and as many others; or all")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--half", choices=HALVES, default="second")
    parser.add_argument("--out", type=Path, required=True, help="the file that is written")
    parser.add_argument("--home", type=Path, help="where collections are kept")
    parser.add_argument("--threshold", type=float, default=0.6, help="of the rival's own yes")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
