"""What `plumb ask` does: questions from the command line or a file, answers to the terminal.

Knows terminals and JSON Lines, and of answering only the `Answerer` it is handed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import QuestionError, UsageError
from rag.store import Filter, parse_where
from rag.types import Answer, Delta, Done, Turn

if TYPE_CHECKING:
    from rag.pipeline import Answerer


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A question with the turns before it; `extra` goes into the answer's JSON unchanged."""

    question: str
    history: tuple[Turn, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    where: Filter = None


Show = Callable[["Answerer", AskedLine], None]
"""Answers one question and prints the answer."""


def read_questions(path: Path) -> list[AskedLine]:
    """The questions of a JSON Lines file with `question` and optionally `id`, `history` (a list of
    `question, answer`) and `where` (a filter, or a list); blank lines are passed over.

    Raises UsageError, with the line's number, for a line that is no such object, and for a file
    that cannot be read or holds no question.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(f"{path} cannot be read as JSON Lines: {err}") from None
    asked = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked.append(_asked(json.loads(line)))
        except UsageError as err:
            raise UsageError(f"{path} line {number}: {err}") from None
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as err:
            raise UsageError(
                f'{path} line {number} is not an object with "question": {type(err).__name__} {err}'
            ) from None
    if not asked:
        raise UsageError(f"{path} holds no questions")
    return asked


def _asked(row: Mapping[str, Any]) -> AskedLine:
    turns = tuple(Turn(str(t["question"]), str(t["answer"])) for t in row.get("history", ()))
    said = row.get("where", ())
    where = parse_where([said] if isinstance(said, str) else [str(one) for one in said])
    return AskedLine(str(row["question"]), turns, {"id": row["id"]} if "id" in row else {}, where)


def ask_all(answerer: Answerer, asked: Sequence[AskedLine], show: Show) -> bool:
    """Show every answer; a question that cannot be asked is told as JSON, and the others go on.
    Whether all could be asked."""
    fine = True
    for line in asked:
        try:
            show(answerer, line)
        except QuestionError as err:
            fine = False
            told = {**line.extra, "question": line.question, "error": str(err)}
            print(json.dumps(told, ensure_ascii=False))
    return fine


def print_json(answerer: Answerer, line: AskedLine) -> None:
    """One object a line, as docs/answer-json.md describes it."""
    from rag.answer_json import to_json

    answer = answerer.answer(line.question, line.history, line.where)
    print(json.dumps({**line.extra, **to_json(answer)}, ensure_ascii=False), flush=True)


def print_text(answerer: Answerer, line: AskedLine) -> None:
    """The raw text streams while it is checked; the checked answer then takes its place."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from rag.answer_text import render

    console = Console(highlight=False)
    console.print(Text(f"\n? {line.question}", style="bold"))
    raw = Text(style="dim")
    answer: Answer | None = None
    with Live(raw, console=console, transient=True, refresh_per_second=12) as live:
        for event in answerer.stream(line.question, line.history, line.where):
            if isinstance(event, Delta):
                raw.append(event.text)
                live.update(raw)
            elif isinstance(event, Done):
                answer = event.answer
    if answer is not None:
        console.print(Text(render(answer)), soft_wrap=True)
