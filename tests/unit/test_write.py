"""Writing: what is read ahead of the first question."""

from __future__ import annotations

import pytest

from rag.prompt import LANGUAGES, build_messages
from rag.refuse import may_decline
from rag.write import read_ahead
from tests.builders import hit, whole_of
from tests.fakes import FakeChat


def test_what_is_read_ahead_begins_every_prompt_of_its_language() -> None:
    chat = FakeChat()
    read_ahead(chat)
    assert len(chat.prompts) == len(LANGUAGES)
    for language, ahead in zip(LANGUAGES, chat.prompts, strict=True):
        asked = build_messages("Why?", [whole_of(hit("Because."))], language)
        assert [m.text for m in asked[: len(ahead)]] == [m.text for m in ahead]
        assert len(ahead) == len(asked) - 1


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        ("", True),
        ("The doc", True),
        ("The documents do not say", True),
        ("资料中没有", True),
        ("The dose is 5 g", False),
        ("Annual", False),
        ("资料员是张伟", False),
    ],
)
def test_what_may_yet_decline(beginning: str, expected: bool) -> None:
    assert may_decline(beginning) is expected
