"""Words without end and invisible texts."""

from __future__ import annotations

import pytest

from ingest.loaders.losses import Losses
from ingest.loaders.unseen import is_seen, without_endless_words
from rag.types import Heading, Page


def test_a_word_without_end_is_left_out_and_headings_stay_where_they_are() -> None:
    text = f"One {'QUJD' * 2000} two\nTitle\nx"
    losses = Losses()
    (page,) = without_endless_words([Page(1, text, (Heading(1, "Title", 8009),))], losses)
    assert page.text == "One … two\nTitle\nx"
    assert page.text[page.headings[0].start :].startswith("Title")
    assert losses.sentences() == ("page 1: 8,000 characters without a space left out",)


def test_chinese_needs_no_spaces() -> None:
    page = Page(1, "水" * 9000)
    assert without_endless_words([page], Losses()) == (page,)


@pytest.mark.parametrize(("text", "seen"), [("a", True), ("\u200d\u2060 \n", False), ("…", False)])
def test_what_is_seen(text: str, seen: bool) -> None:
    assert is_seen(text) is seen
