"""A JSONL of finished answers: `{"id" or "question", "answer", …}`, one object a line.

`plumb ask --questions FILE --json` writes such a file, and so does any other program.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.data.lines import Problems, digest, json_lines
from eval.errors import DataError, SystemFailure
from eval.systems.answer_json import from_answer_json
from eval.types import Example, Prediction


class FinishedAnswers:
    """Looks each question up by id, then by its text."""

    def __init__(self, path: Path) -> None:
        """Raises DataError when the file is missing or holds no answers."""
        self._path = path
        self._problems = Problems()
        self._by_id: dict[str, Mapping[str, Any]] = {}
        self._by_question: dict[str, Mapping[str, Any]] = {}
        for _, row in json_lines(path, self._problems):
            if "id" in row:
                self._by_id[str(row["id"])] = row
            if isinstance(row.get("question"), str):
                self._by_question[row["question"]] = row
        if not self._by_id and not self._by_question:
            raise DataError(f"{path} holds no finished answers: a line needs 'id' or 'question'")
        self._digest = digest(path)

    @property
    def name(self) -> str:
        """The file's stem."""
        return self._path.stem

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """The file by its digest, and the lines that could not be read."""
        return {
            "kind": "finished answers",
            "file": self._path.name,
            "sha256": self._digest,
            "unreadable_lines": list(self._problems.found),
        }

    def answer(self, example: Example) -> Prediction:
        """The answer found in the file. Raises SystemFailure if there is none."""
        row = self._by_id.get(example.id) or self._by_question.get(example.question)
        if row is None:
            raise SystemFailure(f"{self._path.name} holds no answer to question {example.id!r}")
        return from_answer_json(example.id, row)

    def close(self) -> None:
        """Nothing is held."""
