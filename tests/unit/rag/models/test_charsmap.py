"""The charsmap as the tokenizers library, which someone else wrote, reads it."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from rag.models.charsmap import build_charsmap

PLAIN = st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("M", "C", "Z"))


def normalise(replacements: dict[str, str], text: str) -> str:
    charsmap = base64.b64encode(build_charsmap(replacements)).decode()
    tokenizer = json.loads(Tokenizer(WordLevel({"x": 0}, unk_token="x")).to_str())
    tokenizer["normalizer"] = {"type": "Precompiled", "precompiled_charsmap": charsmap}
    normalizer = Tokenizer.from_str(json.dumps(tokenizer)).normalizer
    assert normalizer is not None
    return str(normalizer.normalize_str(text))


@settings(max_examples=40, deadline=None)
@given(
    replacements=st.dictionaries(PLAIN, st.text(PLAIN, max_size=4), min_size=1, max_size=60),
    others=st.text(PLAIN, max_size=20),
)
def test_every_character_becomes_its_replacement(replacements: dict[str, str], others: str) -> None:
    # Between spaces, for the library looks at whole graphemes first.
    characters = [*replacements, *others]
    expected = " ".join(replacements.get(char, char) for char in characters)
    assert normalise(replacements, " ".join(characters)) == expected


def test_a_character_may_vanish() -> None:
    assert normalise({"\x07": "", "Ａ": "A"}, "x \x07 Ａ") == "x  A"


@pytest.mark.parametrize("wrong", [{"ab": "c"}, {"a": "b\0"}, {"\0": "a"}, {"": "a"}])
def test_what_the_format_cannot_say_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="cannot map"):
        build_charsmap(wrong)
