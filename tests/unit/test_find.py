"""Passages for every part of a question."""

from __future__ import annotations

from rag.config import AnsweringSettings
from rag.find import SubQuestion, budget_each, find_all, merged
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
