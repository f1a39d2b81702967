"""Question sets as `benchmarks.answers` puts them: the cases, and the documents asked about.

    open_shelves("squad", [Path("xquad.zh.json")], half="second", questions=30, seed=13)

A set is split into halves by the parity of a question's place in its file (0, 2, ... are the first
half), for SQuAD by the paragraph's place; the manuals name the half in a field. Failures may be
looked at in the first half; figures come from the second. Within the half, `questions` answerable
cases and as many unanswerable ones are drawn by seed; a smaller draw is the beginning of a larger
one. Knows nothing of collections, systems or scores.

mtragun   the passages of all tasks, each a document; the last user turn asked with the turns
          before it. UNDERSPECIFIED and PARTIAL turns are left out. No accepted answers.
squad     every second pair of paragraphs is held; questions about the others are unanswerable
          because their document was taken away (another may still happen to say the answer)
rgb       five passages given with a question, three without the answer (noise 0.6: answerable) or
          all five (1.0: unanswerable); the same questions both times
jsonl     QUESTIONS FOLDER: the project's own format over a folder of documents
manuals   QUESTIONS FOLDER: `benchmarks/manuals.jsonl` over a folder of documents
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from random import Random
from typing import Any, Literal, get_args

from eval.data import open_questions
from eval.data.lines import Problems, json_lines, text_field
from eval.errors import DataError
from eval.types import Example, GivenDocument
from rag.types import Language, Turn

if __package__:
    from benchmarks.manuals import read_questions
else:  # imported by a file that is run over another tree
    from manuals import read_questions  # type: ignore[import-not-found, no-redef]

Half = Literal["first", "second"]
HALVES: tuple[Half, ...] = get_args(Half)
NOISE = (0.6, 1.0)
"""RGB's share of passages without the answer: for answerable and for unanswerable cases."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question with what is known about its answer.

    `answers` are parts that must all occur, each with its alternatives; none for an unanswerable
    case and where a set has no accepted answers. `gold` are names of documents, or texts, by which
    a right passage is recognised. With `passages` nothing is to be retrieved.
    """

    id: str
    set: str
    language: Language
    question: str
    history: tuple[Turn, ...]
    passages: tuple[str, ...] | None
    answers: tuple[tuple[str, ...], ...]
    answerable: bool
    gold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The documents that one collection holds, given as texts or lying in `folder`, and the cases
    to put, answerable and unanswerable ones in turn. Without documents and folder the cases bring
    their passages."""

    name: str
    documents: tuple[GivenDocument, ...]
    cases: tuple[Case, ...]
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class _Placed:
    """A case with its half, and the paragraph that other cases may hang on too."""

    half: Half
    paragraph: str
    case: Case


_Read = tuple[tuple[GivenDocument, ...], list[_Placed]]


def open_shelves(
    set_name: str,
    paths: Sequence[Path],
    *,
    half: Half = "second",
    questions: int | None = None,
    seed: int = 13,
) -> list[Shelf]:
    """The shelf of each path, or the one shelf of QUESTIONS FOLDER; `questions` None draws all.

    Raises DataError for an unknown set, a file that cannot be read and a wrong number of paths.
    """
    if set_name not in SETS:
        raise DataError(f"unknown set {set_name!r}; known are {', '.join(SETS)}")
    folder: Path | None = None
    if set_name in ("jsonl", "manuals"):
        if len(paths) != 2 or not paths[1].is_dir():
            raise DataError(f"the set {set_name} needs a file of questions and a folder")
        paths, folder = paths[:1], paths[1]
    shelves = []
    for path in paths:
        documents, cases = SETS[set_name](path, seed)
        drawn = _drawn([placed for placed in cases if placed.half == half], questions, seed)
        shelves.append(Shelf(_name(path), documents, drawn, folder))
    return shelves


def has_gold(case: Case, passages: Iterable[tuple[str, str]]) -> bool | None:
    """Whether one of the passages, as (document, text), is a right one; white space does not
    count. None where the case names none."""
    if not case.gold:
        return None
    texts = [(document, _bare(text)) for document, text in passages]
    return any(gold == name or _bare(gold) in text for gold in case.gold for name, text in texts)


def _mtragun(path: Path, seed: int) -> _Read:
    documents: dict[str, GivenDocument] = {}
    cases = []
    for place, (_, row) in enumerate(json_lines(path, Problems(strict=True))):
        gold = [_pooled(row, passage, documents) for passage in row.get("passages", [])]
        *before, last = row["turns"]
        kind = row["answerability"]
        if kind in ("ANSWERABLE", "UNANSWERABLE"):
            identity, question = text_field(row, "task_id"), text_field(last, "text").strip()
            answerable, history = kind == "ANSWERABLE", _paired(before)
            example = Example(identity, question, (), answerable, "en", history=history)
            cases.append(_placed(path, place, example, gold))
    return tuple(documents.values()), cases


def _pooled(
    row: Mapping[str, Any], passage: Mapping[str, Any], documents: dict[str, GivenDocument]
) -> str:
    """The name of the document with the passage's text, which is added if it is new."""
    text = text_field(passage, "text").strip()
    name = f"{row['collection']}-{len(documents):04d}.txt"
    return documents.setdefault(" ".join(text.split()), GivenDocument(name, text)).name


def _paired(turns: Sequence[Mapping[str, Any]]) -> tuple[Turn, ...]:
    """Each user turn with the agent's reply."""
    said = [str(turn["text"]).strip() for turn in turns]
    if [turn["speaker"] for turn in turns] != ["user", "agent"] * (len(turns) // 2):
        raise DataError(f"user and agent do not take turns: {said!r:.60}")
    return tuple(map(Turn, said[0::2], said[1::2]))


def _squad(path: Path, seed: int) -> _Read:
    dataset = open_questions([path], "squad")
    places = {document.name: place for place, document in enumerate(dataset.documents)}
    # Two paragraphs are held, two taken away, so that each half has as many of either kind.
    held = {name for name, place in places.items() if place // 2 % 2 == 0}
    cases = []
    for example in dataset.examples:
        if example.answerable:
            name = example.evidence[0].document
            asked = replace(example, answerable=name in held)
            cases.append(_placed(path, places[name], asked, [name], name))
    return tuple(d for d in dataset.documents if d.name in held), cases


def _rgb(path: Path, seed: int) -> _Read:
    cases = []
    for noise in NOISE:
        dataset = open_questions([path], "rgb", noise=noise, seed=seed)
        for place, example in enumerate(dataset.examples):
            cases.append(_placed(path, place, replace(example, id=f"{example.id}@{noise}"), ()))
    return (), cases


def _jsonl(path: Path, seed: int) -> _Read:
    examples = open_questions([path], "jsonl", strict=True).examples
    return (), [
        _placed(path, place, example, [one.quote or one.document for one in example.evidence])
        for place, example in enumerate(examples)
    ]


def _manuals(path: Path, seed: int) -> _Read:
    cases = []
    for one in read_questions(path):
        example = Example(one.id, one.question, one.answer, one.answerable, one.language)
        cases.append(_placed(path, HALVES.index(one.half), example, one.evidence))
    return (), cases


def _placed(
    path: Path, place: int, example: Example, gold: Sequence[str], paragraph: str = ""
) -> _Placed:
    case = Case(
        id=example.id,
        set=_name(path),
        language=example.language,
        question=example.question,
        history=example.history,
        passages=example.passages or None,
        answers=example.answers if example.answerable else (),
        answerable=example.answerable,
        gold=tuple(gold) if example.answerable else (),
    )
    return _Placed(HALVES[place % 2], paragraph or case.id, case)


def _drawn(cases: Sequence[_Placed], questions: int | None, seed: int) -> tuple[Case, ...]:
    """`questions` of each kind by chance, answerable and unanswerable ones in turn; a second one
    about a paragraph only when all have had one."""
    rounds: dict[int, list[Case]] = {}
    had: Counter[str] = Counter()
    for placed in sorted(cases, key=lambda p: Random(f"{seed}:{p.case.question}").random()):
        rounds.setdefault(had[placed.paragraph], []).append(placed.case)
        had[placed.paragraph] += 1
    order = [case for number in sorted(rounds) for case in rounds[number]]
    kinds = [[c for c in order if c.answerable == kind][:questions] for kind in (True, False)]
    return tuple(c for pair in zip_longest(*kinds) for c in pair if c is not None)


def _name(path: Path) -> str:
    """The file's name as a collection's."""
    return path.stem.replace(".", "-")


def _bare(text: str) -> str:
    return "".join(text.split())


SETS: dict[str, Callable[[Path, int], _Read]] = {
    "mtragun": _mtragun,
    "squad": _squad,
    "rgb": _rgb,
    "jsonl": _jsonl,
    "manuals": _manuals,
}
"""The reader of each set: file and seed to documents and cases of both halves."""
