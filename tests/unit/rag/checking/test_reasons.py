"""Why something is not shown: a closed list, told in both languages."""

from __future__ import annotations

from typing import get_args

import pytest

from rag.checking.facts import Facts, compare
from rag.checking.reasons import tell, why_refused, why_unsupported
from rag.checking.windows import Evidence
from rag.text import detect_language
from rag.types import Language, Reason, ReasonCode

CODES: tuple[ReasonCode, ...] = get_args(ReasonCode)
WITH_DETAIL = {"unsure", "number", "name"}


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_told_in_both_languages(code: ReasonCode) -> None:
    told = {language: tell(Reason(code, "103"), language) for language in get_args(Language)}
    for language, text in told.items():
        assert detect_language(text) == language
        assert text.endswith("." if language == "en" else "。")
        assert ("103" in text) is (code in WITH_DETAIL)
        assert "{" not in text


def test_no_two_codes_are_told_alike_and_an_unknown_one_not_at_all() -> None:
    for language in get_args(Language):
        assert len({tell(Reason(code), language) for code in CODES}) == len(CODES)
    with pytest.raises(KeyError):
        tell(Reason("because"), "en")  # type: ignore[arg-type]


HELD = Evidence(["The fee of 90 euros goes to Anna Weber.", "Batteries are not covered."])


@pytest.mark.parametrize(
    ("sentence", "quoted", "reason"),
    [
        ("The fee of 60 euros goes to Anna Weber.", True, Reason("number", "60 euros")),
        ("The fee of 60 euros goes to Karl Braun.", True, Reason("number", "60 euros")),
        ("The fee goes to the tenant.", False, Reason("no_quote")),
        ("Batteries are covered.", True, Reason("negation")),
        ("Batteries are covered.", False, Reason("no_quote")),
        ("The fee goes to a stranger.", True, Reason("weak")),
    ],
)
def test_the_plainest_reason_is_given(sentence: str, quoted: bool, reason: Reason) -> None:
    facts = compare(sentence, HELD)
    assert why_unsupported(sentence, facts, HELD, quoted) == reason


def test_what_is_switched_off_is_no_reason() -> None:
    sentence = "The fee of 60 euros goes to Karl Braun."
    silent = Facts(0.5, 0.0, 0.0, 0.0, 0.0)
    assert why_unsupported(sentence, silent, HELD, quoted=True) == Reason("weak")


@pytest.mark.parametrize(
    ("found", "declined", "supported", "reason"),
    [
        (False, False, False, Reason("nothing_found")),
        (True, True, False, Reason("declined")),
        (True, False, False, Reason("nothing_supported")),
        (True, False, True, Reason("unsure", "41.2% < 50.0%")),
    ],
)
def test_no_answer_has_one_reason(
    found: bool, declined: bool, supported: bool, reason: Reason
) -> None:
    assert why_refused(found, declined, supported, 0.412, 0.5) == reason
