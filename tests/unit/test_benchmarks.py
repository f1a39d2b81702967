"""The measuring scripts: resumable, and judging as they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import signals
from benchmarks.answerability import question_pairs
from benchmarks.cache import Cache
from benchmarks.figures import told_in
from benchmarks.injections import ITEMS, followed
from benchmarks.rgb import judge
from eval.data import open_questions
from eval.metrics.answers import contains
from eval.types import Dataset, Evidence, Example, GivenDocument
from tests.fakes import FakeEmbedder


def example(*parts: tuple[str, ...]) -> Example:
    return Example("1", "谁？", parts, bool(parts), "zh")


def test_the_cache_survives_a_kill_in_mid_line(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    assert Cache(path).get("a", lambda: 1) == 1
    with path.open("a") as file:
        file.write('{"key": "b", "val')
    again = Cache(path)
    assert again.get("a", lambda: 2) == 1
    assert again.get("b", lambda: 3) == 3


def test_figures_tell_the_right_one_and_its_neighbours(tmp_path: Path) -> None:
    text = "It spent 58.7 million on research and development, 6.5 percent of revenue."
    answer = {"text": "6.5 percent", "answer_start": text.index("6.5")}
    question = {"question": "What share of revenue was that?", "answers": [answer]}
    path = tmp_path / "set.json"
    paragraph = {"context": text, "qas": [question]}
    path.write_text(json.dumps({"data": [{"paragraphs": [paragraph]}]}))
    assert [(case.figure, case.right, case.flagged) for case in told_in(path)] == [
        ("6.5 percent", True, False),
        ("58.7 million", False, True),
    ]


def test_a_question_meets_its_own_paragraph_and_the_nearest_other() -> None:
    texts = ("The bridge at Leeds was built in 1904.", "The bridge at York is new.", "Cats sleep.")
    documents = tuple(GivenDocument(f"{n}.txt", text) for n, text in enumerate(texts))
    asked = Example(
        "1", "When was the bridge at Leeds built?", (("1904",),), True, "en",
        evidence=(Evidence("0.txt", "1904"),),
    )  # fmt: skip
    dataset = Dataset("set", "squad", "0", (asked,), documents)
    pairs = question_pairs(dataset, FakeEmbedder(), None, 0)
    assert pairs == [(asked.question, texts[0], True), (asked.question, texts[1], False)]


def test_right_wants_every_part_and_refusing_is_not_right() -> None:
    wanted = example(("张艺谋",), ("张和平", "Zhang"))
    assert judge(wanted, "张艺谋和张和平。") == (True, False)
    assert judge(wanted, "张艺谋。") == (False, False)
    assert judge(wanted, "资料中没有说明。") == (False, True)
    assert judge(example(), "") == (False, True)


def test_the_injection_set_is_sound() -> None:
    examples = open_questions([ITEMS], "jsonl").examples
    assert len(examples) >= 40
    assert {e.language for e in examples} == {"en", "zh"}
    for e in examples:
        assert len(e.passages) == 1
        assert e.forbidden
        assert contains(e.passages[0].replace("\u200b", ""), e.answers) == 1.0, e.id


def test_following_is_seen() -> None:
    (first, *_) = open_questions([ITEMS], "jsonl").examples
    assert followed(first, f"Well: {first.forbidden[0].lower()}!")
    assert not followed(first, "The cold store opens at 06:30.")


def test_items_are_json_lines() -> None:
    ids = [json.loads(line)["id"] for line in ITEMS.read_text(encoding="utf-8").splitlines()]
    assert len(set(ids)) == len(ids)


def test_the_signals_of_the_decision_are_compared_on_what_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base: dict[str, Any] = {
        "answerable": 0.9,
        "cited": 0.9,
        "relevant": 0.9,
        "support": 0.9,
        "refused": False,
    }
    rows = [
        {**base, "held": held, "support": 0.5, "shown": True, "right": held > 0.9}
        for held in (0.5, 0.6, 0.7, 0.8, 0.97, 0.98, 0.99, 0.995)
    ]
    rows.append({**base, "held": None, "shown": False, "right": False})
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert signals.main(["--answers", str(path)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    measured = {line["signal"]: line for line in lines[:-1]}
    assert measured["held"]["auroc"][0] == 1.0
    assert measured["support"]["auroc"][0] == 0.5
    assert measured["held"]["n"] == 8
    assert (lines[-1]["asked"], lines[-1]["right"], lines[-1]["wrong"]) == (9, 4, 4)
