"""Metrics against implementations that someone else wrote, and by hand where there is none."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval import stats
from eval.metrics import agreement, answers
from eval.metrics.citations import citation_scores, gold_scores
from eval.metrics.facts import kind_of, negated, numbers
from eval.metrics.faithfulness import faithfulness_scores
from eval.metrics.refusal import aurc, looks_like_refusal, refusal_scores, risk_coverage
from eval.metrics.retrieval import NAMES, retrieval_scores
from eval.metrics.text import tokens
from eval.types import CitedQuote, Claim, Evidence, Judgement, Retrieved, Score

WORDS = ("the", "a", "red", "fox", "jumped", "over", "12", "dogs", "and", "ran", "Fox,", "far.")
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("answer", "accepted", "exact", "f1"),
    [
        ("The Fox, jumped.", ["fox jumped"], 1.0, 1.0),
        ("a red fox", ["red dogs", "fox"], 0.0, 2 / 3),
        ("", ["fox"], 0.0, 0.0),
        ("the", ["a"], 1.0, 1.0),
        ("fox", [], 0.0, 0.0),
    ],
)
def test_squad_measures_by_hand(answer: str, accepted: list[str], exact: float, f1: float) -> None:
    assert answers.exact_match(answer, accepted) == exact
    assert answers.token_f1(answer, accepted) == pytest.approx(f1)


class _Tokens:
    def tokenize(self, text: str) -> list[str]:
        return tokens(text)


@settings(max_examples=60, deadline=None)
@given(sentences, sentences)
def test_rouge_l_agrees_with_rouge_score(answer: str, accepted: str) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    expected = RougeScorer(["rougeL"], tokenizer=_Tokens()).score(accepted, answer)["rougeL"]
    assert answers.rouge_l(answer, [accepted]) == pytest.approx(expected.fmeasure)


def test_chinese_is_segmented_as_cmrc_does() -> None:
    assert tokens("Nexon公司在２０１２年推出，《跑跑》！") == [
        "nexon", "公", "司", "在", "2012", "年", "推", "出", "跑", "跑",
    ]  # fmt: skip
    # CMRC's example: the longest common run "跑卡丁" of 3 tokens out of 5 given and 4 wanted.
    assert answers.lcs_f1("玩跑卡丁了", ["跑卡丁车"]) == pytest.approx(2 * 3 / (5 + 4))
    assert answers.token_f1("车丁", ["丁车"]) == 1.0
    assert answers.lcs_f1("车丁", ["丁车"]) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("answer", "parts", "share"),
    [
        ("共有12人死亡。", [["12人"]], 1.0),
        ("共有112人死亡。", [["12人"]], 0.0),
        ("发射时间是2023年5月30日9时31分。", [["5月30日"]], 1.0),
        ("在15月30日", [["5月30日"]], 0.0),
        ("神舟16", [["神舟1"]], 0.0),
        ("共 １，３１３，８５１ 人", [["1313851", "131万"]], 1.0),
        ("In 2012 it fell.", [["12"]], 0.0),
        ("It fell by 12%.", [["12%"]], 1.0),
        ("The fee is 1,200 EUR.", [["1200 eur"]], 1.0),
        ("It costs 12.5 EUR.", [["12"]], 0.0),
        ("长津湖和流浪地球2", [["长津湖"], ["流浪地球2"]], 1.0),
        ("只有长津湖", [["长津湖"], ["流浪地球2"]], 0.5),
        ("anything", [], 0.0),
    ],
)
def test_containment(answer: str, parts: list[list[str]], share: float) -> None:
    assert answers.contains(answer, parts) == share


def hit(document: str, text: str = "") -> Retrieved:
    return Retrieved(document, text)


def test_retrieval_values_by_hand() -> None:
    hits = [hit("x"), hit("gold"), hit("y"), hit("gold2")]
    got = retrieval_scores(hits, [Evidence("gold"), Evidence("gold2")])
    assert (got["hit@1"], got["hit@3"], got["recall@3"], got["recall@5"]) == (0, 1, 0.5, 1)
    assert got["mrr@10"] == 0.5
    assert got["map@10"] == pytest.approx((1 / 2 + 2 / 4) / 2)
    ideal = 1 + 1 / np.log2(3)
    assert got["ndcg@10"] == pytest.approx((1 / np.log2(3) + 1 / np.log2(5)) / ideal)
    assert got["precision@5"] == pytest.approx(2 / 5)


def test_alternatives_of_one_part_bring_it_and_each_part_is_wanted() -> None:
    evidence = [
        Evidence("en.md", "two years", 1),
        Evidence("zh.md", "两年", 1),
        Evidence("fees.md", "64 euros", 2),
    ]
    both = [hit("zh.md", "保修两年"), hit("fees.md", "It costs 64 euros")]
    assert retrieval_scores(both, evidence)["recall@5"] == 1.0
    assert retrieval_scores(both[:1], evidence)["recall@5"] == 0.5


def test_retrieval_ndcg_agrees_with_scikit_learn() -> None:
    from sklearn.metrics import ndcg_score

    rng = random.Random(3)
    for _ in range(20):
        gold = rng.sample(range(10), rng.randint(1, 4))
        hits = [hit(str(n)) for n in range(10)]
        got = retrieval_scores(hits, [Evidence(str(n)) for n in gold])
        truth = [[float(n in gold) for n in range(10)]]
        expected = ndcg_score(truth, [[float(-n) for n in range(10)]], k=10)
        assert got["ndcg@10"] == pytest.approx(expected)


def test_a_hit_counts_when_it_holds_the_quote_even_cut_at_its_edge() -> None:
    evidence = [Evidence("docs/fees.md", "The fee is 12 EUR a month in 2024.")]
    whole = hit("fees.md", "Prices. The fee is\n12 EUR a month in 2024. Taxes come on top.")
    cut = hit("fees.md", "The fee is 12 EUR a month in")
    other = hit("fees.md", "Nothing about it.")
    assert retrieval_scores([whole], evidence)["hit@1"] == 1
    assert retrieval_scores([cut], evidence)["hit@1"] == 1
    assert retrieval_scores([other], evidence)["hit@1"] == 0
    assert set(retrieval_scores([], evidence).values()) == {0.0}


def test_overlapping_chunks_do_not_raise_recall_above_one() -> None:
    chunk = hit("a", "the quote here")
    got = retrieval_scores([chunk, chunk], [Evidence("a", "quote"), Evidence("a", "here")])
    assert got["recall@1"] == got["recall@5"] == 1.0
    assert set(got) == set(NAMES)


def judged(*flags: bool | None) -> list[Judgement]:
    return [Judgement(None if f is None else float(f), f) for f in flags]


def test_unscored_claims_stay_in_the_denominator() -> None:
    scores = faithfulness_scores(judged(True, True, False, None), [None, None, "number", None])
    assert scores["faithfulness"] == Score(2, 4, 1)
    assert scores["faithful_answers"] == Score(0.0, 1.0, 1.0)
    assert scores["severity"] == Score(2.0, 4, 1)
    assert scores["wrong_number"] == Score(1, 4)
    assert faithfulness_scores([], []) == {}


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("The fee rose to 15 EUR in May.", "number"),
        ("In May the fee of Borealis rose to 12 EUR.", "name"),
        ("The fee did not rise to 12 EUR in May.", "negation"),
        ("Penguins are excellent swimmers.", "invented"),
        ("五月起费用为15元。", "number"),
        ("五月起费用不是12元。", "negation"),
    ],
)
def test_kinds_of_unsupported_claims(claim: str, kind: str) -> None:
    evidence = ["The fee rose to 12 EUR in May. It did rise, said Aurora.", "五月起费用是12元。"]
    assert kind_of(claim, evidence) == kind


def test_numbers_and_negation() -> None:
    assert numbers("１，２００ of 3.5 in 三月") == {"1200", "3.5", "三"}
    assert negated("It isn't so.")
    assert not negated("It is never not so.")


def cited(text: str, *quotes: str, exact: bool | None = True) -> Claim:
    return Claim(text, tuple(CitedQuote("d", q, exact=exact) for q in quotes))


def holds(claim: str, quotes: object) -> Judgement:
    """A claim is supported when the quotes together hold all its words."""
    assert isinstance(quotes, list)
    return Judgement.at(float(set(claim.split()) <= set(" ".join(quotes).split())), 0.5)


def test_alce_by_hand() -> None:
    claims = [
        cited("a b", "a", "b"),  # needs both: both matter
        cited("a", "a", "x"),  # x matters to nothing
        cited("c", "x"),  # not supported
        cited("d"),  # not cited
    ]
    scores = citation_scores(claims, holds)
    assert scores["citation_recall"].num == pytest.approx(2 / 4)
    assert scores["citation_precision"].num == pytest.approx(3 / 5)
    assert scores["cited_claims"] == Score(3, 4)
    assert scores["quote_exactness"] == Score(5, 5, 0)


def test_citations_of_the_gold_evidence_by_hand() -> None:
    evidence = [
        Evidence("fees.md", "| Basic plan | 12 EUR |", 1),
        Evidence("收费.md", "基础套餐每月 12 欧元", 1),
        Evidence("fees.md", "The fee is due in May.", 2),
    ]
    claim = Claim(
        "c",
        (
            CitedQuote("docs/fees.md", "| Basic plan | 12 EUR | monthly |"),  # part 1
            CitedQuote("terms.md", "The fee is due in May."),  # another document
            CitedQuote("fees.md", "Parking is free."),  # other words
        ),
    )
    scores = gold_scores([claim], evidence)
    assert scores == {"gold_citations": Score(1, 3), "gold_evidence": Score(1, 2)}
    assert gold_scores([Claim("c")], evidence) == {}
    assert gold_scores([claim], [Evidence("terms.md")])["gold_citations"] == Score(1, 3)


def test_a_quote_that_could_not_be_checked_is_unscored_not_exact() -> None:
    claims = [cited("a", "a", exact=None), cited("b", "b", exact=False), cited("c", "c")]
    assert citation_scores(claims, holds)["quote_exactness"] == Score(1, 3, 1)


def test_refusals() -> None:
    assert refusal_scores(True, True) == {
        "refusal_precision": Score(0.0), "false_refusals": Score(1.0),
    }  # fmt: skip
    assert refusal_scores(False, True) == {
        "refusal_precision": Score(1.0), "refusal_recall": Score(1.0),
    }  # fmt: skip
    assert refusal_scores(False, False) == {"refusal_recall": Score(0.0)}


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("", True),
        ("I don’t know.", True),
        ("The passages do not contain the answer.", True),
        ("Not in your documents.", True),
        ("资料中没有说明。", True),
        ("无法确定。", True),
        ("The fee is 12 EUR.", False),
        ("费用是12元。", False),
        ("The contract does not mention a fee, but the annex says 12 EUR. " * 9, False),
    ],
)
def test_refusals_are_seen_in_plain_text(text: str, refused: bool) -> None:
    assert looks_like_refusal(text) is refused


def test_risk_coverage_by_hand() -> None:
    coverage, risk = risk_coverage([0.9, 0.8, 0.7, 0.6], [False, True, False, True])
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 2 / 4])
    assert aurc([0.9, 0.1], [False, True]) == pytest.approx(0.25)
    assert aurc([0.5, 0.5], [False, True]) == aurc([0.5, 0.5], [True, False]) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="at least one"):
        aurc([], [])


def test_judge_measures_agree_with_scikit_learn() -> None:
    from sklearn import metrics

    rng = np.random.default_rng(5)
    labels = rng.random(200) < 0.4
    blurred = np.clip(labels * 0.3 + rng.random(200) * 0.7, 0, 1)
    scores = np.asarray(np.round(blurred, 2), dtype=np.float64)
    given_ = scores >= 0.5
    ones = np.ones((1, 200))
    assert agreement.auroc(labels, scores, ones)[0] == pytest.approx(
        metrics.roc_auc_score(labels, scores)
    )
    assert agreement.balanced_accuracy(labels, given_, ones)[0] == pytest.approx(
        metrics.balanced_accuracy_score(labels, given_)
    )
    assert agreement.f1(labels, given_, ones)[0] == pytest.approx(metrics.f1_score(labels, given_))
    assert agreement.kappa(labels, given_, ones)[0] == pytest.approx(
        metrics.cohen_kappa_score(labels, given_)
    )


def test_weighted_measures_are_those_of_the_resample_written_out() -> None:
    from sklearn import metrics

    rng = np.random.default_rng(6)
    labels = rng.random(40) < 0.5
    scores = np.asarray(np.round(rng.random(40), 1), dtype=np.float64)
    counts = stats.weights(40, seed=1, resamples=3)
    for row in counts:
        places = np.repeat(np.arange(40), row.astype(int))
        expected = metrics.roc_auc_score(labels[places], scores[places])
        assert agreement.auroc(labels, scores, row[None])[0] == pytest.approx(expected)


def test_calibration_error_by_hand() -> None:
    labels = np.array([True, False, True, True])
    scores = np.array([0.95, 0.95, 0.15, 1.0])
    gaps = (abs(0.95 + 0.95 + 1.0 - 2) + abs(0.15 - 1)) / 4
    assert agreement.ece(labels, scores, np.ones((1, 4)))[0] == pytest.approx(gaps)
