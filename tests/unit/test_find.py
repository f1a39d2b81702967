"""Passages for every part of a question."""

from __future__ import annotations

from rag.config import AnsweringSettings
from rag.find import SubQuestion, budget_each, find_all, merged, with_answer
from tests.builders import FixedFinder, hit

A, B, C = hit("a", "a.md"), hit("b", "b.md"), hit("c", "c.md")


def test_each_part_is_searched_by_itself() -> None:
    finder = FixedFinder(A, B)
    found = find_all(finder, "What is the rent and who pays it?", 1)
    assert finder.asked == [part.question for part in found]
    assert finder.asked == ["What is the rent?", "Who pays the rent?"]
    assert [list(part.hits) for part in found] == [[A], [A]]


def test_the_parts_take_turns_and_a_hit_comes_once() -> None:
    found = [SubQuestion("one", [A, B]), SubQuestion("two", [C, A, B])]
    assert merged(found) == [A, C, B]
    assert merged([]) == []


def test_parts_together_read_less_than_twice_as_much() -> None:
    settings = AnsweringSettings(budget_tokens=200)
    assert budget_each(settings, 1) == 200
    assert 100 <= budget_each(settings, 2) < 200
    small = AnsweringSettings(budget_tokens=80)
    assert budget_each(small, 2) == 80


def test_what_leans_is_searched_as_the_whole_until_its_answer_is_known() -> None:
    finder = FixedFinder(A)
    question = "Which firm made the pump, and in which city is it based?"
    first, second = find_all(finder, question)
    assert finder.asked == ["Which firm made the pump?", question]
    assert not first.leans
    assert second.leans
    completed = with_answer(second.question, first.question, "Acme Pumps made the pump.")
    assert completed == "In which city is it based (Acme Pumps)?"
    told = with_answer("What does that part cost?", "Which part fits?", "It is the small fan.")
    assert told == "It is the small fan. What does that part cost?"
    chinese = with_answer("这个零件多少钱？", "E11 要求更换哪个零件？", "E11 要求更换 KV-31077-B。")
    assert chinese == "这个零件多少钱 (KV-31077-B)？"
    foreign = with_answer(
        "该公司在哪里？", "风机是哪家的？", "风机是 Dongrui Micro-Motor of Ningbo 造的。"
    )
    assert foreign == "该公司在哪里 (Dongrui Micro-Motor of Ningbo)？"
