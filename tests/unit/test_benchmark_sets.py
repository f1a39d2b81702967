"""The question sets of the benchmarks, how cases are put to a system, and the comparison."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.answers import Reply, main, outcome, put
from benchmarks.compare_answers import common, differences, figures, read
from benchmarks.compare_answers import main as compare
from benchmarks.sets import HALVES, Case, Half, Shelf, has_gold, open_shelves
from eval.errors import DataError
from rag.types import Turn


def write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def one_shelf(
    name: str, *paths: Path, half: Half = "second", questions: int | None = None
) -> Shelf:
    (shelf,) = open_shelves(name, paths, half=half, questions=questions)
    return shelf


def ids(shelf: Shelf, *, answerable: bool) -> list[str]:
    return [case.id for case in shelf.cases if case.answerable == answerable]


def case(**changes: Any) -> Case:
    values: dict[str, Any] = {
        "id": "a",
        "set": "made-up",
        "language": "en",
        "question": "When?",
        "history": (),
        "passages": None,
        "answers": (("May",), ("12", "twelve")),
        "answerable": True,
        "gold": ("letter.txt",),
    }
    return Case(**values | changes)


def reply(text: str, *, shown: bool = True) -> Reply:
    return Reply(text, shown, 0.7, "When?", (), {"first_token": 1500.0, "total": 2500.0})


def turn(speaker: str, text: str) -> dict[str, str]:
    return {"speaker": speaker, "text": text}


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    kinds = ("ANSWERABLE", "ANSWERABLE", "PARTIAL", "UNANSWERABLE", "UNDERSPECIFIED", "ANSWERABLE")
    rows = [
        {
            "task_id": f"t{place}",
            "collection": "govt",
            "turns": [turn("user", "Hello?"), turn("agent", "Hi."), turn("user", f"And {place}?")],
            "passages": []
            if kind == "UNANSWERABLE"
            else [{"id": "x", "text": "\nShared  text."}, {"id": "y", "text": f"Text {place}."}],
            "answerability": kind,
        }
        for place, kind in enumerate(kinds)
    ]
    return write_lines(tmp_path / "mtragun.jsonl", rows)


def test_conversations_are_asked_by_their_last_turn_over_the_pooled_passages(talks: Path) -> None:
    shelf = one_shelf("mtragun", talks)
    assert [d.text for d in shelf.documents] == [
        "Shared  text.",
        *(f"Text {n}." for n in (0, 1, 2, 4, 5)),
    ]
    assert len({d.name for d in shelf.documents}) == 6
    assert sorted(ids(shelf, answerable=True)) == ["t1", "t5"]
    assert ids(shelf, answerable=False) == ["t3"]
    first = next(c for c in shelf.cases if c.id == "t1")
    assert (first.question, first.history) == ("And 1?", (Turn("Hello?", "Hi."),))
    assert (first.answers, first.passages) == ((), None)
    assert first.gold == (shelf.documents[0].name, shelf.documents[2].name)


def test_the_halves_of_the_conversations_share_no_case(talks: Path) -> None:
    first, second = (one_shelf("mtragun", talks, half=half) for half in HALVES)
    assert ids(first, answerable=True) == ["t0"]
    assert ids(first, answerable=False) == []
    assert first.documents == second.documents


def test_speakers_must_take_turns(tmp_path: Path) -> None:
    row = {
        "task_id": "t",
        "turns": [turn("user", "A?"), turn("user", "B?")],
        "answerability": "ANSWERABLE",
    }
    with pytest.raises(DataError, match="take turns"):
        one_shelf("mtragun", write_lines(tmp_path / "m.jsonl", [row]), half="first")


@pytest.fixture
def paragraphs(tmp_path: Path) -> Path:
    data = [
        {
            "context": f"Paragraph {place}.",
            "qas": [
                {
                    "id": f"p{place}q{number}",
                    "question": f"What {number} of {place}?",
                    "answers": [{"text": f"a{place}", "answer_start": 0}, {"text": "b"}],
                }
                for number in range(3)
            ],
        }
        for place in range(8)
    ]
    path = tmp_path / "made.up.json"
    path.write_text(json.dumps({"data": [{"paragraphs": data}]}), encoding="utf-8")
    return path


def test_every_second_pair_of_paragraphs_is_taken_away(paragraphs: Path) -> None:
    shelf = one_shelf("squad", paragraphs)
    assert shelf.name == "made-up"
    assert [d.text for d in shelf.documents] == [f"Paragraph {n}." for n in (0, 1, 4, 5)]
    assert {identity[:2] for identity in ids(shelf, answerable=True)} == {"p1", "p5"}
    assert {identity[:2] for identity in ids(shelf, answerable=False)} == {"p3", "p7"}
    held = next(c for c in shelf.cases if c.id == "p1q0")
    assert (held.answers, held.gold) == ((("a1", "b"),), ("made-up-00001.txt",))
    away = next(c for c in shelf.cases if c.id == "p3q0")
    assert (away.answers, away.gold) == ((), ())


def test_the_first_half_of_a_squad_file_has_other_paragraphs(paragraphs: Path) -> None:
    shelf = one_shelf("squad", paragraphs, half="first")
    assert {identity[:2] for identity in ids(shelf, answerable=True)} == {"p0", "p4"}
    assert {identity[:2] for identity in ids(shelf, answerable=False)} == {"p2", "p6"}


def test_a_draw_takes_paragraphs_in_turn_and_begins_a_larger_one(paragraphs: Path) -> None:
    two, three = (one_shelf("squad", paragraphs, questions=n).cases for n in (2, 3))
    assert [c.answerable for c in two] == [True, False, True, False]
    assert {c.id[:2] for c in two} == {"p1", "p5", "p3", "p7"}
    assert three[:4] == two
    assert len(one_shelf("squad", paragraphs).cases) == 12


def test_rgb_asks_the_same_questions_with_and_without_the_answer(tmp_path: Path) -> None:
    rows = [
        {
            "id": place,
            "query": f"Question {place}?",
            "answer": ["x", ["y", "z"]],
            "positive": [f"good {n}" for n in range(3)],
            "negative": [f"bad {n}" for n in range(6)],
        }
        for place in range(6)
    ]
    shelf = one_shelf("rgb", write_lines(tmp_path / "rgb.jsonl", rows), questions=2)
    given, without = shelf.cases[0::2], shelf.cases[1::2]
    assert [c.id.replace("@0.6", "@1.0") for c in given] == [c.id for c in without]
    assert all(int(c.id.partition("@")[0]) % 2 == 1 for c in given)
    for with_answer, none in zip(given, without, strict=True):
        assert sum(p.startswith("good") for p in with_answer.passages or ()) == 2
        assert [p[:3] for p in none.passages or ()] == ["bad"] * 5
        assert (with_answer.answers, none.answers) == ((("x",), ("y", "z")), ())
    assert not shelf.documents
    assert shelf.folder is None


def test_own_questions_come_with_their_folder(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "q0", "question": "Who?", "answers": [], "answerable": False},
        {
            "id": "q1",
            "question": "谁？",
            "history": [{"question": "A?", "answer": "B."}],
            "answers": [["Mara"], ["12", "twelve"]],
            "evidence": [{"document": "a.md", "quote": "by Mara"}, {"document": "b.md"}],
        },
    ]
    path = write_lines(tmp_path / "questions.jsonl", rows)
    shelf = one_shelf("jsonl", path, tmp_path)
    assert shelf.folder == tmp_path
    (only,) = shelf.cases
    assert (only.id, only.language, only.history) == ("q1", "zh", (Turn("A?", "B."),))
    assert (only.answers, only.gold) == ((("Mara",), ("12", "twelve")), ("by Mara", "b.md"))
    assert ids(one_shelf("jsonl", path, tmp_path, half="first"), answerable=False) == ["q0"]
    with pytest.raises(DataError, match="a folder"):
        open_shelves("jsonl", [path])


def test_manuals_name_their_half(tmp_path: Path) -> None:
    rows = [
        {
            "id": f"m{place}",
            "language": "en",
            "question": f"Which port {place}?",
            "answer": ["2049", ["111", "one one one"]] if answerable else [],
            "answerable": answerable,
            "evidence": ["ports 2049\nand 111"] if answerable else [],
            "half": half,
        }
        for place, (half, answerable) in enumerate(
            [("second", True), ("second", False), ("first", True)]
        )
    ]
    path = write_lines(tmp_path / "manuals.jsonl", rows)
    shelf = one_shelf("manuals", path, tmp_path)
    assert (ids(shelf, answerable=True), ids(shelf, answerable=False)) == (["m0"], ["m1"])
    assert shelf.cases[0].answers == (("2049",), ("111", "one one one"))
    assert ids(one_shelf("manuals", path, tmp_path, half="first"), answerable=True) == ["m2"]


def test_an_unknown_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="known are mtragun"):
        open_shelves("trivia", [tmp_path])


def test_a_right_passage_is_known_by_name_or_by_words() -> None:
    assert has_gold(case(), [("other.txt", "x"), ("letter.txt", "y")])
    assert not has_gold(case(), [("other.txt", "letter")])
    assert has_gold(case(gold=("on 12\nMay",)), [("x.txt", "signed on 12  May 2024")])
    assert has_gold(case(gold=()), [("x.txt", "y")]) is None


def test_an_outcome_keeps_what_figures_are_made_of() -> None:
    told = outcome(case(), reply("On twelve May."), 2.5)
    assert (told["right"], told["shown"], told["gold"]) == (True, True, False)
    assert (told["first_s"], told["seconds"], told["confidence"]) == (1.5, 2.5, 0.7)
    assert outcome(case(), reply("In May."), 2.5)["right"] is False
    declined = outcome(case(), reply("The documents do not say."), 2.5)
    assert (declined["shown"], declined["declined"]) == (False, True)
    assert outcome(case(answers=()), reply("In May."), 2.5)["right"] is None
    assert outcome(case(passages=("x",)), reply("In May."), 2.5)["gold"] is None


def test_a_case_that_fails_is_kept_as_such_and_the_others_go_on(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"

    def ask(asked: Case) -> Reply:
        if asked.id == "b":
            raise ValueError("no")
        return reply("On 12 May.")

    assert put([case(id=name) for name in "abc"], ask, out, {"system": "s"}) == 1
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row.get("error") for row in rows] == [None, "ValueError: no", None]
    assert set(read(out)) == {("made-up", "a"), ("made-up", "c")}
    with pytest.raises(ValueError, match="no"):
        put([case(id="b")] * 3, ask, out, {"system": "s"})


def test_what_stands_in_the_file_is_not_asked_again(paragraphs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    shelf = one_shelf("squad", paragraphs, questions=1)
    put(shelf.cases, lambda _: reply("a1"), out, {"system": "plumbline"})
    whole = out.read_text(encoding="utf-8")
    out.write_text(whole + '{"set": "made', encoding="utf-8")
    arguments = ["squad", str(paragraphs), "--questions", "1", "--out", str(out)]
    assert main([*arguments, "--home", str(tmp_path / "home")]) == 0
    assert out.read_text(encoding="utf-8") == whole


def row(identity: str, *, answerable: bool, shown: bool, right: bool | None) -> dict[str, Any]:
    return {
        "set": "s",
        "id": identity,
        "answerable": answerable,
        "shown": shown,
        "right": right,
        "gold": answerable or None,
        "first_s": 1.0 if shown else None,
        "seconds": 2.0,
        "system": "made-up",
        "commit": "0",
        "code": "1",
    }


def test_figures_count_each_outcome_once() -> None:
    rows = [
        row("a", answerable=True, shown=True, right=True),
        row("b", answerable=True, shown=True, right=False),
        row("c", answerable=True, shown=False, right=False),
        row("d", answerable=False, shown=True, right=None),
        row("e", answerable=False, shown=False, right=None),
    ]
    assert figures(rows) == [
        *("3", "2", "0.333 (1/3)", "2", "1", "0.500 (1/2)", "0.500 (1/2)", "0.600 (3/5)"),
        *("1.000 (3/3)", "1.0", "2.0"),
    ]


def test_differences_are_paired_by_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"q{n}" for n in range(20)]
    a = [row(name, answerable=n < 10, shown=n < 5, right=None) for n, name in enumerate(names)]
    b = [row(name, answerable=n < 10, shown=n < 10, right=None) for n, name in enumerate(names)]
    assert differences(a, a) == ["+0.000 (+0.000 to +0.000)"] * 3
    right, refused, good = differences(a, b)
    assert (right[:6], refused[:6], good[:6]) == ("+0.500", "+0.000", "+0.250")
    files = [write_lines(tmp_path / "a.jsonl", a), write_lines(tmp_path / "b.jsonl", b[::-1][:-1])]
    assert compare([str(path) for path in files]) == 0
    printed = capsys.readouterr()
    assert "| s * | a | 9 | 10 |" in printed.out
    assert "20 cases, 1 not in every file" in printed.err
    with pytest.raises(DataError, match="no case"):
        common({"a": {("s", "x"): a[0]}, "b": {}})
