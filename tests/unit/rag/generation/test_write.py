"""Writing: what is read ahead of the first question."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from rag.evidence.choose import Passage
from rag.generation.prompt import LANGUAGES, build_messages
from rag.checking.decide import may_decline
from rag.types import Delta
from rag.generation.write import Asking, read_ahead, write
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


@pytest.mark.parametrize(("scores", "pointed"), [((0.8, 0.82), "Cats"), ((0.7, 0.82), "Dogs")])
def test_who_is_asked_again_is_shown_the_passage_with_the_best_sentence_of_the_best(
    scores: tuple[float, float], pointed: str
) -> None:
    cats, dogs = hit("Cats purr.", "cats.md"), hit("Dogs bark.", "dogs.md")
    passages = [Passage(cats, ((0, 10),), 0), Passage(dogs, ((0, 10),), 1)]
    by_id = {h.chunk.chunk_id: score for h, score in zip((cats, dogs), scores, strict=True)}
    first = Asking("Which?", "en", passages, by_id).pointed()[0][-1].text
    assert [name for name in ("Cats", "Dogs") if name in first] == [pointed]


def _returned(steps: Generator[Delta, None, str]) -> str:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return str(end.value)


@pytest.mark.parametrize(
    ("scores", "replies", "said", "asked"),
    [
        ((0.8, 0.82), ["Dogs bark."], "Dogs bark.", 1),
        ((0.8, 0.82), ["The documents do not say.", "Cats purr."], "Cats purr.", 2),
        ((0.8, 0.82), ["The documents do not say."] * 2 + ["Dogs bark."], "Dogs bark.", 3),
        ((0.8, 0.82), ["The documents do not say.", "Birds.", "Dogs bark."], "Dogs bark.", 3),
        ((0.8, 0.82), ["Birds."], "Birds.", 1),
        ((0.7, 0.82), ["The documents do not say."] * 3, "The documents do not say.", 2),
        ((0.3, 0.32), ["The documents do not say.", "Cats purr."], "The documents do not say.", 1),
    ],
)
def test_who_declines_is_shown_one_passage_after_the_other(
    scores: tuple[float, float], replies: list[str], said: str, asked: int
) -> None:
    cats, dogs = hit("Cats purr.", "cats.md"), hit("Dogs bark.", "dogs.md")
    passages = [whole_of(cats), whole_of(dogs)]
    by_id = {h.chunk.chunk_id: score for h, score in zip((cats, dogs), scores, strict=True)}
    chat = FakeChat(replies=replies)
    asking = Asking("What do they say?", "en", passages, by_id)
    steps = write(chat, asking, lambda: None, lambda raw: "Birds" not in raw)
    assert _returned(steps) == said
    assert len(chat.prompts) == asked
