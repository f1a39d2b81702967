"""What the generator wrote for the training: what of it is kept, and what pairs it makes."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from rag.text import detect_language
from training.ask import read_written, with_written
from training.questions import QuestionMaker
from training.sources import Paragraph, Question, Sources

SENTENCE = "The lighthouse at Cape Reed was built by Anna Moll in 1871."
BESIDE = "The lighthouse at Cape Reed is open to visitors in summer."
ASKED = "Who built the lighthouse at Cape Reed?"


def written(folder: Path, *entries: dict[str, str]) -> Path:
    path = folder / "written.jsonl"
    path.write_text("".join(f"{json.dumps(e)}\n" for e in entries), encoding="utf-8")
    return path


def question(asked: str) -> dict[str, str]:
    return {"sentence": SENTENCE, "answer": "Anna Moll", "asked": asked}


@pytest.fixture
def sources() -> Sources:
    english = Paragraph("wice", "wice/reed", "en", (SENTENCE, BESIDE))
    chinese = Paragraph(
        "drcd", "drcd/桥", "zh", ("这座桥建于1871年。", "桥长四十米,夏天开放。"),
        (Question("这座桥是什么时候建成的?", "1871年", 0),),
    )  # fmt: skip
    return Sources((english, chinese), (), ())


@pytest.mark.parametrize(
    "asked",
    [
        "Did Anna Moll build the lighthouse at Cape Reed?",  # says the answer
        "The lighthouse at Cape Reed was built by her.",  # is no question
        "What is the capital of France, may I ask?",  # is about something else
    ],
)
def test_a_question_that_asks_badly_is_left_out(tmp_path: Path, asked: str) -> None:
    path = written(tmp_path, question(asked), question(ASKED))
    assert read_written(path).questions == {SENTENCE: [(ASKED, "Anna Moll")]}


@pytest.mark.parametrize(
    "translation",
    [
        "这座桥是什么时候建成的?",
        "When was it built?",
        "When was the bridge of 1872 built?",
        "Bridge?\nYes.",
    ],
)
def test_an_unfaithful_translation_is_left_out(tmp_path: Path, translation: str) -> None:
    source = "这座桥在1871年是由谁建成的?"
    good = {"source": source, "translation": "By whom was this bridge built in 1871?"}
    path = written(tmp_path, {"source": source, "translation": translation})
    assert not read_written(path).translations
    path = written(tmp_path, good)
    assert read_written(path).translations == {source: good["translation"]}


def test_written_questions_make_pairs_in_english_and_across(
    tmp_path: Path, sources: Sources
) -> None:
    path = written(
        tmp_path,
        question(ASKED),
        {"source": ASKED, "translation": "里德角的灯塔是谁建造的?"},
        {"source": "这座桥是什么时候建成的?", "translation": "When was this bridge built?"},
    )
    maker = QuestionMaker(with_written(sources, path), random.Random(3))
    english = [e for _ in range(60) if (e := maker.english())]
    assert {e.label for e in english} == {True, False}
    assert all(SENTENCE in e.pair.evidence for e in english if e.label)
    assert not any("Anna Moll" in e.pair.evidence for e in english if e.kind == "qa-beside")
    across = [e for _ in range(60) if (e := maker.across())]
    languages = {
        (detect_language(e.pair.question), detect_language(e.pair.evidence)) for e in across
    }
    assert languages == {("en", "zh"), ("zh", "en")}
    assert {e.label for e in across} == {True, False}


def test_without_a_file_the_sources_stay_as_they_are(sources: Sources) -> None:
    assert with_written(sources, None) is sources
    assert QuestionMaker(sources, random.Random(1)).across() is None


def test_without_written_questions_there_is_no_english_one(sources: Sources) -> None:
    assert QuestionMaker(sources, random.Random(1)).english() is None
    asking = sources.with_written({SENTENCE: [(ASKED, "Anna Moll")]}, {})
    drawn = [QuestionMaker(asking, random.Random(seed)).english() for seed in range(9)]
    assert any(example is not None and example.pair.question == ASKED for example in drawn)
