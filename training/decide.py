"""Fit the decision to show an answer, on answers that the pipeline itself gives.

    python -m training.decide DATA_FOLDER --home FOLDER --answers ANSWERS.jsonl --count 1000 \
        --out rag/weights/scorer.json

The paragraphs of the held-out articles lie in one collection, in both languages. Their questions
are put to the shipped pipeline as a user would: half of them with their paragraph
there, a quarter with it taken away, so that its neighbours are found, and a quarter that people
wrote so that the paragraph only seems to answer them. What the stages knew about each answer, and
whether it was right, goes into a file, one object a line; a run that was stopped goes on where it
ended. The regression is fitted on all of them; how well it is calibrated is told by one that is
fitted on two thirds, on the rest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from tqdm import tqdm

from ingest.pipeline import ingest
from rag.config import AnsweringSettings, Settings, load_settings
from rag.models.generator import open_generator
from rag.models.logistic import Logistic
from rag.pipeline import Answerer
from rag.retrieval import Finder
from rag.store import Collection
from rag.text.rarity import content_terms
from rag.tools import Search, load_search, load_tools
from rag.types import Hit
from training.logistic import Row, fit, write
from training.sources import Paragraph, Sources, read_sources

COLLECTION = "training"
FEATURES = ("own", "read", "best", "chinese")
UNASKED = ("read", "best", "chinese")
Kind = Literal["answered", "taken away", "near miss"]
_KINDS: tuple[Kind, ...] = ("answered", "answered", "taken away", "near miss")
UNANSWERABLE = 0.2
"""The share of users' questions that the documents do not answer and seem to, for which confidence
is calibrated; half of those put here are."""
_LOOSE = ("policyqa_dev",)
"""Sets whose accepted answers are spans that a right answer need not hold."""
_BINS = 5


@dataclass(frozen=True, slots=True)
class Put:
    """A question as it is put; `document` is the name of its paragraph's file, `answer` is empty
    where no paragraph answers it."""

    question: str
    answer: str
    document: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Without:
    """A finder that knows nothing of one document."""

    finder: Finder
    document: str

    def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
        """The hits of the others, at most `k`, five by default."""
        hits = self.finder.retrieve(question, (k or 5) + 3)
        return [hit for hit in hits if hit.document != self.document][: k or 5]


def main() -> None:
    """Read the arguments, answer what is not answered yet, fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--home", type=Path, required=True, help="where the collection is kept")
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=31)
    options = parser.parse_args()
    sources = read_sources(options.data).split(True)
    drawn = draw(sources, options.count, options.seed)
    done = {(row["question"], row["kind"]) for row in read_lines(options.answers)}
    missing = [put for put in drawn if (put.question, put.kind) not in done]
    if missing:
        with options.answers.open("a", encoding="utf-8") as out:
            for row in _answered(sources, missing, options.home):
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
                out.flush()
    wanted = {(put.question, put.kind) for put in drawn}
    rows = [r for r in read_lines(options.answers) if (r["question"], r["kind"]) in wanted]
    report(rows, options.out)


def draw(sources: Sources, count: int, seed: int) -> list[Put]:
    """`count` questions, each once, their kinds in turn, the languages half and half."""
    rng = random.Random(seed)
    known = [p for p in sources.paragraphs if p.source not in _LOOSE]
    asked = [(p, q) for p in known for q in p.questions]
    rng.shuffle(asked)
    pools = {
        (language, answered): iter(
            [(p, q) for p, q in asked if p.language == language and bool(q.answer) == answered]
        )
        for language in ("en", "zh")
        for answered in (True, False)
    }
    drawn: list[Put] = []
    for number in range(count):
        kind = _KINDS[(number // 2) % len(_KINDS)]
        pool = pools["en" if number % 2 else "zh", kind != "near miss"]
        if (pair := next(pool, None)) is not None:
            paragraph, question = pair
            answer = paragraph.text[slice(*question.answer)] if question.answer else ""
            drawn.append(Put(question.text, answer, file_name(paragraph), kind))
    return drawn


def file_name(paragraph: Paragraph) -> str:
    """A name for the paragraph's file: its article and what tells it from the others."""
    title = "".join(c if c.isalnum() else "-" for c in paragraph.article.split("/", 1)[1])
    digest = hashlib.sha256(paragraph.text.encode()).hexdigest()[:8]
    return f"{title[:40]}-{digest}.txt"


def is_right(said: str, answer: str) -> bool:
    """Whether all content words of the answer stand in what was said."""
    wanted = set(content_terms(answer))
    return bool(wanted) and wanted <= set(content_terms(said))


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file; none if there is no file."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def report(rows: Sequence[dict[str, Any]], out: Path) -> None:
    """Fit on two thirds of the rows with something to show and print how well the rest is told;
    then fit on all of them and write that."""
    shown = [row for row in rows if row["signals"]]
    pairs: list[Row] = [(r["signals"], is_right(r["said"], r["answer"])) for r in shown]
    share = {True: (1 - UNANSWERABLE) / 0.5, False: UNANSWERABLE / 0.5}
    weights = [share[row["kind"] == "answered"] for row in shown]
    print(f"{len(rows)} questions, {len(shown)} with something to show")
    for name, features in (("decision", FEATURES), ("decision-unasked", UNASKED)):
        train = [i for i in range(len(pairs)) if i % 3]
        part = fit([pairs[i] for i in train], features, [weights[i] for i in train])
        print(*reliability(part, pairs[::3]), sep="\n")
        whole = fit(pairs, features, weights)
        write({name: whole}, out)
        print(name, whole)


def reliability(entry: dict[str, Any], rows: Sequence[Row]) -> Iterator[str]:
    """Lines of a reliability table in equal parts, and the AUROC."""
    decide = Logistic(tuple(entry["features"]), tuple(entry["weights"]), float(entry["bias"]))
    told = np.array([decide.probability(values) for values, _ in rows])
    right = np.array([label for _, label in rows])
    yield "| confidence | answers | right |\n|---|---|---|"
    for part in np.array_split(np.argsort(told), _BINS):
        low, high = told[part[0]], told[part[-1]]
        yield f"| {low:.2f} to {high:.2f} | {len(part)} | {right[part].mean():.2f} |"
    wins = (told[right][:, None] > told[~right]).mean() if right.any() and (~right).any() else 0.5
    yield f"AUROC {wins:.3f}, mean confidence {told.mean():.3f}, right {right.mean():.3f}"


def _answered(sources: Sources, drawn: Sequence[Put], home: Path) -> Iterator[dict[str, Any]]:
    settings = load_settings()
    search = load_search(settings)
    place = settings.model_copy(update={"home": home, "collection": COLLECTION})
    with Collection.open(place, COLLECTION, search.embedder.info, create=True) as collection:
        if not collection.documents():
            _fill(collection, sources, search, place)
        finder = search.retriever(collection, settings)
        shown = AnsweringSettings(min_confidence=0.0)
        open_settings = settings.model_copy(update={"answering": shown})
        with open_generator(settings) as generator:
            for put in tqdm(drawn, desc="questions"):
                found = Without(finder, put.document) if put.kind == "taken away" else finder
                tools = load_tools(open_settings, search)
                chat, name = generator.chat, generator.name
                answerer = Answerer(found, chat, name, tools, open_settings)
                answer = answerer.answer(put.question)
                yield {
                    "question": put.question,
                    "kind": put.kind,
                    "answer": put.answer,
                    "said": answer.answer,
                    "status": answer.status,
                    "signals": dict(answer.signals),
                }


def _fill(collection: Collection, sources: Sources, search: Search, settings: Settings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for paragraph in sources.paragraphs:
            Path(folder, file_name(paragraph)).write_text(paragraph.text, encoding="utf-8")
        ingest([Path(folder)], collection, search.plain, settings)


if __name__ == "__main__":
    main()
