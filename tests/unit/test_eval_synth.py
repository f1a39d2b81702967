"""Made questions: what is kept is quoted word for word, found again, and answered alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.data import open_questions
from eval.errors import DataError
from eval.synth.checks import Proposal, agrees, faults, locate, rank_of
from eval.synth.generate import Maker, Question, Source
from eval.synth.prompts import KINDS, Kind, prompt, schema
from eval.synth.review import export_pairs, read_lines, render_review
from tests.fakes import FakeChat

TEXT = (
    "Aurora Ltd rents out cargo bikes. The fee of the basic plan is 12 EUR a month. A bike may be "
    "kept for up to 30 days, and the deposit of 50 EUR is paid back on return of the bike."
)
OTHER = (
    "Borealis GmbH sells bikes instead of renting them. Its cheapest model costs 900 EUR, and the "
    "guarantee lasts for two years from the day of sale. Repairs are done in the shop in Kiel."
)
CHINESE = "极光公司出租货运自行车。基本套餐每月费用为12元，押金50元，归还时退还。" * 4
SOURCES = (Source("aurora.md", TEXT), Source("borealis.md", OTHER))
QUOTE = "The fee of the basic plan is 12 EUR a month."


def proposed(**changes: Any) -> Proposal:
    values: dict[str, Any] = {
        "kind": "number", "question": "What does Aurora's basic plan cost?", "answer": "12 EUR",
        "quotes": (QUOTE,), "passages": (TEXT,),
    }  # fmt: skip
    return Proposal(**{**values, **changes})


def test_a_sound_proposal_has_no_faults() -> None:
    assert faults(proposed()) == []
    assert faults(proposed(kind="unanswerable", answer="", quotes=())) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"question": "Fee?"}, "too short"),
        ({"question": "What fee does the passage name?"}, "points at the text"),
        ({"question": "基本套餐多少钱？"}, "not in the document's language"),
        ({"quotes": ("The fee is 13 EUR.",)}, "quote does not stand"),
        ({"quotes": ()}, "quote does not stand"),
        ({"answer": "50 EUR"}, "does not stand in the quote"),
        ({"answer": ""}, "empty or too long"),
        ({"question": "Is the fee 12 EUR?"}, "gives the answer away"),
        ({"answer": "basic plan"}, "holds no number"),
        ({"kind": "comparison", "passages": (TEXT, OTHER)}, "quote does not stand"),
    ],
)
def test_faults_are_named(changes: dict[str, Any], fault: str) -> None:
    assert any(fault in f for f in faults(proposed(**changes)))


def test_quotes_are_found_across_line_breaks_and_kept_as_written() -> None:
    assert (
        locate("fee of the  basic plan", "The fee of\nthe basic plan") == "fee of\nthe basic plan"
    )
    assert locate("fees", "The fee") is None
    assert locate(" ", "The fee") is None


def test_agreement_and_ranks() -> None:
    assert agrees("12 EUR", "It costs 12 EUR.")
    assert not agrees("12 EUR", "The passages do not contain it.")
    assert not agrees("12 EUR", "It costs 50 EUR a year, payable at once.")
    assert rank_of(["b"], ["a", "b"]) == 2
    assert rank_of(["a", "c"], ["a", "b"]) is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_is_asked_in_the_documents_language(kind: Kind) -> None:
    passages = [CHINESE, CHINESE][: 2 if kind in ("comparison", "two-passage") else 1]
    asked = prompt(kind, "zh", passages, "前问", "前答")
    assert CHINESE in asked
    assert "passage" not in asked.lower()
    assert "question" in schema(kind)["required"]


def reply(**values: str) -> str:
    return json.dumps(values)


GOOD = reply(question="What does Aurora's basic plan cost?", answer="12 EUR", quote=QUOTE)


def make(
    replies: Sequence[str], kinds: Sequence[Kind], found: Sequence[Source] = SOURCES, count: int = 1
) -> tuple[list[Question], list[str]]:
    why: list[str] = []
    maker = Maker(FakeChat(replies=list(replies)), lambda _: found, SOURCES[:1], seed=0)
    made = list(maker.make(count, kinds, lambda k, q, reasons: why.extend(reasons)))
    return made, why


def test_a_question_that_passes_becomes_a_line_of_the_own_format(tmp_path: Path) -> None:
    [question], why = make([GOOD, "It is 12 EUR."], ["number"])
    assert why == []
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps(question.to_json("s1")) + "\n")
    [example] = open_questions([path], strict=True).examples
    assert example.answers == (("12 EUR",),)
    assert (example.evidence[0].document, example.evidence[0].quote) == ("aurora.md", QUOTE)


@pytest.mark.parametrize(
    ("replies", "found", "reason"),
    [
        (["not json"], SOURCES, "not the JSON"),
        ([GOOD, "It is 50 EUR altogether, so they say."], SOURCES, "another answer"),
        ([GOOD, "It is 12 EUR."], SOURCES[1:], "not among the first"),
    ],
)
def test_what_fails_a_check_is_thrown_out_with_the_reason(
    replies: Sequence[str], found: Sequence[Source], reason: str
) -> None:
    made, why = make(replies, ["fact"], found)
    assert made == []
    assert any(reason in w for w in why)


def test_an_unanswerable_question_must_be_refused_by_the_passages() -> None:
    asked = reply(question="What does Aurora's premium plan cost?")
    [question], _ = make([asked, "The passages do not contain it."], ["unanswerable"])
    assert question.to_json("s1")["answerable"] is False
    made, why = make([asked, "It costs 12 EUR."], ["unanswerable"])
    assert made == []
    assert "the passages answer it" in why


def test_a_follow_up_carries_the_question_before() -> None:
    second = reply(
        question="And how high is its deposit?", answer="50 EUR",
        quote="the deposit of 50 EUR is paid back on return of the bike.",
    )  # fmt: skip
    [question], _ = make([GOOD, "12 EUR", second, "50 EUR"], ["follow-up"])
    assert question.history == (("What does Aurora's basic plan cost?", "12 EUR"),)


def test_two_passages_need_both_quotes() -> None:
    both = reply(
        question="Who rents bikes and who sells them, Aurora or Borealis?",
        answer="Aurora rents, Borealis sells", quote="Aurora Ltd rents out cargo bikes.",
        second_quote="Borealis GmbH sells bikes instead of renting them.",
    )  # fmt: skip
    [question], why = make([both, "Aurora rents, Borealis sells"], ["two-passage"])
    assert why == []
    assert [d for d, _ in question.evidence] == ["aurora.md", "borealis.md"]
    assert question.rank == 2


LINES = [
    {"id": "1", "question": "What is <b>it</b>?", "answers": ["12 EUR"], "answerable": True,
     "evidence": [{"document": "a.md", "quote": QUOTE}], "kind": "fact", "status": "accepted"},
    {"id": "2", "question": "谁是主席？", "answers": [], "answerable": False, "evidence": [],
     "kind": "unanswerable", "status": "accepted"},
    {"id": "3", "question": "Not looked at yet?", "answers": ["x"], "answerable": True,
     "evidence": [], "kind": "fact", "status": "proposed"},
    {"id": "4", "question": "Thrown out?", "answers": ["x"], "answerable": True, "evidence": [],
     "kind": "fact", "status": "rejected"},
]  # fmt: skip


def test_only_accepted_questions_become_training_pairs(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in LINES))
    pairs = [json.loads(p)["messages"] for p in export_pairs(read_lines(path), every=False)]
    assert len(pairs) == 2
    assert QUOTE in pairs[0][0]["content"]
    assert pairs[0][1] == {"role": "assistant", "content": "12 EUR"}
    assert pairs[1][1]["content"] == "段落中没有答案。"
    assert len(list(export_pairs(LINES, every=True))) == 3
    with pytest.raises(DataError, match="no accepted question"):
        list(export_pairs(LINES[2:], every=False))


def test_the_review_page_holds_the_questions_as_data_only() -> None:
    page = render_review(LINES, "s.jsonl")
    assert "<b>it</b>" not in page
    data = page.split('id="data">')[1].split("</script>")[0]
    assert [row["id"] for row in json.loads(data)] == ["1", "2", "3", "4"]


def test_a_broken_line_in_a_reviewed_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text("{}\n{broken\n")
    with pytest.raises(DataError, match=r"s\.jsonl line 2"):
        read_lines(path)
