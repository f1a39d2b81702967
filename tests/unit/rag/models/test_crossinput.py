"""What the cross-encoder reads: parts, shared words, cut to fit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from rag.models.crossinput import (
    CLAIM,
    EVIDENCE,
    QUESTION,
    Pair,
    encode_pair,
    fold,
    pad_ids,
    shared_characters,
)

WORDS = ["<s>", "<pad>", "</s>", "<unk>", "the", "cat", "sat", "dog", "ran", "who", "?", "."]


@pytest.fixture
def tokenizer() -> Any:
    vocabulary = {word: i for i, word in enumerate(WORDS)}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return made


def test_every_token_knows_its_part_and_whether_it_is_shared(tokenizer: Any) -> None:
    encoded = encode_pair(tokenizer, Pair("who sat ?", "the dog", "the cat sat ."))
    assert encoded.ids == [0, 9, 6, 10, 2, 4, 7, 2, 4, 5, 6, 11, 2]
    parts = [kind // 2 for kind in encoded.kinds]
    assert parts == [0, *[QUESTION] * 3, 0, *[CLAIM] * 2, 0, *[EVIDENCE] * 4, 0]
    shared = [kind % 2 for kind in encoded.kinds]
    assert shared == [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0]


def test_evidence_is_cut_to_fit(tokenizer: Any) -> None:
    encoded = encode_pair(tokenizer, Pair("who ?", "", "the cat sat . " * 50), max_tokens=40)
    assert len(encoded.ids) == len(encoded.kinds) == len(encoded.offsets) == 40
    assert encoded.ids[-1] == 2


def test_shared_characters_compare_words_and_neighbouring_characters() -> None:
    assert all(shared_characters("running", "he runs"))
    assert not any(shared_characters("run", "a prune"))
    marks = shared_characters("北京大学", "他在北京上大课")
    assert marks == [True, True, False, False]


def test_padding_fills_up_at_the_end(tokenizer: Any) -> None:
    pairs = [encode_pair(tokenizer, Pair("who ?", "", text)) for text in ("the cat sat .", "")]
    ids, kinds = pad_ids(pairs)
    assert ids == [[0, 9, 10, 2, 4, 5, 6, 11, 2], [0, 9, 10, 2, 1, 1, 1, 1, 1]]
    assert [len(row) for row in kinds] == [9, 9]
    assert kinds[1][4:] == [0] * 5


def test_spellings_are_folded_and_case_is_kept() -> None:
    assert fold("ＡＢＣ 報銷 Pump") == "ABC 报销 Pump"


@given(st.text(alphabet="ab 北京大学1,.", max_size=20), st.text("ab 北京大学1,.", max_size=20))
def test_a_text_shares_all_its_words_with_itself_and_more(text: str, more: str) -> None:
    own = shared_characters(text, text)
    with_more = shared_characters(text, f"{text} {more}")
    assert len(own) == len(text)
    assert own == with_more
    assert all(mark or not text[i].isalnum() for i, mark in enumerate(own))
