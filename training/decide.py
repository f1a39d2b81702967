"""Fit the decision to show an answer, on answers that the pipeline itself gives.

    python -m training.decide DATA_FOLDER --home FOLDER --count 1000 --out rag/weights/scorer.json
    python -m training.decide --out rag/weights/scorer.json      # fit on the answers known

The paragraphs of the held-out articles lie in one collection, in both languages. Their questions
are put to the shipped pipeline as a user would: half of them with their paragraph
there, a quarter with it taken away, so that its neighbours are found, and a quarter that people
wrote so that the paragraph only seems to answer them.

An answer takes seconds on a machine without a GPU, a thousand of them hours. So what the stages
knew of each, and whether it was right, is kept in `training/signals.jsonl`: numbers without a word
of the sets, one object a line, with a digest of what gave the answer (prompts, language model,
cross-encoder). A run goes on where the last one ended, on whatever machine; answers of another
digest are left out of the fit and put again. The regression is fitted on all of them; how well it
is calibrated is told by one that is fitted on two thirds, on the rest.
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
from rag.generation.prompt import check_opening, opening
from rag.models.generator import open_generator
from rag.models.logistic import Logistic
from rag.models.reader import ADAPTER
from rag.pipeline import Answerer
from rag.retrieval import Finder
from rag.store import Collection
from rag.text.rarity import content_terms
from rag.tools import Search, load_search, load_tools
from rag.types import Answer, Hit, Language
from training.logistic import Row, fit, write
from training.sources import Paragraph, Sources, read_sources

COLLECTION = "training"
SIGNALS = Path(__file__).with_name("signals.jsonl")
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

    @property
    def id(self) -> str:
        """A name that tells nothing of it."""
        return hashlib.sha256(f"{self.kind}\0{self.question}".encode()).hexdigest()[:16]


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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?", help="without it nothing is asked")
    parser.add_argument("--home", type=Path, help="where the collection is kept")
    parser.add_argument("--answers", type=Path, help="write what was said there, to be read")
    parser.add_argument("--signals", type=Path, default=SIGNALS)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=31)
    options = parser.parse_args()
    settings = load_settings()
    made = maker(settings)
    if options.data is not None:
        if options.home is None:
            parser.error("DATA_FOLDER needs --home, where its collection is kept")
        sources = read_sources(options.data).split(True)
        known = {row["id"] for row in read_lines(options.signals) if row["made"] == made}
        drawn = draw(sources, options.count, options.seed)
        missing = [put for put in drawn if put.id not in known]
        for put, answer in _answered(sources, missing, options.home, settings):
            _append(options.signals, observed(put, answer, made))
            if options.answers is not None:
                said = {"question": put.question, "answer": put.answer, "said": answer.answer}
                _append(options.answers, {**said, "kind": put.kind, "status": answer.status})
    rows = [row for row in read_lines(options.signals) if row["made"] == made]
    if not any(row["signals"] for row in rows):
        parser.error(f"{options.signals} has no answers of {made}: give DATA_FOLDER")
    report(rows, options.out)


def maker(settings: Settings) -> str:
    """A digest of what decides the signals of an answer: prompts, language model, cross-encoder."""
    languages: tuple[Language, ...] = ("en", "zh")
    prompts = [[*opening(language), *check_opening(language)] for language in languages]
    texts = [str(message.content) for messages in prompts for message in messages]
    texts += [settings.generator.model, hashlib.sha256(ADAPTER.read_bytes()).hexdigest()]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def observed(put: Put, answer: Answer, made: str) -> dict[str, Any]:
    """What is kept of an answer: no word of it or of its question."""
    return {
        "id": put.id,
        "kind": put.kind,
        "right": is_right(answer.answer, put.answer),
        "signals": {name: round(value, 4) for name, value in answer.signals.items()},
        "made": made,
    }


def _append(path: Path, row: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as out:
        out.write(json.dumps(row, ensure_ascii=False) + "\n")


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
    pairs: list[Row] = [(row["signals"], row["right"]) for row in shown]
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
    """Lines of a reliability table in equal parts, which is the risk-coverage curve as well, and
    the AUROC."""
    decide = Logistic(tuple(entry["features"]), tuple(entry["weights"]), float(entry["bias"]))
    told = np.array([decide.probability(values) for values, _ in rows])
    right = np.array([label for _, label in rows])
    yield "| confidence | answers | right | wrong of these and the surer |\n|---|---|---|---|"
    order = np.argsort(told)
    for part in np.array_split(np.arange(len(order)), _BINS):
        low, high = told[order[part[0]]], told[order[part[-1]]]
        share, risk = right[order[part]].mean(), 1 - right[order[part[0] :]].mean()
        yield f"| {low:.2f} to {high:.2f} | {len(part)} | {share:.2f} | {risk:.2f} |"
    wins = (told[right][:, None] > told[~right]).mean() if right.any() and (~right).any() else 0.5
    yield f"AUROC {wins:.3f}, mean confidence {told.mean():.3f}, right {right.mean():.3f}"


def _answered(
    sources: Sources, drawn: Sequence[Put], home: Path, settings: Settings
) -> Iterator[tuple[Put, Answer]]:
    search = load_search(settings)
    place = settings.model_copy(update={"home": home, "collection": COLLECTION})
    with Collection.open(place, COLLECTION, search.embedder.info, create=True) as collection:
        if not collection.documents():
            _fill(collection, sources, search, place)
        finder = search.retriever(collection, settings)
        shown = AnsweringSettings(min_confidence=0.0)
        open_settings = settings.model_copy(update={"answering": shown})
        tools = load_tools(open_settings, search)
        with open_generator(settings) as generator:
            for put in tqdm(drawn, desc="questions"):
                found = Without(finder, put.document) if put.kind == "taken away" else finder
                answerer = Answerer(found, generator.chat, generator.name, tools, open_settings)
                yield put, answerer.answer(put.question)


def _fill(collection: Collection, sources: Sources, search: Search, settings: Settings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for paragraph in sources.paragraphs:
            Path(folder, file_name(paragraph)).write_text(paragraph.text, encoding="utf-8")
        ingest([Path(folder)], collection, search.plain, settings)


if __name__ == "__main__":
    main()
