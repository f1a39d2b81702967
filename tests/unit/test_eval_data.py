"""Reading data sets: every format, recognised; broken lines named; nothing silently lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.data import open_labelled, open_questions, recognise, sample, with_corpus
from eval.errors import DataError
from eval.types import Evidence
from rag.types import Turn


def lines(path: Path, rows: Sequence[Any]) -> Path:
    texts = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def squad(path: Path, question: str = "How many?", **qa: Any) -> Path:
    answer = {"text": "12", "answer_start": 0}
    entry = {"id": "q1", "question": question, "answers": [answer, answer], **qa}
    paragraphs = [{"context": "12 geese.", "qas": [entry]}, {"context": "No geese.", "qas": []}]
    path.write_text(json.dumps({"version": "1.1", "data": [{"paragraphs": paragraphs}]}))
    return path


RGB = {
    "id": 3,
    "query": "哪一年?",
    "answer": ["2022", ["北京", "Beijing"]],
    "positive": [f"好{i}" for i in range(6)],
    "negative": [f"坏{i}" for i in range(9)],
}


def test_own_format_keeps_every_field(tmp_path: Path) -> None:
    row = {
        "id": "a",
        "question": "And the fee?",
        "history": [{"question": "Which plan?", "answer": "Basic."}],
        "answers": ["12 EUR", "twelve euros"],
        "evidence": [{"document": "fees.md", "quote": "The fee is 12 EUR."}],
        "answerable": True,
        "language": "en",
        "kind": "follow-up",
    }
    [example] = open_questions([lines(tmp_path / "own.jsonl", [row])]).examples
    assert example.answers == (("12 EUR", "twelve euros"),)
    assert example.history == (Turn("Which plan?", "Basic."),)
    assert example.evidence == (Evidence("fees.md", "The fee is 12 EUR."),)
    assert (example.kind, example.answerable, example.language) == ("follow-up", True, "en")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["a", "b"], (("a", "b"),)),
        ([["a", "b"], ["c"]], (("a", "b"), ("c",))),
        (["a", ["b", "c"]], (("a",), ("b", "c"))),
        ("a", (("a",),)),
        ([3, 4.5], (("3", "4.5"),)),
    ],
)
def test_flat_answers_are_alternatives_and_nested_ones_parts(
    tmp_path: Path, given: Any, expected: Any
) -> None:
    path = lines(tmp_path / "own.jsonl", [{"question": "What is it?", "answers": given}])
    assert open_questions([path]).examples[0].answers == expected


def test_broken_lines_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = [
        {"question": "Good?", "answers": ["yes"], "evidence": [{"document": "d", "quote": "q"}]},
        "{not json",
        {"question": "", "answers": ["x"]},
        {"question": "No answers?", "answerable": True},
        "[1, 2]",
        {"question": "Refuse?", "answerable": False},
    ]
    dataset = open_questions([lines(tmp_path / "own.jsonl", rows)])
    assert [e.question for e in dataset.examples] == ["Good?", "Refuse?"]
    named = [p.split(":")[0] for p in dataset.problems]
    assert named == [f"own.jsonl line {n}" for n in (2, 3, 4, 5)]


def test_strict_stops_at_the_first_broken_line(tmp_path: Path) -> None:
    path = lines(tmp_path / "own.jsonl", [{"question": "Good?", "answers": ["y"]}, "{broken"])
    with pytest.raises(DataError, match=r"own\.jsonl line (1|2)"):
        open_questions([path], strict=True)


def test_missing_evidence_is_a_remark_and_the_question_stays(tmp_path: Path) -> None:
    path = lines(tmp_path / "own.jsonl", [{"question": "Why so?", "answers": ["y"]}])
    dataset = open_questions([path])
    assert len(dataset.examples) == 1
    assert "line 1: no evidence" in dataset.problems[0]


def test_a_repeated_id_keeps_the_first_question_and_says_so(tmp_path: Path) -> None:
    rows = [{"id": "a", "question": f"Number {n}?", "answerable": False} for n in (1, 2)]
    dataset = open_questions([lines(tmp_path / "own.jsonl", rows)])
    assert [e.question for e in dataset.examples] == ["Number 1?"]
    assert "'a' occurs twice" in dataset.problems[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ('{"question": ""}\n', "no question could be read"),
        ('{"other": 1}\n', "name it with --format"),
        ('{"claim": "c", "evidence": ["e"], "label": "supported"}\n', "eval judges"),
    ],
)
def test_a_set_without_questions_is_refused_with_the_mend(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        open_questions([path])


def test_missing_folder_and_not_utf8_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        open_questions([tmp_path / "none.jsonl"])
    with pytest.raises(DataError, match="is a folder"):
        open_questions([tmp_path])
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes(b'{"question": "caf\xe9?"}')
    with pytest.raises(DataError, match="not UTF-8"):
        open_questions([latin])


def test_squad_paragraphs_become_documents_and_gold(tmp_path: Path) -> None:
    dataset = open_questions([squad(tmp_path / "x.en.json")])
    assert dataset.format == "squad"
    assert [d.text for d in dataset.documents] == ["12 geese.", "No geese."]
    [example] = dataset.examples
    assert example.answers == (("12",),)
    assert example.evidence == (Evidence(dataset.documents[0].name),)


def test_squad2_impossible_questions_want_a_refusal(tmp_path: Path) -> None:
    path = squad(tmp_path / "x.json", is_impossible=True, answers=[])
    [example] = open_questions([path]).examples
    assert not example.answerable
    assert example.evidence == ()


def test_two_languages_of_one_set_keep_their_pairs(tmp_path: Path) -> None:
    english, chinese = squad(tmp_path / "x.en.json"), squad(tmp_path / "x.zh.json", "多少只？")
    dataset = open_questions([english, chinese])
    assert [e.id for e in dataset.examples] == ["q1", "x.zh:q1"]
    assert [e.pair for e in dataset.examples] == ["q1", "q1"]
    crossed = with_corpus(open_questions([chinese]), open_questions([english]))
    assert crossed.examples[0].question == "多少只？"
    assert crossed.examples[0].evidence[0].document == crossed.documents[0].name
    assert "x-en" in crossed.documents[0].name


@pytest.mark.parametrize(
    ("noise", "bad"), [(0.0, 0), (0.2, 1), (0.4, 2), (0.6, 3), (0.8, 4), (1.0, 5)]
)
def test_rgb_draws_the_wanted_noise(tmp_path: Path, noise: float, bad: int) -> None:
    path = lines(tmp_path / "rgb.jsonl", [RGB])
    [example] = open_questions([path], noise=noise).examples
    assert len(example.passages) == 5
    assert sum(p.startswith("坏") for p in example.passages) == bad
    assert example.answerable == (noise < 1.0)
    assert example.answers == ((("2022",), ("北京", "Beijing")) if noise < 1 else ())


def test_rgb_draw_depends_on_seed_and_id_only(tmp_path: Path) -> None:
    alone = open_questions([lines(tmp_path / "a.jsonl", [RGB])], noise=0.6, seed=1)
    among = open_questions(
        [lines(tmp_path / "b.jsonl", [{**RGB, "id": 9}, RGB])], noise=0.6, seed=1
    )
    other = open_questions([lines(tmp_path / "a.jsonl", [RGB])], noise=0.6, seed=2)
    assert alone.examples[0].passages == among.examples[1].passages
    assert alone.examples[0].passages != other.examples[0].passages


def test_rgb_integration_brings_a_passage_for_every_part(tmp_path: Path) -> None:
    row = {**RGB, "positive": [["甲1", "甲2", "甲3", "甲4"], ["乙1", "乙2"]]}
    [example] = open_questions([lines(tmp_path / "int.jsonl", [row])], noise=0.6).examples
    assert {p[0] for p in example.passages} == {"甲", "乙", "坏"}


def test_labelled_formats_are_recognised_and_read_as_meant(tmp_path: Path) -> None:
    begin = tmp_path / "begin.tsv"
    begin.write_text(
        "model_name\tdata_source\tknowledge\tmessage\tresponse\tbegin_label\n"
        'm\twow\tK "1\tq\tR1\tFully attributable\n'
        "m\twow\tK2\tq\tR2\tNot fully attributable\n"
        "m\twow\tK3\tq\tR3\tGeneric\n"
    )
    wice = [
        {"label": label, "claim": "c", "evidence": ["e", "f"], "meta": {"id": "d"}}
        for label in ("supported", "partially_supported", "not_supported")
    ]
    ocnli = [
        {"sentence1": "前", "sentence2": "后", "label": label, "id": str(n)}
        for n, label in enumerate(("entailment", "neutral", "contradiction", "-"))
    ]
    fever = {
        "claim_id": "0",
        "claim": "c",
        "evidences": [
            {"evidence": "e", "evidence_label": label}
            for label in ("SUPPORTS", "REFUTES", "NOT_ENOUGH_INFO")
        ],
    }
    own = {"claim": "c", "evidence": "e", "supported": True}
    found = {
        "begin": (begin, [True, False]),
        "wice": (lines(tmp_path / "wice.jsonl", wice), [True, False, False]),
        "ocnli": (lines(tmp_path / "ocnli.jsonl", ocnli), [True, False, False]),
        "climate-fever": (lines(tmp_path / "cf.jsonl", [fever]), [True, False, False]),
        "claims": (lines(tmp_path / "own.jsonl", [own]), [True]),
    }
    for name, (path, labels) in found.items():
        assert recognise(path) == name
        assert [p.supported for p in open_labelled(path).pairs] == labels


MARKED = {
    "task_id": "t<::>1",
    "model": "reference",
    "question": "May I go there?",
    "turns": [{"speaker": "user", "text": "May I go there?"}],
    "passages": ["The library is open to all.", "It opens at nine."],
    "response": "Yes. The library is open to all.",
    "faithfulness": [4.0, 3],
    "rival_judges": {"rl_f": 1, "Bert-KPrec": 0.25},
}


def test_marked_answers_keep_their_mean_mark_and_rival_judges(tmp_path: Path) -> None:
    below = {**MARKED, "passages": [], "faithfulness": [4, 4, 2]}
    path = lines(tmp_path / "answers.jsonl", [MARKED, below])
    assert recognise(path) == "mtrag-faithfulness"
    first, second = open_labelled(path).pairs
    assert (first.mark, first.supported, second.supported) == (3.5, True, False)
    assert second.mark == pytest.approx(10 / 3)
    assert first.rivals == {"rl_f": 1.0, "Bert-KPrec": 0.25}
    assert (first.question, first.claim) == (MARKED["question"], MARKED["response"])
    assert (first.evidence, second.evidence) == (tuple(MARKED["passages"]), ())
    assert first.id != second.id


@pytest.mark.parametrize(
    "wrong",
    [
        {"faithfulness": []},
        {"faithfulness": ["4"]},
        {"faithfulness": 4},
        {"rival_judges": [1]},
        {"rival_judges": {"rl_f": None}},
        {"response": ""},
    ],
)
def test_an_answer_with_broken_marks_is_named_with_its_line(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    labelled = open_labelled(lines(tmp_path / "answers.jsonl", [MARKED, {**MARKED, **wrong}]))
    assert len(labelled.pairs) == 1
    assert "answers.jsonl line 2" in labelled.problems[0]
    assert next(iter(wrong)) in labelled.problems[0]


def test_a_labelled_claim_with_its_question_is_no_question_set(tmp_path: Path) -> None:
    row = {"question": "How much?", "claim": "c", "evidence": "e", "supported": True}
    path = lines(tmp_path / "own.jsonl", [row])
    assert recognise(path) == "claims"
    assert open_labelled(path).pairs[0].question == "How much?"


def test_an_unknown_label_is_named_with_its_line(tmp_path: Path) -> None:
    rows = [
        {"label": "supported", "claim": "c", "evidence": ["e"]},
        {"label": "maybe", "claim": "c", "evidence": ["e"]},
    ]
    labelled = open_labelled(lines(tmp_path / "wice.jsonl", rows))
    assert len(labelled.pairs) == 1
    assert "wice.jsonl line 2" in labelled.problems[0]
    assert "maybe" in labelled.problems[0]


def test_sampling_is_seeded_and_keeps_the_order() -> None:
    items = list(range(100))
    drawn = sample(items, 10, None, seed=4)
    assert drawn == sorted(drawn) == sample(items, 10, None, seed=4)
    assert drawn != sample(items, 10, None, seed=5)
    assert sample(items, 10, 3, seed=4) == drawn[:3]


def test_rejected_questions_are_passed_over(tmp_path: Path) -> None:
    rows = [
        {"question": "Kept?", "answerable": False, "status": "accepted"},
        {"question": "Thrown out?", "answerable": False, "status": "rejected"},
    ]
    dataset = open_questions([lines(tmp_path / "s.jsonl", rows)])
    assert [e.question for e in dataset.examples] == ["Kept?"]
