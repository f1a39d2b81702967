"""The documents' own words, where the model finds none that they support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rag.checking.align import Quote
from rag.evidence.choose import Passage
from rag.quoting import best_words, is_cited, outstanding, says_the_same
from tests.builders import hit, whole_of

STAND = hit("冷藏箱须直立静置。MT-260 为 4 小时，MT-260S 为 12 小时。", "manual.md")
TERMS = hit(
    "| Part | Warranty |\n|---|---|\n| Motor | 24 months |\n| Pump | 60 months |", "terms.md"
)


class Keyed:
    """Scores by what a text holds."""

    name = "keyed"

    def __init__(self, **scores: float) -> None:
        self._scores = scores

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        return [max((s for k, s in self._scores.items() if k in p), default=0.0) for p in passages]


def words(question: str, of: Passage, sure: float, **scores: float) -> str:
    return best_words(question, [of], {of.hit.chunk.chunk_id: sure}, Keyed(**scores))


@pytest.fixture
def stand() -> Passage:
    return Passage(STAND, ((0, len(STAND.chunk.text)),), 0)


@pytest.fixture
def terms() -> Passage:
    return Passage(TERMS, ((0, len(TERMS.chunk.text)),), 0)


def test_the_sentence_that_answers_best_is_told_as_it_stands(stand: Passage) -> None:
    told = words("MT-260S 要静置多久？", stand, 0.9, 小时=0.9, 直立=0.85)
    assert told == "MT-260 为 4 小时，MT-260S 为 12 小时。"


def test_a_row_is_told_in_words(terms: Passage) -> None:
    assert words("How long is the pump covered?", terms, 0.9, Pump=0.8, Motor=0.3) == (
        "Part Pump: Warranty 60 months"
    )


def test_a_row_is_not_told_where_its_neighbour_is_named(terms: Passage) -> None:
    scores = {"Pump": 0.85, "Motor": 0.9}
    assert words("How long is the pump covered?", terms, 0.9, **scores).startswith("Part Pump")
    assert words("How long is it covered?", terms, 0.9, **scores).startswith("Part Motor")


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("How many pumps were sold in 2024?", "Product Pump: 2024 2,150, Price per piece 12"),
        ("How many pumps were sold?", "Product Pump: 2025 3,870, 2024 2,150, Price per piece 12"),
        ("How many in 2023?", "Product Pump: 2025 3,870, 2024 2,150, Price per piece 12"),
    ],
)
def test_of_a_row_the_year_that_is_asked_for_is_told(question: str, told: str) -> None:
    text = "| Product | 2025 | 2024 | Price per piece |\n|---|---|---|---|\n"
    sold = hit(f"{text}| Pump | 3,870 | 2,150 | 12 |", "sales.md")
    passage = Passage(sold, ((0, len(sold.chunk.text)),), 0)
    assert words(question, passage, 0.9, Pump=0.9) == told


@pytest.mark.parametrize(
    ("question", "sure", "score"),
    [
        ("MT-260S 要静置多久？", 0.6, 0.8),  # the passage is not sure to hold it
        ("MT-260S 要静置多久？", 0.9, 0.7),  # no sentence surely answers by itself
    ],
)
def test_otherwise_nothing_is_told(
    stand: Passage, question: str, sure: float, score: float
) -> None:
    assert words(question, stand, sure, 小时=score) == ""


def test_what_is_too_long_for_a_sentence_is_not_told() -> None:
    menu = "播出时间 2023/07/24 演员 " * 20
    page = hit(f"君子盟首播 {menu}", "list.txt")
    assert words("君子盟何时首播？", whole_of(page), 0.9, 君子盟=0.9) == ""


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("泸定地震有几人遇难？", ""),
        ("苏州地震有几人受伤？", ""),
        ("苏州地震有几人遇难？", "苏州地震，10 人遇难。"),
        ("地震有几人遇难？", "苏州地震，10 人遇难。"),
    ],
)
def test_what_is_of_another_place_or_relation_is_not_told(question: str, told: str) -> None:
    news = whole_of(hit("苏州地震，10 人遇难。", "news.txt"))
    assert words(question, news, 0.9, 苏州=0.9) == told


def test_words_in_the_other_language_are_told_as_such(stand: Passage) -> None:
    told = words("How long must the MT-260S stand?", stand, 0.9, 小时=0.9)
    assert told == "The document says, in Chinese: “MT-260 为 4 小时，MT-260S 为 12 小时。”"


def test_words_in_the_language_of_the_question_come_first() -> None:
    both = hit("MT-260S 为 12 小时。 It stands 12 hours, the MT-260S.", "manual.md")
    passage = Passage(both, ((0, len(both.chunk.text)),), 0)
    scores = {"小时": 0.95, "hours": 0.85}
    told = words("How long must the MT-260S stand?", passage, 0.9, **scores)
    assert told == "It stands 12 hours, the MT-260S."


def test_only_what_was_chosen_is_told() -> None:
    first = Passage(STAND, ((0, 9),), 0)
    assert words("该怎样放置？", first, 0.9, 小时=0.9, 直立=0.85) == "冷藏箱须直立静置。"
    assert best_words("该怎样放置？", [first], {first.hit.chunk.chunk_id: 0.9}, None) == ""


ROW = TERMS.chunk.text.index("| Pump")


def standing_out(ahead: float, at: int = ROW) -> Passage:
    whole = ((0, len(TERMS.chunk.text)),)
    return Passage(TERMS, whole, 0, (at, len(TERMS.chunk.text)), ahead)


@pytest.mark.parametrize(
    ("ahead", "score", "found"),
    [(2.0, 0.6, True), (1.9, 0.9, False), (5.0, 0.59, False)],
)
def test_a_sentence_stands_out_that_is_far_ahead_and_likely_answers(
    ahead: float, score: float, found: bool
) -> None:
    passage = standing_out(ahead)
    told = outstanding("How long is the pump covered?", [passage], Keyed(Pump=score))
    assert told == ((passage, "Part Pump: Warranty 60 months") if found else None)


def test_what_cannot_be_asked_for_does_not_stand_out() -> None:
    scorer = Keyed(Pump=0.9, MT=0.9)
    assert outstanding("Who made the pump part?", [standing_out(3.0)], scorer)
    assert not outstanding("Where did Anna Weber study?", [standing_out(3.0)], scorer)
    assert not outstanding("How long is the motor covered?", [standing_out(3.0)], scorer)
    assert not outstanding("How long is the pump covered?", [standing_out(3.0)], None)
    chinese = Passage(STAND, ((0, len(STAND.chunk.text)),), 0, (9, len(STAND.chunk.text)), 3.0)
    breaks_off = hit("The pump is part of the …", "a.md")
    cut = Passage(breaks_off, ((0, 25),), 0, (0, 25), 5.0)
    assert not outstanding("Who made the pump part?", [cut], Keyed(pump=0.9))
    nearer = replace(chinese, ahead=2.9)
    assert not outstanding("How long must the MT-260S stand?", [nearer], scorer)
    told = outstanding("How long must the MT-260S stand?", [chinese], scorer)
    assert told is not None
    assert told[1] == "The document says, in Chinese: “MT-260 为 4 小时，MT-260S 为 12 小时。”"


def test_a_sentence_does_not_stand_out_beside_what_answers_better() -> None:
    chinese = Passage(STAND, ((0, len(STAND.chunk.text)),), 0, (9, len(STAND.chunk.text)), 3.0)
    pump = Quote(TERMS, ROW, len(TERMS.chunk.text), 1.0)
    asked = "How long must the MT-260S stand?"
    assert not outstanding(asked, [chinese], Keyed(MT=0.8, Pump=0.9), [pump])
    assert outstanding(asked, [chinese], Keyed(MT=0.9, Pump=0.8), [pump])
    row = standing_out(3.0)
    stand = Quote(STAND, 9, len(STAND.chunk.text), 1.0)
    assert outstanding("How long is the pump covered?", [row], Keyed(Pump=0.8, MT=0.9), [stand])


def test_a_sentence_is_cited_by_a_quote_of_some_of_it() -> None:
    passage = standing_out(3.0)
    assert is_cited(passage, [Quote(TERMS, ROW + 2, ROW + 6, 1.0)])
    assert not is_cited(passage, [Quote(TERMS, 0, ROW, 1.0), Quote(STAND, 0, 9, 1.0)])
    assert not is_cited(passage, [])


@pytest.mark.parametrize(
    ("question", "sentence", "words", "same"),
    [
        ("收入是多少？", "收入是 9.037 亿元。", "Revenue Group: 2025 RMB 903.7 million", True),
        ("收入是多少？", "收入是 8.184 亿元。", "Revenue Group: 2025 RMB 903.7 million", False),
        ("What is 2025's revenue?", "It is 12 in 2025.", "Revenue: 2025 12, 2024 9", True),
        ("Who edits it?", "Anna Weber edits it.", "Editor: Anna Weber", True),
        ("Who edits it?", "Bernd Kurz edits it.", "Editor: Anna Weber", False),
        ("灯是什么颜色？", "灯是红色。", "The lamp is red.", True),
    ],
)
def test_what_says_the_same_is_told_by_its_numbers_or_words(
    question: str, sentence: str, words: str, same: bool
) -> None:
    assert says_the_same(question, sentence, words) is same
