"""Data sets in their original formats, recognised or named.

`open_questions` reads what systems are asked, `open_labelled` what judges are measured on.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.data import labelled, own, rgb, squad
from eval.data.lines import Problems, digest, read_text
from eval.errors import DataError
from eval.types import Dataset, Evidence, Example, GivenDocument, LabelledPair, LabelledSet

QUESTION_FORMATS = ("jsonl", "squad", "rgb")
LABELLED_FORMATS = (
    "begin",
    "wice",
    "ocnli",
    "climate-fever",
    "mtrag-faithfulness",
    "claims",
    "perturbed",
)

__all__ = ["LABELLED_FORMATS", "QUESTION_FORMATS", "open_labelled", "open_questions", "sample"]


def open_questions(
    paths: Sequence[Path],
    format_name: str | None = None,
    *,
    noise: float = 0.0,
    seed: int = 0,
    strict: bool = False,
) -> Dataset:
    """Read one or more files of questions as one set.

    `noise` and `seed` concern RGB. Ids that occur twice within a file, and broken lines, are
    problems (raised when `strict`); ids shared between files get the file's stem as a prefix.
    Raises DataError for an unknown format or when no question is left.
    """
    problems = Problems(strict)
    examples: list[Example] = []
    documents: list[GivenDocument] = []
    formats: list[str] = []
    for path in paths:
        kind = format_name or recognise(path)
        read, given = _read(path, kind, noise, seed, problems)
        read = _drop_duplicates(path, read, problems)
        examples.extend(_distinct(path, read, {e.id for e in examples}))
        documents.extend(given)
        formats.append(kind)
    if not examples:
        why = f" ({problems.found[0]})" if problems.found else ""
        raise DataError(f"no question could be read from {_names(paths)}{why}")
    return Dataset(
        name="+".join(p.stem for p in paths),
        format="+".join(dict.fromkeys(formats)),
        digest=_joint_digest(paths),
        examples=tuple(examples),
        documents=tuple(documents),
        problems=tuple(problems.found),
    )


def open_labelled(
    path: Path, format_name: str | None = None, *, strict: bool = False
) -> LabelledSet:
    """Read labelled claims. Raises DataError for an unknown format or when no pair is left."""
    problems = Problems(strict)
    kind = format_name or recognise(path)
    if kind not in LABELLED_FORMATS or kind == "perturbed":
        raise DataError(
            f"{path.name} is in format {kind!r}, which holds no labels; judges are measured on "
            f"{', '.join(LABELLED_FORMATS)}"
        )
    pairs = labelled.read_pairs(path, kind, problems)
    if not pairs:
        why = f" ({problems.found[0]})" if problems.found else ""
        raise DataError(f"no labelled claim could be read from {path}{why}")
    return LabelledSet(path.stem, kind, digest(path), tuple(pairs), tuple(problems.found))


def recognise(path: Path) -> str:
    """The format's name, seen from the content. Raises DataError naming --format if unclear."""
    text = read_text(path)
    row = _first_row(path, text)
    if squad.looks_like(row):
        return "squad"
    if isinstance(row, dict):
        if rgb.looks_like(row):
            return "rgb"
        if kind := labelled.recognise(row):
            return kind
        if own.looks_like(row):
            return "jsonl"
    known = ", ".join((*QUESTION_FORMATS, *LABELLED_FORMATS))
    raise DataError(f"the format of {path} is not recognised; name it with --format ({known})")


def sample(items: Sequence[Any], size: int | None, limit: int | None, seed: int) -> list[Any]:
    """`size` items drawn by `seed` in their original order, then at most `limit` of them."""
    chosen = list(items)
    if size is not None and size < len(chosen):
        places = sorted(random.Random(seed).sample(range(len(chosen)), size))
        chosen = [chosen[p] for p in places]
    return chosen[:limit] if limit is not None else chosen


def with_corpus(dataset: Dataset, corpus: Dataset) -> Dataset:
    """Ask `dataset`'s questions against `corpus`'s documents, matched by the shared question id.

    For cross-language retrieval: the gold passage becomes the one that the same question hangs on
    in the corpus. Questions without a partner are left out; DataError when none has one.
    """
    partners: Mapping[str, tuple[Evidence, ...]] = {e.pair: e.evidence for e in corpus.examples}
    examples = tuple(
        dataclasses.replace(e, evidence=partners[e.pair])
        for e in dataset.examples
        if e.pair in partners
    )
    if not examples:
        raise DataError(f"no question of {dataset.name} has a partner with its id in {corpus.name}")
    missing = len(dataset.examples) - len(examples)
    problems = (f"{missing} questions have no partner in {corpus.name}",) if missing else ()
    return dataclasses.replace(
        dataset,
        name=f"{dataset.name}@{corpus.name}",
        digest=hashlib.sha256(f"{dataset.digest}{corpus.digest}".encode()).hexdigest(),
        examples=examples,
        documents=corpus.documents,
        problems=(*dataset.problems, *problems),
    )


def _read(
    path: Path, kind: str, noise: float, seed: int, problems: Problems
) -> tuple[list[Example], list[GivenDocument]]:
    if kind == "jsonl":
        return own.read_examples(path, problems), []
    if kind == "squad":
        return squad.read_examples(path, problems)
    if kind == "rgb":
        return rgb.read_examples(path, noise, seed, problems), []
    if kind in LABELLED_FORMATS:
        raise DataError(f"{path.name} holds labelled claims: measure judges on it (eval judges)")
    raise DataError(f"unknown format {kind!r}; known are {', '.join(QUESTION_FORMATS)}")


def _first_row(path: Path, text: str) -> Any:
    if path.suffix.lower() == ".tsv":
        return dict(next(labelled.tab_rows(path), (0, {}))[1])
    head = text.lstrip()[:1]
    lines: Iterable[str] = text.split("\n")
    if head == "{" and not _is_json(next(iter(lines))):
        return json.loads(text) if _is_json(text) else _first_good(lines)
    return _first_good(lines)


def _first_good(lines: Iterable[str]) -> Any:
    return next((json.loads(line) for line in lines if line.strip() and _is_json(line)), None)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


def _drop_duplicates(path: Path, examples: list[Example], problems: Problems) -> list[Example]:
    kept: dict[str, Example] = {}
    for example in examples:
        if example.id in kept:
            problems.add(f"{path.name}: id {example.id!r} occurs twice; the first one is kept")
        else:
            kept[example.id] = example
    return list(kept.values())


def _distinct(path: Path, examples: list[Example], taken: set[str]) -> list[Example]:
    return [
        dataclasses.replace(e, id=f"{path.stem}:{e.id}") if e.id in taken else e for e in examples
    ]


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(str(p) for p in paths)


def _joint_digest(paths: Sequence[Path]) -> str:
    if len(paths) == 1:
        return digest(paths[0])
    return hashlib.sha256("".join(digest(p) for p in paths).encode()).hexdigest()


def labelled_digest(pairs: Sequence[LabelledPair]) -> str:
    """SHA-256 over the content of pairs that come from no file of their own."""
    return hashlib.sha256(repr(pairs).encode()).hexdigest()
