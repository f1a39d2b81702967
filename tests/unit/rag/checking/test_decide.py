"""One decision over named signals: show, or abstain with a reason."""

from __future__ import annotations

import math
from dataclasses import replace
from importlib import import_module

import pytest

from rag.checking import Decision, Signals, confidence, decide
from rag.config import Settings
from rag.models.logistic import Logistic, load_logistic
from rag.types import Reason
from tests.builders import switched

PLAIN = Signals(own=0.5, read=0.0, best=0.0)
SURE = Signals(own=0.999, read=8.0, best=8.0)
UNSURE = Signals(own=0.01, read=-8.0, best=-8.0)


def test_the_inputs_are_named_and_the_probability_is_log_odds() -> None:
    values = Signals(0.9, 1.0, 2.0, chinese=True).values()
    assert values == {"own": pytest.approx(math.log(9)), "read": 1.0, "best": 2.0, "chinese": 1.0}


def test_certainty_stays_finite() -> None:
    assert replace(PLAIN, own=1.0).values()["own"] == pytest.approx(math.log(9999))


def test_without_the_models_word_another_regression_decides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fitted = {
        "decision": Logistic(("own",), (1.0,), 0.0),
        "decision-unasked": Logistic(("read",), (1.0,), 0.0),
    }
    module = import_module("rag.checking.decide")
    monkeypatch.setattr(module, "load_logistic", fitted.__getitem__)
    told = replace(PLAIN, own=0.9, read=-math.log(4))
    assert confidence(told) == pytest.approx(0.9)
    assert confidence(replace(told, own=None)) == pytest.approx(0.2)


@pytest.mark.parametrize("own", [0.5, None])
@pytest.mark.parametrize("better", [{"read": 5.0}, {"best": 5.0}])
def test_what_speaks_for_an_answer_never_lowers_its_confidence(
    own: float | None, better: dict[str, float]
) -> None:
    doubted = replace(PLAIN, own=own)
    assert confidence(doubted) < confidence(replace(doubted, **better))  # type: ignore[arg-type]


def test_the_shipped_decision_listens_to_the_models_word() -> None:
    assert confidence(replace(PLAIN, own=0.05)) < confidence(replace(PLAIN, own=0.95))


@pytest.mark.parametrize("asked", [True, False])
def test_strong_signals_answer_and_weak_ones_abstain(asked: bool, settings: Settings) -> None:
    sure, unsure = (s if asked else replace(s, own=None) for s in (SURE, UNSURE))
    shown = decide(sure, settings, found=True, declined=False)
    assert shown == Decision(confidence(sure), None)
    assert shown.shown
    kept_back = decide(unsure, settings, found=True, declined=False)
    assert kept_back.reason is not None
    assert kept_back.reason.code == "unsure"
    assert not kept_back.shown


def test_the_threshold_is_the_users(settings: Settings) -> None:
    for least, shown in ((0.0, True), (1.0, False)):
        wanted = switched(settings, answering={"min_confidence": least})
        assert decide(SURE, wanted, found=True, declined=False).shown is shown
        assert decide(UNSURE, wanted, found=True, declined=False).shown is shown


@pytest.mark.parametrize(
    ("found", "declined", "code"),
    [
        (False, False, "nothing_found"),
        (True, True, "declined"),
        (True, False, "nothing_supported"),
    ],
)
def test_without_signals_there_is_no_answer_whatever_the_threshold(
    found: bool, declined: bool, code: str, settings: Settings
) -> None:
    lenient = switched(settings, answering={"min_confidence": 0.0})
    decision = decide(None, lenient, found=found, declined=declined)
    assert decision.confidence == 0.0
    assert decision.reason is not None
    assert decision.reason.code == code


def test_with_verification_off_only_the_models_refusal_counts(settings: Settings) -> None:
    off = switched(settings, checking={"verify": False})
    assert decide(None, off, found=True, declined=False).shown
    assert decide(None, off, found=True, declined=True).reason == Reason("declined")
    assert decide(None, off, found=False, declined=False).reason == Reason("nothing_found")


def test_both_regressions_ship() -> None:
    assert load_logistic("decision") != load_logistic("decision-unasked")
