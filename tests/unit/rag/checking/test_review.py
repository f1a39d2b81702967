"""Splitting and judging a draft's sentences, and the signals of what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rag.checking import Signals
from rag.checking.own_word import OwnWord
from rag.checking.review import Checked, Reviewer, claims_something, split_claims, tidy
from rag.config import CheckingSettings
from rag.evidence import Passage
from rag.generation import Draft
from rag.types import Reason
from tests.builders import LEAVE, QUESTION, SICK, OverlapScorer, Reader, hit, whole_of
from tests.fakes import FakeChat, FakeEmbedder


class Rated:
    """Gives each claim the score of the first key that it holds, else 0.9; keeps what it saw."""

    name = "rated"

    def __init__(self, scores: dict[str, float] | None = None) -> None:
        self._scores = scores or {}
        self.evidence: list[str] = []

    def score(self, question: str, claims: Sequence[str], evidence: Sequence[str]) -> list[float]:
        self.evidence = list(evidence)
        return [next((v for k, v in self._scores.items() if k in c), 0.9) for c in claims]


REVIEWER = Reviewer(FakeEmbedder(), Rated(), Reader(), None, CheckingSettings())
SHOWN = [whole_of(LEAVE, 2.0), whole_of(SICK, 1.0)]


def review(
    said: str,
    reviewer: Reviewer = REVIEWER,
    passages: Sequence[Passage] = SHOWN,
    question: str = QUESTION,
) -> Checked:
    return reviewer.review(question, passages, Draft(said, False))


def test_a_sentence_that_stands_there_is_quoted_and_scored() -> None:
    (claim,) = review("Annual leave is 30 days.").claims
    assert (claim.verdict, claim.score, claim.reason) == ("supported", 0.9, None)
    assert [quote.text for quote in claim.quotes] == ["Annual leave is 30 days a year."]


def test_what_the_model_wrote_is_tidied_before_it_is_checked() -> None:
    checked = review("Answer: Annual leave is 30 days [2].")
    assert [claim.text for claim in checked.claims] == ["Annual leave is 30 days."]


def test_of_equal_sentences_the_one_that_was_shown_is_quoted() -> None:
    text = "Welcome to all. Annual leave is 30 days a year."
    at = text.index("Annual")
    start = Passage(hit(text, "a.md"), ((0, at - 1),), 0.0)
    end = Passage(hit(text, "b.md"), ((at, len(text)),), 0.0)
    (claim,) = review("Annual leave is 30 days.", passages=[start, end]).claims
    assert [quote.hit.document for quote in claim.quotes] == ["b.md"]


def test_no_quote_means_unsupported_whatever_the_scorer_says() -> None:
    (claim,) = review("Employees receive a company yacht.").claims
    assert (claim.verdict, claim.score, claim.quotes) == ("unsupported", 0.9, ())
    assert claim.reason == Reason("no_quote")


@pytest.mark.parametrize(("score", "verdict"), [(0.49, "partly"), (0.05, "unsupported")])
def test_a_quoted_sentence_that_is_not_borne_out(score: float, verdict: str) -> None:
    doubting = replace(REVIEWER, scorer=Rated({"30 days": score}))
    (claim,) = review("Annual leave is 30 days.", doubting).claims
    assert (claim.verdict, claim.score) == (verdict, score)
    assert claim.quotes
    assert claim.reason == Reason("weak")


def test_a_sentence_borne_out_in_other_words_shows_the_nearest() -> None:
    said = "Leave may not be sold, lent, mortgaged, bartered, traded or donated."
    (claim,) = review(said).claims
    assert (claim.verdict, claim.reason) == ("partly", Reason("no_quote"))
    assert [quote.text for quote in claim.quotes] == ["Annual leave is 30 days a year."]


def test_a_number_of_its_own_makes_a_sentence_unsupported() -> None:
    doubting = replace(REVIEWER, scorer=Rated({"45": 0.4}))
    (claim,) = review("Annual leave is 30 days or 45 days.", doubting).claims
    assert claim.quotes
    assert claim.verdict == "unsupported"


def test_the_reason_names_the_number_that_is_missing() -> None:
    doubting = replace(REVIEWER, scorer=Rated({"45": 0.1}))
    wrong, right = review("Annual leave is 45 days. Sick pay lasts six weeks.", doubting).claims
    assert wrong.reason == Reason("number", "45 days")
    assert right.verdict == "supported"


@pytest.mark.parametrize(
    ("off", "said"),
    [
        ("numbers", "Annual leave is 45 days."),
        ("negation", "Sick pay lasts not six weeks."),
    ],
)
def test_a_comparison_that_is_switched_off_is_no_reason(off: str, said: str) -> None:
    for settings in (CheckingSettings(), CheckingSettings.model_validate({off: False})):
        doubting = replace(REVIEWER, scorer=Rated({"": 0.1}), settings=settings)
        (claim,) = review(said, doubting).claims
        assert claim.reason is not None
        assert (claim.reason.code == off.removesuffix("s")) is getattr(settings, off)


def test_a_refusal_a_heading_and_a_word_of_nothing_claim_nothing() -> None:
    said = "Annual leave is 30 days. The documents do not mention bonuses.\nDetails:\nSo it is."
    checked = review(said)
    assert [claim.verdict for claim in checked.claims] == ["supported", *["no_claim"] * 3]
    assert all(claim.reason is None for claim in checked.claims)


@pytest.mark.parametrize(
    ("sentence", "something"),
    [
        ("Leave is long.", True),
        ("The documents do not say.", False),
        ("The steps are as follows:", False),
        ("步骤如下：", False),
        ("It is.", False),
        ("。", False),
    ],
)
def test_what_claims_something(sentence: str, something: bool) -> None:
    assert claims_something(sentence) is something


def test_the_scorer_reads_rows_with_their_columns_under_file_and_headings() -> None:
    table = "| Place | Limit |\n|---|---|\n| Leeds | GBP 90 |"
    scorer = Rated()
    passage = whole_of(hit(table, "limits.md", heading="Hotels"))
    review("The limit in Leeds is GBP 90.", replace(REVIEWER, scorer=scorer), [passage])
    assert scorer.evidence == ["limits: Hotels: Place Leeds: Limit GBP 90"]


def test_with_verification_off_sentences_stay_with_their_quotes() -> None:
    off = replace(REVIEWER, settings=CheckingSettings(verify=False))
    checked = review("Annual leave is 30 days. Yachts abound.", off)
    assert checked.signals is None
    assert [(c.verdict, c.score, c.reason) for c in checked.claims] == [
        ("unchecked", 0.0, None)
    ] * 2
    assert [len(claim.quotes) for claim in checked.claims] == [1, 0]


def test_nothing_supported_is_no_signals() -> None:
    assert review("Yachts abound.").signals is None
    assert review("").signals is None
    assert review("", passages=[]).claims == ()


def test_the_signals_are_those_of_what_is_kept() -> None:
    scorer = Rated({"Sick": 0.7, "yacht": 0.1})
    reader = Reader({"leave: Annual": 3.0})
    said = "Annual leave is 30 days. Sick pay lasts six weeks. A yacht is given."
    checked = review(said, replace(REVIEWER, scorer=scorer, reader=reader))
    assert checked.signals == Signals(None, 3.0, 2.0, chinese=False)
    assert reader.read == ["leave: " + LEAVE.chunk.text]


def test_the_best_sentence_speaks_for_the_cited_passage_too() -> None:
    signals = review(
        "Annual leave is 30 days.", replace(REVIEWER, reader=Reader(other=-5.0))
    ).signals
    assert signals is not None
    assert signals.read == SHOWN[0].score


def test_of_the_passages_cited_the_best_one_is_meant_and_of_others_none() -> None:
    passages = [whole_of(LEAVE, 1.0), whole_of(SICK, 2.0), whole_of(hit("Bikes.", "b.md"), 9.0)]
    reader = Reader()
    both = "Annual leave is 30 days. Sick pay lasts six weeks."
    review(both, replace(REVIEWER, reader=reader), passages)
    assert reader.read[0].startswith("sick: ")
    signals = review("Annual leave is 30 days.", passages=passages).signals
    assert signals is not None
    assert (signals.read, signals.best) == (1.0, 9.0)


def test_language_is_a_signal() -> None:
    german = whole_of(hit("Annual leave is 30 days.", "leave.md"), 1.0)
    signals = review(
        "Annual leave is 30 days.", passages=[german], question="年假有多少天？"
    ).signals
    assert signals is not None
    assert signals.chinese


def test_without_a_cross_encoder_its_signals_are_nought() -> None:
    signals = review("Annual leave is 30 days.", replace(REVIEWER, reader=None)).signals
    assert signals is not None
    assert (signals.read, signals.best) == (0.0, 0.0)


def test_the_model_is_asked_of_the_cited_passage_alone_and_only_if_something_is_said() -> None:
    chat = FakeChat(tokens=[("yes", 0.9), ("no", 0.1)])
    asking = replace(REVIEWER, own_word=OwnWord(chat))
    signals = review("Annual leave is 30 days.", asking).signals
    assert signals is not None
    assert signals.own == pytest.approx(0.9)
    assert "Annual leave" in chat.checks[0][-1].text
    assert "Sick pay" not in chat.checks[0][-1].text
    assert review("The documents do not say.", asking).signals is None
    assert len(chat.checks) == 1


OLD = hit("The hotel limit is 110 euros a night.", "policy-2024.txt")
NEW = hit("The hotel limit is 130 euros a night.", "policy-2026.md")


@pytest.mark.parametrize(("conflicts", "count"), [(True, 2), (False, 1)])
def test_what_another_document_says_otherwise_is_told_unless_switched_off(
    conflicts: bool, count: int
) -> None:
    reviewer = replace(
        REVIEWER, scorer=OverlapScorer(), settings=CheckingSettings(conflicts=conflicts)
    )
    passages = [whole_of(NEW), whole_of(OLD)]
    said = "The hotel limit is 130 euros."
    checked = review(said, reviewer, passages, "What is the hotel limit?")
    assert len(checked.claims) == count
    assert checked.claims[0].text == said
    if conflicts:
        other = checked.claims[1]
        assert other.text.startswith("policy-2024.txt says differently")
        assert (other.verdict, other.gap) == ("supported", " ")
        assert [quote.hit for quote in other.quotes] == [OLD]


def test_only_what_the_model_does_not_mean_is_tidied_away() -> None:
    assert tidy("答案：年假为15天[1]。") == "年假为15天。"
    assert tidy("Answer: Pay 5 (five) euros [2, 3].") == "Pay 5 (five) euros."
    assert tidy("<<<Pay>>> 5 euros （1）.") == "Pay 5 euros."
    assert tidy("Run f(1)x.") == "Run f(1)x."


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


def test_a_repeated_sentence_counts_once_and_gaps_are_kept() -> None:
    assert split_claims("Leave is long. Leave is long.\nAsk Bo.") == [
        ("", "Leave is long."),
        ("\n", "Ask Bo."),
    ]
    assert split_claims("") == []
