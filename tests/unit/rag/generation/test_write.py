"""Writing: what is streamed, what is held back, and who is asked again."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import pytest

from rag.evidence import Passage
from rag.generation.prompt import LANGUAGES, REFUSAL, build_check, build_messages
from rag.generation.write import ANSWERS_FROM, Draft, read_ahead, write
from rag.types import Delta
from tests.builders import hit, whole_of
from tests.fakes import FakeChat

SURE, UNSURE = ANSWERS_FROM + 1.0, ANSWERS_FROM - 1.0
CATS, DOGS = hit("Cats purr.", "cats.md"), hit("Dogs bark.", "dogs.md")


def drained(steps: Generator[Delta, None, Draft]) -> tuple[list[str], Draft]:
    """The pieces and the draft that comes after them."""
    pieces: list[str] = []
    while True:
        try:
            pieces.append(next(steps).text)
        except StopIteration as end:
            draft = end.value
            assert isinstance(draft, Draft)
            return pieces, draft


def written(
    chat: FakeChat, passages: Sequence[Passage], *, ask_again: bool = True
) -> tuple[list[str], Draft]:
    return drained(write(chat, "What do they say?", passages, "en", ask_again=ask_again))


def test_what_is_read_ahead_begins_every_prompt_of_its_language() -> None:
    chat = FakeChat()
    read_ahead(chat)
    passage = whole_of(hit("Because."))
    prompts = [
        prompt
        for language in LANGUAGES
        for prompt in (
            build_messages("Why?", [passage], language),
            build_check("Why?", passage, language),
        )
    ]
    for asked, ahead in zip(prompts, chat.prompts, strict=True):
        assert [m.text for m in asked[:-1]] == [m.text for m in ahead]


def test_every_piece_is_passed_on_as_it_comes_and_marked() -> None:
    begun: list[None] = []
    chat = FakeChat(replies=["Cats purr."])
    steps = write(chat, "What?", [whole_of(CATS, UNSURE)], "en", begun=lambda: begun.append(None))
    pieces, draft = drained(steps)
    assert pieces == list("Cats purr.")
    assert len(begun) == len(pieces)
    assert draft == Draft("Cats purr.", declined=False)


@pytest.mark.parametrize(
    ("scores", "ask_again", "asked"),
    [((UNSURE, SURE), True, 2), ((UNSURE, SURE), False, 1), ((UNSURE, UNSURE), True, 1)],
)
def test_who_declines_is_asked_again_if_a_passage_answers_and_that_is_wanted(
    scores: tuple[float, float], ask_again: bool, asked: int
) -> None:
    chat = FakeChat(replies=[REFUSAL["en"], "Dogs bark."])
    passages = [whole_of(CATS, scores[0]), whole_of(DOGS, scores[1])]
    _, draft = written(chat, passages, ask_again=ask_again)
    assert len(chat.prompts) == asked
    assert draft.declined is (asked == 1)


@pytest.mark.parametrize(("scores", "pointed"), [((2.0, 1.0), "Cats"), ((1.0, 2.0), "Dogs")])
def test_who_is_asked_again_is_shown_the_best_passage_alone(
    scores: tuple[float, float], pointed: str
) -> None:
    chat = FakeChat(replies=[REFUSAL["en"], "They do."])
    written(chat, [whole_of(CATS, scores[0]), whole_of(DOGS, scores[1])])
    first, again = (prompt[-1].text for prompt in chat.prompts)
    assert "Cats" in first
    assert "Dogs" in first
    assert [name for name in ("Cats", "Dogs") if name in again] == [pointed]
    assert "passage above answers it" in again


def test_a_refusal_that_is_taken_back_is_never_shown() -> None:
    chat = FakeChat(replies=[REFUSAL["en"], "Cats purr."])
    pieces, draft = written(chat, [whole_of(CATS, SURE)])
    assert "".join(pieces) == draft.text == "Cats purr."


def test_a_refusal_that_was_shown_is_set_apart_from_the_second_answer() -> None:
    chat = FakeChat(replies=["I cannot answer this.", "Cats purr."])
    pieces, draft = written(chat, [whole_of(CATS, SURE)])
    assert "".join(pieces) == "I cannot answer this.\nCats purr."
    assert draft.text == "Cats purr."


def test_what_only_begins_like_a_refusal_is_shown_whole() -> None:
    text = "The documents do say it: cats purr."
    chat = FakeChat(replies=[text])
    pieces, draft = written(chat, [whole_of(CATS, SURE)])
    assert "".join(pieces) == draft.text == text
    assert len(pieces[0]) > 1
    assert len(chat.prompts) == 1


def test_a_text_that_ends_while_it_is_held_back_is_shown_unless_it_declines() -> None:
    text = "The documents do"
    pieces, draft = written(FakeChat(replies=[text]), [whole_of(CATS, SURE)])
    assert pieces == [text]
    assert not draft.declined


def test_who_declines_twice_has_declined() -> None:
    chat = FakeChat(replies=[REFUSAL["en"]])
    pieces, draft = written(chat, [whole_of(CATS, SURE)])
    assert draft == Draft(REFUSAL["en"], declined=True)
    assert len(chat.prompts) == 2
    assert "".join(pieces) == REFUSAL["en"]
