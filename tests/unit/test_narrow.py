"""Which of the chosen passages the model is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rag.evidence.choose import Passage, choose, whole
from rag.narrow import answering, narrowed, to_show
from tests.builders import hit
from tests.fakes import FakeEmbedder


class _Scores:
    def __init__(self, *scores: float) -> None:
        self._scores = list(scores)

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        assert len(passages) == len(self._scores)
        return self._scores


def _passages(count: int, *ranks: int) -> list[Passage]:
    """Passages of which by default none holds one of the best sentences."""
    passages = whole([hit(f"Passage {i}.", f"{i}.md") for i in range(count)])
    return [replace(p, rank=ranks[i] if ranks else 10 + i) for i, p in enumerate(passages)]


@pytest.mark.parametrize(
    ("scores", "left"),
    [
        ((0.9, 0.1, 0.3), [0, 2]),
        ((0.1, 0.9, 0.05), [0, 1]),
        ((0.03, 0.03, 0.05, 0.03), [0, 1, 2, 3]),
        ((0.9,), [0]),
        ((), []),
    ],
)
def test_what_answers_far_less_than_the_best_is_left_out_but_for_the_second(
    scores: tuple[float, ...], left: list[int]
) -> None:
    passages = _passages(len(scores))
    answers = answering("How many?", passages, _Scores(*scores))
    assert narrowed(passages, answers) == [passages[i] for i in left]


def test_those_with_the_two_best_sentences_stay() -> None:
    passages = _passages(5, 3, 0, 4, 1, 2)
    answers = answering("How many?", passages, _Scores(0.9, 0.01, 0.5, 0.02, 0.03))
    assert narrowed(passages, answers) == [passages[i] for i in (0, 1, 2, 3)]


@pytest.mark.parametrize(
    ("scores", "left"),
    [
        ((0.9, 0.8, 0.44, 0.5), [0, 1, 3]),
        ((0.72, 0.01), [0]),
        ((0.69, 0.01), [0, 1]),
        ((0.7, 0.9, 0.44), [0, 1]),
    ],
)
def test_beside_one_that_surely_answers_and_has_the_best_sentence_only_the_near_ones_stay(
    scores: tuple[float, ...], left: list[int]
) -> None:
    passages = _passages(len(scores), *range(len(scores)))
    answers = answering("How many?", passages, _Scores(*scores))
    assert narrowed(passages, answers) == [passages[i] for i in left]


def test_one_with_a_sentence_as_good_as_the_best_stays() -> None:
    best, far, near = _passages(3, 0, 1, 2)
    passages = [best, replace(far, behind=0.6), replace(near, behind=0.2)]
    answers = answering("How many?", passages, _Scores(0.9, 0.1, 0.1))
    assert narrowed(passages, answers) == [passages[0], passages[2]]


class _Always:
    def __init__(self, score: float) -> None:
        self._score = score

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        return [self._score] * len(passages)


@pytest.mark.parametrize(("score", "filled"), [(0.8, True), (0.9, False)])
def test_more_is_shown_only_where_nothing_answers_for_certain(score: float, filled: bool) -> None:
    text = "Annual leave is thirty days. Days of annual leave are working days. The bus stops here."
    asked = "How many days is annual leave?"
    choice = choose(asked, [hit(text)], FakeEmbedder())
    [passage], scores = to_show(asked, choice, 14, _Always(score))
    assert set(scores.values()) == {score}
    assert ("working days" in passage.text) is filled


class _LikesOne:
    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        return [0.9 if text == "terms: Pumps: 24 months." else 0.1 for text in passages]


def test_a_passage_answers_as_well_as_its_best_sentence_alone() -> None:
    text = "These are the terms. Pumps: 24 months. Fans: 12 months."
    [passage] = whole([hit(text, "terms.md")])
    best = replace(passage, best=(text.index("Pumps"), text.index(" Fans")))
    assert list(answering("How long?", [passage], _LikesOne()).values()) == [0.1]
    assert list(answering("How long?", [best], _LikesOne()).values()) == [0.9]


def test_without_a_scorer_all_are_shown() -> None:
    passages = _passages(3)
    assert narrowed(passages, answering("How many?", passages, None)) == passages


class _LikesColumns:
    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        return [0.9 if "Limit RMB 650" in passage else 0.1 for passage in passages]


def test_a_table_is_judged_with_its_columns_too() -> None:
    table = "| Place | Limit | Note |\n|---|---|---|\n| Shanghai | RMB 650 | |"
    passages = whole([hit("Plain words.", "a.md"), hit(table, "b.md")])
    assert list(answering("How much?", passages, _LikesColumns()).values()) == [0.1, 0.9]
