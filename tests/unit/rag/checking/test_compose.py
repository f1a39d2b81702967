"""Checked drafts put together to one answer: text, offsets, citations, status, reason."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.checking import ABSTENTION, Checked, Claim, Decision, Part, Signals, cited_hits, compose
from rag.checking.align import Quote
from rag.checking.compose import merged, write_out
from rag.config import AnsweringSettings
from rag.types import Answer, Hit, Reason, Verdict
from tests.builders import LEAVE, SICK, hit

STRICT, OPEN = AnsweringSettings(mode="strict"), AnsweringSettings(mode="open")
SIGNALS = Signals(0.9, 1.0, 1.0)
UNSURE = Reason("unsure", "30% < 50%")


def quote(source: Hit, words: str) -> Quote:
    at = source.chunk.text.index(words)
    return Quote(source, at, at + len(words), 1.0)


def claim(text: str, verdict: Verdict = "supported", *quotes: Quote, gap: str = " ") -> Claim:
    reason = Reason("weak") if verdict == "unsupported" else None
    return Claim(text, gap, verdict, 0.87654, quotes, reason=reason)


ANNUAL = claim("Leave is 30 days.", "supported", quote(LEAVE, "Annual leave is 30 days a year."))
PAY = claim("Pay lasts six weeks.", "supported", quote(SICK, "Sick pay lasts six weeks."))
YACHT = claim("A yacht is given.", "unsupported", quote(LEAVE, "The canteen opens at noon."))
DECLINED = claim("The documents do not mention bonuses.", "no_claim")


def part(
    question: str,
    *claims: Claim,
    confidence: float = 0.9,
    reason: Reason | None = None,
    hits: Sequence[Hit] = (SICK, LEAVE),
) -> Part:
    signals = SIGNALS if any(c.verdict == "supported" for c in claims) else None
    return Part(question, hits, Checked(claims, signals), Decision(confidence, reason))


def answer(*parts: Part, settings: AnsweringSettings = STRICT, question: str = "Q?") -> Answer:
    return compose(question, "Standalone?", parts, settings, {"generator": "m"}, {"total": 1.0})


def test_a_supported_answer_carries_its_citations_and_all_that_was_asked() -> None:
    told = answer(part("How long is leave?", ANNUAL))
    assert (told.question, told.standalone_question) == ("Q?", "Standalone?")
    assert (told.answer, told.status, told.reason) == ("Leave is 30 days.", "grounded", None)
    assert (told.models, told.timings_ms) == ({"generator": "m"}, {"total": 1.0})
    assert told.confidence == 0.9
    (sentence,) = told.sentences
    assert (sentence.start, sentence.end, sentence.score) == (0, 17, 0.8765)
    (citation,) = sentence.citations
    assert citation.quote == LEAVE.chunk.text[citation.start : citation.end]
    assert (citation.number, citation.document, citation.page) == (1, "leave.md", 1)
    assert told.hits == (LEAVE, SICK)
    assert cited_hits(told) == (LEAVE,)


def test_offsets_are_those_of_the_page() -> None:
    later = hit("Welcome. Annual leave is 30 days.", "l.md", start=9)
    told = answer(
        part("Q?", claim("So it is.", "supported", quote(later, "30 days")), hits=[later])
    )
    (citation,) = told.sentences[0].citations
    assert (citation.start, citation.end) == (25, 32)


def test_numbers_follow_first_use_one_for_each_chunk() -> None:
    again = claim("Noon it is.", "supported", quote(LEAVE, "The canteen opens at noon."))
    told = answer(part("Q?", PAY, ANNUAL, again, hits=[LEAVE, SICK]))
    assert [[c.number for c in s.citations] for s in told.sentences] == [[1], [2], [2]]
    assert told.hits == (SICK, LEAVE)


def test_strict_mode_drops_what_is_not_supported_with_its_reason() -> None:
    told = answer(part("Q?", ANNUAL, YACHT))
    assert told.answer == "Leave is 30 days."
    assert told.status == "partly_grounded"
    assert [(s.text, s.reason, s.citations) for s in told.dropped] == [
        ("A yacht is given.", Reason("weak"), ())
    ]


def test_open_mode_keeps_it_marked_and_without_citations() -> None:
    told = answer(part("Q?", ANNUAL, YACHT), settings=OPEN)
    assert told.answer == "Leave is 30 days. A yacht is given."
    assert told.status == "partly_grounded"
    assert [s.verdict for s in told.sentences] == ["supported", "unsupported"]
    assert told.sentences[1].citations == ()
    assert told.sentences[1].reason == Reason("weak")
    assert told.dropped == ()


def test_what_claims_nothing_takes_nothing_from_the_status() -> None:
    told = answer(part("Q?", ANNUAL, DECLINED))
    assert told.status == "grounded"
    assert [s.verdict for s in told.sentences] == ["supported", "no_claim"]


def test_unchecked_sentences_keep_their_quotes_and_are_never_grounded() -> None:
    unchecked = claim("Leave is 30 days.", "unchecked", quote(LEAVE, "30 days"))
    told = answer(part("Q?", unchecked))
    assert told.status == "partly_grounded"
    assert [c.quote for c in told.sentences[0].citations] == ["30 days"]


def test_every_part_is_answered_on_a_line_of_its_own() -> None:
    told = answer(part("Leave?", ANNUAL, confidence=0.9), part("Pay?", PAY, confidence=0.6))
    assert told.answer == "Leave is 30 days.\nPay lasts six weeks."
    assert told.status == "grounded"
    assert told.confidence == 0.6


@pytest.mark.parametrize("missing_first", [True, False])
def test_a_part_without_an_answer_is_named_with_its_reason(missing_first: bool) -> None:
    parts = [part("How long is pay?", PAY, confidence=0.3, reason=UNSURE), part("Leave?", ANNUAL)]
    told = answer(*parts if missing_first else parts[::-1])
    named = "Not in your documents: How long is pay?"
    lines = [named, "Leave is 30 days."]
    assert told.answer.split("\n") == (lines if missing_first else lines[::-1])
    assert told.status == "partly_grounded"
    (missing,) = (s for s in told.sentences if s.text == named)
    assert (missing.verdict, missing.reason) == ("no_claim", UNSURE)
    assert told.answer[missing.start : missing.end] == named
    assert [(s.text, s.citations) for s in told.dropped] == [("Pay lasts six weeks.", ())]
    assert [c.number for s in told.sentences for c in s.citations] == [1]
    assert told.hits[0] == LEAVE
    assert told.confidence == 0.9
    assert told.reason is None


def test_a_missing_part_is_named_in_its_own_language() -> None:
    told = answer(part("病假多久？", reason=UNSURE), part("Leave?", ANNUAL))
    assert "您的文档中没有答案：病假多久？" in told.answer


def test_if_no_part_is_shown_there_is_one_honest_no() -> None:
    told = answer(
        part("Leave?", ANNUAL, DECLINED, confidence=0.2, reason=UNSURE, hits=[LEAVE]),
        part("Pay?", confidence=0.0, reason=Reason("declined"), hits=[SICK]),
    )
    assert (told.answer, told.status) == (ABSTENTION["en"], "abstained")
    assert (told.confidence, told.reason) == (0.2, UNSURE)
    assert told.hits == (LEAVE, SICK)
    assert [(s.text, s.citations) for s in told.dropped] == [("Leave is 30 days.", ())]
    (sentence,) = told.sentences
    assert (sentence.text, sentence.verdict, sentence.citations) == (told.answer, "no_claim", ())


def test_the_no_speaks_the_questions_language() -> None:
    told = answer(part("年假？", reason=Reason("declined")), question="年假有多少天？")
    assert told.answer == ABSTENTION["zh"]


def test_the_signals_are_those_of_the_confidence() -> None:
    named = {name: round(value, 4) for name, value in SIGNALS.values().items()}
    assert answer(part("Q?", ANNUAL)).signals == named
    withheld = part("Q?", ANNUAL, confidence=0.2, reason=UNSURE)
    assert answer(part("R?", reason=Reason("declined"), confidence=0.0), withheld).signals == named
    assert answer(part("Q?", reason=Reason("declined"))).signals == {}


def test_lists_keep_their_lines_and_chinese_is_joined_without_blanks() -> None:
    items = [claim("- Leave is long.", gap=""), claim("- Ask Bo.", gap="\n")]
    assert write_out(items, [])[0] == "- Leave is long.\n- Ask Bo."
    chinese = [claim("年假为十五天。", gap=""), claim("病假需要证明。", gap="")]
    text, sentences, _ = write_out(chinese, [])
    assert text == "年假为十五天。病假需要证明。"
    assert [text[s.start : s.end] for s in sentences] == [c.text for c in chinese]


def test_the_best_hits_of_every_part_come_first_and_each_once() -> None:
    third = hit("Third.", "third.md")
    assert merged([[LEAVE, third], [SICK, LEAVE]]) == [LEAVE, SICK, third]
    assert merged([]) == []
