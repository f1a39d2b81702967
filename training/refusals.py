"""Fit the decision to refuse on answers of the pipeline itself, into rag/weights/scorer.json.

    python -m training.refusals DATA_FOLDER --written WRITTEN.jsonl --home ~/.plumbline \
        --answers ANSWERS.jsonl --out rag/weights/scorer.json

Questions of the held-out articles (and made-up sheets) are put to the shipped pipeline with five
passages, one that answers or one that only seems to, and the nearest of other questions. What the
stages knew about each answer, and whether it was right, goes into a file, one object a line; a run
that was stopped goes on where it ended. On that two logistic regressions are fitted: the
probability that what would be shown is right, for users of whose questions one in twenty is such a
near miss; and that with the language model's own word added, for three in ten.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from rag.compose import SubAnswer
from rag.config import AnsweringSettings, Settings
from rag.dictionary import translated_spans
from rag.pipeline import open_answerer
from rag.quantities import missing, quantities
from rag.refuse import Signals, joined
from rag.seams import Embedder
from rag.text import fold_width, simplify
from training.ask import with_written
from training.draw import Example
from training.fit import fit, write_fitted
from training.pairs import PairMaker
from training.sources import read_sources

FEATURES = ("answerable", "cited", "relevant", "support")
_MIX = "asked"
_NEAR_MISSES = 0.05
"""Taken to be the share of users' questions that the documents do not answer and seem to; what is
far from all documents is refused anyway. Chosen with the example questions in view."""
_NEAR_MISSES_ASKED = 0.4
"""The same where the model's own word is asked for: a middle between the few near misses among
questions to a shelf of one's own and the half of them here. It decides between questions refused
in vain and near misses shown; chosen with the example questions and 80 of RGB in view."""
_RIDGE = 0.01
"""In eight-fold cross-validation answers are told apart alike from 0.003 to 0.03 (AUROC 0.776 to
0.778, weighted log loss 0.472 to 0.465), and less well above (0.773 at 0.1, 0.732 at 0.4); no
command makes these figures."""
_NEAREST = 8
"""Passages nearest to a question that its own one does not answer, which are left out: among them
may be one that does."""
_MOST = 0.6
"""Share of an answer's letters whose words must be found translated."""
_PASSAGES = 5
_POOL = 300
"""Pairs among whose evidence the other passages of a question are found."""


@dataclass(frozen=True, slots=True)
class Put:
    """A question with its passages; `answer` is None where none of them holds one."""

    question: str
    passages: tuple[str, ...]
    answer: str | None
    kind: str


def main() -> None:
    """Read the arguments, answer what is not answered yet, fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--written", type=Path, required=True)
    parser.add_argument("--home", type=Path, default=Path("~/.plumbline"))
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument(
        "--asked-only",
        action="store_true",
        help="fit how the model's own word is joined, and leave the decision without it",
    )
    options = parser.parse_args()
    sources = with_written(read_sources(options.data), options.written).split(True)
    pairs = PairMaker(sources, options.seed, _MIX).stream()
    alone = (pair for pair in pairs if "two" not in pair.kind and not pair.pair.claim)
    drawn = list(itertools.islice(once(alone), _POOL))
    open_settings = Settings(home=options.home, answering=AnsweringSettings(min_confidence=0.0))
    done = len(_lines(options.answers))
    if done < options.count:
        with options.answers.open("a", encoding="utf-8") as out:
            for row in _answered(drawn, open_settings, done, options.count, options.seed):
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
                out.flush()
    rows = _lines(options.answers)
    fitted = {"refusal-asked": fit_joined(rows)}
    if not options.asked_only:
        fitted["refusal"] = fit_decision(rows)
    write_fitted(fitted, options.out)
    print(f"{len(rows)} questions: {fitted}")


def once(examples: Iterable[Example]) -> Iterator[Example]:
    """Each question once, with the first of its passages."""
    seen: set[str] = set()
    for example in examples:
        if example.pair.question not in seen:
            seen.add(example.pair.question)
            yield example


def fit_joined(rows: Sequence[dict[str, Any]]) -> dict[str, object]:
    """The regression over `rag.refuse.joined` on those where the model was asked, each kind of
    question weighted to the share taken for it."""
    asked = [row for row in rows if row["shown"] and row["held"] is not None]
    pairs = [({"joined": joined(signals_of(row))}, bool(row["right"])) for row in asked]
    return fit(pairs, ("joined",), _weights(rows, asked, _NEAR_MISSES_ASKED))


def fit_decision(rows: Sequence[dict[str, Any]]) -> dict[str, object]:
    """The regression without the model's own word, on those with something to show, each kind of
    question weighted to its share among users' questions."""
    shown = [row for row in rows if row["shown"]]
    pairs = [(asdict(signals_of(row)), bool(row["right"])) for row in shown]
    return fit(pairs, FEATURES, _weights(rows, shown, _NEAR_MISSES), _RIDGE)


def _weights(
    rows: Sequence[dict[str, Any]], taken: Sequence[dict[str, Any]], near_misses: float
) -> list[float]:
    """Of those `taken` of all `rows`, so that near misses weigh as if they were that share."""
    share = sum(row["answer"] is None for row in rows) / len(rows)
    weight = {True: near_misses / share, False: (1.0 - near_misses) / (1.0 - share)}
    return [weight[row["answer"] is None] for row in taken]


def _answered(
    drawn: Sequence[Example], settings: Settings, start: int, stop: int, seed: int
) -> Iterator[dict[str, Any]]:
    """What the pipeline made of the questions from number `start` to `stop`."""
    from rag.models.embedder import load_embedder

    put = put_with_others(drawn[:stop], drawn, load_embedder(settings), random.Random(seed))
    with open_answerer(settings, with_collection=False) as answerer:
        for case in tqdm(list(put)[start:stop]):
            parts = answerer.parts_from(case.question, case.passages)
            yield outcome(case, parts[0])


def outcome(case: Put, part: SubAnswer) -> dict[str, Any]:
    """What is kept of one answer: what it tells, whether that is right, and the signals of the
    decision to show it."""
    told = " ".join(claim.text for claim in part.claims if claim.verdict == "supported")
    right = case.answer is not None and holds(told, case.answer)
    return {
        "question": case.question,
        "kind": case.kind,
        "answer": case.answer,
        "told": told,
        "shown": bool(told) and not part.signals.refused,
        "right": right,
        **asdict(part.signals),
    }


def holds(told: str, answer: str) -> bool:
    """Whether `told` says the answer, its numbers perhaps in another scale or unit's name, its
    words perhaps in the other language."""
    wanted = quantities(answer)
    if wanted:
        return not missing(wanted, quantities(told)) or _flat(answer) in _flat(told)
    return _flat(answer) in _flat(told) or _translated(answer, told)


def _translated(answer: str, told: str) -> bool:
    """Whether `told` is in the other language and has most of the answer's words in it."""
    plain = simplify(answer)
    letters = sum(character.isalpha() for character in plain)
    covered = sum(end - start for start, end in translated_spans(plain, told))
    return bool(letters) and covered >= _MOST * letters


def put_with_others(
    cases: Sequence[Example], pool: Sequence[Example], embedder: Embedder, rng: random.Random
) -> Iterator[Put]:
    """Each question with its own evidence and the nearest of others, in an order by chance."""
    vectors = embedder.embed_passages([example.pair.evidence for example in pool])
    for case in cases:
        question, own = case.pair.question, case.pair.evidence
        answer = own[slice(*case.spans[0])] if case.label and case.spans else None
        near = np.argsort(-(vectors @ embedder.embed_queries([question])[0]))
        if answer is None:
            near = near[_NEAREST:]
        others = [
            text
            for text in dict.fromkeys(pool[int(i)].pair.evidence for i in near)
            if text != own and (answer is None or _flat(answer) not in _flat(text))
        ]
        passages = [own, *others[: _PASSAGES - 1]]
        rng.shuffle(passages)
        yield Put(question, tuple(passages), answer, case.kind)


def signals_of(row: dict[str, Any]) -> Signals:
    """The signals among the fields of an `outcome`."""
    return Signals(**{field.name: row[field.name] for field in fields(Signals)})


def _flat(text: str) -> str:
    return "".join(fold_width(text).lower().replace(",", "").split())


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
