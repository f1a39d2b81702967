"""The project's own JSONL: one question an object a line (see docs/evaluation.md).

Fields: id, question, history, answers, evidence (document, quote), answerable, language, kind, and
optionally passages and pair. Only `question` is needed; what is absent is derived or empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.data.lines import Problems, collect, json_lines, string_list, text_field
from eval.errors import DataError
from eval.types import Evidence, Example
from rag.text import detect_language
from rag.types import Language, Turn

REJECTED = "rejected"
"""The `status` of a generated question that a person threw out; it is passed over."""


def looks_like(row: Mapping[str, Any]) -> bool:
    """Whether a line's object is of this format."""
    return "question" in row and not {"positive", "negative"} & row.keys()


def read_examples(path: Path, problems: Problems) -> list[Example]:
    """The questions of the file; broken lines go to `problems`, named with their number."""
    rows = json_lines(path, problems)

    def build(number: int, row: Mapping[str, Any]) -> list[Example]:
        if row.get("status") == REJECTED:
            return []
        return [_example(number, row, problems, path)]

    return collect(path, rows, build, problems)


def _example(number: int, row: Mapping[str, Any], problems: Problems, path: Path) -> Example:
    question = text_field(row, "question")
    answers = accepted_answers(row.get("answers", row.get("answer", [])))
    answerable = row.get("answerable", bool(answers))
    if not isinstance(answerable, bool):
        raise DataError(f"field 'answerable' must be true or false, not {answerable!r}")
    if answerable and not answers:
        raise DataError("an answerable question needs 'answers' (accepted strings)")
    evidence = tuple(_evidence(e) for e in _items(row, "evidence"))
    if answerable and not evidence and "passages" not in row:
        problems.add(f"{path.name} line {number}: no evidence, so retrieval is not measured for it")
    identity = row.get("id", f"{path.stem}-{number}")
    return Example(
        id=str(identity),
        question=question,
        answers=answers,
        answerable=answerable,
        language=_language(row.get("language"), question),
        kind=str(row.get("kind", "question")),
        history=tuple(_turn(t) for t in _items(row, "history")),
        evidence=evidence,
        passages=string_list(row.get("passages", []), "passages"),
        pair=str(row.get("pair", "")),
        forbidden=string_list(row.get("forbidden", []), "forbidden"),
    )


def accepted_answers(value: Any) -> tuple[tuple[str, ...], ...]:
    """Accepted answers as parts with alternatives.

    A text is one answer; a flat list gives alternatives, any of which will do; a list with lists
    in it gives parts that must all occur, each a text or a list of alternatives.
    """
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        raise DataError(f"field 'answers' must be a list, not {value!r:.60}")
    if any(isinstance(part, list) for part in value):
        parts = [string_list(p if isinstance(p, list) else [p], "answers") for p in value]
    else:
        parts = [string_list(value, "answers")] if value else []
    cleaned = tuple(tuple(a for a in part if a.strip()) for part in parts)
    if not all(cleaned):
        raise DataError("field 'answers' holds an empty string or list")
    return cleaned


def _items(row: Mapping[str, Any], name: str) -> list[Any]:
    value = row.get(name) or []
    if not isinstance(value, list):
        raise DataError(f"field {name!r} must be a list, not {value!r:.60}")
    return value


def _evidence(value: Any) -> Evidence:
    if isinstance(value, dict) and isinstance(value.get("document"), str):
        part = value.get("part")
        return Evidence(
            value["document"],
            str(value.get("quote", "")),
            part if isinstance(part, int) else None,
        )
    raise DataError(f"an evidence entry needs 'document' and 'quote', not {value!r:.60}")


def _turn(value: Any) -> Turn:
    if isinstance(value, dict) and isinstance(value.get("question"), str):
        return Turn(value["question"], str(value.get("answer", "")))
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value):
        return Turn(value[0], value[1])
    raise DataError(f"a history entry needs 'question' and 'answer', not {value!r:.60}")


def _language(value: Any, question: str) -> Language:
    if value is None:
        return detect_language(question)
    if isinstance(value, str) and value.lower()[:2] in ("en", "zh"):
        return "zh" if value.lower().startswith("zh") else "en"
    raise DataError(f"field 'language' must be en or zh, not {value!r}")
