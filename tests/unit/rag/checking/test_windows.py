"""Evidence cut into sentences and windows, and gathered again."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.checking.windows import WINDOW_CHARS, Evidence, piece

SENTENCES = [f"On day {n} the crew mended the sails of the ship." for n in range(20)]


def test_windows_are_runs_of_sentences_that_overlap_by_one() -> None:
    windows = [window.text for window in Evidence([" ".join(SENTENCES)]).windows]
    assert all(len(text) <= WINDOW_CHARS["en"] + len(SENTENCES[0]) for text in windows)
    for before, after in pairwise(windows):
        shared = [s for s in SENTENCES if s in before and s in after]
        assert len(shared) == 1
        assert before.endswith(shared[0])
        assert after.startswith(shared[0])
    assert all(any(sentence in text for text in windows) for sentence in SENTENCES)


def test_a_window_may_run_from_one_passage_into_the_next() -> None:
    (window,) = Evidence(["Tea is grown in Assam.", "Coffee is grown in Brazil."]).windows
    assert window.text == "Tea is grown in Assam. Coffee is grown in Brazil."
    (chinese,) = Evidence(["茶产于阿萨姆。", "咖啡产于巴西。"]).windows
    assert chinese.text == "茶产于阿萨姆。咖啡产于巴西。"


@pytest.mark.parametrize(("word", "language"), [("word ", "en"), ("字", "zh")])
def test_a_run_without_an_end_is_cut(word: str, language: str) -> None:
    held = Evidence([word * 1000])
    most = 2 * WINDOW_CHARS["zh" if language == "zh" else "en"]
    assert held.language == language
    assert max(len(sentence.text) for sentence in held.sentences) == most
    assert all(len(window.text) <= most for window in held.windows)


def test_the_nearest_window_has_most_of_the_claim_rare_words_first() -> None:
    held = Evidence([" ".join([*SENTENCES, "A whale was seen on day 99."])])
    assert "whale" in held.nearest_windows("The crew saw a whale on some day.")[0].text


def test_a_share_is_weighted_by_rarity_in_the_evidence() -> None:
    held = Evidence([*SENTENCES, "A whale was seen."])
    assert held.share(frozenset({"whale", "crew"}), frozenset({"whale"})) > 0.6
    assert held.share(frozenset(), frozenset({"whale"})) == 0.0


def test_gathered_sentences_come_from_several_passages_in_order() -> None:
    held = Evidence(["Rain fell. Coffee is grown in Brazil.", "Snow fell. Tea is grown in Assam."])
    gathered = held.gathered("Tea is grown in Assam and coffee in Brazil.")
    assert gathered == "Coffee is grown in Brazil. Tea is grown in Assam."


def test_no_more_sentences_are_gathered_than_asked_for_nor_any_that_add_nothing() -> None:
    held = Evidence(["Tea is grown. Coffee is grown. Cocoa is grown. Rice is grown. Tea again."])
    claim = "Tea, coffee, cocoa and rice are grown."
    assert held.gathered(claim, limit=2).count(".") == 2
    assert "again" not in held.gathered(claim)
    assert held.gathered("Penguins swim.") == ""
    assert Evidence([]).gathered(claim) == ""


def test_a_piece_knows_its_numbers_and_its_polarity() -> None:
    told = piece("It does not cost 90 euros.")
    assert [quantity.value for quantity in told.quantities] == [90.0]
    assert told.negated
    assert "not" not in told.terms


@settings(max_examples=50)
@given(st.lists(st.text(alphabet="ab 年假12.。\n", max_size=60), max_size=3))
def test_no_word_of_the_evidence_is_lost(passages: list[str]) -> None:
    held = Evidence(passages)
    written = "".join("".join(sentence.text.split()) for sentence in held.sentences)
    assert written == "".join("".join(passages).split())
