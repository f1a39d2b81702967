from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.checking.reasons import tell
from rag.config import ContentSettings, load_settings
from rag.content import Content, moderated, open_content
from rag.errors import ConfigError
from rag.types import Answer, Delta, Done, Event, Retrieved
from tests.web_fakes import answer, citing, hit

QUESTION = "How fast are travel costs paid back?"


@pytest.fixture
def lists(tmp_path: Path) -> ContentSettings:
    english, chinese = tmp_path / "en.txt", tmp_path / "zh.txt"
    english.write_text("# English\n\nsecret sauce\n/gr[ae]y\\s+area/\nbomb\n")
    chinese.write_text("\ufeff炸弹\n", encoding="utf-8")
    return ContentSettings(lists=(english, chinese))


def given(one: Answer, asked: list[str] | None = None) -> Iterator[Event]:
    if asked is not None:
        asked.append(one.question)
    yield Retrieved(one.question, one.hits)
    yield Delta(one.answer)
    yield Done(one)


def through(content: Content, one: Answer, question: str = QUESTION) -> list[Event]:
    return list(moderated(given(one), question, content, {"generator": "g"}))


def ended(events: list[Event]) -> Answer:
    last = events[-1]
    assert isinstance(last, Done)
    return last.answer


def test_without_rules_nothing_changes() -> None:
    assert through(Content(), answer()) == list(given(answer()))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("The Secret  Sauce?", "en.txt:3"),
        ("a GREY area", "en.txt:4"),
        ("bombs and bombast", None),
        ("How is a bomb made", "en.txt:5"),
        ("怎样做炸弹呢", "zh.txt:1"),
        ("怎样做饭", None),
    ],
)
def test_words_and_patterns(lists: ContentSettings, text: str, rule: str | None) -> None:
    assert open_content(lists).broken(text) == rule


def test_a_blocked_question_is_not_asked(
    lists: ContentSettings, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []
    events = moderated(given(answer(), asked), "怎样做炸弹？", open_content(lists), {})
    found = ended(list(events))
    assert not asked
    assert (found.status, found.hits, found.sentences) == ("abstained", (), ())
    assert found.reason is not None
    assert found.reason.code == "blocked_question"
    assert found.answer == tell(found.reason, "zh")
    [record] = caplog.records
    assert "zh.txt:1" in record.getMessage()
    assert "炸弹" not in record.getMessage()


def test_a_blocked_answer_is_never_seen_not_even_as_a_draft(lists: ContentSettings) -> None:
    bad = replace(answer(), answer="It is the secret sauce.")
    events = through(open_content(lists), bad)
    assert not any(isinstance(event, Delta) for event in events)
    found = ended(events)
    assert found.reason is not None
    assert found.reason.code == "blocked_answer"
    assert "sauce" not in repr(found)


def test_masked_answers_keep_their_offsets() -> None:
    passage = hit("Ask ann@example.org, card 4111 1111 1111 1111, please.")
    told = "Ask ann@example.org."
    first = replace(
        answer(hits=[hit()]).sentences[0],
        text=told,
        end=len(told),
        citations=(citing(passage, "ann@example.org"),),
    )
    one = replace(answer(), answer=told, sentences=(first,), hits=(passage,))
    found = ended(through(Content(mask=True), one))
    assert "ann@" not in repr(found)
    assert "4111" not in repr(found)
    assert (
        found.answer[found.sentences[0].start : found.sentences[0].end] == found.sentences[0].text
    )
    assert len(found.answer) == len(told)


@pytest.mark.parametrize("bad", [b"/(/\n", b"\xff\xfe\x00"])
def test_a_bad_list_is_named(tmp_path: Path, bad: bytes) -> None:
    (path := tmp_path / "bad.txt").write_bytes(bad)
    with pytest.raises(ConfigError, match=r"bad\.txt"):
        open_content(ContentSettings(lists=(path,)))
    with pytest.raises(ConfigError, match=r"none\.txt"):
        open_content(ContentSettings(lists=(tmp_path / "none.txt",)))


def test_a_variable_names_lists_as_path_does() -> None:
    settings = load_settings({"PLUMB_CONTENT__LISTS": os.pathsep.join(("/a/en.txt", "/a/zh.txt"))})
    assert settings.content.lists == (Path("/a/en.txt"), Path("/a/zh.txt"))
