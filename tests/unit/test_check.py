"""Splitting, judging and writing out an answer's sentences."""

from __future__ import annotations

from rag.attribute import Quote
from rag.check import Claim, check_claims, judge_claims, split_claims, tidy, write_out
from tests.builders import OverlapScorer, hit, whole_of
from tests.fakes import FakeEmbedder

PAGE = "年假为十五天。病假需要证明。"


def test_only_invented_brackets_go() -> None:
    assert tidy("答案：年假为15天[1]。") == "年假为15天。"
    assert tidy("Pay 5 (five) euros [2, 3].") == "Pay 5 (five) euros."


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


def test_the_figure_of_another_year_in_the_same_sentence_supports_nothing() -> None:
    page = "The limit was RMB 550 in 2024, and RMB 1,600 in 2026."
    for said, verdict in (
        ("In 2026 the limit is RMB 550.", "unsupported"),
        ("In 2026 the limit is RMB 1,600.", "supported"),
    ):
        quotes = [Quote(hit(page), 0, len(page), 1.0)]
        (claim,) = judge_claims("", [("", said, quotes)], [said], OverlapScorer())
        assert claim.verdict == verdict


def test_a_refusal_claims_nothing() -> None:
    attributed = check_claims(
        "", "The documents do not say.", [whole_of(hit(PAGE))], FakeEmbedder()
    )
    (claim,) = judge_claims("", attributed, [PAGE], OverlapScorer())
    assert claim.verdict == "no_claim"
