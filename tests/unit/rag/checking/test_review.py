"""Splitting, judging and writing out an answer's sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.checking.align import Quote
from rag.check import Claim, check_claims, judge_claims, split_claims, tidy, write_out
from tests.builders import OverlapScorer, hit, whole_of
from tests.fakes import FakeEmbedder


class Believing:
    """A scorer that is fooled by everything."""

    name = "believing"

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        return [1.0] * len(claims)


PAGE = "年假为十五天。病假需要证明。"


def test_only_invented_brackets_go() -> None:
    assert tidy("答案：年假为15天[1]。") == "年假为15天。"
    assert tidy("Pay 5 (five) euros [2, 3].") == "Pay 5 (five) euros."


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("资料中提到罗致焕是第一棒火炬手。", "罗致焕是第一棒火炬手。"),
        ("资料中提到的第一棒火炬手是罗致焕。", "第一棒火炬手是罗致焕。"),
        ("根据资料，年假为15天。资料显示，病假有5天。", "年假为15天。病假有5天。"),
        ("The passage states that it has 1 fan.", "It has 1 fan."),
        ("It is 5. According to the documents, it was 4.", "It is 5. It was 4."),
        ("The passage states that iPhones are sold.", "iPhones are sold."),
        ("资料，即原件，须在三天内交回。", "资料，即原件，须在三天内交回。"),
        ("资料中没有说明年假有几天。", "资料中没有说明年假有几天。"),
        ("资料中提到没有年假。", "资料中提到没有年假。"),
        ("The documents do not say that.", "The documents do not say that."),
        ("文件规定年假为15天。", "文件规定年假为15天。"),
    ],
)
def test_that_it_is_the_passages_that_tell_need_not_be_told(raw: str, told: str) -> None:
    assert tidy(raw) == told


def test_a_list_without_end_is_told_once() -> None:
    assert tidy("主演包括：展翔、" + "黄妹妹、顾同事、陶无忌、" * 40 + "黄妹妹") == (
        "主演包括：展翔、黄妹妹、顾同事、陶无忌、黄妹妹"
    )
    for left_alone in (
        "The code is 000000000000000000000000.",
        "哈哈哈哈哈，是的。",
        "Yes. Yes. Yes.",
    ):
        assert tidy(left_alone) == left_alone


def test_a_repeated_sentence_counts_once() -> None:
    assert [s for _, s in split_claims("Leave is long. Leave is long. Ask Bo.")] == [
        "Leave is long.",
        "Ask Bo.",
    ]


def test_chinese_sentences_are_joined_without_blanks_and_offsets_hold() -> None:
    source = hit(PAGE)
    attributed = check_claims("", PAGE, [whole_of(source)], FakeEmbedder())
    claims = [Claim(s, gap, "supported", 1.0, tuple(q)) for gap, s, q in attributed]
    text, sentences, _ = write_out(claims, [source])
    assert text == PAGE
    assert [text[s.start : s.end] for s in sentences] == ["年假为十五天。", "病假需要证明。"]


def test_lists_keep_their_lines() -> None:
    attributed = check_claims("", "- Leave is long.\n- Ask Bo.", [], FakeEmbedder())
    claims = [Claim(s, gap, "supported", 1.0, ()) for gap, s, _ in attributed]
    assert write_out(claims, [])[0] == "- Leave is long.\n- Ask Bo."


def test_no_quote_means_unsupported_whatever_the_scorer_says() -> None:
    attributed = [("", "Leave is long.", list[Quote]())]
    (claim,) = judge_claims("", attributed, ["Leave is long."], OverlapScorer())
    assert (claim.verdict, claim.score) == ("unsupported", 1.0)


def test_the_figure_of_another_product_supports_nothing() -> None:
    said, page = "The MT-260S weighs 70 kg.", "Weight: 70 kg."
    for name, verdict in (("mt260.md", "unsupported"), ("mt260s.md", "supported")):
        quotes = [Quote(hit(page, name), 0, len(page), 1.0)]
        (claim,) = judge_claims("", [("", said, quotes)], [said], OverlapScorer())
        assert claim.verdict == verdict


@pytest.mark.parametrize(
    ("question", "page", "wrong", "right"),
    [
        (
            "What is the limit?",
            "The limit was RMB 550 in 2024, and RMB 1,600 in 2026.",
            "In 2026 the limit is RMB 550.",
            "In 2026 the limit is RMB 1,600.",
        ),
        (
            "What was the revenue?",
            "It spent RMB 58.7 million on research and development, 6.5 percent of revenue.",
            "The revenue was RMB 58.7 million.",
            "It was 6.5 percent of revenue.",
        ),
        (
            "What were sales in 2024?",
            "Sales were 480 units, 80 more than in 2024.",
            "In 2024 sales were 480 units.",
            "Sales were 480 units.",
        ),
        (
            "How long does it hold at 32 degrees?",
            "At 32 degrees it holds for 52 hours; at 43 degrees it holds for 31 hours.",
            "At 32 degrees it holds for 31 hours.",
            "At 32 degrees it holds for 52 hours.",
        ),
        (
            "Where is the first shop?",
            "The first shop is in York. The second shop will open in Leeds.",
            "The first shop is in Leeds.",
            "The first shop is in York.",
        ),
        (
            "2022年高考报名人数是多少？",
            "2022年湖南省高考报名人数达65.5万人。",
            "2022年高考报名人数达65.5万人。",
            "2022年湖南省高考报名人数达65.5万人。",
        ),
        (
            "Who leads the firm?",
            "In July I took over from Shen Yuelan, who had led the firm.",
            "Shen Yuelan leads the firm.",
            "In July I took over from Shen Yuelan.",
        ),
        (
            "Why was it recalled?",
            "It was not recalled, because its fan comes from elsewhere.",
            "It was recalled because its fan comes from elsewhere.",
            "It was not recalled, because its fan comes from elsewhere.",
        ),
        (
            "What was the backlog in 2025?",
            "| Figure | 2025 | 2024 |\n|---|---|---|\n| Backlog | 268.0 | 231.0 |",
            "In 2025 the backlog was 231 million.",
            "In 2025 the backlog was 268 million.",
        ),
    ],
)
def test_a_figure_told_of_another_supports_nothing(
    question: str, page: str, wrong: str, right: str
) -> None:
    quotes = [Quote(hit(page), 0, len(page), 1.0)]
    for said, verdict in ((wrong, "unsupported"), (right, "supported")):
        (claim,) = judge_claims(question, [("", said, quotes)], [page], Believing())
        assert claim.verdict == verdict


@pytest.mark.parametrize(
    ("page", "quoted", "verdict"),
    [
        ("| Place | Limit |\n|---|---|\n| Leeds | GBP 90 |", "| Leeds | GBP 90 |", "supported"),
        ("Leeds: GBP 90", "Leeds: GBP 90", "unsupported"),
    ],
)
def test_a_row_supports_what_it_says_with_its_columns(page: str, quoted: str, verdict: str) -> None:
    passage = whole_of(hit(page))
    at = page.index(quoted)
    quotes = [Quote(passage.hit, at, at + len(quoted), 1.0)]
    said = "The limit of this place is GBP 90."
    told = ["The limit of this place, Leeds, is GBP 90."]
    (claim,) = judge_claims("", [("", said, quotes)], [page], OverlapScorer(), told)
    assert claim.verdict == verdict


def test_a_refusal_claims_nothing() -> None:
    attributed = check_claims(
        "", "The documents do not say.", [whole_of(hit(PAGE))], FakeEmbedder()
    )
    (claim,) = judge_claims("", attributed, [PAGE], OverlapScorer())
    assert claim.verdict == "no_claim"
