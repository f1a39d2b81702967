"""`plumb ask`: the file of questions, and what is printed for each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
from typer.testing import CliRunner

import cli
from rag.command import AskedLine, ask_all, print_json, print_text, read_questions
from rag.errors import QuestionError, UsageError
from rag.store import Filter, parse_where
from rag.types import Answer, Delta, Done, Turn
from tests.web_fakes import answer


class FakeAnswerer:
    """Answers everything but the empty question."""

    def answer(self, question: str, history: tuple[Turn, ...] = (), where: Filter = None) -> Answer:
        if not question:
            raise QuestionError("the question is empty")
        return answer(question)

    def stream(self, question: str, history: tuple[Turn, ...] = (), where: Filter = None) -> Any:
        yield Delta("a draft")
        yield Done(self.answer(question, history))


FAKE = cast(Any, FakeAnswerer())


def test_questions_come_with_their_ids_and_histories(tmp_path: Path) -> None:
    (path := tmp_path / "q.jsonl").write_text(
        '{"id": 7, "question": "谁？", "history": [{"question": "a", "answer": "b"}]}\n\n'
        '{"question": "When?", "where": "department = legal"}\n',
        encoding="utf-8",
    )
    assert read_questions(path) == [
        AskedLine("谁？", (Turn("a", "b"),), {"id": 7}),
        AskedLine("When?", where=parse_where(["department = legal"])),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"question": "a"}\n{"asked": "b"}', "line 2"),
        ('["a"]', "line 1"),
        ("not JSON", "line 1"),
        ('{"question": "a", "history": ["b"]}', "line 1"),
        ('{"question": "a", "where": ["x"]}', "line 1: 'x' is no filter"),
        ("\n\n", "holds no questions"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    (path := tmp_path / "q.jsonl").write_text(text)
    with pytest.raises(UsageError, match=told):
        read_questions(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")


def test_one_bad_question_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [AskedLine("Who?", (), {"id": 1}), AskedLine("", (), {"id": 2}), AskedLine("When?")]
    assert not ask_all(FAKE, asked, print_json)
    first, second, third = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["id"], first["question"]) == (1, "Who?")
    assert second == {"id": 2, "question": "", "error": "the question is empty"}
    assert third["question"] == "When?"
    assert ask_all(FAKE, asked[:1], print_json)


def test_the_text_shows_the_checked_answer(capsys: pytest.CaptureFixture[str]) -> None:
    print_text(FAKE, AskedLine("Who?"))
    shown = capsys.readouterr().out
    assert "? Who?" in shown
    assert "They are paid back within 14 days. [1]" in shown
    assert "a draft" not in shown


@pytest.mark.parametrize("arguments", [["ask"], ["ask", "Who?", "--questions", "q.jsonl"]])
def test_neither_and_both_are_wrong_usage(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli.app, arguments)
    assert isinstance(result.exception, UsageError)


def test_an_empty_question_is_refused_before_anything_is_loaded() -> None:
    result = CliRunner().invoke(cli.app, ["ask", " "])
    assert isinstance(result.exception, QuestionError)
