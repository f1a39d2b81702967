"""What is drawn for the decision, what counts as right, and how reliability is told."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from rag.types import Answer, Hit, Language
from tests.builders import hit
from training.decide import (
    Put,
    Without,
    draw,
    is_right,
    main,
    observed,
    read_lines,
    reliability,
    report,
)
from training.sources import Paragraph, Question, Sources


def paragraph(number: int, language: Language) -> Paragraph:
    zh = language == "zh"
    text = f"第{number}号仓库有四十扇门。" if zh else f"Hall {number} has forty doors."
    questions = (
        Question(f"{'几扇门' if zh else 'How many doors'} {number}?", (0, len(text))),
        Question(f"{'几个窗' if zh else 'How many windows'} {number}?", None),
    )
    return Paragraph("made", f"made/{number}", language, text, ((0, len(text)),), questions, True)


LANGUAGES: tuple[Language, ...] = ("en", "zh")
SOURCES = Sources(tuple(paragraph(n, lang) for n in range(20) for lang in LANGUAGES), ())


def test_half_is_answerable_a_quarter_taken_away_a_quarter_near() -> None:
    drawn = draw(SOURCES, 16, 1)
    assert Counter(put.kind for put in drawn) == {"answered": 8, "taken away": 4, "near miss": 4}
    assert len({put.question for put in drawn}) == 16
    assert all(bool(put.answer) == (put.kind != "near miss") for put in drawn)
    assert drawn == draw(SOURCES, 16, 1) != draw(SOURCES, 16, 2)


class Finder:
    """Ten documents, whatever is asked."""

    def retrieve(self, question: str, k: int | None = None) -> list[Hit]:
        return [hit(f"Text {n}.", f"{n}.txt") for n in range(10)][:k]


def test_a_document_taken_away_is_not_found_and_another_takes_its_place() -> None:
    found = Without(Finder(), "2.txt").retrieve("What?", 5)
    assert [one.document for one in found] == ["0.txt", "1.txt", "3.txt", "4.txt", "5.txt"]


def test_all_words_of_the_answer_must_be_said() -> None:
    assert is_right("It was built by Anna Weber.", "Anna Weber")
    assert is_right("目的是解決羅馬問題。", "解决「罗马问题」")
    assert not is_right("It was built by Anna Braun.", "Anna Weber")
    assert not is_right("Anything.", "")


def test_a_fit_is_written_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        {
            "signals": {"own": 2.0 * sign, "read": sign, "best": sign, "chinese": 0.0},
            "right": sign > 0,
            "kind": "answered",
        }
        for sign in (1.0, -1.0) * 30
    ]
    lines.append({"signals": {}, "right": False, "kind": "answered"})
    report(lines, tmp_path / "scorer.json")
    written = json.loads((tmp_path / "scorer.json").read_text())
    assert written["decision"]["weights"][0] > 0
    assert "own" not in written["decision-unasked"]["features"]
    assert "60 with something to show" in capsys.readouterr().out


def test_reliability_is_told_in_equal_parts() -> None:
    entry = {"features": ["read"], "weights": [1.0], "bias": 0.0}
    lines = list(reliability(entry, [({"read": x / 10}, x > 0) for x in range(-50, 50)]))
    assert len(lines) == 7
    assert lines[1].endswith("| 20 | 0.00 | 0.51 |")
    assert lines[-2].endswith("| 20 | 1.00 | 0.00 |")
    assert "AUROC 1.000" in lines[-1]


def test_what_is_kept_of_an_answer_has_no_word_of_it() -> None:
    put = Put("Who built it?", "Anna Weber", "mill.txt", "answered")
    asked, said = put.question, "Anna Weber built it."
    answer = Answer(asked, asked, said, "grounded", (), (), signals={"own": 1.23456})
    kept = observed(put, answer, "abc")
    assert kept == {
        "id": put.id,
        "kind": "answered",
        "right": True,
        "signals": {"own": 1.2346},
        "made": "abc",
    }
    assert put.id != replace(put, kind="taken away").id


def test_without_data_or_answers_the_command_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    none = str(tmp_path / "none.jsonl")
    monkeypatch.setattr("sys.argv", ["decide", "--out", str(tmp_path / "out"), "--signals", none])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "give DATA_FOLDER" in capsys.readouterr().err


def test_no_answers_yet_is_no_error(tmp_path: Path) -> None:
    assert read_lines(tmp_path / "none.jsonl") == []
